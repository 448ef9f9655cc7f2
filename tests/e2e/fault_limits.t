#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# kill -9 of countersignd while terminals with certificates guess on and on: what limits guessing is
# as durable as the decisions. Limits are those of a new backend, and everything goes over mutual TLS
# (each terminal through a proxy that has its certificate). FAULT_ROUNDS says how many kills (15).
use strict;
use warnings;
use Test::More;
use File::Basename;
use JSON::PP;
use Time::HiRes qw(time sleep);
BEGIN { chdir dirname(__FILE__) . '/../..' or die }
use lib 'tests/lib';
use Backend;
use Call;
use Invariants;
use Proxy;
use Till;
use Try;

my $rounds = $ENV{FAULT_ROUNDS} // 15;
my $limit = 20 + 2 * $rounds; # seconds, on a machine that is busy
plan skip_all => 'no haproxy here' unless Proxy->program;

my $backend = Backend->new(tls => 1);
$backend->serve;
my %policy = slurp("$backend->{dir}/countersignd.conf") =~ /^;?(\w+) = (\d+)/mg;
my $tmp = $backend->{tmp};
sub rows { my $ran = run(['sqlite3', "$backend->{dir}/countersign.db", $_[0]]); die $ran->{err} if $ran->{err}; return $ran->{out} =~ s/\n\z//r }

# ---- nobody gets in without the right certificate ----
my $nobody = $backend->call->ask('POST', '/v1/verifications', undef, { code => 'HTTPS://A/C/A' });
is("$nobody->{status} " . Call::word($nobody), '401 unauthorised', 'without a certificate nothing is started');

# ---- guessing, with kills ----
my @tills = map {
	my $wrong = $_;
	Till->new(ports => [$backend->tls_port("till-$wrong")], journal => "$tmp/journal-$wrong", share_wrong => $wrong,
		wallets => [map { local $backend->{account} = $backend->account; $backend->wallet('--no-pin') } 1 .. 3]);
} 0, 50, 100;
$_->work for @tills;
my $most = 'SELECT max(n) FROM (SELECT count(*) AS n FROM verification GROUP BY credential,slot)';
my $limits_were_met = sub {
	rows('SELECT count(*) FROM credential WHERE frozen_until>0') && (rows($most) || 0) >= $policy{starts_per_tag};
};
my ($end, $kills) = (time + $limit, 0);
until ($kills >= $rounds && $limits_were_met->() || time > $end) {
	sleep 0.1 + rand 0.2;
	$backend->end('KILL');
	$backend->serve;
	$kills++;
}
is(scalar(grep { !$_->stop } @tills), 0, 'every terminal got through');
my ($bad, $count) = Invariants::of_backend($backend, @tills);
is(join("\n", @$bad), '', 'told and recorded agree, once each, and the chain is whole');
cmp_ok($kills, '>=', $rounds, "$kills kills, $count verifications");
cmp_ok($count, '>', $kills / 2, 'with work between them');

# ---- budgets ----
is(rows($most), $policy{starts_per_tag}, "one live code started $policy{starts_per_tag} verifications and no more");
is(rows("SELECT count(*) FROM tag_use t WHERE starts<>(SELECT count(*) FROM verification v WHERE v.credential=t.credential" .
	' AND v.slot=t.slot)'), 0, 'every start of a code is counted');
cmp_ok(rows('SELECT max(failures) FROM tag_use'), '<=', $policy{failures_per_tag}, 'and its wrong answers');

# ---- freezes: as the chain tells them ----
my (%row, %is_frozen, @late, @missed, $wrong);
for my $record (json_lines($backend->try('audit', 'export')->{out})) {
	my ($kind, $credential) = @{$record}{qw(kind credential)};
	my $reason = JSON::PP->new->decode($record->{detail})->{reason} // '';
	next unless $credential;
	push @late, "$kind of $credential" if $is_frozen{$credential} && $kind =~ /^(started|accepted)$/;
	$row{$credential} = 0 if $kind eq 'accepted';
	next unless $kind =~ /^(counted|frozen)$/ && $reason eq 'wrong-answer';
	$wrong++;
	$row{$credential}++;
	push @missed, "$credential: $row{$credential} wrong in a row, $kind"
		if ($row{$credential} >= $policy{failures_freeze}) != ($kind eq 'frozen');
	$is_frozen{$credential} = 1 if $kind eq 'frozen';
}
cmp_ok(scalar(keys %is_frozen), '>', 0, scalar(keys %is_frozen) . ' credentials were frozen');
is("@missed", '', "each at $policy{failures_freeze} wrong answers in a row");
is("@late", '', 'and from then on nothing of them was started or accepted');
is(rows('SELECT count(*) FROM credential WHERE frozen_until>0'), scalar(keys %is_frozen), 'so they are in the store');
is(rows('SELECT sum(wrong_count) FROM account'), $wrong, 'and the accounts have all of the wrong answers');

# ---- and so they are after one more kill ----
$backend->end('KILL');
$backend->serve;
my ($till, $wallet) = map { @$_ } grep { $is_frozen{ $_->[1]{credential} } } map { my $t = $_; map { [$t, $_] } @{ $t->{wallets} } } @tills;
my $got = $till->insist('start', undef, 'POST', '/v1/verifications', undef, { code => $wallet->first_code(time) });
is("$got->{status} " . Call::word($got), '403 frozen', 'a frozen credential is frozen after a kill');
unlike($backend->logged, qr/^\S+ error /m, 'what a kill leaves is no fault at the next start');
is($backend->end('TERM'), 0, 'at the end it stops cleanly');
done_testing;
