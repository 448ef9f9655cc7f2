#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Two processes on one PostgreSQL behind haproxy, which only passes bytes on: one is killed in the
# middle of a verification, the terminal's next request reaches the other, and it goes to its end.
use strict;
use warnings;
use Test::More;
use File::Basename;
use Time::HiRes qw(time sleep);
BEGIN { chdir dirname(__FILE__) . '/../..' or die }
use lib 'tests/lib';
use Backend;
use Call;
use Invariants;
use Postgres;
use Proxy;
use Till;
use Try;

my $rounds = $ENV{FAULT_KILLS} // 3;
plan skip_all => 'no haproxy here' unless Proxy->program;
plan skip_all => 'no PostgreSQL server here' unless Postgres->available;

my $postgres = Postgres->new;
my $first = Backend->new(wide => 1, store => $postgres->url);
my $second = $first->twin;
$_->serve for $first, $second;
my $proxy = Proxy->new(conf => "$first->{tmp}/haproxy.conf", ports => [$first->{port}, $second->{port}]);
my $port = $proxy->port;
my $health = sub { (Call->new($port, seconds => 5)->ask('GET', '/healthz') // {})->{status} // 0 };
ok(wait_for(sub { $health->() == 200 }), 'the balancer passes requests on') or diag($proxy->logged);

# ---- one verification, step by step, each step after a kill ----
my $by_hand = Till->new(ports => [$port], token => $first->terminal('by-hand'), journal => "$first->{tmp}/by-hand");
my $wallet = $first->wallet;
my ($victim, $other) = ($first, $second);
sub kill_one {
	$victim->end('KILL');
	return "process $victim->{port} killed";
}
sub bring_back {
	$victim->serve;
	($victim, $other) = ($other, $victim);
}
my $now = int time;
my $got = $by_hand->insist('start', undef, 'POST', '/v1/verifications', $by_hand->{token},
	{ code => $wallet->first_code($now) });
is($got->{status}, 201, 'started through the balancer');
my ($id, $number) = @{ $got->{json} }{qw(id number)};
$by_hand->note('started', $id);
my $words = kill_one();
my $code = $wallet->second_code($number, $now);
$by_hand->note('code', $id, 'right');
$got = $by_hand->insist('response', sub { $by_hand->recorded_unless($id, sub { $_[0]{state} eq 'challenged' }) },
	'POST', "/v1/verifications/$id/response", $by_hand->{token}, { code => $code });
is($by_hand->told($id, $got), 'accepted', "$words: the other one takes the second code");
bring_back();
$words = kill_one();
my $again = $by_hand->insist('response', undef, 'POST', "/v1/verifications/$id/response", $by_hand->{token},
	{ code => $code });
is($by_hand->told($id, $again), 'accepted', "$words: the first one knows what the second decided");
for my $try (1, 2) {
	$by_hand->note('pin', $id, $try, $try == 2 ? 'right' : 'wrong');
	$got = $by_hand->insist('pin', undef, 'POST', "/v1/verifications/$id/pin", $by_hand->{token},
		{ pin => $try == 2 ? Backend::pin() : Backend::wrong_pin(), try => $try });
	is($by_hand->told($id, $got), $try == 2 ? 'authorised' : 'accepted', "PIN $try, at another process each");
	bring_back();
	$words = kill_one();
}
$got = $by_hand->insist('state', undef, 'GET', "/v1/verifications/$id", $by_hand->{token});
is($by_hand->told($id, $got), 'authorised', "$words: the state is known everywhere");
bring_back();

# ---- under load ----
my @tills = map {
	Till->new(ports => [$port], token => $first->terminal("till-$_"), journal => "$first->{tmp}/journal-$_",
		wallets => [map { $first->wallet($_ % 2 ? '--no-pin' : ()) } 1 .. 2]);
} 1 .. 4;
$_->work for @tills;
for (1 .. $rounds) {
	sleep 0.2 + rand 0.3;
	kill_one();
	sleep rand 0.2;
	bring_back();
}
is(scalar(grep { !$_->stop } @tills), 0, 'under load: every terminal got through');
my ($bad, $count) = Invariants::of_backend($second, @tills, $by_hand);
is(join("\n", @$bad), '', 'under load: told and recorded agree, once each, and the chain is whole');
cmp_ok($count, '>', $rounds, "under load: $count verifications, one process or the other killed $rounds times");
is($_->end('TERM'), 0, 'at the end it stops cleanly') for $first, $second;
is(scalar(grep { $_->logged =~ /^\S+ error /m } $first, $second), 0, 'and told of no error');
done_testing;
