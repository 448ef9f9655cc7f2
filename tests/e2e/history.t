#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# What was sold: on the real screen, on paper, in the file, by `countersign sales`, and what of it
# there must never be.
use strict;
use warnings;
use File::Basename;
use POSIX qw(strftime mkfifo);
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Screen;
chdir dirname(__FILE__) . '/../..' or die;
plan skip_all => 'no tmux' unless Screen::there();

my $json = JSON::PP->new->utf8;
$ENV{TZ} = 'UTC';
my $url = bank();
# The same bank, whose receipts prove themselves.
server_kill('TERM');
(my $policy = slurp("$dir/backend/countersignd.conf")) =~ s/^\[policy\]/$&\nreceipt_codes = 1/m;
spew("$dir/backend/countersignd.conf", $policy, 0600);
serve($url =~ /:(\d+)/);
my $day = strftime('%Y-%m-%d', gmtime);
my $state = "$dir/state";
my $file = "$state/sales-$day.jsonl";
spew("$dir/counter.conf", slurp("$dir/terminal.conf") . "[sale]\ncurrency = EUR\n[sales]\nfolder = $state\n" .
	"[receipt]\ncommand = tee $dir/paper\nprint = accepted\nheader = Corner Shop|Main Street 1\n", 0600);

my $seed = 1;
sub simulator {
	my (@more) = @_;
	$seed++;
	return join ' ', 'simulator:holder simulate --wallet', wallet(), '--passcode-file',
		"$dir/passcode --size 640x480 --fps 15 --seed $seed", @more;
}
sub sales { return run([bin('countersign'), 'sales', @_]) }

# Another terminal of the same bank with a list of its own, beside the first one: what it prints
# waits in the pipe and is looked at below.
my $away = "$dir/away";
(my $conf = slurp("$dir/counter.conf")) =~ s/command = .*/device = $dir\/lp\ncolumns = 32/;
$conf =~ s/folder = .*/folder = $away/;
spew("$dir/escpos.conf", $conf, 0600);
mkfifo("$dir/lp", 0600) or die;
sysopen(my $lp, "$dir/lp", POSIX::O_RDONLY() | POSIX::O_NONBLOCK()) or die;
my $escpos = begin('--config', "$dir/escpos.conf", '--pin-file', "$dir/pin", '--continuous', '--source', simulator());

my ($receipt, $id, $code);
subtest 'a sale on the screen, on paper and in the list' => sub {
	my $s = Screen->new(command => join(' ', bin('countersign'), "--config $dir/counter.conf --language en",
		"--amount 24.90 --currency EUR --reference 'Table 4' --source '" . simulator() . q(')));
	$s->shows(qr/account PIN/, 'a PIN is wanted');
	$s->types('2468')->keys('Enter');
	$s->shows(qr/AUTHORISED/, 'authorised');
	ok(wait_for(sub { (slurp("$dir/paper") // '') =~ /AUTHORISED/ }), 'printed by itself');
	my $paper = slurp("$dir/paper");
	like($paper, qr/^ +Corner Shop\n +Main Street 1\n\n +24\.90 EUR\n +AUTHORISED\n/, 'what stands on it');
	($receipt) = $paper =~ /^Receipt +(\d{8}-\d+)$/m;
	($id) = $paper =~ /^([0-9a-f]{32})$/m;
	ok($receipt && $id, 'its number and its verification');
	unlike($paper, qr/COPY/, 'no copy');
	($code = $paper) =~ s/\n//g;
	($code) = $code =~ m{(HTTPS://QR\.EXAMPLE\.COM/X/[A-Z2-7]+)$};
	is($json->decode(run([bin('countersign'), 'explain', $code // ''])->{out})->{words} // '', 'receipt',
		'a code that proves it');
	$s->keys('F8');
	ok(wait_for(sub { slurp("$dir/paper") =~ /COPY.*COPY/s }), 'F8: a copy, and it says so');
	$s->keys('F4')->shows(qr/1 checked, 1 accepted: +24\.90 EUR/, 'F4: the list');
	$s->shows(qr/AUTHORISED +24\.90 EUR +$receipt +Table 4/, 'with the sale');
	$s->keys('Enter')->shows(qr/^ *Receipt +$receipt/m, 'Enter: its receipt');
	$s->keys('F5')->shows(qr/This code proves the receipt.*$receipt/s, 'F5: its code in full size');
	$s->keys('Escape', 'Escape')->shows(qr/1 checked/, 'Esc: back');
	$s->keys('-l', 'nobody');
	$s->shows(qr/Nothing is like this/, 'what is typed is looked for');
	$s->keys('Escape')->shows(qr/$receipt/, 'Esc: the whole list');
	$s->keys('F6')->shows(qr/Written: /, 'F6: exported');
	like(slurp("$state/sales-$day.csv"), qr/,authorised,,24\.90,EUR,Table 4,,counter,$receipt,$id,/, 'as CSV');
	is($json->decode(slurp("$state/sales-$day.json"))->{sums}[0]{amount}, 2490, 'as JSON');
	$s->keys('Escape', 'q')->shows(qr/STATUS=/, 'ends');
};

subtest 'the file of the day' => sub {
	my @lines = split /\n/, slurp($file) // '';
	is(scalar @lines, 1, 'one line');
	my $sale = $json->decode($lines[0]);
	is($sale->{verdict}, 'authorised', 'its verdict');
	is("$sale->{amount} $sale->{currency} $sale->{reference}", '2490 EUR Table 4', 'what was sold');
	is("$sale->{receipt} $sale->{verification}", "$receipt $id", 'its receipt and id');
	is($sale->{receipt_code}, $code, 'its code, as printed');
	is((stat $file)[2] & 0777, 0600, 'for its owner alone');
	my $kept = join '', map { slurp($_) } grep { -f } glob("$state/* $dir/paper");
	unlike($kept, qr/2468/, 'no PIN is in anything that was kept');
	unlike($kept, qr{/[CRQ]/[A-Z2-7]{50}}, 'and no code that was scanned');
};

subtest 'countersign sales' => sub {
	my @conf = ('--config', "$dir/counter.conf");
	my $ran = sales(@conf, '--language', 'en');
	is($ran->{status}, 0, 'status 0');
	like($ran->{out}, qr/AUTHORISED +24\.90 EUR +$receipt +Table 4/, 'the table');
	like($ran->{out}, qr/^$day: \d checked, \d accepted: /m, 'and its sum');
	like(sales(@conf, '--language', 'zh_CN')->{out}, qr/Table 4/, 'in Chinese');
	like(sales(@conf, '--csv')->{out}, qr/^\xef\xbb\xbftime,.*\r\n.*,authorised,,24\.90,/s, 'CSV');
	is($json->decode(sales('--folder', $state, '--json')->{out})->{day}, $day, 'JSON of a folder');
	is(sales('--folder', "$dir/typo", '--json')->{status}, 3, 'a folder that is not there is no empty day');
	ok(!-e "$dir/typo", 'and looking makes none');
	like(sales(@conf, '--date', '2020-01-01', '--language', 'en')->{out}, qr/^2020-01-01: 0 checked/, 'a day without');
	for my $wrong (['--date', '2020-02-30'], ['--date', 'today'], ['--date'], ['--jsn'], ['--json', '--csv'],
		['--language', 'xx'], ['--folder', 'relative'], ['extra']) {
		my $ran = sales(($wrong->[0] eq '--folder' ? () : @conf), @$wrong);
		is($ran->{status}, 3, "@$wrong: status 3");
		isnt($ran->{err}, '', 'and why');
		is($ran->{out}, '', 'nothing on standard output');
	}
	$ran = run(['sh', '-c', 'exec "$@" >/dev/full', 'sh', bin('countersign'), 'sales', @conf]);
	is($ran->{status}, 3, 'a full disk is told');
};

subtest 'ESC/POS to a device, and killed' => sub {
	my $t = $escpos;
	until_event($t, 'result');
	my ($bytes, $more) = ('', '');
	wait_for(sub { sysread($lp, $more, 65536) and $bytes .= $more; $bytes =~ /\x1dV\x42\x00/ });
	kill 'KILL', $t->{pid};
	waitpid $t->{pid}, 0;
	like($bytes, qr/^\x1b\@\x1c\.\x1bt\x13\x1bE\x01 +Corner Shop\x1bE\x00\n/, 'begins as it should');
	like($bytes, qr/\x1d!\x11\x1bE\x01 +AUTHORISED\x1bE\x00\x1d!\x00\n/, 'the verdict is large');
	like($bytes, qr/\x1d\(k..\x31\x50\x30HTTPS:..QR\.EXAMPLE\.COM.X.[A-Z2-7]{170}\x1d\(k\x03\x00\x31\x51\x30\n/s,
		'its code by the printer\'s own command');
	like($bytes, qr/\x1dV\x42\x00$/, 'and it is cut');
	my $other = "$away/sales-$day.jsonl";
	my @lines = split /\n/, slurp($other);
	is(scalar @lines, 1, 'what was printed is in the list');
	ok(!(grep { !eval { $json->decode($_) } } @lines), 'and each line is whole');
	spew($other, slurp($other) . '{"version":1,"at":17952');
	my $ran = sales('--config', "$dir/escpos.conf", '--json');
	is(scalar @{ $json->decode($ran->{out})->{sales} }, scalar @lines, 'a torn line is left out');
};

done_testing;
