#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# docs/limits.md says what the headers say: each row's figure is the constant's, and no limit of a
# public header is missing. The first column of a row is the constant's name in backticks.
use strict;
use warnings;
use File::Basename;
use Test::More;
chdir dirname(__FILE__) . '/../..' or die;

my %value;
my %home;
for my $header (split /\n/, `git ls-files '*.h'`) {
	next if $header =~ m{^tests/};
	open my $in, '<', $header or die "$header: $!";
	while (<$in>) {
		next unless m{^#define\s+([A-Z][A-Z0-9_]*)\s+(\(?[-0-9xa-fu* ()]+\)?)\s*(?:/\*.*)?$};
		my ($name, $text) = ($1, $2);
		$text =~ s/u\b//g;
		my $figure = eval $text;
		next unless defined $figure;
		$value{$name} = $figure;
		$home{$name} = $header;
	}
}

open my $in, '<', 'docs/limits.md' or die;
my %documented;
while (<$in>) {
	next unless /^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|\s*([-0-9 ]+?)\s*\|/;
	my ($name, $figure) = ($1, $2);
	$figure =~ s/ //g;
	$documented{$name} = 1;
	is($figure, $value{$name} // 'no such constant', "$name in docs/limits.md line $.");
}
cmp_ok(scalar keys %documented, '>', 40, 'limits are documented');

# The headers that users, operators and integrators meet must be there whole; sizes of buffers are
# the business of their module.
my %whole = map { $_ => 1 } qw(verifier/flow.h backend/http.h backend/worker.h scanner/scanner.h);
my %inside = map { $_ => 1 } qw(FLOW_ACTIONS_MAX FLOW_WORD_MAX SCAN_FAULT_MAX);
my @missing = grep { !$documented{$_} && !$inside{$_} }
	grep { /_(MAX|MIN|MS|S|TRIES)$/ && $whole{ $home{$_} } } sort keys %value;
ok(!@missing, 'no limit is missing in docs/limits.md')
	or diag(join "\n", map { "$_ = $value{$_} ($home{$_})" } @missing);
done_testing;
