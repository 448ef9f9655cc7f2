#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The offline policy with the real programs: the server is killed, sales are written down or not, it
# comes back, and each of them is accepted or a conflict, once. Nothing of it ever ends with status 0.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
chdir dirname(__FILE__) . '/../..' or die;

my $url = bank();
my ($port) = $url =~ /:(\d+)/;
my @wallets = map { wallet() } 1 .. 3;
my $state = "$dir/state";
$ENV{XDG_STATE_HOME} = $state;
END { undef $ENV{XDG_STATE_HOME} }
my $plain_conf = slurp("$dir/terminal.conf");
my @running;
END { local $?; kill 'KILL', @running if @running }

sub conf { spew("$dir/terminal.conf", $plain_conf . join('', map { "$_\n" } @_), 0600) }
sub accepting { conf('[offline]', 'policy = accept', 'currency = EUR', 'amount_max = 2000', 'sum_max = 5000', @_) }
sub policy { spew("$dir/backend/countersignd.conf", "[policy]\noffline_max = $_[0]\n", 0600) }

spew("$dir/card", "show first\nwait verdict\nshow nothing\nwait 600000\nend\n");
spew("$dir/nothing", "show nothing\nwait 600000\nend\n");
my $seed = 1;
sub phone {
	my ($wallet, $scenario) = @_;
	$seed++;
	return "simulator:holder simulate --wallet $wallet --passcode-file $dir/passcode --size 640x480 --fps 15 "
		. "--seed $seed --scenario $dir/$scenario";
}
sub terminal {
	my ($wallet, $scenario, @flags) = @_;
	my $t = begin('--source', phone($wallet, $scenario), @flags);
	push @running, $t->{pid};
	return $t;
}
# One sale; its verdict, reason and exit status.
sub sale {
	my ($wallet, $amount, @flags) = @_;
	my $t = terminal($wallet, 'card', '--once', '--amount', $amount, '--currency', 'EUR', @flags);
	my $v = until_event($t, 'verdict');
	return join ' ', $v->{verdict} // 'none', $v->{reason} // '', status_of($t);
}
sub told { return scalar @{ backend('offline', 'list', @_)->{sales} } }
sub offline { return run([bin('countersign'), 'offline', @_, '--config', "$dir/terminal.conf"]) }

# ---- refuse is the default ----

server_kill('TERM');
is(sale($wallets[0], '10.00'), 'none no-backend 1', 'without a policy a server out of reach ends it');
ok(!-e "$state/countersign/offline/journal", 'and nothing is written down');
accepting();
is(sale($wallets[0], '10.00'), 'none offline-list 1', 'with one, not before there was a list of barred cards');

# ---- the server says at once when it goes ----

policy(2500);
serve($port);
my $waits = terminal($wallets[0], 'nothing');
until_event($waits, 'ready');
ok(wait_for(sub { -s "$state/countersign/offline/list" }), 'the list is fetched and kept');
server_kill();
my $gone = until_event($waits, 'backend');
is($gone->{reachable} ? 1 : 0, 0, 'the terminal says that the server is out of reach, without a card');
kill 'TERM', $waits->{pid};
status_of($waits);

# ---- sales ----

is(sale($wallets[0], '20.00'), 'unconfirmed offline 2', 'a small sale is written down: unconfirmed, status 2');
is(sale($wallets[0], '1.00'), 'none offline-card 1', 'a card once');
is(sale($wallets[1], '20.01'), 'none offline-amount 1', 'not above the terminal\'s bound');
is(sale($wallets[1], '15.00', '--reference', 'r 2'), 'unconfirmed offline 2', 'another card');
is(sale($wallets[2], '15.01'), 'none offline-limit 1', 'the sum is bounded until the server is back');
my $plain = run([bin('countersign'), '--config', "$dir/terminal.conf", '--headless', '--once', '--source',
	phone($wallets[2], 'card'), '--amount', '5.00', '--currency', 'EUR']);
is($plain->{status}, 2, 'the same in plain words');
like($plain->{out}, qr/^NOT CONFIRMED: /m, 'which say that it is not confirmed');
unlike($plain->{out}, qr/ACCEPTED|AUTHORISED/, 'and nothing like accepted');
my @lines = json_lines(offline('--json')->{out});
is(scalar @lines, 3, 'they are listed');
is_deeply([map { $_->{amount} } @lines], [2000, 1500, 500], 'with their amounts');

# ---- the line is back ----

backend('credential', 'freeze', $lines[1]{credential});
serve($port);
my $sends = terminal($wallets[0], 'nothing');
my %became;
for (1 .. 3) {
	my $e = until_event($sends, 'offline');
	$became{ $e->{sale} } = $e->{state} . ' ' . ($e->{reason} // '');
}
is($became{ $lines[0]{sale} }, 'accepted ', 'one is accepted');
is($became{ $lines[1]{sale} }, 'conflict frozen', 'one is a conflict');
is($became{ $lines[2]{sale} }, 'accepted ', 'and one is accepted');
kill 'TERM', $sends->{pid};
status_of($sends);
is(told(), 3, 'the backend has each once');
is(told('--conflicts'), 1, 'and knows the conflict');
like(run([bin('countersignd'), '--dir', "$dir/backend", 'audit', 'export'])->{out},
	qr/"kind":"offline-conflict"/, 'which is in its audit');
@lines = json_lines(offline('--json')->{out});
is(join(' ', map { "$_->{state} $_->{reason}" } @lines), 'conflict frozen', 'the terminal keeps it');

# ---- a supervisor ----

like(offline('looked', '--name', 'Vera')->{err}, qr/passphrase/, 'nobody looks without a passphrase');
spew("$dir/vera", "correct horse battery\n", 0600);
backend('operator', 'add', 'Vera', '--role', 'supervisor', '--passphrase-file', "$dir/vera");
spew("$dir/anna", "cashiers have one too\n", 0600);
backend('operator', 'add', 'Anna', '--role', 'cashier', '--passphrase-file', "$dir/anna");
sub looked {
	my ($name, $passphrase) = @_;
	return run([bin('countersign'), 'offline', 'looked', '--config', "$dir/terminal.conf", '--name', $name],
		in => "$passphrase\n");
}
is(looked('Anna', 'cashiers have one too')->{status}, 3, 'a cashier is none');
is(looked('Vera', 'wrong')->{status}, 3, 'nor is who does not know the passphrase');
is(looked('Vera', 'correct horse battery')->{status}, 0, 'a supervisor has looked');
is(offline('--json')->{out}, '', 'and the conflict is gone from the terminal');

# ---- a journal that was changed ----

server_kill();
is(sale($wallets[0], '3.00'), 'unconfirmed offline 2', 'a sale more');
my $journal = slurp("$state/countersign/offline/journal");
substr($journal, -3, 1) =~ tr/0-9a-f/1-9a-f0/;
spew("$state/countersign/offline/journal", $journal, 0600);
is(sale($wallets[2], '1.00'), 'none offline-journal 1', 'in a changed journal nothing is written down');
my $named = offline();
is($named->{status}, 1, 'the list says so');
like($named->{err}, qr/journal: line \d+/, 'and names the line');
serve($port);
is(looked('Vera', 'correct horse battery')->{status}, 0, 'a supervisor has looked');
server_kill();
is(sale($wallets[2], '1.00'), 'unconfirmed offline 2', 'and it goes on');

# ---- killed in the middle ----

my $t = terminal($wallets[0], 'card', '--once', '--amount', '2.00', '--currency', 'EUR');
my $written = until_event($t, 'offline');
kill 'KILL', $t->{pid};
status_of($t);
is($written->{state}, 'written', 'a terminal that is killed when it had said "written down"');
ok((grep { $_->{sale} eq $written->{sale} } json_lines(offline('--json')->{out})), 'has written it down');

done_testing();
