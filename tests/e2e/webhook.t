#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The webhook: each verdict reaches the shop's server once it is there, signed, in order, also when it
# fails, is away, or the terminal is killed meanwhile; and what it never takes does not hold the rest.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use File::Basename;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
chdir dirname(__FILE__) . '/../..' or die;

my $json = JSON::PP->new->utf8;
my $url = bank();
my $wallet = wallet();
my $socket = "$dir/till.sock";
local $ENV{XDG_STATE_HOME} = "$dir/state";
delete $ENV{STATE_DIRECTORY};
my $spool = "$dir/state/countersign/webhook";
spew("$dir/nothing", "show nothing\nwait 600000\nend\n");
my @source = ('--source', "simulator:holder simulate --wallet $wallet --passcode-file $dir/passcode --size 640x480 --scenario $dir/nothing");

# The shop: its server, one request at a time, answered by the test.
my $shop = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5, ReuseAddr => 1) or die;
my $shop_port = $shop->sockport;
my $secret = 'a key of the shop, not of the bank';
spew("$dir/webhook.key", "$secret\n", 0600);
my $conf = slurp("$dir/terminal.conf");
sub configure { my (@lines) = @_; spew("$dir/terminal.conf", $conf . join("\n", '[till]', @lines, ''), 0600) }
configure("webhook = http://127.0.0.1:$shop_port/hook", 'webhook_key = webhook.key');

# Takes one request and answers it with a status; the request, or undef when none comes.
my %open;
sub serve_one {
	my ($status, $seconds) = @_;
	my $client = IO::Select->new($shop, values %open);
	my $end = time + ($seconds // 30);
	while (time < $end) {
		for my $s ($client->can_read(1)) {
			if ($s == $shop) {
				my $c = $shop->accept;
				$open{ fileno $c } = $c;
				$client->add($c);
				next;
			}
			my $got = read_request($s);
			if (!$got) { $client->remove($s); delete $open{ fileno $s }; close $s; next }
			print $s "HTTP/1.1 $status X\r\nContent-Length: 0\r\n\r\n";
			$s->flush;
			return $got;
		}
	}
	return undef;
}
sub read_request {
	my ($s) = @_;
	my $text = '';
	while ($text !~ /\r\n\r\n/) { sysread($s, $text, 4096, length $text) or return undef }
	my ($head, $body) = split /\r\n\r\n/, $text, 2;
	my ($len) = $head =~ /^Content-Length: (\d+)/mi;
	while (length $body < $len) { sysread($s, $body, 4096, length $body) or return undef }
	return { head => $head, body => $body, json => $json->decode($body) };
}
sub signed {
	my ($got, $key) = @_;
	my ($t, $v1) = $got->{head} =~ /^Countersign-Signature: t=(\d+),v1=([0-9a-f]{64})\r?$/m or return 0;
	return abs(time - $t) < 60 && hmac_sha256_hex("$t.$got->{body}", $key) eq $v1 ? 1 : 0;
}

my @running;
END { local $?; kill 'KILL', @running if @running }
sub terminal {
	my $t = begin('--socket', $socket, @source, @_);
	push @running, $t->{pid};
	until_event($t, "ready") or diag(slurp("$dir/err"));
	return $t;
}
# A sale that is over at once, each with a verdict.
sub sell {
	my ($id) = @_;
	my $s = IO::Socket::UNIX->new(Peer => $socket) or die "$socket: $!";
	$s->autoflush(1);
	print $s qq({"command":"start","id":"$id","amount":"12.80","currency":"EUR","reference":"R $id"}\n);
	print $s qq({"command":"cancel","id":"$id"}\n);
	while (my $line = <$s>) { return $json->decode($line) if $line =~ /"command":"cancel"/ }
	return {};
}
sub status {
	my $s = IO::Socket::UNIX->new(Peer => $socket) or return {};
	print $s qq({"command":"status"}\n);
	$s->flush;
	return $json->decode(scalar <$s>);
}
sub waiting { return scalar(() = glob "$spool/*.json") }

my $t = terminal();
subtest 'a verdict is sent, and taken' => sub {
	is(sell('one')->{verdict}, 'none', 'a verdict');
	my $got = serve_one(204);
	ok($got, 'it comes');
	is(signed($got, $secret), 1, 'signed');
	is(signed($got, 'another key of the shop'), 0, 'by this key alone');
	like($got->{head}, qr{^POST /hook HTTP/1\.1}, 'where it belongs');
	unlike($got->{head}, qr/Authorization|Bearer/i, 'without the terminal\'s token');
	my $j = $got->{json};
	is("$j->{kind} $j->{id} $j->{verdict} $j->{reason} $j->{amount} $j->{currency} $j->{reference} $j->{terminal}",
		'verdict one none cancelled 12.80 EUR R one counter', 'all of it');
	ok(wait_for(sub { waiting() == 0 }, 10), 'and waits no more');
};

subtest 'a server that fails gets it again, and the others after it' => sub {
	sell('two');
	my $first = serve_one(500);
	sell('three');
	is(waiting(), 2, 'both are on the disk');
	my $again = serve_one(200);
	is($again->{json}{id}, 'two', 'the same again');
	is($again->{json}{delivery}, $first->{json}{delivery}, 'as the same delivery');
	is(serve_one(200)->{json}{id}, 'three', 'then the next');
	ok(wait_for(sub { waiting() == 0 }, 10), 'none waits');
};

subtest 'a terminal that was killed sends it when it runs again' => sub {
	sell('four');
	my $first = serve_one(503);
	sell('five');
	kill 'KILL', $t->{pid};
	waitpid $t->{pid}, 0;
	$? = 0;
	is(waiting(), 2, 'both are on the disk');
	$t = terminal();
	my $got = serve_one(200);
	is($got->{json}{id}, 'four', 'the oldest first');
	is($got->{json}{delivery}, $first->{json}{delivery}, 'as it was');
	is(serve_one(200)->{json}{id}, 'five', 'then the next');
};

subtest 'what is never taken does not hold the rest' => sub {
	sell('six');
	sell('seven');
	is(serve_one(400)->{json}{id}, 'six', 'refused for good');
	is(serve_one(200)->{json}{id}, 'seven', 'the next comes');
	my ($aside) = glob "$spool/*.refused";
	like(slurp($aside // '/dev/null'), qr/"id":"six"/, 'it is set aside');
};

subtest 'a server that is away is waited for, and nobody waits for it' => sub {
	close $_ for values %open;
	%open = ();
	close $shop;
	my $began = time;
	is(sell('eight')->{verdict}, 'none', 'the till is answered');
	ok(wait_for(sub { (status()->{webhook_text} // '') =~ /refused/ }, 20), 'status says what is wrong');
	is(status()->{webhook_waiting}, 1, 'and how many wait');
	$shop = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $shop_port, Listen => 5, ReuseAddr => 1) or die;
	is((serve_one(200) // {})->{json}{id}, 'eight', 'it comes when the server is back');
	ok(wait_for(sub { !defined status()->{webhook_text} }, 10), 'and all is well');
};
subtest 'the last one is sent before the program ends' => sub {
	sell('nine');
	kill 'TERM', $t->{pid};
	is((serve_one(200) // {})->{json}{id}, 'nine', 'it comes');
	status_of($t);
	is(waiting(), 0, 'and nothing is left');
};

# The same shop behind TLS, with an authority and a certificate of its own, by openssl.
subtest 'over https only to the shop itself' => sub {
	my @missing = grep { my $p = $_; !grep { -x "$_/$p" } split /:/, $ENV{PATH} } qw(openssl socat);
	plan skip_all => "no @missing" if @missing;
	my $openssl = sub {
		my $ran = run(['openssl', @_]);
		BAIL_OUT("openssl @_: $ran->{err}") if $ran->{status};
	};
	my @key = qw(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes);
	for my $ca (qw(shop-ca other-ca)) {
		$openssl->('req', '-x509', @key, '-subj', "/CN=$ca", '-days', 30, '-keyout', "$dir/$ca.key", '-out', "$dir/$ca.pem");
	}
	$openssl->('req', @key, '-subj', '/CN=shop', '-keyout', "$dir/shop.key", '-out', "$dir/shop.csr");
	spew("$dir/shop.ext", "subjectAltName=IP:127.0.0.1\n");
	$openssl->('x509', '-req', '-in', "$dir/shop.csr", '-CA', "$dir/shop-ca.pem", '-CAkey', "$dir/shop-ca.key",
		'-CAcreateserial', '-days', 30, '-extfile', "$dir/shop.ext", '-out', "$dir/shop.pem");

	my $free = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die;
	my $port = $free->sockport;
	close $free;
	my $tls = fork // die;
	if (!$tls) {
		open STDERR, '>', "$dir/socat.err" or die;
		exec 'socat', "OPENSSL-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork,verify=0,cert=$dir/shop.pem,key=$dir/shop.key",
			"TCP:127.0.0.1:$shop_port";
	}
	push @running, $tls;
	ok(wait_for(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) }, 20), 'it listens');
	serve_one(200, 1); # that was no request

	my $ends = sub { kill 'TERM', $t->{pid}; status_of($t) };
	for (
		['an authority that did not sign it', '127.0.0.1', qr/certificate/, 'webhook_ca = other-ca.pem'],
		['no authority of the system', '127.0.0.1', qr/certificate/],
		['another name than its own', 'localhost', qr/certificate|name/, 'webhook_ca = shop-ca.pem'],
	) {
		my ($name, $host, $why, @ca) = @$_;
		configure("webhook = https://$host:$port/hook", 'webhook_key = webhook.key', @ca);
		$t = terminal();
		sell('ten') if waiting() == 0;
		ok(wait_for(sub { (status()->{webhook_text} // '') =~ $why }, 20), $name) or diag($json->encode(status()));
		is(serve_one(200, 2), undef, '... nothing is said to it');
		is(waiting(), 1, '... and it waits');
		$ends->();
	}
	configure("webhook = https://127.0.0.1:$port/hook", 'webhook_key = webhook.key', 'webhook_ca = shop-ca.pem');
	$t = terminal();
	my $got = serve_one(200);
	is(($got // {})->{json}{id}, 'ten', 'the shop itself gets it');
	is(signed($got, $secret), 1, 'signed') if $got;
	ok(wait_for(sub { waiting() == 0 }, 10), 'and none waits');
	$ends->();
	kill 'TERM', $tls;
	waitpid $tls, 0;
	$? = 0;
};

subtest 'a webhook that cannot be is refused when the terminal starts' => sub {
	spew("$dir/open.key", "$secret\n", 0644);
	spew("$dir/short.key", "short\n", 0600);
	for (
		[qr/webhook_key/, "webhook = https://shop.example/"],
		[qr/webhook_key.*nowhere/, 'webhook = https://shop.example/', 'webhook_key = nowhere'],
		[qr/open\.key.*chmod 600/, 'webhook = https://shop.example/', 'webhook_key = open.key'],
		[qr/webhook_ca.*nowhere/, 'webhook = https://shop.example/', 'webhook_key = webhook.key', 'webhook_ca = nowhere'],
		[qr/16 to 256/, 'webhook = https://shop.example/', 'webhook_key = short.key'],
		[qr/webhook.*https/, 'webhook = http://shop.example/', 'webhook_key = webhook.key'],
		[qr/webhook/, 'webhook = ftp://shop.example/', 'webhook_key = webhook.key'],
	) {
		my ($why, @lines) = @$_;
		configure(@lines);
		my $ran = run([@base, '--source', 'replay:fixtures/sessions/foreign-web/frames.mjpeg']);
		is($ran->{status}, 3, 'status 3');
		like($ran->{err}, $why, 'and why');
	}
};

server_kill('TERM');
done_testing;
