# SPDX-License-Identifier: Apache-2.0
# One HTTP/1.1 connection to loopback, in two halves: a test can send on many and then read. What is
# lost is undef and never an exception: losing answers is what these tests are about.
package Call;
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Socket;
use Time::HiRes 'time';

my $json = JSON::PP->new->utf8->canonical;

sub new {
	my ($class, $port, %opt) = @_;
	return bless { port => $port, seconds => $opt{seconds} // 20, left => '' }, $class;
}

sub drop {
	my ($self) = @_;
	close $self->{socket} if $self->{socket};
	$self->{socket} = undef;
	$self->{left} = '';
	return undef;
}

sub connected {
	my ($self) = @_;
	return $self->{socket} if $self->{socket};
	socket(my $socket, PF_INET, SOCK_STREAM, 6) or return undef;
	return undef unless connect $socket, pack_sockaddr_in($self->{port}, INADDR_LOOPBACK);
	return $self->{socket} = $socket;
}

# Sends a request; false when that is not possible.
sub request {
	my ($self, $method, $path, $token, $body) = @_;
	my $socket = $self->connected or return 0;
	my $text = defined $body ? ref $body ? $json->encode($body) : $body : '';
	my $head = "$method $path HTTP/1.1\r\nHost: localhost\r\n";
	$head .= "Authorization: Bearer $token\r\n" if defined $token;
	$head .= "Content-Type: application/json\r\nContent-Length: " . length($text) . "\r\n" if defined $body;
	local $SIG{PIPE} = 'IGNORE';
	my $all = "$head\r\n$text";
	return 1 if (syswrite($socket, $all) // -1) == length $all;
	$self->drop;
	return 0;
}

sub more {
	my ($self, $end) = @_;
	my $wait = $end - time;
	return 0 if $wait <= 0 || !IO::Select->new($self->{socket})->can_read($wait);
	return sysread($self->{socket}, $self->{left}, 65536, length $self->{left});
}

# The answer to what was sent: { status, json }; undef when it was lost.
sub answer {
	my ($self) = @_;
	return undef unless $self->{socket};
	my $end = time + $self->{seconds};
	until ($self->{left} =~ /\r\n\r\n/) { $self->more($end) or return $self->drop }
	my ($head, $rest) = split /\r\n\r\n/, $self->{left}, 2;
	my ($status) = $head =~ m{^HTTP/1\.1 (\d+)} or return $self->drop;
	my ($length) = $head =~ /^Content-Length: *(\d+)/mi;
	$length //= 0;
	$self->{left} = $rest;
	while (length $self->{left} < $length) { $self->more($end) or return $self->drop }
	my $body = substr $self->{left}, 0, $length, '';
	$self->drop if $head =~ /^Connection: *close/mi;
	return { status => $status, head => $head, body => $body, json => eval { $json->decode($body) } // {} };
}

sub ask {
	my ($self, @request) = @_;
	my $fresh = !$self->{socket};
	my $got = $self->request(@request) ? $self->answer : undef;
	# a kept connection may have been closed meanwhile; nothing changes by looking twice
	return $got if $got || $fresh || $request[0] ne 'GET';
	return $self->request(@request) ? $self->answer : undef;
}

# The word of a problem, or ''
sub word { return (($_[0] // {})->{json}{type} // '') =~ m{([^/]+)$} ? $1 : '' }

1;
