#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The server's wall clock is set an hour forward and an hour back while verifications are open: what
# is over stays over, nothing lives longer for it, budgets do not open, /healthz and the log say it.
# libfaketime moves the clock of the real program; wallets keep the true time, or follow.
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

my ($fake) = grep { -f } glob '/usr/lib/*/faketime/libfaketimeMT.so.1';
plan skip_all => 'no libfaketime here' unless $fake;

my $HOUR = 3600;
my $tmp = scratch();
my $offset = 0;
sub clock {
	$offset = shift;
	spew("$tmp/clock.new", sprintf "%+ds\n", $offset);
	rename "$tmp/clock.new", "$tmp/clock" or die $!;
}
sub server_now { return time + $offset }

clock(-3 * $HOUR); # keys and all are older than what follows
my %env = (LD_PRELOAD => $fake, FAKETIME_TIMESTAMP_FILE => "$tmp/clock", FAKETIME_NO_CACHE => 1,
	FAKETIME_DONT_FAKE_MONOTONIC => 1);
my $backend = Backend->new(in => $tmp, policy => { starts_hour => 3, starts_day => 6, start_delay_after => 100,
	activation_lifetime_s => 600 }, env => {%env});
clock(0);
$backend->serve(env => {%env});
my $till = Till->new(ports => [$backend->{port}], token => $backend->terminal('till'), journal => "$tmp/journal");
my $call = $backend->call;

sub start {
	my ($wallet, $at) = @_;
	my $got = $call->ask('POST', '/v1/verifications', $till->{token}, { code => $wallet->first_code($at // server_now()) });
	my $id = $got->{json}{id};
	$till->note('started', $id) if $id;
	return { id => $id, number => $got->{json}{number}, word => Call::word($got) };
}
sub answer {
	my ($v, $wallet, $at) = @_;
	$till->note('code', $v->{id}, 'right');
	my $got = $call->ask('POST', "/v1/verifications/$v->{id}/response", $till->{token},
		{ code => $wallet->second_code($v->{number}, $at // server_now()) });
	return $till->told($v->{id}, $got);
}
sub state {
	my $v = shift;
	return $till->told($v->{id}, $call->ask('GET', "/v1/verifications/$v->{id}", $till->{token}));
}
sub health { return $call->ask('GET', '/healthz') }
sub wallets { return map { $backend->wallet(@_) } 1 .. 2 }

is(health()->{status}, 200, 'the clock is right: all is well');

# ---- forward ----
my ($a, $b) = wallets('--no-pin');
my ($pinned) = wallets();
my ($looked, $sent, $typed) = (start($a), start($b), start($pinned));
is(answer($typed, $pinned), 'accepted', 'one of them waits for its PIN');
clock($HOUR);
is(state($looked), 'expired', 'an hour forward: what was open is over when looked at');
is(answer($sent, $b), 'expired', 'an hour forward: and when answered, with the wallet at the same time');
$till->note('pin', $typed->{id}, 1, 'right');
my $got = $call->ask('POST', "/v1/verifications/$typed->{id}/pin", $till->{token}, { pin => Backend::pin(), try => 1 });
is($till->told($typed->{id}, $got), 'expired', 'an hour forward: the right PIN comes too late');
is(start($a, time)->{word}, 'stale-code', 'an hour forward: a wallet with the true time is told so');
like($backend->logged, qr/clock: was set forward by 3(599|600|601) s/, 'an hour forward: the log says it');
my $late = $backend->command('credential', 'issue', '--holder', $backend->{holder}, '--account', $backend->{account});
my $after = start($a);
is(answer($after, $a), 'accepted', 'an hour forward: a wallet that followed is served');

# ---- and back again ----
clock(0);
is(state($looked), 'expired', 'set right again: what is over stays over');
is(answer($looked, $a), 'expired', 'set right again: no right code revives it');
is(answer($sent, $b), 'expired', 'set right again: nor the other one');
is(state($typed), 'expired', 'set right again: nor the one with a PIN');
is(state($after), 'accepted', 'set right again: what was accepted stands');
my $health = health();
is("$health->{status} " . ($health->{json}{clock} ? 'true' : 'false'), '503 false',
	'set right again: /healthz says that the clock went back');
like($backend->logged, qr/clock: was set back by 3(599|600|601) s/, 'set right again: the log, too');

# ---- back, while something is open ----
my ($c, $d) = wallets('--no-pin');
my ($open, $kept) = (start($c), start($d));
clock(-$HOUR);
is(answer($open, $c, time), 'expired', 'an hour back: a number does not live an hour longer; the true time');
is(answer($kept, $d), 'expired', 'an hour back: nor with a wallet that followed');
clock(0);
is(state($open), 'expired', 'set right: it stays over');
is(answer($open, $c), 'expired', 'set right: for every code');

# ---- budgets: 3 unfinished starts an hour, 6 a day ----
# each from another code of the wallet: the same one again is the same verification
my ($spent) = wallets('--no-pin');
sub spend { return map { start($spent, server_now() + 30 * $_)->{word} || 'fine' } @_ }
is(join(' ', spend(-2 .. 0)), 'fine fine fine', 'three unfinished starts are fine');
is((spend(1))[0], 'too-many-attempts', 'the budget of an hour is spent');
clock(-$HOUR);
is((spend(1))[0], 'too-many-attempts', 'an hour back: it does not open');
clock($HOUR + 1);
is(join(' ', spend(-2 .. 1)), 'fine fine fine too-many-attempts',
	'an hour forward: no more than the budget of the day');
clock(0);
is((spend(2))[0], 'too-many-attempts', 'set right: neither is open');

# ---- tokens and freezes ----
my $issued = $backend->command('credential', 'issue', '--holder', $backend->{holder}, '--account', $backend->{account});
clock($HOUR);
is($call->ask('POST', '/v1/activations', undef, { token => $issued->{token} })->{status}, 404,
	'an hour forward: an activation token of ten minutes is over');
clock(0);
my ($cold) = wallets('--no-pin');
$backend->command('credential', 'freeze', $cold->{credential}, '--until', time + 600);
clock(-$HOUR);
is(start($cold)->{word}, 'frozen', 'an hour back: what is frozen stays frozen');
clock(0);

my ($bad, $count) = Invariants::of_backend($backend, $till);
is(join("\n", @$bad), '', "told and recorded agree, once each, and the chain is whole ($count verifications)");
is($backend->end('TERM'), 0, 'it stops cleanly');
done_testing;
