#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Why a frame is not read, through the real scanner: each film of fixtures/guidance gives the hints
# that its `expect` says, in their order, and a film that is read gives none.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
chdir dirname(__FILE__) . '/../..' or die;

my @reasons = qw(nothing far cut blurred moving dark bright glare);
my @folders = sort glob 'fixtures/guidance/*';
my %shown;

# The lines of --print: codes and hints, without the summary.
sub lines_of {
	my ($folder) = @_;
	my $ran = run([bin('countersign-scanner'), '--print', $folder]);
	my @lines = eval { json_lines($ran->{out}) };
	my $summary = pop @lines;
	ok($summary && $summary->{frames} >= 8 && $summary->{unreadable} == 0, "$folder: every frame is examined")
		or diag($ran->{err});
	return @lines;
}

for my $folder (@folders) {
	my $name = basename($folder);
	my @expect = split ' ', slurp("$folder/expect");
	my @lines = lines_of($folder);
	my @hints = map { $_->{hint} } grep { defined $_->{hint} } @lines;
	is("@hints", "@expect", "$name: the hints are '@expect'");
	$shown{$_} = 1 for @expect;
	my @codes = grep { defined $_->{text} } @lines;
	if ($name =~ /^read-/) {
		ok(scalar @codes, "$name: it is read");
		my $first = $codes[0]{frame};
		my @late = grep { defined $_->{hint} && $_->{hint} ne 'none' && $_->{frame} > $first } @lines;
		is(scalar @late, 0, "$name: nothing is wrong after that");
	} else {
		is(scalar @codes, 0, "$name: it is not read");
	}
}
ok($shown{$_}, "there is a film for $_") for @reasons;

# One picture by itself says at once what is wrong with it.
my $film = slurp('fixtures/guidance/glare/frames.mjpeg');
my $end = index($film, "\xff\xd8", 2);
my $dir = scratch();
mkdir "$dir/pictures" or die $!;
spew("$dir/pictures/1.jpg", substr $film, 0, $end);
my $ran = run([bin('countersign-scanner'), '--print', "$dir/pictures"]);
like($ran->{out}, qr/\{"frame":0,"hint":"glare"\}/, 'a single picture');
is($ran->{status}, 1, 'and no code');

# The comparison can fail.
isnt(join(' ', map { $_->{hint} // () } lines_of('fixtures/guidance/far')), 'cut', 'far is not cut');
done_testing;
