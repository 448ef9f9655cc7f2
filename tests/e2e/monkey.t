#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Somebody who presses anything: keys, the mouse, other window sizes, bytes that are no keys, while a
# simulated customer shows one card after the other and a real backend answers. The program takes
# every key (none is left unread), never ends but by its own keys, answers in the end, and then gives
# the terminal back. The keys follow from a seed: MONKEY_SEED; MONKEY_STEPS says how many. `make
# monkey` makes 100,000.
use strict;
use warnings;
use File::Basename;
use Test::More;
use Time::HiRes qw(time sleep);
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Pty;
chdir dirname(__FILE__) . '/../..' or die;

my $steps = $ENV{MONKEY_STEPS} // 1500;
my $seed = $ENV{MONKEY_SEED} // 20261121;
my $look_every = 10; # steps; then every key has to be taken
my $patience = 20;   # seconds for that, and for each end
my @sizes = ([80, 24], [132, 43], [200, 60], [40, 10], [240, 67], [1, 1], [81, 25], [20, 4], [512, 10]);
my $lives = 0;

# A die of its own: the same on every machine.
my $die = $seed;
sub dice {
	my ($sides) = @_;
	$die = ($die * 6364136223 + 1442695041) % 4294967291;
	return int($die / 7) % $sides;
}
sub any { return $_[dice(scalar @_)] }

my @moves = ("\e[A", "\e[B", "\e[C", "\e[D", "\eOA", "\eOB", "\eOC", "\eOD", "\e[5~", "\e[6~",
	"\e[H", "\e[F", "\eOH", "\eOF", "\t", "\e[Z", "\x7f", "\b", "\e[3~", "\e[2~");
my @function = ("\eOP", "\eOQ", "\eOR", "\eOS", map { "\e[$_~" } 15, 17, 18, 19, 20, 23, 24);
my @nonsense = ("\xff", "\xc3", "\xe7\x8e", "\e[", "\e[<", "\e[<0;", "\e]0;x\a", "\e[999;999H", "\eP", "\x00",
	"\x13", "\x1c", "\x16", "\x0f", "\x04", "\x11", "\e[200~", "\e[1;99Zz", "\xf0\x9f\x98\x80");
my @wide = ("\xe7\x8e\x8b", "\xef\xbc\x95", "\xe4\xb8\xad\xe6\x96\x87", "\xc3\xa9");

sub mouse {
	my ($p) = @_;
	my ($col, $row) = (1 + dice($p->{cols} + 2), dice(8) ? 1 + dice($p->{rows} + 2) : $p->{rows});
	return sprintf "\e[<%d;%d;%dM%s", any(0, 0, 0, 2, 64, 65, 35), $col, $row,
		dice(3) ? sprintf("\e[<0;%d;%dm", $col, $row) : '';
}

# Now and then the monkey is calm, so that a verification comes as far as its number or its PIN.
my ($calm_every, $calm_steps, $calm_pause) = (700, 60, 0.03);
sub calm_step {
	my ($nth) = @_;
	sleep $calm_pause;
	return $nth < 3 ? "\e" : any(0 .. 9, @moves, "\r");
}

# One step. Keys that end the program are rare, and Ctrl-C and Ctrl-Z are for tty.t.
sub step {
	my ($p) = @_;
	my $what = dice(1000);
	return $p->resize(@{ any(@sizes) }) && '' if $what < 15;
	return any(qw(q Q), "\e[21~") if $what == 15 && !dice(4);
	return "\x0c" if $what < 22;
	return any(@nonsense) if $what < 50;
	return any(@wide) if $what < 70;
	return mouse($p) if $what < 150;
	return "\e" if $what < 230;
	return "\r" if $what < 310;
	return any(@function) if $what < 420;
	return any(@moves) if $what < 620;
	return any(0 .. 9, '.', ',') if $what < 800;
	return join('', map { chr(33 + dice(94)) } 1 .. 1 + dice(12)) =~ tr/qQ/xX/r if $what < 830;
	my $key = chr(32 + dice(95));
	return $key =~ /q/i ? 'x' : $key;
}

# ---- the program ----

sub begin_life {
	my $wallet = wallet();
	$lives++;
	spew("$dir/scenario$lives", "repeat 1000\nshow first\nwait number 4000\ntype 300\nshow second\n" .
		"wait verdict 3000\nshow nothing\nwait 2200\nshow text \"https://shop.example/\"\nwait 500\nend\nend\n");
	return Pty->new(stderr => "$dir/errors$lives", env => { HOME => $dir, XDG_STATE_HOME => "$dir/state",
			XDG_CONFIG_HOME => "$dir/config" },
		command => [bin('countersign'), '--config', "$dir/terminal.conf", '--no-bell',
			'--source', "simulator:holder simulate --wallet $wallet --passcode-file $dir/passcode " .
				"--size 640x480 --fps 8 --seed $lives --scenario $dir/scenario$lives"]);
}

# It has taken every key.
sub has_read {
	my ($p) = @_;
	my $end = time + $patience;
	my $state = '';
	until (defined $p->ended) {
		1 while $p->pump(0);
		return 1 if $p->unread == 0;
		return 0 if time > $end;
		$p->pump(0.01);
	}
	return 1;
}

# By the keys that everybody would try.
sub end_by_keys {
	my ($p) = @_;
	my $end = time + $patience;
	$p->resize(80, 24);
	until (defined $p->ended || time > $end) {
		# out of a sale's details, of a search, of the page
		$p->type_by_hand("\e", "\e", "\e", 'q');
	}
	return $p->ended;
}

# What it shows instead.
sub give_up {
	my ($p) = @_;
	$p->{out} = '';
	$p->type("\x0c");
	$p->pump(0.1) for 1 .. 5;
	diag($p->{out} =~ s/\e\[[\d;?]*[A-Za-z]|\e\(B/ /gr);
	$p->kill('TERM');
	return 0;
}

sub check_life {
	my ($p, $at) = @_;
	my $status = $p->status($patience);
	like($status, qr/^[0123]$/, "life $lives, ended before step $at with status $status") or return 0;
	is($p->left_behind, '', "life $lives: the terminal is as it was") or return 0;
	is(slurp("$dir/errors$lives"), '', "life $lives: nothing was complained of") or return 0;
	return 1;
}

bank();
diag("MONKEY_SEED=$seed, $steps steps") if $ENV{MONKEY_STEPS};
my $p = begin_life();
my $good = $p->until(qr/\e\[\?1049h/, $patience);
ok($good, 'the screen is there');
for (my $at = 1; $good && $at <= $steps; $at++) {
	my $calm = $at % $calm_every;
	my $keys = $calm < $calm_steps && $at > $calm_every / 2 ? calm_step($calm) : step($p);
	$p->type($keys) if length $keys;
	if ($at % $look_every == 0) {
		$good = has_read($p) || !fail("step $at: keys are not read any more");
		$p->forget;
	}
	if (defined $p->ended) {
		$good = check_life($p, $at);
		$p = begin_life();
		$good &&= $p->until(qr/\e\[\?1049h/, $patience) || !fail("step $at: no screen");
	}
}
ok($good, "$steps steps") or diag("MONKEY_SEED=$seed MONKEY_STEPS=$steps tests/e2e/monkey.t");
if (!defined $p->ended) {
	ok(defined end_by_keys($p), 'in the end Esc and q still end it') or give_up($p);
}
check_life($p, $steps);
diag("$lives lives, verdicts: ", scalar(() = `cat $dir/state/countersign/*` =~ /"verdict"/g))
	if $ENV{MONKEY_STEPS};
ok(wait_for(sub { `ps -eo args` !~ m{\Q$dir\E/wallet} }, 10), 'no process is left');
done_testing();
