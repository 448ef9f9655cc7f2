#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The same second code twice at the same moment, beside a wrong one and one from another terminal,
# FAULT_RACES times (1000): exactly one decision each time, and everybody is told the same. On SQLite,
# and (400 of them) on PostgreSQL with every request of a race at another process.
use strict;
use warnings;
use Test::More;
use File::Basename;
use List::Util 'shuffle';
BEGIN { chdir dirname(__FILE__) . '/../..' or die }
use lib 'tests/lib';
use Backend;
use Call;
use Invariants;
use Postgres;
use Till;
use Try;

my $races = $ENV{FAULT_RACES} // 1000;
my $RACERS = 4;

# One race; what was wrong about it, or nothing. $calls: start, right, right, wrong, stranger.
sub race {
	my ($till, $calls, $wallet, $with_wrong) = @_;
	my $now = time;
	my $got = $calls->[0]->ask('POST', '/v1/verifications', $till->{token}, { code => $wallet->first_code($now) });
	return 'not started: ' . Call::word($got) if !$got || $got->{status} != 201;
	my ($id, $number) = @{ $got->{json} }{qw(id number)};
	my $path = "/v1/verifications/$id/response";
	my %code = (right => $wallet->second_code($number, $now),
		wrong => $wallet->second_code(Wallet::other_number($number), $now));
	my @kind = shuffle('right', 'right', $with_wrong ? 'wrong' : ());
	$till->note('started', $id);
	$till->note('code', $id, $_) for @kind;
	# sent on all before any is read
	$calls->[4]->request('POST', $path, $till->{stranger}, { code => $code{right} });
	$calls->[1 + $_]->request('POST', $path, $till->{token}, { code => $code{ $kind[$_] } }) for 0 .. $#kind;
	my @answer = map { $calls->[1 + $_]->answer } 0 .. $#kind;
	my $stranger = $calls->[4]->answer;
	my (%told, @bad);
	for my $i (0 .. $#kind) {
		my $a = $answer[$i] or return 'no answer';
		my $state = $a->{status} == 200 ? $a->{json}{state} . ' ' . ($a->{json}{receipt} // '') : Call::word($a);
		$till->told($id, $a) if $a->{status} == 200;
		$told{ $kind[$i] }{$state}++;
	}
	push @bad, 'a terminal that did not start it was told ' . ($stranger // {})->{status}
		if ($stranger // {})->{status} != 404;
	my $right = join ', ', sort keys %{ $told{right} };
	my $wrong = join ', ', sort keys %{ $told{wrong} // {} };
	push @bad, "the right code: $right; the wrong one: $wrong" unless
		$right =~ /^accepted \d{8}-\d+$/ && $wrong =~ /^(answered-already)?$/ ||
		$right eq 'answered-already' && $wrong eq 'rejected ';
	return map { "$id: $_" } @bad;
}

sub racer {
	my ($till, @ports) = @_;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	$SIG{TERM} = 'DEFAULT';
	my $parent = getppid;
	srand $$;
	my $fine = eval {
		my @calls = map { Call->new($ports[$_ % @ports]) } 0 .. 4;
		my @wallets = @{ $till->{wallets} };
		open my $faults, '>', "$till->{journal}.faults" or die $!;
		for my $n (1 .. $races / $RACERS) {
			last if getppid != $parent;
			print {$faults} map { "$_\n" } race($till, \@calls, $wallets[$n % @wallets], $n % 3 == 0);
		}
		close $faults;
	};
	print STDERR "# $@" unless $fine;
	POSIX::_exit($fine ? 0 : 1);
}

sub all_races {
	my ($words, $backend, @ports) = @_;
	my @tills = map {
		Till->new(ports => [$backend->{port}], token => $backend->terminal("till-$_"), share_wrong => 0,
			stranger => $backend->{stranger} //= $backend->terminal('stranger'),
			journal => "$backend->{tmp}/race-$_", wallets => [map { $backend->wallet('--no-pin') } 1 .. 2 + $races / $RACERS / 80]); # 100 a step
	} 1 .. $RACERS;
	my @pids = map { racer($_, @ports) } @tills;
	my $failed = grep { waitpid($_, 0); $? } @pids;
	is($failed, 0, "$words: all races were run");
	my $faults = join '', map { slurp("$_->{journal}.faults") // 'none' } @tills;
	is($faults, '', "$words: one decision each, told to all alike");
	my ($bad, $count) = Invariants::of_backend($backend, @tills);
	is(join("\n", @$bad), '', "$words: and so it is recorded");
	is($count, $RACERS * int($races / $RACERS), "$words: $count races");
	my @audit = json_lines($backend->try('audit', 'export')->{out});
	my %kind;
	$kind{ $_->{kind} }++ for @audit;
	is($kind{accepted} + $kind{rejected}, $count, "$words: $kind{accepted} accepted, the rest rejected");
	ok($kind{rejected} > 0 && $kind{accepted} > $kind{rejected}, "$words: the wrong code was first now and then");
}

my $one = Backend->new(wide => 1);
$one->serve;
all_races('SQLite', $one, $one->{port});
undef $one;
SKIP: {
	skip 'no PostgreSQL server here', 6 unless Postgres->available;
	my $postgres = Postgres->new;
	$races = $ENV{FAULT_RACES} // 400;
	my $first = Backend->new(wide => 1, store => $postgres->url);
	my $second = $first->twin;
	$first->serve;
	$second->serve;
	all_races('two processes on PostgreSQL', $first, $first->{port}, $second->{port});
}
done_testing;
