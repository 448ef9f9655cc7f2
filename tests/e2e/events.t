#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Events end to end: the real backend, the real terminal, and clients that behave badly. A freeze at
# the service desk ends what runs at the counter; streams are cut and taken up again; thousands of
# connections, slow readers, dripping requests and a body without end leave room for the rest.
use strict;
use warnings;
use File::Basename;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time sleep);
# As many descriptors as there may be, for this program and the server that it starts; before a
# module makes a folder that nobody would take away.
BEGIN {
	unless ($ENV{COUNTERSIGN_RAISED}) {
		$ENV{COUNTERSIGN_RAISED} = 1;
		exec 'sh', '-c', 'ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh', $^X, $0;
	}
}
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;

chdir dirname(__FILE__) . '/../..' or die;

my $url = bank();
my ($port) = $url =~ /:(\d+)/;
my ($token) = slurp("$dir/terminal.conf") =~ /^token = (\S+)/m;

sub server_pid {
	my ($pid) = `ps -eo pid,args` =~ m{^\s*(\d+) \S*countersignd --dir \Q$dir\E/backend serve}m;
	return $pid;
}
sub rss_kib {
	my ($pid) = @_;
	my ($kib) = slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m;
	return $kib;
}

sub dial {
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp')
		or return undef;
	binmode $s;
	return $s;
}

sub head {
	my ($method, $path, @more) = @_;
	return join "\r\n", "$method $path HTTP/1.1", 'Host: localhost',
		"Authorization: Bearer $token", @more, '', '';
}

# Reads on until the pattern matches; what was read, undef when it did not come.
sub read_until {
	my ($s, $pattern, $seconds) = @_;
	my ($text, $end) = ('', time + ($seconds // 20));
	while ($text !~ $pattern) {
		my $left = $end - time;
		return undef if $left <= 0 || !IO::Select->new($s)->can_read($left);
		my $n = sysread $s, $text, 65536, length $text;
		return undef unless $n;
	}
	return $text;
}

sub asks {
	my $s = dial() or return 'no connection';
	syswrite $s, head('GET', '/v1/issuer');
	my $text = read_until($s, qr/\}\]?\}?\z/, 20) // 'nothing';
	return $text =~ m{^HTTP/1.1 (\d+)} ? $1 : $text;
}

my $seed = 1;
sub simulator {
	my ($wallet, @more) = @_;
	$seed++;
	return join ' ', "simulator:holder simulate --wallet $wallet --passcode-file",
		"$dir/passcode --size 640x480 --fps 15 --seed $seed", @more;
}


subtest 'a freeze at the service desk ends the verification at the counter' => sub {
	spew("$dir/only-first", "show first\nwait number\nshow nothing\nwait 600000\nend\n");
	my $wallet = wallet();
	my $t = begin('--source', simulator($wallet, "--scenario $dir/only-first"));
	my $first = until_event($t, 'first_code');
	my $number = until_event($t, 'number');
	my $began = time;
	backend('credential', 'freeze', $first->{credential});
	my $state = until_event($t, 'state');
	is("$state->{state} $state->{reason}", 'rejected frozen', 'it looked at what is recorded');
	is(status_of($t), 1, 'status 1');
	is("$t->{events}[-1]{verdict} $t->{events}[-1]{reason}", 'refused frozen', 'refused');
	cmp_ok((time - $began) * 1000, '<', $number->{expires_in_ms} / 2, 'and not when time was over');
};

subtest 'a card that a newer key of the issuer signed is taken, at once and while it runs' => sub {
	backend(qw(key rotate issuer));
	my $t = begin('--source', simulator(wallet(), "--scenario $dir/only-first"));
	ok(until_event($t, 'number'), 'a terminal that starts knows the key before it judges');
	print { $t->{in} } qq({"command":"cancel"}\n);
	status_of($t);

	spew("$dir/later", "show nothing\nwait 600000\nend\n");
	$t = begin('--source', simulator(wallet(), "--scenario $dir/later"), '--continuous');
	until_event($t, 'issuer');
	backend(qw(key rotate issuer));
	is(until_event($t, 'issuer')->{keys}, 3, 'one that runs learns the next one');
	kill 'TERM', $t->{pid};
	status_of($t);
};

subtest 'a terminal that is stopped says so, and that it may go on' => sub {
	spew("$dir/nothing", "show nothing\nwait 600000\nend\n");
	my $t = begin('--source', simulator(wallet(), "--scenario $dir/nothing"), '--continuous');
	is(until_event($t, 'hint')->{event}, 'hint', 'there are pictures');
	# the terminal subscribes by itself; how soon is nobody's promise
	my $stopped = wait_for(sub {
		backend(qw(terminal stop counter));
		my ($ready) = IO::Select->new($t->{out})->can_read(0.3);
		return $ready;
	}, 30);
	is(until_event($t, 'terminal')->{state}, 'stopped', 'stopped');
	backend(qw(terminal allow counter));
	is(until_event($t, 'terminal')->{state}, 'started', 'started');
	print { $t->{in} } qq({"command":"cancel"}\n);
	kill 'TERM', $t->{pid};
	status_of($t);
};

subtest 'a cut stream is taken up again: nothing is lost, nothing comes twice' => sub {
	my ($last, @seen);
	my $s = dial();
	syswrite $s, head('GET', '/v1/events');
	($last) = read_until($s, qr/event: open\ndata: \{\}\n\n/) =~ /^id: (\d+)$/m;
	my $first = $last;
	for my $round (1 .. 6) {
		backend(qw(terminal), $round % 2 ? 'stop' : 'allow', 'counter');
		read_until($s, qr/event: terminal\n/) if $round == 2; # one that has come, and is lost
		close $s if $round % 3; # cut, whether it has come or not
		backend(qw(terminal allow counter)) if $round == 4; # while nobody listens
		$s = dial();
		syswrite $s, head('GET', '/v1/events', "Last-Event-ID: $last");
		my $text = read_until($s, qr/state":"\w+"\}\n\n/) // '';
		sleep 0.1;
		my $more = '';
		sysread $s, $more, 65536 if IO::Select->new($s)->can_read(0.3);
		push @seen, ($text . $more) =~ /^id: (\d+)\nevent: terminal$/mg;
		$last = $seen[-1];
	}
	is_deeply(\@seen, [$first + 1 .. $first + 7], 'each once, in order') or diag("@seen");
	close $s;
	backend(qw(terminal allow counter));
};

subtest 'thousands of connections' => sub {
	# one descriptor each on both sides; what there is, 10,000 at the most
	my ($limit) = slurp('/proc/self/limits') =~ /^Max open files\s+(\d+)/m;
	my $want = $limit - 200 < 10000 ? $limit - 200 : 10000;
	my $pid = server_pid();
	my $before = rss_kib($pid);
	my (@all, $failed);
	for my $i (1 .. $want) {
		my $s = dial();
		$failed++, last unless $s;
		syswrite $s, head('GET', '/v1/issuer') if $i % 100 == 0; # one that asks now and then
		push @all, $s;
	}
	is($failed, undef, "$want connections stand");
	is(asks(), 200, 'and one more is answered');
	my $each = (rss_kib($pid) - $before) * 1024 / $want;
	diag(sprintf '%d idle connections: %.0f bytes each in the server', $want, $each);
	cmp_ok($each, '<', 8192, 'each is small');
	@all = ();
	is(asks(), 200, 'and after they have gone');
};

subtest 'clients that drip, that do not read, and that never end' => sub {
	my $pid = server_pid();
	my @drip = map { dial() } 1 .. 200;
	syswrite $_, "GET /v1/issuer HTTP/1.1\r\nX: " for @drip;
	my @slow = map { my $s = dial(); syswrite $s, head('GET', '/v1/events'); $s } 1 .. 3;
	read_until($_, qr/event: open/) for @slow;
	my $before = rss_kib($pid);

	my $huge = dial();
	syswrite $huge, head('POST', '/v1/verifications', 'Content-Type: application/json',
		'Content-Length: 1000000000');
	my ($block, $sent, $answer) = ('x' x 65536, 0, '');
	$huge->blocking(0);
	while ($sent < 1_000_000_000) {
		my $n = syswrite $huge, $block;
		last if !defined $n && !$!{EAGAIN};
		$sent += $n // 0;
		IO::Select->new($huge)->can_write(1) or last unless $n;
		sysread $huge, $answer, 4096, length $answer;
	}
	sysread $huge, $answer, 4096, length $answer;
	like($answer, qr{^HTTP/1.1 413 }, 'a body of 1 GB is refused');
	cmp_ok($sent, '<', 64 * 1048576, 'and not read to its end');
	cmp_ok(rss_kib($pid) - $before, '<', 2048, 'nor kept');
	is(asks(), 200, 'others are answered');

	my $closed = wait_for(sub {
		for my $s (@drip) {
			next unless $s;
			syswrite $s, 'x';
			next unless IO::Select->new($s)->can_read(0);
			my $text = '';
			sysread $s, $text, 4096;
			$s = undef;
		}
		return !grep { $_ } @drip;
	}, 20);
	ok($closed, 'who drips is told that the time is over');
	is(asks(), 200, 'others are answered');
};

subtest 'a server that stops tells who listens' => sub {
	my $s = dial();
	syswrite $s, head('GET', '/v1/events');
	read_until($s, qr/event: open/);
	server_kill('TERM');
	ok(read_until($s, qr/event: stop\ndata: \{\}\n\n/), 'event: stop');
};

done_testing();
