#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Codes other than QR, in the programs: told where they are wanted, by name and text; a card's notice
# never; recorded and replayed; and what happens where the library is not installed.
use strict;
use warnings;
use File::Basename;
use File::Copy;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
chdir dirname(__FILE__) . '/../..' or die;

my $dir = scratch();
# Nobody listens there: nothing may be sent.
my $conf = "[terminal]\nname = Till 3\n%s[backend]\nurl = http://127.0.0.1:1\ntoken = " . 'ab' x 16 .
	"\n[issuer]\nname = Corner Bank\nhost = QR.EXAMPLE.COM\nkey = " . '0123456789abcdef' x 4 . "\n";
spew("$dir/off.conf", sprintf($conf, ''), 0600);
spew("$dir/on.conf", sprintf($conf, "all_symbologies = yes\n"), 0600);

sub notices {
	my ($conf, @flags) = @_;
	my $ran = run([bin('countersign'), '--config', "$dir/$conf.conf", '--headless', '--json', '--step',
		'--start-time', 1_800_000_000_000, @flags]);
	my @events = eval { json_lines($ran->{out}) } or diag($ran->{err});
	is(scalar(grep { $_->{event} eq 'backend' } @events), 0, 'nothing was sent');
	return map { "$_->{reason} " . ($_->{symbology} // '') . ' ' . ($_->{text} // '') }
		grep { $_->{event} eq 'notice' } @events;
}

for (['upc-a', '036000291452'], ['pdf417', 'PDF417 made for tests']) {
	my ($kind, $text) = @$_;
	my @source = ('--source', "replay:fixtures/symbologies/$kind.png");
	is_deeply([notices('off', @source)], [], "$kind: not unless it is wanted");
	is_deeply([notices('off', '--all-symbologies', @source)], ["other-symbology $kind $text"],
		"$kind: by the flag");
	is_deeply([notices('on', @source)], ["other-symbology $kind $text"], "$kind: by the configuration");
}

# What a session tells depends on it, so its recording says so.
for my $flags (['--all-symbologies'], []) {
	my $record = "$dir/record" . @$flags;
	notices('off', @$flags, '--source', 'replay:fixtures/symbologies/ean-8.png', '--record', $record);
	my $session = slurp("$record/session.jsonl");
	is($session =~ /"all_symbologies":true/ ? 1 : 0, scalar @$flags, 'a recording says whether they were told');
	my $print = run([bin('countersign-scanner'), '--print', @$flags, $record]);
	is(($print->{out} =~ /"symbology":"ean-8","text":"96385074"/) ? 1 : 0, scalar @$flags,
		'and can be printed with and without them');
}

# In words: each code that is another is told, not the first alone.
mkdir "$dir/two";
copy("fixtures/symbologies/$_.png", "$dir/two/") for qw(pdf417 upc-a);
my $words = run([bin('countersign'), '--config', "$dir/on.conf", '--headless', '--step', '--source',
	"replay:$dir/two"]);
like($words->{out}, qr/\(PDF417\).*\n.*\(UPC-A\)/, 'words for both');

# Without its library: a clear word, and everything else works.
mkdir "$dir/bin";
copy(bin($_), "$dir/bin/$_") && chmod 0755, "$dir/bin/$_" for qw(countersign countersign-scanner);
my $ran = run(["$dir/bin/countersign-scanner", '--print', '--all-symbologies', 'fixtures/symbologies/itf.png']);
is($ran->{status}, 3, 'not installed: status 3');
like($ran->{err}, qr/--all-symbologies needs countersign-symbologies\.so, which is neither/, 'says what is missing');
$ran = run(["$dir/bin/countersign", '--config', "$dir/off.conf", '--headless', '--all-symbologies', '--source',
	'replay:fixtures/symbologies/itf.png']);
is($ran->{status}, 3, 'nor does the terminal begin');
like($ran->{err}, qr/countersign-symbologies\.so/, 'and says why');
$ran = run(["$dir/bin/countersign-scanner", '--print', 'fixtures/symbologies/itf.png']);
is($ran->{status}, 1, 'without the flag it runs');
mkdir "$dir/$_" for qw(lib lib/countersign);
copy(bin('countersign-symbologies.so'), "$dir/lib/countersign/");
$ran = run(["$dir/bin/countersign-scanner", '--print', '--all-symbologies', 'fixtures/symbologies/itf.png']);
like($ran->{out}, qr/"symbology":"itf","text":"12345678901231"/, 'installed in lib/countersign it is found');
spew("$dir/lib/countersign/countersign-symbologies.so", "not a library\n");
$ran = run(["$dir/bin/countersign-scanner", '--print', '--all-symbologies', 'fixtures/symbologies/itf.png']);
is($ran->{status}, 3, 'damaged: status 3');

# The default process knows nothing of it.
unlike(`ldd @{[bin('countersign-scanner')]}`, qr/stdc\+\+|ZXing/, 'no C++ runtime without it');
done_testing;
