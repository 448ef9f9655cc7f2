# SPDX-License-Identifier: Apache-2.0
# A terminal that goes on as a real one does when answers are lost: it sends stage one again, asks
# for the recorded state of what it sent a second code for, and repeats a PIN under the same number.
# What it did and what it was told it writes into a journal, a line each, before it goes on:
#
#   started ID          the backend made this verification
#   code ID right|wrong a second code is about to be sent
#   pin ID N right|wrong
#   told ID STATE RECEIPT PIN-TRIES
#   refused ID WORD     a problem that is no fault of the store
#   lost STEP           no answer came
#   later STEP WORD     503
package Till;
use strict;
use warnings;
use POSIX ();
use Time::HiRes qw(time sleep);
use Try;
use Backend;
use Call;

my $PATIENCE = 60;  # seconds for one step, however often it is sent
my $PAUSE = 0.02;

# Options: ports => [one or more], token, wallets => [], journal => file, share_pin => how many of a
# hundred have a PIN sent, share_wrong => likewise wrong second codes
sub new {
	my ($class, %opt) = @_;
	my $self = bless { share_wrong => 12, turn => 0, %opt }, $class;
	$self->{calls} = [map { Call->new($_, seconds => 15) } @{ $opt{ports} }];
	return $self;
}

sub note {
	my ($self, @words) = @_;
	if (!$self->{out}) {
		open $self->{out}, '>>', $self->{journal} or die "$self->{journal}: $!";
	}
	syswrite $self->{out}, join(' ', @words) . "\n";
}

# Sends until an answer comes that is none of the store's faults. $between, where given, is asked
# after each loss, and what it returns is the answer.
sub insist {
	my ($self, $step, $between, @request) = @_;
	my $end = time + $PATIENCE;
	while (time < $end && ($self->{parent} // getppid) == getppid) {
		my $call = $self->{calls}[$self->{turn}];
		if ($call->connected) {
			my $got = $call->ask(@request);
			return $got if $got && $got->{status} != 503;
			$self->note($got ? ('later', $step, Call::word($got)) : ('lost', $step));
			my $known = $between ? $between->() : undef;
			return $known if $known;
		}
		$self->{turn} = ($self->{turn} + 1) % @{ $self->{calls} };
		sleep $PAUSE;
	}
	die "$step: no answer in $PATIENCE s\n";
}

sub told {
	my ($self, $id, $got) = @_;
	my $j = $got->{json};
	if ($got->{status} != 200) {
		$self->note('refused', $id, Call::word($got));
		return '';
	}
	$self->note('told', $id, $j->{state}, $j->{receipt} // '-', $j->{pin_tries});
	return $j->{state};
}

# The recorded state, or undef while it is one of these: then the request is sent again.
sub recorded_unless {
	my ($self, $id, $open) = @_;
	my $got = $self->insist('state', undef, 'GET', "/v1/verifications/$id", $self->{token});
	$self->told($id, $got);
	return $got->{status} == 200 && $open->($got->{json}) ? undef : $got;
}

sub verify {
	my ($self, $wallet) = @_;
	my $now = int time;
	my $got = $self->insist('start', undef, 'POST', '/v1/verifications', $self->{token},
		{ code => $wallet->first_code($now + 30 * (int(rand 4) - 1)) });
	if ($got->{status} != 201) {
		$self->note('refused', '-', Call::word($got));
		sleep $PAUSE;
		return '';
	}
	my ($id, $number, $pin) = @{ $got->{json} }{qw(id number pin_required)};
	$self->note('started', $id);
	my $right = rand(100) >= $self->{share_wrong};
	my $code = $wallet->second_code($right ? $number : Wallet::other_number($number), $now);
	$self->note('code', $id, $right ? 'right' : 'wrong');
	$got = $self->insist('response',
		sub { $self->recorded_unless($id, sub { $_[0]{state} eq 'challenged' }) },
		'POST', "/v1/verifications/$id/response", $self->{token}, { code => $code });
	my $state = $self->told($id, $got);
	return $state unless $state eq 'accepted' && $pin;
	return $self->type_pin($id);
}

# One wrong PIN of four, then the right one.
sub type_pin {
	my ($self, $id) = @_;
	my $state;
	for my $try (1 .. 3) {
		my $right = $try == 2 || rand(4) >= 1;
		$self->note('pin', $id, $try, $right ? 'right' : 'wrong');
		my $got = $self->insist('pin',
			sub { $self->recorded_unless($id,
				sub { $_[0]{state} eq 'accepted' && $_[0]{pin_tries} < $try }) },
			'POST', "/v1/verifications/$id/pin", $self->{token},
			{ pin => $right ? Backend::pin() : Backend::wrong_pin(), try => $try });
		$state = $self->told($id, $got);
		last unless $state eq 'accepted';
	}
	return $state;
}

# In a process of its own, one verification after the other, until it is told to stop: its id.
sub work {
	my ($self) = @_;
	my $parent = $$;
	my $pid = fork // die "fork: $!";
	return $self->{pid} = $pid if $pid;
	$self->{parent} = $parent;
	my $stop = 0;
	$SIG{TERM} = sub { $stop = 1 };
	srand $$;
	my $n = 0;
	my $fine = eval {
		$self->verify($self->{wallets}[$n++ % @{ $self->{wallets} }]) until $stop || getppid != $parent;
		1;
	};
	print STDERR "# a till gave up: $@" unless $fine;
	POSIX::_exit($fine ? 0 : 1);
}

# Lets it finish the verification it is at; true when it ended well.
sub stop {
	my ($self) = @_;
	kill 'TERM', $self->{pid};
	waitpid $self->{pid}, 0;
	return $? == 0;
}

1;
