# SPDX-License-Identifier: Apache-2.0
# A backend for tests of faults: its directory, and countersignd on a free loopback port, which dies
# with the test that started it.
package Backend;
use strict;
use warnings;
use File::Copy 'copy';
use JSON::PP;
use POSIX ':sys_wait_h';
use Time::HiRes qw(time sleep);
use Try;
use Call;
use Proxy;
use Wallet;

# A test that is told to end cleans up; of one that is killed, the servers die with it.
$SIG{$_} = sub { exit 1 } for qw(TERM INT HUP);

my $json = JSON::PP->new->utf8;
my $PIN = '2468';

# Limits that a test which tries on and on would meet.
my %WIDE = (starts_per_tag => 100, starts_hour => 10000, starts_day => 100000, start_delay_after => 10000,
	terminal_starts_hour => 1000000, failures_freeze => 100, failures_per_tag => 90, pin_lock_after => 100,
	terminal_wrong_stop => 10000, account_wrong_day => 10000, account_starts_hour => 100000,
	account_starts_day => 1000000);

# Options: store => URL, policy => { key => value }, in => folder, wide => 1, env => { of commands },
# tls => 1: it speaks TLS; then terminals and wallets talk to it by proxies (tls_port)
sub new {
	my ($class, %opt) = @_;
	my $tmp = $opt{in} // scratch();
	my $self = bless { tmp => $tmp, dir => "$tmp/backend", servers => [],
		env => $opt{env}, tls => $opt{tls}, proxies => [], owner => $$ }, $class;
	spew("$tmp/pin", "$PIN\n", 0600);
	$self->command('init', '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM',
		$opt{store} ? ('--store', $opt{store}) : ());
	$self->policy($opt{wide} ? %WIDE : (), %{ $opt{policy} // {} });
	$self->{holder} = $self->command('holder', 'add', '--name', 'Ada Lovelace')->{holder};
	$self->{account} = $self->account;
	return $self;
}

# Another account of the holder.
sub account {
	my ($self) = @_;
	return $self->command('account', 'add', '--holder', $self->{holder}, '--number', 12345 + $self->{accounts}++,
		'--pin-file', "$self->{tmp}/pin")->{account};
}

# What another process on another machine has: its keys and settings, and a checkpoint of its own.
sub twin {
	my ($self) = @_;
	my $dir = "$self->{tmp}/twin" . ++$self->{twins};
	system('cp', '-a', $self->{dir}, $dir) == 0 or die "cp: $?";
	return bless { %$self, dir => $dir, servers => [] }, ref $self;
}

sub pin { return $PIN }
sub wrong_pin { return '8642' }

sub policy {
	my ($self, %value) = @_;
	my $file = "$self->{dir}/countersignd.conf";
	my $lines = join '', map { "$_ = $value{$_}\n" } sort keys %value;
	my $text = slurp($file);
	$text =~ s/^\[policy\]\n/[policy]\n$lines/m or die "$file: no section for the policy";
	spew($file, $text, 0600);
}

# A command of administration; what it printed, as data. Dies when it fails.
sub command {
	my ($self, @words) = @_;
	my $ran = $self->try(@words);
	die "countersignd @words: status $ran->{status}: $ran->{err}" if $ran->{status} ne '0';
	return $ran->{out} =~ /\S/ ? $json->decode($ran->{out}) : {};
}

sub try {
	my ($self, @words) = @_;
	return run([bin('countersignd'), '--dir', $self->{dir}, @words], env => $self->{env});
}

# A terminal's token.
sub terminal {
	my ($self, $name) = @_;
	my $conf = "$self->{tmp}/$name.conf";
	$self->command('terminal', 'enrol', $name, '--url', 'http://127.0.0.1:8080', '--config', $conf);
	my ($token) = slurp($conf) =~ /^token = (.+)$/m or die "$conf: no token";
	return $token;
}

# The loopback port where a terminal's requests go out with its certificate: enrols it. Without a
# name: for whoever has no certificate.
sub tls_port {
	my ($self, $name) = @_;
	my %tls = (ca => "$self->{dir}/ca.pem");
	if (defined $name) {
		my $code = $self->command('terminal', 'enrol', $name)->{code};
		my $ran = run([bin('countersign'), 'enrol', "https://127.0.0.1:$self->{port}", $code, '--config', "$self->{tmp}/$name.conf"]);
		die "countersign enrol: $ran->{err}" if $ran->{status} ne '0';
		$tls{certificate} = "$self->{tmp}/$name.both";
		spew($tls{certificate}, slurp("$self->{tmp}/$name.pem") . slurp("$self->{tmp}/$name.key"), 0600);
	}
	push @{ $self->{proxies} }, Proxy->new(conf => "$self->{tmp}/proxy-" . ($name // 'nobody'), ports => [$self->{port}], tls => \%tls);
	return $self->{proxies}[-1]->port;
}

# An activated wallet; a server must be running. Arguments are options of `credential issue`.
sub wallet {
	my ($self, @options) = @_;
	my $issued = $self->command('credential', 'issue', '--holder', $self->{holder}, '--account',
		$self->{account}, @options);
	my $got = $self->call->ask('POST', '/v1/activations', undef, { token => $issued->{token} });
	die 'activation: ' . ($got->{status} // 'no answer') if ($got->{status} // 0) != 201;
	my $wallet = Wallet->new($got->{json});
	$wallet->{credential} = $issued->{credential};
	return $wallet;
}

# ---- the server ----

# Starts it and waits until it listens, on the port it had before. Options: args => [], wrap =>
# [words before the program], env => {}. Returns its process id.
sub serve {
	my ($self, %opt) = @_;
	my $file = "$self->{dir}.port";
	my $log = $self->{log} = "$self->{dir}.log";
	unlink $file;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDOUT, '>', '/dev/null' or POSIX::_exit(127);
		open STDERR, '>>', $log or POSIX::_exit(127);
		$ENV{$_} = $opt{env}{$_} for keys %{ $opt{env} // {} };
		no warnings 'exec';
		exec 'setpriv', '--pdeathsig', 'KILL', '--', @{ $opt{wrap} // [] }, bin('countersignd'), '--dir',
			$self->{dir}, 'serve', ($self->{tls} ? () : '--plain'), '--port', $self->{port} // 0, '--port-file', $file,
			@{ $opt{args} // [] };
		POSIX::_exit(127);
	}
	my $ended;
	wait_for(sub { -s $file || ($ended = waitpid($pid, WNOHANG) == $pid) }, 60);
	my $text = slurp($file) // '';
	die "countersignd does not listen: " . (slurp($log) // '') if $ended || $text !~ /^(\d+)$/m;
	$self->{port} = $1;
	push @{ $self->{servers} }, $pid;
	return $self->{pid} = $pid;
}

# Ends the last one that was started; its wait status.
sub end {
	my ($self, $signal, $seconds) = @_;
	my $pid = $self->{pid} // return undef;
	kill $signal // 'TERM', $pid;
	if (!wait_for(sub { waitpid($pid, WNOHANG) == $pid }, $seconds // 30)) {
		kill 'KILL', $pid;
		waitpid $pid, 0;
	}
	my $status = $?;
	$self->{servers} = [grep { $_ != $pid } @{ $self->{servers} }];
	delete $self->{pid};
	return $status;
}

sub alive { my $self = shift; return $self->{pid} && waitpid($self->{pid}, WNOHANG) == 0 }

sub logged { my $self = shift; return slurp("$self->{dir}.log") // '' }

sub call {
	my ($self) = @_;
	$self->{talk} //= $self->{tls} ? $self->tls_port : undef;
	return Call->new($self->{talk} // $self->{port});
}

# A number of /proc/PID/status, in KiB
sub memory {
	my ($self, $what) = @_;
	my ($kib) = slurp("/proc/$self->{pid}/status") =~ /^\Q$what\E:\s*(\d+)/m;
	return $kib;
}

sub DESTROY {
	my ($self) = @_;
	return if ($self->{owner} // 0) != $$; # a child of the test is not its owner
	local ($?, $!);
	kill 'KILL', $_ for @{ $self->{servers} // [] };
	waitpid $_, 0 for @{ $self->{servers} // [] };
}

1;
