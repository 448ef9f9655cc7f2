#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Whole sales by a till, with the real backend and the simulated phone: over socat, by the C client of
# ui/till, and on standard input; and what is promised when something is lost on the way: an id never
# sells twice, and its verdict can be had after the till, the terminal or both were killed.
use strict;
use warnings;
use File::Basename;
use IO::Select;
use IO::Socket::UNIX;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
chdir dirname(__FILE__) . '/../..' or die;

my $json = JSON::PP->new->utf8;
my $url = bank();
my ($port) = $url =~ /:(\d+)/;
my @wallets = map { wallet() } 1 .. 6;
my $socket = "$dir/till.sock";
$ENV{XDG_STATE_HOME} = "$dir/state";
$ENV{TMUX_TMPDIR} = $dir;
delete $ENV{STATE_DIRECTORY};
END { undef $ENV{XDG_STATE_HOME} }

my $seed = 1;
sub simulator {
	my (@more) = @_;
	$seed++;
	my $wallet = @more ? $wallets[0] : shift @wallets;
	return join ' ', 'simulator:holder simulate --wallet', $wallet, '--passcode-file',
		"$dir/passcode --size 640x480 --fps 15 --seed $seed", @more ? @more : "--scenario $dir/holder";
}

# A holder who answers, and whose camera goes on after it.
spew("$dir/holder", "show first\nwait number\ntype 300\nshow second\nwait verdict\nshow nothing\nwait 600000\nend\n");
spew("$dir/nothing", "show nothing\nwait 600000\nend\n");
sub nobody { return simulator("--scenario $dir/nothing") }

my @running;
sub terminal {
	my (@flags) = @_;
	my $t = begin('--socket', $socket, @flags);
	push @running, $t->{pid};
	until_event($t, 'ready');
	return $t;
}
sub stop {
	my ($t) = @_;
	kill 'TERM', $t->{pid};
	return status_of($t);
}
END { local $?; kill 'KILL', @running if @running }

# One connection of a till.
sub till {
	my $s = IO::Socket::UNIX->new(Peer => $socket) or die "$socket: $!";
	$s->autoflush(1);
	return { socket => $s, text => '' };
}
sub say_line { my ($till, $line) = @_; print { $till->{socket} } "$line\n" }
sub hear {
	my ($till, $what, $seconds) = @_;
	my $end = time + ($seconds // 30);
	while (time < $end) {
		while ($till->{text} =~ s/^([^\n]*)\n//) {
			my $e = $json->decode($1);
			return $e if $what->($e);
		}
		next unless IO::Select->new($till->{socket})->can_read(1);
		sysread($till->{socket}, $till->{text}, 8192, length $till->{text}) or return undef;
	}
	return undef;
}
sub ask {
	my ($till, $line) = @_;
	say_line($till, ref $line ? $json->encode($line) : $line);
	return hear($till, sub { $_[0]{event} eq 'answer' }) // {};
}
sub error_of { my $a = ask(@_); return $a->{error} // 'none' }
sub sale_is {
	my ($state) = @_;
	return sub { $_[0]{event} eq 'sale' && $_[0]{state} eq $state };
}
sub start { my ($id, @more) = @_; return { command => 'start', id => $id, amount => '12.80', currency => 'EUR', @more } }
my $clock = sub { my ($verdict) = @_; return join ' ', map { $_ // '-' } @{$verdict}{qw(state verdict reason)} };

subtest 'a sale over socat, in the shell of ui/till' => sub {
	my $t = terminal('--source', simulator(), '--pin-file', "$dir/pin");
	my $ran = run(['ui/till/example.sh', $socket, 'shell-1', '12.80', 'EUR']);
	is($ran->{status}, 0, 'status 0') or diag("$ran->{out}$ran->{err}");
	my @lines = json_lines($ran->{out});
	is($lines[0]{state}, 'waiting', 'first it waits for a card');
	ok((grep { $_->{state} eq 'running' } @lines), 'then it runs');
	my $last = $lines[-1];
	is($clock->($last), 'finished authorised ', 'then there is a verdict');
	is("$last->{amount} $last->{currency}", '12.80 EUR', 'for this amount');
	like($last->{receipt}, qr/^\d{8}-/, 'with a receipt');
	$ran = run(['ui/till/example.sh', $socket, 'shell-1', '12.80', 'EUR']);
	is($ran->{status}, 0, 'the same id again tells the same');
	my @again = json_lines($ran->{out});
	ok($again[-1]{again}, 'and says that it does');
	is($again[-1]{receipt}, $last->{receipt}, 'it is the same sale');
	is(stop($t), 0, 'the terminal ends');
	is((grep { $_->{event} eq 'end' } @{ $t->{events} })[0]{verifications}, 1, 'one verification');
	is(-e $socket ? 1 : 0, 0, 'its socket is gone');
};

subtest 'a sale by the C client' => sub {
	my $t = terminal('--source', simulator(), '--pin-file', "$dir/pin");
	for my $cc (qw(gcc clang)) {
		my $ran = run([$cc, qw(-std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -pedantic -Wshadow -Wconversion
			-Wsign-conversion -Wcast-qual -Wwrite-strings -Wstrict-prototypes -Werror),
			'-o', "$dir/till-$cc", 'ui/till/example.c']);
		is($ran->{status}, 0, "$cc takes it without a warning") or diag($ran->{err});
	}
	my $ran = run(["$dir/till-gcc", $socket, 'c-1', '7.10', 'EUR', "caf\x{c3}\x{a9} \"7\""]);
	is($ran->{status}, 0, 'status 0') or diag($ran->{out});
	like($ran->{out}, qr/^authorised - receipt \d{8}-/, 'words');
	is(run(["$dir/till-clang", $socket, 'c-1'])->{out}, $ran->{out}, 'its verdict can be asked for');
	is(run(["$dir/till-clang", $socket, 'c-1', '7.11', 'EUR'])->{status}, 3, 'another sale with its id is refused');
	$ran = run(["$dir/till-clang", $socket, 'c-2']);
	is($ran->{status}, 3, 'an id that never sold');
	like($ran->{out}, qr/^unknown-id: /, 'is said so');
	stop($t);
};

subtest 'a sale on standard input' => sub {
	my $t = begin('--till', '--source', simulator());
	print { $t->{in} } $json->encode(start('stdin-1', reference => "\x{5355}7")) . "\n";
	is(until_event($t, 'answer')->{state}, 'waiting', 'taken');
	until_event($t, 'pin_wanted');
	print { $t->{in} } qq({"command":"pin","pin":"2468"}\n);
	my $e;
	do { $e = until_event($t, 'sale') } until $e->{state} eq 'finished';
	is($clock->($e), 'finished authorised ', 'verdict');
	is($e->{reference}, "\x{5355}7", 'reference');
	print { $t->{in} } qq({"command":"status"}\n);
	is(until_event($t, 'answer')->{busy} ? 1 : 0, 0, 'ready for the next');
	close $t->{in};
	is(status_of($t), 0, 'nobody can start one any more: it ends');
};

subtest 'no card is taken before a till started a sale' => sub {
	spew("$dir/slow", "show first\nwait 600000\nend\n");
	my $t = terminal('--source', simulator("--scenario $dir/slow"));
	my $till = till();
	is(ask($till, '{"command":"hello","version":1}')->{protocol}, 1, 'version 1');
	is(error_of($till, '{"command":"hello","version":2}'), 'unsupported-version', 'no other');
	my $status = ask($till, '{"command":"status"}');
	is_deeply($status->{closed}, ['till'], 'closed by the till');
	ask($till, '{"command":"subscribe"}');
	is(hear($till, sub { $_[0]{event} eq 'first_code' }, 1), undef, 'a card that is shown is not looked at');
	ask($till, start('taken'));
	ok(hear($till, sub { $_[0]{event} eq 'first_code' }), 'now it is');
	ok(hear($till, sub { $_[0]{event} eq 'number' }), 'events of the verification come');
	my $other = till();
	is(error_of($other, start('other')), 'busy', 'one sale at a time');
	is(ask($other, start('taken'))->{state}, 'running', 'the same one is the same');
	is(error_of($other, start('taken', amount => '12.81')), 'id-used', 'another amount is another sale');
	is(error_of($other, '{"command":"cancel","id":"other"}'), 'unknown-id', 'what was not started cannot be cancelled');
	say_line($other, '{"command":"cancel","id":"taken"}');
	is($clock->(hear($till, sale_is('finished'))), 'finished refused cancelled', 'the one that started it hears it');
	is($clock->(hear($other, sale_is('finished'))), 'finished refused cancelled', 'and the one that asked');
	is(hear($other, sub { $_[0]{event} eq 'answer' })->{error} // '', '', 'its answer comes after that');
	is(error_of($other, '{"command":"cancel","id":"taken"}'), 'not-running', 'once');
	stop($t);
};

subtest 'every line is answered, and nobody is in the way' => sub {
	my $t = terminal('--source', nobody());
	my $till = till();
	is(error_of($till, 'nonsense'), 'bad-json', 'nonsense');
	is(error_of($till, '{"command":"dance"}'), 'unknown-command', 'no command');
	is(error_of($till, '{"command":"start","id":"1","ammount":"1","currency":"EUR"}'), 'unknown-member', 'a wrong name');
	is(error_of($till, '{"command":"start","id":"1","amount":12.8,"currency":"EUR"}'), 'bad-member', 'a number');
	is(error_of($till, '{"command":"verdict","id":"1"}'), 'unknown-id', 'nothing of it was kept');
	is(error_of($till, '{"command":"pin","pin":"2468"}'), 'no-pin-wanted', 'a PIN that nobody wants');
	is(error_of($till, '{"command":"status","x":"' . 'y' x 5000 . '"}'), 'too-long', 'a line that is too long');
	is(ask($till, '{"command":"status"}')->{clients}, 1, 'and goes on');
	my @more = map { till() } 2 .. 8;
	is(ask($more[-1], '{"command":"status"}')->{clients}, 8, 'eight tills');
	my $ninth = till();
	is((hear($ninth, sub { 1 }) // {})->{error}, 'too-many-clients', 'the ninth is told so');
	is(hear($ninth, sub { 1 }, 2), undef, 'and let go');
	my $tenth = run(['ui/till/example.sh', $socket, 'tenth', '1.00', 'EUR']);
	is($tenth->{status}, 2, 'in the shell, too: that is no refusal of the sale') or diag($tenth->{out});
	my $deaf = $more[0]{socket};
	$deaf->blocking(0);
	my $written = 0;
	for (1 .. 20000) {
		my $n = syswrite $deaf, qq({"command":"status"}\n);
		last if !defined $n && !$!{EAGAIN};
		$written += $n // 0;
		last if $written > 200_000 || !$deaf->connected;
		select undef, undef, undef, 0.001 unless defined $n;
	}
	ok(wait_for(sub { (ask($till, '{"command":"status"}')->{clients} // 8) < 8 }, 20), 'one that does not read is let go');
	undef @more;
	is(ask($till, start('w', wait_s => 60))->{state}, 'waiting', 'a sale that waits');
	is(ask($till, '{"command":"cancel","id":"w"}')->{verdict}, 'none', 'is cancelled at once');
	is(ask($till, start('w2', wait_s => 1))->{state}, 'waiting', 'the next one');
	is($clock->(hear($till, sub { $_[0]{event} eq 'sale' && $_[0]{id} eq 'w2' && $_[0]{state} eq 'finished' })),
		'finished none no-card', 'nobody showed a card');
	stop($t);
};

subtest 'the terminal is killed while a number is shown' => sub {
	spew("$dir/slow", "show first\nwait 600000\nend\n");
	my $t = terminal('--source', simulator("--scenario $dir/slow"));
	my $till = till();
	ask($till, start('killed'));
	hear($till, sale_is('running'));
	until_event($t, 'number');
	ok(wait_for(sub { slurp("$dir/state/countersign/till.jsonl") =~ /"killed"[^\n]*"number"/ }, 10), 'it is written down');
	kill 'KILL', $t->{pid};
	waitpid $t->{pid}, 0;
	$? = 0;
	ok(-e $socket, 'its socket stays behind');
	$t = terminal('--source', nobody());
	$till = till();
	my $answer;
	ok(wait_for(sub {
		$answer = ask($till, '{"command":"verdict","id":"killed"}');
		$answer->{state} eq 'finished'
	}, 20), 'the backend is asked') or diag($json->encode($answer));
	is($answer->{verdict}, 'refused', 'what was open was given up there');
	is(ask($till, start('killed'))->{again} ? 1 : 0, 1, 'the id sells nothing again');
	ask($till, start('waits'));
	kill 'KILL', $t->{pid};
	waitpid $t->{pid}, 0;
	$? = 0;
	$t = terminal('--source', nobody());
	is($clock->(ask(till(), '{"command":"verdict","id":"waits"}')), 'finished none interrupted',
		'before a number was shown nothing was decided');
	stop($t);
};

subtest 'the answer was recorded, and nobody heard it' => sub {
	my $t = terminal('--source', simulator(), '--pin-file', "$dir/pin");
	my $till = till();
	ask($till, start('unheard'));
	close $till->{socket};
	my $e;
	do { $e = until_event($t, 'sale') } until $e->{state} eq 'finished';
	is(ask(till(), '{"command":"verdict","id":"unheard"}')->{verdict}, 'authorised', 'the till asks by its id');
	# The line with the verdict is lost with the power: the backend has it.
	kill 'KILL', $t->{pid};
	waitpid $t->{pid}, 0;
	$? = 0;
	my $book = "$dir/state/countersign/till.jsonl";
	my $text = slurp($book);
	$text =~ s/\{[^\n]*"unheard"[^\n]*"what":"verdict"[^\n]*\n\z/substr($&, 0, 40)/e or die $text;
	spew($book, $text, 0600);
	$t = terminal('--source', nobody());
	my $answer = {};
	ok(wait_for(sub {
		$answer = ask(till(), '{"command":"verdict","id":"unheard"}');
		$answer->{state} eq 'finished'
	}, 20), 'it is asked for');
	is($answer->{verdict}, 'authorised', 'what the backend recorded');
	is($answer->{receipt}, $e->{receipt}, 'with its receipt');
	stop($t);
};

SKIP: {
	skip 'no tmux', 1 unless grep { -x "$_/tmux" } split /:/, $ENV{PATH};
	subtest 'with the screen: the cashier sees what the till sells' => sub {
		my @tmux = ('tmux', '-L', "countersign-till$$", '-f', '/dev/null');
		my $screen = sub { run([@tmux, 'capture-pane', '-p'])->{out} };
		my $shows = sub {
			my ($what, $name) = @_;
			ok(wait_for(sub { $screen->() =~ $what }, 20), $name) or diag($screen->());
		};
		my @program = grep { $_ ne '--headless' && $_ ne '--json' } @base;
		my $command = "@program --socket $socket --till --source '" . simulator() . "'";
		run([@tmux, 'new-session', '-d', '-x', 90, '-y', 30, "$command; echo STATUS=\$?; cat"],
			env => { LANG => 'C.UTF-8', XDG_STATE_HOME => "$dir/screen" });
		$shows->(qr/The till starts/, 'first there is nothing to sell');
		my $till = till();
		ask($till, '{"command":"subscribe"}');
		ask($till, start('s1', reference => 'R-17'));
		ok(hear($till, sale_is('running')), 'it runs');
		$shows->(qr/12\.80.*EUR|EUR.*12\.80/, 'the amount is on the screen');
		like($screen->(), qr/R-17/, 'and the reference');
		ok(hear($till, sub { $_[0]{event} eq 'pin_wanted' }), 'the PIN is wanted');
		run([@tmux, 'send-keys', '1']);
		ok(wait_for(sub { error_of($till, '{"command":"pin","pin":"2468"}') eq 'pin-typed' }, 5), 'somebody types it');
		run([@tmux, 'send-keys', 'BSpace']);
		ok(wait_for(sub { error_of($till, '{"command":"pin","pin":"2468"}') eq 'none' }, 5), 'nobody does: the till gives it');
		is($clock->(hear($till, sale_is('finished'))), 'finished authorised ', 'the till has its verdict');
		$shows->(qr/AUTHORISED/, 'and the cashier sees it');
		my $today = ask($till, '{"command":"today"}');
		is(join(' ', $today->{count}, map { "$_->{verdict} $_->{amount} $_->{reference}" } @{ $today->{sales} }),
			'1 authorised 12.80 R-17', 'it is in today\'s list');
		is(ask($till, '{"command":"today","from":1}')->{count}, 1, 'which has an end');
		run([@tmux, 'send-keys', 'F1']);
		is(ask($till, start('s2'))->{state}, 'waiting', 'the next one, while the cashier reads something');
		$shows->(qr/The customer opens/, 'takes the screen');
		run([@tmux, 'send-keys', 'Escape']);
		is($clock->(hear($till, sub { $_[0]{event} eq 'sale' && $_[0]{id} eq 's2' && $_[0]{state} eq 'finished' })),
			'finished none cancelled', 'Esc cancels, and the till hears it');
		$shows->(qr/The till starts/, 'nothing is sold again');
		run([@tmux, 'send-keys', 'q']);
		$shows->(qr/STATUS=0/, 'q ends it');
		run([@tmux, 'kill-server']);

		# Where the operator types amounts, too, each has his own.
		@tmux = ('tmux', '-L', "countersign-till$$-2", '-f', '/dev/null');
		spew("$dir/typed.conf", slurp("$dir/terminal.conf") . "[sale]\ncurrency = EUR\namount = required\n", 0600);
		my @typed = map { $_ eq "$dir/terminal.conf" ? "$dir/typed.conf" : $_ } @program;
		$command = "@typed --socket $socket --source '" . nobody() . "'";
		run([@tmux, 'new-session', '-d', '-x', 90, '-y', 30, "$command; echo STATUS=\$?; cat"],
			env => { LANG => 'C.UTF-8', XDG_STATE_HOME => "$dir/screen" });
		ok(wait_for(sub { -S $socket }, 20), 'a terminal for both');
		$till = till();
		is_deeply(ask($till, '{"command":"status"}')->{closed}, ['amount'], 'an amount has to be typed');
		is(ask($till, start('s3'))->{state}, 'waiting', 'a till says it by itself');
		is_deeply(ask($till, '{"command":"status"}')->{closed}, [], 'cards are taken');
		run([@tmux, 'send-keys', 'F2']);
		$shows->(qr/12\.80 EUR/, 'the operator sees it, and changes nothing of it');
		ask($till, '{"command":"cancel","id":"s3"}');
		ok(wait_for(sub { "@{ ask($till, '{\"command\":\"status\"}')->{closed} }" eq 'amount' }, 5), 'then he has to type one again');
		run([@tmux, 'kill-server']);
	};
}

subtest 'a socket is one terminal\'s' => sub {
	my $t = terminal('--source', nobody());
	is((stat $socket)[2] & 07777, 0600, 'and its owner\'s');
	my $ran = run([@base, '--socket', $socket, '--source', 'replay:fixtures/sessions/foreign-web/frames.mjpeg'],
		env => { XDG_STATE_HOME => "$dir/other" });
	is($ran->{status}, 3, 'a second one ends');
	like($ran->{err}, qr/another terminal listens/, 'and says why');
	$ran = run([@base, '--socket', "$dir/second.sock", '--source', 'replay:fixtures/sessions/foreign-web/frames.mjpeg']);
	is($ran->{status}, 3, 'nor does it share the sales');
	like($ran->{err}, qr/till\.jsonl: another terminal/, 'and says why');
	stop($t);
	spew("$dir/file", '');
	for (["$dir/file", qr/is no socket/], ["$dir/nowhere/x", qr/nowhere/], ["$dir/" . 'x' x 120, qr/107 bytes/]) {
		my ($path, $why) = @$_;
		$ran = run([@base, '--socket', $path, '--source', 'replay:fixtures/sessions/foreign-web/frames.mjpeg']);
		is($ran->{status}, 3, 'no socket: status 3');
		like($ran->{err}, $why, 'and why');
	}
	is(slurp("$dir/file"), '', 'what was there stays');
	chomp(my $group = `id -gn`);
	my $conf = slurp("$dir/terminal.conf");
	spew("$dir/terminal.conf", "${conf}[till]\nsocket = $socket\ngroup = $group\n", 0600);
	$t = begin('--source', nobody());
	push @running, $t->{pid};
	until_event($t, 'ready');
	is((stat $socket)[2] & 07777, 0660, 'a group\'s, where it is configured');
	is_deeply(ask(till(), '{"command":"status"}')->{closed}, ['till'], 'and without a screen the tills\'');
	stop($t);
	spew("$dir/terminal.conf", "${conf}[till]\nsocket = $socket\ngroup = nobody-of-that-name\n", 0600);
	$ran = run([@base, '--source', 'replay:fixtures/sessions/foreign-web/frames.mjpeg']);
	is($ran->{status}, 3, 'no such group: status 3');
	like($ran->{err}, qr/\[till\] group.*nobody-of-that-name/, 'and why');
	is(-e $socket ? 1 : 0, 0, 'and no socket');
};

server_kill('TERM');
done_testing;
