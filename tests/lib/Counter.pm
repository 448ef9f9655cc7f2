# SPDX-License-Identifier: Apache-2.0
# A bank with one customer and one counter, and the terminal program at it, headless: what it tells
# comes event by event.
package Counter;
use strict;
use warnings;
use Exporter 'import';
use IO::Handle;
use JSON::PP;
use Test::More;
use Try;
our @EXPORT = qw(bank backend serve server_kill wallet holder begin until_event status_of $dir @base);

our $dir = scratch();
our @base; # the terminal program with the flags of every run
my $json = JSON::PP->new->utf8;
my ($server, $url, $person, $account, $tls);
my $wallets = 0;
END { local $?; server_kill() }

sub backend {
	my ($command, @words) = @_;
	my @dir = $command eq 'init' ? () : ('--dir', "$dir/backend");
	my $ran = run([bin('countersignd'), @dir, $command, @words]);
	die "$command @words: $ran->{err}" if $ran->{status} ne '0';
	return $ran->{out} =~ /^\{/ ? $json->decode($ran->{out}) : {};
}

# Starts the backend on a port, 0 = any; its address.
sub serve {
	my ($port) = @_;
	pipe my $read, my $write or die;
	$server = fork // die;
	if (!$server) {
		open STDOUT, '>&', $write or die;
		open STDERR, '>>', "$dir/backend.log" or die;
		exec { bin('countersignd') } bin('countersignd'), '--dir', "$dir/backend", 'serve', ($tls ? () : '--plain'), '--port', $port;
	}
	close $write;
	my ($where) = (<$read> // '') =~ m{(https?://\S+)} or die 'no backend: ' . slurp("$dir/backend.log");
	return $where;
}

sub server_kill {
	return unless $server;
	kill $_[0] // 'KILL', $server;
	waitpid $server, 0;
	$server = undef;
}

# One holder with a PIN (2468), one terminal. Returns the backend's address; it runs. tls => 1: with
# certificates.
sub bank {
	my (%opt) = @_;
	$tls = $opt{tls};
	spew("$dir/pin", "2468\n", 0600);
	spew("$dir/passcode", "a passphrase of the tests\n", 0600);
	backend('init', "$dir/backend", '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM');
	$person = backend(qw(holder add --name), 'Li Lei', '--phone', '13800130000')->{holder};
	$account = backend(qw(account add --holder), $person, '--number', '6222-1', '--pin-file',
		"$dir/pin")->{account};
	$url = serve(0);
	if ($tls) {
		my $ran = run([bin('countersign'), 'enrol', $url, backend(qw(terminal enrol counter))->{code},
			'--config', "$dir/terminal.conf"]);
		die "enrol: $ran->{err}" if $ran->{status} ne '0';
	} else {
		backend(qw(terminal enrol counter --url), $url, '--config', "$dir/terminal.conf");
	}
	@base = (bin('countersign'), '--config', "$dir/terminal.conf", '--headless', '--json');
	$SIG{PIPE} = 'IGNORE';
	return $url;
}

# A file with a credential of its own: one that is begun again and again is slowed down.
sub wallet {
	my $file = "$dir/wallet-" . ++$wallets;
	my $token = backend(qw(credential issue --holder), $person, '--account', $account)->{token};
	my $ran = run([bin('holder'), 'activate', '--url', $url, ($tls ? ('--ca', "$dir/backend/ca.pem") : ()), '--token-stdin', '--wallet', $file,
		'--passcode-file', "$dir/passcode"], in => "$token\n");
	die "activate: $ran->{err}" if $ran->{status} ne '0';
	return $file;
}

# What `holder` prints for a wallet.
sub holder {
	my ($wallet, $passcode, @words) = @_;
	my $ran = run([bin('holder'), @words, '--wallet', $wallet, '--passcode-file', $passcode]);
	die "holder @words: $ran->{err}" if $ran->{status} ne '0';
	chomp $ran->{out};
	return $ran->{out};
}

# A running terminal: { pid, in, out }; its words are in $dir/err.
sub begin {
	my (@flags) = @_;
	pipe my $out, my $out_end or die;
	pipe my $in_end, my $in or die;
	my $pid = fork // die;
	if (!$pid) {
		setpgrp;
		open STDIN, '<&', $in_end or die;
		open STDOUT, '>&', $out_end or die;
		open STDERR, '>', "$dir/err" or die;
		close $_ for $in, $out, $in_end, $out_end;
		exec { $base[0] } @base, @flags;
	}
	$in->autoflush(1);
	return { pid => $pid, in => $in, out => $out, events => [] };
}

# Reads on until an event of this name; undef at the end.
sub until_event {
	my ($t, $name) = @_;
	local $SIG{ALRM} = sub { kill 'KILL', $t->{pid}; diag("no $name") };
	alarm 60;
	while (defined(my $line = readline $t->{out})) {
		my $e = $json->decode($line);
		push @{ $t->{events} }, $e;
		if ($e->{event} eq $name) { alarm 0; return $e }
	}
	alarm 0;
	return undef;
}

# Reads to the end.
sub status_of {
	my ($t) = @_;
	until_event($t, 'nothing more');
	waitpid $t->{pid}, 0;
	my $status = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
	$? = 0;
	return $status;
}

1;
