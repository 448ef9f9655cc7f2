#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# kill -9 of countersignd between any two steps of a verification, and of PostgreSQL under it, while
# terminals go on as real ones do. FAULT_POINTS says how many lost answers there must be on each
# store (15), FAULT_KILLS how often PostgreSQL is killed (2).
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
use Till;
use Try;

my $points = $ENV{FAULT_POINTS} // 15;
my $kills = $ENV{FAULT_KILLS} // 2;
my $limit = 20 + $points * 2; # seconds for each store, on a machine that is busy

# Terminals at work on a backend: two with PINs, two without.
sub tills {
	my ($backend) = @_;
	return map {
		my $n = $_;
		my $till = Till->new(ports => [$backend->{port}], token => $backend->terminal("till-$n"),
			journal => "$backend->{tmp}/journal-$n",
			wallets => [map { $backend->wallet($n % 2 ? '--no-pin' : ()) } 1 .. 2]);
		$till->work;
		$till;
	} 1 .. 4;
}

sub lost {
	my (@tills) = @_;
	my $of = Invariants::losses(@tills);
	my $sum = 0;
	$sum += $of->{$_} for grep { /^lost (start|response|pin)/ } keys %$of;
	return ($sum, join ', ', map { "$_: $of->{$_}" } sort keys %$of);
}

sub look {
	my ($backend, $words, @tills) = @_;
	is(scalar(grep { !$_->stop } @tills), 0, "$words: every terminal got through");
	my ($bad, $count) = Invariants::of_backend($backend, @tills);
	is(join("\n", @$bad), '', "$words: told and recorded agree, once each, and the chain is whole");
	my ($sum, $steps) = lost(@tills);
	diag("$words: $count verifications; $steps") if $ENV{FAULT_TALK};
	return ($sum, $count);
}

# Kills the server at random moments until so many answers were lost.
sub killed {
	my ($words, $backend) = @_;
	$backend->serve;
	my @tills = tills($backend);
	my ($end, $rounds) = (time + $limit, 0);
	do {
		sleep 0.01 + rand 0.12;
		$backend->end('KILL');
		$backend->serve;
		$rounds++;
	} until time > $end || (lost(@tills))[0] >= $points;
	my ($sum, $count) = look($backend, $words, @tills);
	cmp_ok($sum, '>=', $points, "$words: $rounds kills hit as many answers as were wanted");
	cmp_ok($count, '>', $rounds / 2, "$words: and there was work between them");
	unlike($backend->logged, qr/^\S+ error /m, "$words: what a kill leaves is no fault at the next start");
	is($backend->end('TERM'), 0, "$words: at the end it stops cleanly");
}

# The database is taken away under it, and comes back.
sub orphaned {
	my ($backend, $postgres) = @_;
	$backend->serve;
	my @tills = tills($backend);
	my $call = $backend->call;
	my $health = sub { ($call->ask('GET', '/healthz') // {})->{status} // 0 };
	my $again = 0;
	for (1 .. $kills) {
		sleep 0.3 + rand 0.3;
		$postgres->tell('kill');
		sleep rand 1;
		$postgres->tell('start');
		$again += wait_for(sub { $health->() == 200 });
	}
	is($again, $kills, 'PostgreSQL killed at work and started: it goes on by itself');
	ok($backend->alive, 'and is the same process');
	look($backend, 'PostgreSQL killed', @tills);
	my $losses = Invariants::losses(@tills);
	isnt(join(' ', keys %$losses), '', 'PostgreSQL killed: terminals met it');
	$postgres->tell('kill');
	is($health->(), 503, 'PostgreSQL gone while nothing is done: 503');
	my $got = $call->ask('POST', '/v1/verifications', $tills[0]{token}, { code => 'HTTPS://A/C/A' });
	is("$got->{status} " . Call::word($got), '503 store-failed', 'and nothing is decided');
	ok(wait_for(sub { $backend->logged =~ /cannot connect/ }), 'and the log says why');
	$postgres->tell('start');
	ok(wait_for(sub { $health->() == 200 }), 'and it goes on by itself');
	is($backend->end('TERM'), 0, 'PostgreSQL killed: at the end it stops cleanly');
}

killed('SQLite', Backend->new(wide => 1));
SKIP: {
	skip 'no PostgreSQL server here', 1 unless Postgres->available;
	my $postgres = Postgres->new;
	my $backend = Backend->new(wide => 1, store => $postgres->url);
	killed('PostgreSQL', $backend);
	undef $backend;
	undef $postgres;
	$postgres = Postgres->new;
	orphaned(Backend->new(wide => 1, store => $postgres->url), $postgres);
}
done_testing;
