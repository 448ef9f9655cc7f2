# SPDX-License-Identifier: Apache-2.0
# A program on a terminal of its own: a pseudo terminal whose other side is this test. What the
# program wrote comes as bytes; what state it left the terminal in can be asked.
package Pty;
use strict;
use warnings;
use Fcntl;
use POSIX qw(:sys_wait_h :termios_h);
use Time::HiRes qw(time sleep);

# ioctl numbers of Linux on every machine that Debian runs on, MIPS, SPARC and Alpha left out.
use constant { TIOCSCTTY => 0x540e, TIOCSWINSZ => 0x5414, TIOCGPTN => 0x80045430,
	TIOCSPTLCK => 0x40045431, FIONREAD => 0x541b };

# Options: command => [...], cols, rows, env => {}, stderr => file
sub new {
	my ($class, %opt) = @_;
	my $self = bless { out => '', seen => 0 }, $class;
	sysopen $self->{master}, '/dev/ptmx', O_RDWR | O_NOCTTY or die "/dev/ptmx: $!";
	my ($number, $unlocked) = (pack('i', 0), pack('i', 0));
	ioctl $self->{master}, TIOCSPTLCK, $unlocked or die "unlock: $!";
	ioctl $self->{master}, TIOCGPTN, $number or die "number: $!";
	$self->{path} = '/dev/pts/' . unpack 'i', $number;
	# Kept open here: settings of a terminal that nobody has open any more are forgotten.
	sysopen $self->{slave}, $self->{path}, O_RDWR | O_NOCTTY or die "$self->{path}: $!";
	$self->resize($opt{cols} // 80, $opt{rows} // 24);
	$self->{before} = $self->termios;
	$self->{pid} = fork // die "fork: $!";
	$self->_become(%opt) if !$self->{pid};
	return $self;
}

sub _become {
	my ($self, %opt) = @_;
	POSIX::setsid();
	open STDIN, '+<', $self->{path} or POSIX::_exit(127);
	ioctl STDIN, TIOCSCTTY, my $none = 0;
	open STDOUT, '+<&', \*STDIN or POSIX::_exit(127);
	open STDERR, $opt{stderr} ? '>' : '+<&', $opt{stderr} // \*STDIN or POSIX::_exit(127);
	close $self->{$_} for qw(master slave);
	my %env = (LANG => 'C.UTF-8', TERM => 'xterm-256color', %{ $opt{env} // {} });
	delete @ENV{qw(NO_COLOR LINES COLUMNS LC_ALL LANGUAGE COLORTERM)};
	@ENV{keys %env} = values %env;
	{ no warnings; exec { $opt{command}[0] } @{ $opt{command} } }
	POSIX::_exit(127);
}

sub resize {
	my ($self, $cols, $rows) = @_;
	my $size = pack 'S4', $rows, $cols, 0, 0;
	ioctl $self->{master}, TIOCSWINSZ, $size or die "size: $!";
	@$self{qw(cols rows)} = ($cols, $rows);
}

# Every setting of the terminal as one text.
sub termios {
	my ($self) = @_;
	my $t = POSIX::Termios->new;
	$t->getattr(fileno $self->{slave}) or die "termios: $!";
	return join ' ', $t->getiflag, $t->getoflag, $t->getcflag, $t->getlflag, map { $t->getcc($_) // '' } 0 .. NCCS - 1;
}

sub type {
	my ($self, $bytes) = @_;
	my $at = 0;
	while ($at < length $bytes) {
		my $n = syswrite $self->{master}, $bytes, length($bytes) - $at, $at;
		return 0 unless defined $n;
		$at += $n;
	}
	return 1;
}

# Bytes that were typed and that the program has not read yet.
sub unread {
	my ($self) = @_;
	my $count = pack 'i', 0;
	ioctl $self->{slave}, FIONREAD, $count or return 0;
	return unpack 'i', $count;
}

# Key by key, as slowly as fingers are: faster ones are a scanner's, and are not taken for a PIN.
sub type_by_hand {
	my ($self, @keys) = @_;
	for my $key (@keys) {
		my $end = time + 0.15;
		$self->type($key);
		$self->pump(0.02) while time < $end;
	}
}

# Takes what the program has written, waiting for something at most so long. Bytes that came.
sub pump {
	my ($self, $seconds) = @_;
	my $bits = '';
	if (!$self->{master}) {
		sleep $seconds // 0;
		return 0;
	}
	vec($bits, fileno($self->{master}), 1) = 1;
	return 0 unless select($bits, undef, undef, $seconds // 0) > 0;
	my $n = sysread $self->{master}, $self->{out}, 65536, length $self->{out};
	return $n // 0;
}

# Reads on until what came since the last time matches; false after the limit.
sub until {
	my ($self, $what, $seconds) = @_;
	my $end = time + ($seconds // 20);
	for (;;) {
		my $text = substr $self->{out}, $self->{seen};
		if ($text =~ $what) {
			$self->{seen} += $+[0];
			return 1;
		}
		return 0 if time > $end || ($self->ended && !$self->pump(0));
		$self->pump(0.05);
	}
}

# What was written is forgotten, all but what says how the terminal was left.
sub forget {
	my ($self) = @_;
	my $whole = rindex $self->{out}, "\e"; # the last sequence may not be whole yet
	$self->_modes(substr $self->{out}, 0, $whole, '') if $whole > 0;
	$self->{seen} = 0;
}

# The status as run() of Try has it; undef while it runs.
sub ended {
	my ($self) = @_;
	if (!defined $self->{status} && waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
		$self->{status} = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
		$? = 0;
	}
	return $self->{status};
}

# Waits for the end; "timeout" after the limit, and then it is killed.
sub status {
	my ($self, $seconds) = @_;
	my $end = time + ($seconds // 20);
	until (defined $self->ended) {
		$self->pump(0.02);
		next if time < $end;
		$self->kill('KILL');
		waitpid $self->{pid}, 0;
		$? = 0;
		return $self->{status} = 'timeout';
	}
	1 while $self->pump(0);
	return $self->{status};
}

sub kill {
	my ($self, $signal) = @_;
	return defined $self->{status} ? 0 : CORE::kill $signal, $self->{pid};
}

# The terminal goes away, as when its window is closed or the line is cut.
sub hang_up {
	my ($self) = @_;
	close delete $self->{$_} for qw(slave master);
}

# ---- how the terminal was left ----

# Private modes that are on in a terminal that nobody has touched: lines wrap, the cursor is seen.
my %ON_AT_FIRST = (7 => 1, 25 => 1);

sub _modes {
	my ($self, $text) = @_;
	my $m = $self->{modes} //= { private => {}, keypad => '>', look => '', shift => '' };
	while ($text =~ /\e\[\?([\d;]+)([hl])|\e([=>])|\e\[([\d;:]*)m|([\x0e\x0f])/g) {
		if (defined $1) { $m->{private}{$_} = $2 eq 'h' ? 1 : 0 for split /;/, $1 }
		elsif (defined $3) { $m->{keypad} = $3 }
		elsif (defined $4) { $m->{look} = $4 }
		else { $m->{shift} = $5 eq "\x0e" ? 'line drawing' : '' }
	}
	return $m;
}

# What is not as it was, in words; '' when everything is.
sub left_behind {
	my ($self) = @_;
	$self->_modes($self->{out});
	$self->{out} = '';
	my $m = $self->{modes};
	my @wrong;
	push @wrong, 'termios differ' if $self->{slave} && $self->termios ne $self->{before};
	for (sort { $a <=> $b } keys %{ $m->{private} }) {
		next if $_ == 12; # cursor blinks: xterm's "normal cursor" turns it off
		push @wrong, "mode $_ is " . ($m->{private}{$_} ? 'on' : 'off')
			if $m->{private}{$_} != ($ON_AT_FIRST{$_} // 0);
	}
	push @wrong, 'keypad sends sequences' if $m->{keypad} ne '>';
	push @wrong, "text looks like $m->{look}" if $m->{look} !~ /^[0;]*(?:39;49)?$/;
	push @wrong, $m->{shift} if $m->{shift};
	return join ', ', @wrong;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $!);
	return unless $self->{pid} && !defined $self->{status};
	CORE::kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
