#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# make bench-screen: the figures of the operator's screen, of the real program on a pseudo terminal
# with a simulated phone and a real backend, and of its drawing alone (bench_screen). Prints a table;
# asserts nothing. Words of the command line choose parts: key, live, sales, drawing, day.
use strict;
use warnings;
use File::Basename;
use Time::HiRes qw(time sleep);
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Pty;
chdir dirname(__FILE__) . '/../..' or die;

my %only = map { $_ => 1 } @ARGV;
my $seconds = $ENV{SECONDS} // 10;
my $keys = 60;
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
sub wanted { return !%only || $only{ $_[0] } }
sub row { printf "%-66s %14s  %s\n", @_ }

# A terminal program at its screen, with what the phone does.
sub screen {
	my ($scenario, $cols, $rows) = @_;
	my $wallet = wallet();
	spew("$dir/scenario", $scenario);
	return Pty->new(cols => $cols, rows => $rows, command => [bin('countersign'), '--config',
		"$dir/terminal.conf", '--source', "simulator:holder simulate --wallet $wallet " .
			"--passcode-file $dir/passcode --size 640x480 --fps 15 --seed 1 " .
			"--scenario $dir/scenario"]);
}

sub cpu {
	my ($p) = @_;
	my @stat = split ' ', slurp("/proc/$p->{pid}/stat") =~ s/^.*\) //sr;
	return ($stat[11] + $stat[12]) / $ticks;
}

sub rss { return slurp("/proc/$_[0]{pid}/status") =~ /VmRSS:\s+(\d+)/ ? $1 : 0 }

sub watch {
	my ($p, $time) = @_;
	my $end = time + $time;
	$p->pump(0.05) while time < $end;
}

sub finish {
	my ($p) = @_;
	$p->kill('TERM');
	$p->status(10);
}

# Per cent of one core, and bytes a second.
sub load {
	my ($what, $goal, $scenario, $cols, $rows, $ready) = @_;
	my $p = screen($scenario, $cols, $rows);
	$p->until($ready, 30) or die "$what: the screen did not come\n";
	watch($p, 2);
	my ($cpu, $bytes, $begin) = (cpu($p), length $p->{out}, time);
	watch($p, $seconds);
	my $time = time - $begin;
	row("$what, ${cols}x$rows", sprintf('%.2f %%', 100 * (cpu($p) - $cpu) / $time), $goal);
	row('   sent', sprintf('%.1f KiB/s', (length($p->{out}) - $bytes) / $time / 1024), '');
	finish($p);
}

# Milliseconds from a key to the whole of what it changes, while the preview moves: the list of keys
# comes and goes. At any moment of a picture.
sub answers {
	my ($cols, $rows) = @_;
	my $p = screen("show text \"hello\"\nwait 600000\nend\n", $cols, $rows);
	$p->until(qr/holds the phone|SIMULATOR/, 30) or die "no screen\n";
	watch($p, 2);
	my @ms;
	for my $n (1 .. $keys) {
		watch($p, 0.2 + ($n % 10) * 0.011);
		$p->forget;
		@$p{qw(out seen)} = ('', 0);
		my $begin = time;
		# F1 and its end; the bar at the bottom, which is sent last, differs
		$p->type($n % 2 ? "\eOP" : "\e[24~\x1b");
		$p->until($n % 2 ? qr/Back|Close/ : qr/Language|Quit/, 1) or print "key $n: nothing came\n";
		push @ms, 1000 * (time - $begin) if $n % 2;
	}
	@ms = sort { $a <=> $b } @ms;
	row("key to screen, ${cols}x$rows, median / p95 / most", sprintf('%.1f / %.1f / %.1f ms',
		$ms[@ms / 2], $ms[@ms * 0.95], $ms[-1]), 'goal: under 20 ms');
	finish($p);
}

bank() if grep { wanted($_) } qw(key live sales);
if (wanted('key')) {
	answers(80, 24);
	answers(200, 60);
}
if (wanted('live')) {
	my $still = "show nothing\nwait 600000\nend\n";
	my $moves = "camera shake 1\nshow text \"hello\"\nwait 600000\nend\n";
	my $number = "show first\nwait number\nshow nothing\nwait 600000\nend\n";
	for ([80, 24], [200, 60]) {
		load('CPU, phone in a hand, live preview', 'goal: under 4 %', $moves, @$_, qr/SIMULATOR/);
		load('CPU, nobody there, live preview', 'goal: under 4 %', $still, @$_, qr/SIMULATOR/);
		load('CPU, a number shown, no preview', 'goal: under 0.5 %', $number, @$_, qr/types this number/);
	}
}
if (wanted('sales')) {
	# One card after the other; somebody cancels where a PIN is wanted.
	my $p = screen("repeat 1000\nshow first\nwait number 3000\ntype 100\nshow second\nwait verdict 1500\n" .
		"show nothing\nwait 2200\nend\nend\n", 100, 30);
	my @rss;
	for my $round (1 .. 6) {
		for (1 .. 2 * $seconds) {
			watch($p, 0.5);
			$p->type("\e");
		}
		$p->forget;
		push @rss, rss($p);
	}
	row('resident, one sale after the other, after each ' . $seconds . ' s', "$rss[-1] KiB", join ' ', @rss);
	finish($p);
}
if (wanted('drawing') || wanted('day')) {
	for my $part (grep { wanted($_) } qw(drawing day)) {
		my $ran = run([bin('bench_screen'), $part], seconds => 600);
		die "bench_screen: $ran->{err}\n" if $ran->{status} ne '0';
		for (split /\n/, $ran->{out}) {
			my ($name, $figure, $more) = /^(\S+) (\S+) (.*)$/ or die "what is $_\n";
			my $goal = $name =~ /^redraw.*200x60$/ ? 'goal: under 3 ms'
				: $name =~ /^day-memory-last/ ? 'goal: as the first' : '';
			row($name, "$figure " . ($more =~ s/,.*//r), ($goal || '') . ($more =~ /(, .*)/ ? "  $1" : ''));
		}
	}
}
