#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Pages of the database and rows of the audit chain that are damaged while countersignd runs: it
# answers as before or not at all, says that it is damaged, and does not start on it.
use strict;
use warnings;
use Test::More;
use File::Basename;
BEGIN { chdir dirname(__FILE__) . '/../..' or die }
use lib 'tests/lib';
use Backend;
use Call;
use Invariants;
use Till;
use Try;

my $PAGE = 4096;
my $backend = Backend->new(wide => 1);
my $file = "$backend->{dir}/countersign.db";
$backend->serve;
my $token = $backend->terminal('till');
my $till = Till->new(ports => [$backend->{port}], token => $token, journal => "$backend->{tmp}/journal",
	wallets => [$backend->wallet('--no-pin'), $backend->wallet]);

sub sql { my $ran = run(['sqlite3', $file, @_]); return $ran->{status} eq '0' ? $ran->{out} : die $ran->{err} }
# What the server holds in memory is old afterwards, and everything is in the file.
sub settle {
	sql('PRAGMA busy_timeout=5000; UPDATE setting SET value=value; PRAGMA wal_checkpoint(TRUNCATE)');
}
sub page {
	my ($n, $bytes) = @_;
	open my $f, '+<:raw', $file or die $!;
	seek $f, $n * $PAGE, 0;
	read $f, my ($was), $PAGE;
	if ($bytes) {
		seek $f, $n * $PAGE, 0;
		print {$f} $bytes;
	}
	close $f or die $!;
	return $was;
}

# ---- what is known before ----
my %known;
for my $n (1 .. 40) {
	$till->{share_wrong} = $n % 5 ? 0 : 100;
	$till->verify($till->{wallets}[$n % 2]);
}
$till->{share_wrong} = 0;
for (split /\n/, slurp($till->{journal})) {
	$known{$1} = "$2 $3" if /^told (\S+) (\S+) (\S+)/;
}
my @ids = (sort keys %known)[0 .. 3];
is(scalar(keys %known), 40, 'forty verifications were told');

# ---- each page in turn, while it runs ----
my (@lies, %count);
my $stops = 0;
my $call = $backend->call;
sub look {
	my ($n) = @_;
	for my $id (@ids) {
		my $got = $call->ask('GET', "/v1/verifications/$id", $token);
		my $status = $got ? $got->{status} : 'none';
		$count{$status}++;
		next if $status eq '503' || $status eq 'none';
		my $now = $status eq '200' ? "$got->{json}{state} " . ($got->{json}{receipt} // '-') : $status;
		push @lies, "page $n: $id is $now, was $known{$id}" if $now ne $known{$id};
	}
	my $got = $call->ask('POST', '/v1/verifications', $token, { code => $till->{wallets}[0]->first_code(time) });
	my $status = $got ? $got->{status} : 'none';
	$count{"start $status"}++;
	push @lies, "page $n: a start gives $status" unless $status =~ /^(201|503|none)$/;
	return unless $status eq '201';
	my ($id, $number) = @{ $got->{json} }{qw(id number)};
	$got = $call->ask('POST', "/v1/verifications/$id/response", $token,
		{ code => $till->{wallets}[0]->second_code(Wallet::other_number($number), time) });
	$status = $got ? "$got->{status} " . ($got->{json}{state} // '') : 'none';
	push @lies, "page $n: a wrong code gives $status" unless $status =~ /^(200 rejected|503 |none)$/;
}
settle();
my $pages = (-s $file) / $PAGE;
for my $n (1 .. $pages - 1) {
	settle();
	my $good = page($n, join '', map { chr int rand 256 } 1 .. $PAGE);
	look($n);
	my $stopped = !wait_for(sub { $backend->alive }, 0) || $count{none};
	page($n, $good);
	next unless $stopped;
	# it may end by itself where a commit fails, and says so
	push @lies, "page $n: no answers, and it runs" unless wait_for(sub { !$backend->alive });
	push @lies, "page $n: it ended without a word" unless $backend->logged =~ /so this process stops; .*damaged/;
	($stops, $count{none}) = ($stops + 1, 0);
	$backend->serve;
}
is(join("\n", @lies[0 .. ($#lies < 9 ? $#lies : 9)]), '', "noise in each of $pages pages: the answers are as before, or 503");
cmp_ok($count{503} // 0, '>', 0, 'noise: some pages were needed to answer');
cmp_ok($count{'start 503'} // 0, '>', 0, 'noise: and some to start');
# where a sweep meets the page, the commit of its batch fails, and that is never taken for a refusal
cmp_ok($stops, '<', $pages / 3, "noise: it stopped at $stops of them, and said so");
like($backend->logged, qr/the database is damaged.*put a backup/, 'noise: the log says what it is and what to do');
# one more that is needed, looked at and put back: the server remembers it
$backend->end('TERM') if $backend->alive;
$backend->serve;
settle();
my ($root) = sql("SELECT rootpage FROM sqlite_schema WHERE name='verification'") =~ /(\d+)/;
my $good = page($root - 1, "\xff" x $PAGE);
is($call->ask('GET', "/v1/verifications/$ids[0]", $token)->{status}, 503, 'a page that is needed: 503');
my $after = sub { my $got = $call->ask('GET', '/healthz'); $got ? $got->{status} : $backend->alive ? 'none' : 'ended' };
like(wait_for(sub { my $is = $after->(); $is ne 'none' && $is }), qr/^(503|ended)$/, 'and /healthz says so, or it has ended');
page($root - 1, $good);
like($after->(), qr/^(503|ended)$/, 'until somebody has looked at it and started it again');
$backend->end('TERM') if $backend->alive;
$backend->serve;
is($call->ask('GET', '/healthz')->{status}, 200, 'then all is well');
my ($bad) = Invariants::of_backend($backend, Till->new(%$till, ports => [$backend->{port}]));
is(join("\n", grep { !/rejected though/ } @$bad), '', 'with the good pages back, nothing was lost');

# ---- rows of the audit chain ----
sub verdict {
	my $ran = $backend->try('audit', 'verify');
	return "$ran->{status} $ran->{out}$ran->{err}";
}
like(verdict(), qr/^0 .*"good":true/, 'the chain is whole');
my $seq = sql('SELECT seq FROM audit WHERE kind=\'accepted\' ORDER BY seq LIMIT 1 OFFSET 2') + 0;
my %damage = (
	'another time' => "UPDATE audit SET at=at+1 WHERE seq=$seq",
	'another kind' => "UPDATE audit SET kind='rejected' WHERE seq=$seq",
	'another terminal' => "UPDATE audit SET terminal=randomblob(16) WHERE seq=$seq",
	'noise as a hash' => "UPDATE audit SET hash=randomblob(32) WHERE seq=$seq",
	'a row less' => "DELETE FROM audit WHERE seq=$seq",
);
my $row = sql("SELECT 'INSERT OR REPLACE INTO audit VALUES(' || group_concat(v) || ')' FROM (SELECT quote(seq)||','||quote(at)||','||quote(kind)||','||quote(credential)||','||quote(terminal)||','||quote(verification)||','||quote(detail)||','||quote(prev)||','||quote(hash) AS v FROM audit WHERE seq=$seq)");
for my $what (sort keys %damage) {
	sql("PRAGMA busy_timeout=5000; $damage{$what}");
	like(verdict(), qr/^1 .*\b(@{[join '|', $seq, $seq + 1]})\b/, "$what while it runs: `audit verify` names record $seq");
	is($till->verify($till->{wallets}[0]), 'accepted', "$what while it runs: it goes on deciding");
	my $start = $backend->try('serve', '--plain', '--port', '0');
	is($start->{status}, 1, "$what: another one does not start on it");
	like($start->{err}, qr/record (@{[join '|', $seq, $seq + 1]}).*backup/, "$what: and says which record and what to do");
	sql("PRAGMA busy_timeout=5000; $row");
}
like(verdict(), qr/^0 .*"good":true/, 'with the row back the chain is whole, what was decided meanwhile too');
is($backend->end('TERM'), 0, 'it stops cleanly');
done_testing;
