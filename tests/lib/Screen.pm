# SPDX-License-Identifier: Apache-2.0
# The real screen of a program in a window of tmux: what it shows, and keys for it. Each window has a
# server of its own, because one that is being killed still answers.
package Screen;
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use Try;

my $servers = 0;
sub there { return scalar grep { -x "$_/tmux" } split /:/, $ENV{PATH} }

# Options: command (for a shell; its status is shown when it has ended), cols, rows, env => {},
# term: what tmux says that it is
sub new {
	my ($class, %opt) = @_;
	my $self = bless { tmux => ['tmux', '-L', "countersign-t$$-" . ++$servers, '-f', '/dev/null'] }, $class;
	my @term = $opt{term} ? (';', 'set', '-g', 'default-terminal', $opt{term}) : ();
	run([@{ $self->{tmux} }, 'new-session', '-d', '-x', $opt{cols} // 90, '-y', $opt{rows} // 30,
		'sleep 600', @term], env => { LANG => 'C.UTF-8', %{ $opt{env} // {} } });
	$self->{new} = [ 'respawn-pane', '-k', "$opt{command}; echo STATUS=\$?; cat" ];
	$self->tmux(@{ $self->{new} });
	return $self;
}

sub tmux {
	my ($self, @words) = @_;
	return run([@{ $self->{tmux} }, @words]);
}
sub text { my ($self) = @_; return $self->tmux('capture-pane', '-p')->{out} }
sub keys { my ($self, @keys) = @_; $self->tmux('send-keys', @keys); return $self }

# As a person types: one key after another, each when the one before was seen. Faster keys are taken
# for those of a scanner where a PIN is wanted, and so are those that a slow machine reads all at once.
sub types {
	my ($self, $text) = @_;
	for my $key (split //, $text) {
		my $before = $self->text;
		$self->keys('-l', $key);
		wait_for(sub { $self->text ne $before }, 2);
		sleep 0.07;
	}
	return $self;
}
sub size { my ($self, $cols, $rows) = @_; $self->tmux('resize-window', '-x', $cols, '-y', $rows) }

# Waits until the screen shows it; a test.
sub shows {
	my ($self, $what, $name, $seconds) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $text;
	wait_for(sub { ($text = $self->text) =~ $what || $text =~ /^STATUS=/m }, $seconds // 20);
	like($text, $what, $name);
}

# Columns of the longest line.
sub width {
	my ($self) = @_;
	utf8::decode(my $text = $self->text);
	return (sort { $b <=> $a } map { length } split /\n/, $text)[0] // 0;
}

sub close {
	my ($self) = @_;
	return unless delete $self->{new};
	chomp(my $socket = $self->tmux('display-message', '-p', '#{socket_path}')->{out});
	$self->tmux('kill-server');
	unlink $socket if $socket ne ''; # tmux leaves it
	return;
}
sub DESTROY { local ($?, $@, $!); $_[0]->close }

1;
