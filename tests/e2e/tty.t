#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The terminal program loses its terminal, or is told to end or to stop, in every phase of a
# verification: the terminal is as it was before (settings, alternate screen, mouse, cursor, colours),
# the recording is complete, and no decision is lost: what is uncertain is told as that.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Pty;
chdir dirname(__FILE__) . '/../..' or die;

my $json = JSON::PP->new->utf8;
my ($port) = bank() =~ /:(\d+)/;
sub server_pid {
	my ($pid) = grep { (slurp("/proc/$_/cmdline") // '') =~ /\Q$dir\E\/backend/ } split ' ', `pgrep -P $$`;
	return $pid;
}
my $server = server_pid();
my $runs = 0;
my @wallets = map { wallet() } 1 .. 20; # now: later the backend is held still
my @screens; # a program whose terminal takes nothing more stands still

# What the phone does, and the event by which a phase is known. `stall`: after this event the backend
# is held still, so that its answer does not come. `kill`: it is gone.
my $first = "show first\nwait number 60000\n";
my $second = "wait 500\ntype 100\nshow second\n";
my $rest = "wait 60000\nend\n";
my %phases = (
	waiting => { does => "show nothing\n$rest", at => 'ready', ends => [1, 'none cancelled'] },
	number => { does => "$first$rest", at => 'number', ends => [1, 'refused cancelled'] },
	pin => { does => "$first$second$rest", at => 'pin_wanted', ends => [1, 'refused cancelled'] },
	result => { does => "$first$second$rest", after => 'pin_wanted', type => "2468\r",
		at => 'verdict', ends => [0, 'authorised '] },
	starting => { does => "$first$rest", stall => '', at => 'first_code', ends => [1, 'refused cancelled'] },
	answering => { does => "${first}wait 1500\n$second$rest", stall => 'number', at => 'second_code',
		ends => [2, 'uncertain cancelled'] },
	'pin sent' => { does => "$first$second$rest", after => 'pin_wanted', stall => 'pin_wanted',
		type => "2468\r", at => 'pin_sent', ends => [2, 'uncertain cancelled'] },
	uncertain => { does => "${first}wait 1500\n$second$rest", kill => 'number', at => 'uncertain',
		ends => [2, 'uncertain cancelled'] },
);

sub words {
	my ($does) = @_;
	my ($wallet, $dir_of_run) = (shift @wallets, "$dir/run" . ++$runs);
	spew("$dir/scenario$runs", $does);
	return ($dir_of_run, bin('countersign'), '--config', "$dir/terminal.conf", '--record', $dir_of_run,
		'--source', "simulator:holder simulate --wallet $wallet --passcode-file $dir/passcode " .
			"--size 640x480 --fps 8 --seed $runs --scenario $dir/scenario$runs");
}

sub begin_screen {
	my ($does, @around) = @_;
	my ($record, @words) = words($does);
	my $p = Pty->new(command => [@around, @words], env => { HOME => $dir, XDG_STATE_HOME => "$dir/state" });
	$p->{record} = $record;
	push @screens, $p;
	return $p;
}

sub events { return json_lines((slurp("$_[0]{record}/session.jsonl") // '') =~ s/[^\n]+\z//r) }

# Waits until an event was recorded.
sub until_recorded {
	my ($p, $event) = @_;
	return wait_for(sub { $_->pump(0) for grep { $_->{master} } @screens; grep { ($_->{event} // '') eq $event } events($p) }, 30);
}

sub complete {
	my ($p, $ends) = @_;
	my @events = events($p);
	is($events[-1]{event}, 'end', 'the recording has its end');
	is("$events[-1]{verdict} $events[-1]{reason}", $ends->[1], "and says: $ends->[1]");
}

sub bring_to {
	my ($phase, @terminals) = @_;
	for my $p (@terminals) {
		until_recorded($p, $phase->{after}) or return fail("no $phase->{after}") if $phase->{after};
		$p->type_by_hand(split //, $phase->{type}) if $phase->{type};
	}
	for my $p (@terminals) {
		until_recorded($p, $phase->{at}) or return fail("no $phase->{at}");
		$p->until(qr/\e\[\?1049h.*SIMULATOR/s, 10) or return fail('no screen');
	}
}

# Several phases at once, each with its terminals: phase => { how it ends => terminal }.
sub end_all {
	my (%round) = @_;
	for my $of (values %round) {
		$_ eq 'hang up' ? $of->{$_}->hang_up : $of->{$_}->kill($_) for keys %$of;
	}
	for my $name (sort keys %round) {
		my $ends = $phases{$name}{ends};
		for my $how (sort keys %{ $round{$name} }) {
			subtest "in the phase: $name, $how" => sub {
				my $p = $round{$name}{$how};
				is($p->status(20), $ends->[0], "status $ends->[0]");
				is($p->left_behind, '', 'the terminal is as it was') if $how ne 'hang up';
				complete($p, $ends);
			};
		}
	}
}

sub begin_phase {
	my ($name) = @_;
	my @how = ('TERM', 'hang up', $name eq 'number' ? 'HUP' : ());
	return { map { $_ => begin_screen($phases{$name}{does}) } @how };
}

sub round {
	my (@names) = @_;
	my @late = grep { ($phases{$_}{stall} // 'x') eq '' } @names; # the backend is held still first
	my %round = map { my $n = $_; grep({ $_ eq $n } @late) ? () : ($n => begin_phase($n)) } @names;
	@screens = map { values %$_ } values %round;
	my ($stalls, $dies) = (scalar @late, 0);
	for my $name (keys %round) {
		my $before = $phases{$name}{stall} // $phases{$name}{kill} // next;
		$phases{$name}{kill} ? $dies++ : $stalls++;
		until_recorded($_, $before) or return fail("no $before") for values %{ $round{$name} };
	}
	kill 'STOP', $server if $stalls;
	server_kill() if $dies;
	$round{$_} = begin_phase($_) for @late;
	@screens = map { values %$_ } values %round;
	bring_to($phases{$_}, values %{ $round{$_} }) for keys %round;
	end_all(%round);
	kill 'CONT', $server if $stalls;
	if ($dies) {
		serve($port);
		$server = server_pid();
	}
}

round(@$_) for [qw(waiting number pin result)], ['starting', 'pin sent'], ['answering'], ['uncertain'];

# A shell with job control: Ctrl-Z gives it its terminal, `fg` goes on where it was.
for my $name (qw(number pin)) {
	subtest "stopped and continued in the phase: $name" => sub {
		my $phase = $phases{$name};
		my $p = begin_screen($phase->{does} , 'sh', '-m', '-c',
			'"$@"; echo STOPPED=$?; read line; fg; echo STATUS=$?', 'sh');
		bring_to($phase, $p);
		my $during = $p->termios;
		$p->type("\x1a");
		ok($p->until(qr/STOPPED=148/, 10), 'Ctrl-Z stops it');
		is($p->termios, $p->{before}, 'the shell has its terminal as it was');
		my ($alternate) = reverse($p->{out} =~ /\e\[\?1049([hl])/g);
		is($alternate, 'l', 'and its own screen');
		$p->type("\n");
		ok($p->until(qr/\e\[\?1049h.*SIMULATOR/s, 10), 'after fg the screen is drawn whole');
		is($p->termios, $during, 'settings are those of the program again');
		$p->type_by_hand($name eq 'pin' ? split(//, "2468\r") : "\e");
		ok(until_recorded($p, 'verdict'), 'the verification goes on');
		$p->type('q') until $p->until(qr/STATUS=(\d)/, 0.3) || $p->ended;
		is($p->status(10), 0, 'the shell ends');
		is($p->left_behind, '', 'the terminal is as it was');
		complete($p, $name eq 'pin' ? [0, 'authorised '] : [1, 'refused cancelled']);
	};
}

SKIP: {
	skip 'no tmux', 1 unless grep { -x "$_/tmux" } split /:/, $ENV{PATH};
	subtest 'the terminal emulator is killed while a PIN is sent' => sub {
		my ($record, @words) = words($phases{pin}{does});
		my @tmux = ('tmux', '-L', "countersign-tty$$", '-f', '/dev/null');
		my $p = { record => $record };
		local @ENV{qw(LANG HOME XDG_STATE_HOME)} = ('C.UTF-8', $dir, "$dir/state");
		run([@tmux, 'new-session', '-d', '-x', 90, '-y', 30, @words]);
		wait_for(sub { grep { ($_->{event} // '') eq 'pin_wanted' } events($p) }, 30) or return fail('no PIN');
		kill 'STOP', $server;
		for (qw(2 4 6 8 Enter)) {
			run([@tmux, 'send-keys', $_]);
			select undef, undef, undef, 0.12; # no scanner types so slowly
		}
		wait_for(sub { grep { ($_->{event} // '') eq 'pin_sent' } events($p) }, 30) or return fail('not sent');
		my ($emulator) = run([@tmux, 'display-message', '-p', '#{pid}'])->{out} =~ /(\d+)/;
		kill 'KILL', $emulator;
		ok(wait_for(sub { grep { ($_->{event} // '') eq 'end' } events($p) }, 30), 'it ends in order');
		complete($p, [2, 'uncertain cancelled']);
		kill 'CONT', $server;
		my ($number) = grep { ($_->{event} // '') eq 'number' } events($p);
		my $shown;
		ok(wait_for(sub {
			$shown = eval { backend(qw(verification show), $number->{verification}) } // {};
			($shown->{state} // '') =~ /^(?:authorised|cancelled)$/;
		}, 10), 'the backend has recorded how it ended') or diag($json->encode($shown));
	};
}

ok(wait_for(sub { `ps -eo args` !~ m{\Q$dir\E/wallet} }, 10), 'no process is left');
done_testing();
