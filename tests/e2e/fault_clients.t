#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Clients that are many, slow, half gone or endless: ten thousand connections (as far as descriptors
# permit), bodies of a gigabyte, requests that never end and answers that nobody reads. A terminal
# works on beside them, and afterwards nothing of them is left.
use strict;
use warnings;
use Test::More;
use File::Basename;
use IO::Handle;
use Socket;
use Time::HiRes qw(time sleep);
BEGIN {
	chdir dirname(__FILE__) . '/../..' or die;
	if (!$ENV{FAULT_DESCRIPTORS}) {
		# as many descriptors as this user may have
		exec 'sh', '-c', 'ulimit -n "$(ulimit -Hn)"; FAULT_DESCRIPTORS=$(ulimit -n) exec "$@"', 'sh', $^X, $0;
	}
}
use lib 'tests/lib';
use Backend;
use Call;
use Invariants;
use Till;
use Try;

my $WANTED = 10000;
my $MAX = 10240; # HTTP_CONNECTIONS_MAX
my $descriptors = $ENV{FAULT_DESCRIPTORS} =~ /^\d+$/ ? $ENV{FAULT_DESCRIPTORS} : 1 << 20;
local $SIG{PIPE} = 'IGNORE';

my $backend = Backend->new(wide => 1);
$backend->serve;
my $port = $backend->{port};
my $till = Till->new(ports => [$port], token => $backend->terminal('till'), journal => "$backend->{tmp}/journal",
	wallets => [map { $backend->wallet('--no-pin') } 1 .. 3], share_wrong => 0);
my $n = 0;
sub works { return $till->verify($till->{wallets}[$n++ % 3]) }
sub descriptors { my @fd = glob "/proc/$backend->{pid}/fd/*"; return scalar @fd }
# Thousands of them: without what IO::Socket looks up for each.
my $address = pack_sockaddr_in($port, INADDR_LOOPBACK);
sub raw {
	socket(my $socket, PF_INET, SOCK_STREAM, 6) or return undef;
	return connect($socket, $address) ? $socket : undef;
}
my $POST = "POST /v1/verifications HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $till->{token}\r\n" .
	"Content-Type: application/json\r\n";
is(works(), 'accepted', 'a terminal works');
my $before = descriptors();

# ---- bodies of a gigabyte ----

# Sends so many bytes as it is let; how many went out, and what came back.
sub pour {
	my ($head, $total) = @_;
	my $socket = raw() or return (0, '');
	syswrite $socket, $head;
	$socket->blocking(0);
	my ($sent, $got, $end) = (0, '', time + 20);
	my $chunk = 'x' x 262144;
	while ($sent < $total && time < $end) {
		my ($r, $w) = ('', '');
		vec($r, fileno $socket, 1) = vec($w, fileno $socket, 1) = 1;
		last unless select($r, $w, undef, 5);
		if (vec $r, fileno $socket, 1) { last unless sysread $socket, $got, 65536, length $got }
		next unless vec $w, fileno $socket, 1;
		$sent += syswrite($socket, $chunk) // last;
	}
	return ($sent, $got);
}
my $GB = 1 << 30;
my $peak = $backend->memory('VmHWM');
for (['a length of 1 GB', "${POST}Content-Length: $GB\r\n\r\n", 413],
	['1 GB in chunks', "${POST}Transfer-Encoding: chunked\r\n\r\n40000000\r\n", 411],
	['1 GB of a head', "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ", 431],
	['1 GB after a request that said 2 bytes', "${POST}Content-Length: 2\r\n\r\n{}", 400]) {
	my ($words, $head, $status) = @$_;
	my ($sent, $got) = pour($head, $GB);
	like($got, qr{^HTTP/1\.1 $status }, "$words: refused with $status");
	cmp_ok($sent, '<', 64 << 20, "$words: long before its end");
}
cmp_ok($backend->memory('VmHWM') - $peak, '<', 4096, 'and memory stayed flat (KiB)');
is(works(), 'accepted', 'the terminal works on');

# ---- answers that nobody reads, requests that never end, clients that vanish ----
my @odd;
for (1 .. 50) {
	my $deaf = raw();
	setsockopt $deaf, SOL_SOCKET, SO_RCVBUF, 2048;
	$deaf->blocking(0);
	syswrite $deaf, "GET /v1/issuer HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $till->{token}\r\n\r\n" x 2000;
	my $half = raw();
	syswrite $half, "${POST}Content-Length: 100\r\n\r\n{";
	my $shut = raw();
	syswrite $shut, 'GET /healthz HT';
	shutdown $shut, 1;
	my $gone = raw();
	syswrite $gone, "${POST}Content-Length: 2\r\n\r\n{}";
	setsockopt $gone, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
	close $gone; # a reset
	push @odd, $deaf, $half, $shut;
}
is(works(), 'accepted', 'beside 200 clients that are deaf, half done or gone the terminal works on') for 1 .. 3;

# ---- ten thousand ----
my $count = $descriptors - 700 < $WANTED ? $descriptors - 700 : $WANTED;
my ($rss, @many, $failed) = ($backend->memory('VmRSS'));
my @say = ('', 'GET /he', "${POST}Content-Length: 50\r\n\r\n{\"code\":", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
for my $i (1 .. $count) {
	my $socket = raw();
	if (!$socket) { $failed++; last if $failed > 10; next }
	syswrite $socket, $say[$i % 4] if $say[$i % 4];
	push @many, $socket;
	is(works(), 'accepted', "beside $i connections the terminal works on") if $i % 2500 == 0;
}
SKIP: {
	skip "only $descriptors descriptors here: $count connections tried", 1 if $count < $WANTED;
	cmp_ok(scalar @many, '>=', $WANTED - 10, "$count connections were accepted");
}
cmp_ok(($backend->memory('VmRSS') - $rss) / $count, '<', 24, 'each costs less than 24 KiB');
is(works(), 'accepted', 'the terminal works on');
my $fresh = Call->new($port)->ask('GET', '/healthz');
is(($fresh // {})->{status}, 200, 'and a new one is let in');
# more than it holds: somebody idle gives way
SKIP: {
	my $more = $MAX - $count + 300;
	skip 'not enough descriptors here', 2 if $descriptors < $count + $more + 700;
	for (1 .. $more) { push @many, raw() // last }
	is(works(), 'accepted', 'above the limit of connections the terminal works on');
	$fresh = Call->new($port)->ask('GET', '/healthz');
	is(($fresh // {})->{status}, 200, 'and a new one is let in');
}

# the half requests run out by themselves; the others leave
ok(wait_for(sub { descriptors() < $before + 3 * $count / 4 + 500 }, 30), 'who never ends a request is closed');
@many = @odd = ();
ok(wait_for(sub { descriptors() <= $before + 2 }, 30), 'when all have left, nothing of them is left')
	or diag(descriptors() . " descriptors, $before before");
is(works(), 'accepted', 'the terminal works on');
my ($bad) = Invariants::of_backend($backend, $till);
is(join("\n", @$bad), '', 'told and recorded agree, once each, and the chain is whole');
is($backend->end('TERM'), 0, 'it stops cleanly');
done_testing;
