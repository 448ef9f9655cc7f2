# SPDX-License-Identifier: Apache-2.0
# PostgreSQL for tests that take it away: tests/lib/postgres.sh, told what to do by a pipe. It ends
# when the pipe does.
package Postgres;
use strict;
use warnings;
use IPC::Open2;

sub available {
	return scalar grep { -x } glob '/usr/lib/postgresql/*/bin/initdb';
}

sub new {
	my ($class, @settings) = @_;
	my $self = bless { owner => $$ }, $class;
	$self->{pid} = open2($self->{out}, $self->{in}, 'sh', 'tests/lib/postgres.sh', @settings);
	$self->{url} = $self->line or die 'no PostgreSQL';
	return $self;
}

sub line {
	my ($self) = @_;
	my $line = readline $self->{out};
	chomp $line if defined $line;
	return $line;
}

sub url { return $_[0]{url} }

# kill, start or stop; waits until it is done
sub tell {
	my ($self, $word) = @_;
	print { $self->{in} } "$word\n";
	$self->{in}->flush;
	return $self->line // die "PostgreSQL: no answer to $word";
}

sub DESTROY {
	my ($self) = @_;
	return if $self->{owner} != $$;
	local ($?, $!);
	close $self->{in} if $self->{in};
	waitpid $self->{pid}, 0 if $self->{pid};
}

1;
