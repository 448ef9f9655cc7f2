# SPDX-License-Identifier: Apache-2.0
# haproxy on a free loopback port: bytes pass through to one of several servers, or, with
# certificates, are spoken as TLS to them. It dies with the test that started it.
package Proxy;
use strict;
use warnings;
use Fcntl;
use IO::Socket::INET;
use Try;

sub program {
	my ($path) = grep { -x } '/usr/sbin/haproxy', '/usr/bin/haproxy';
	return $path;
}

# Options: conf => file to write, ports => [servers], tls => { ca => file, certificate => file with a
# certificate and its key, or none }
sub new {
	my ($class, %opt) = @_;
	# It gets a socket that listens already: no port has to be guessed.
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64, ReuseAddr => 1)
		or die "listen: $!";
	fcntl $socket, F_SETFD, 0 or die "fcntl: $!";
	my $how = $opt{tls} ? "ssl verify required ca-file $opt{tls}{ca}" .
		($opt{tls}{certificate} ? " crt $opt{tls}{certificate}" : '')
		: 'check inter 100 fall 1 rise 1 on-marked-down shutdown-sessions';
	my $retries = @{ $opt{ports} } > 1 ? 3 : 0; # at the same server it would wait a second first
	my $servers = join '', map { "\tserver p$_ 127.0.0.1:$_ $how\n" } @{ $opt{ports} };
	spew($opt{conf}, "global\n\tmaxconn 200\ndefaults\n\tmode tcp\n\ttimeout connect 1s\n\ttimeout client 60s\n" .
		"\ttimeout server 60s\n\toption redispatch\n\tretries $retries\nlisten counter\n\tbind fd\@" . fileno($socket) .
		"\n\tbalance roundrobin\n$servers");
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDERR, '>', "$opt{conf}.log" or POSIX::_exit(127);
		open STDOUT, '>&STDERR';
		no warnings 'exec';
		exec 'setpriv', '--pdeathsig', 'KILL', '--', program(), '-db', '-f', $opt{conf};
		POSIX::_exit(127);
	}
	return bless { pid => $pid, port => $socket->sockport, conf => $opt{conf}, owner => $$ }, $class;
}

sub port { return $_[0]{port} }
sub logged { return slurp("$_[0]{conf}.log") // '' }

sub DESTROY {
	my ($self) = @_;
	return if $self->{owner} != $$;
	local ($?, $!);
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
