# SPDX-License-Identifier: Apache-2.0
# A recorded session of fixtures/sessions/<name>/: builds the backend that its manifest describes
# with the deterministic test build, so that making and replaying it meet the same keys, the same
# numbers and the same state.
package Session;
use strict;
use warnings;
use File::Basename;
use JSON::PP;
use Try;

my $json = JSON::PP->new->utf8->canonical;
my $pin = "2468\n";
my $passcode = "a passphrase of the fixtures\n";

sub new {
	my ($class, $folder) = @_;
	my $text = slurp("$folder/manifest.json") // die "$folder/manifest.json: $!\n";
	my $self = { folder => $folder, manifest => $json->decode($text), name => basename($folder),
		dir => scratch() };
	$self->{start_ms} = $self->{manifest}{start_unix_ms} // die "$folder: no start_unix_ms\n";
	return bless $self, $class;
}

# One countersignd command at the time of the set-up; its JSON answer.
sub _backend {
	my ($self, @words) = @_;
	my $ran = run([bin('countersignd-deterministic'), '--seed', "$self->{name}/$self->{manifest}{seed}",
		'--now', $self->{setup_ms}, '--dir', "$self->{dir}/backend", @words]);
	die "$self->{name}: @words: status $ran->{status}: $ran->{err}\n" if $ran->{status} ne '0';
	return $ran->{out} =~ /\S/ ? $json->decode($ran->{out}) : {};
}

# Holder, account, credentials, terminal, activation, as the manifest says.
sub set_up {
	my ($self) = @_;
	my $m = $self->{manifest};
	my $dir = $self->{dir};
	$self->{setup_ms} = $self->{start_ms} - 1000 * ($m->{setup_before_s} // 3600);
	spew("$dir/pin", $pin, 0600);
	spew("$dir/passcode", $passcode, 0600);
	$self->_backend('init', '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM');
	if ($m->{policy}) {
		my $conf = "$dir/backend/countersignd.conf";
		my $text = slurp($conf);
		my $lines = join '', map { "$_ = $m->{policy}{$_}\n" } sort keys %{ $m->{policy} };
		$text =~ s/^\s*[;#]?\s*\Q$_\E\s*=.*\n//mg for keys %{ $m->{policy} };
		$text .= "\n[policy]\n" unless $text =~ s/^(\[policy\]\s*\n)/$1$lines/m && ($lines = '', 1);
		spew($conf, $text . $lines, 0600);
	}
	my %id;
	my %token;
	for my $c (@{ $m->{credentials} // [{ wallet => 'a' }] }) {
		my $w = $c->{wallet};
		my $holder = $self->_backend('holder', 'add', '--name', $c->{name} // 'Li Lei',
			'--phone', $c->{phone} // '13800130000')->{holder};
		my $account = $self->_backend('account', 'add', '--holder', $holder, '--number',
			"6222-$w", $c->{without_pin} ? () : ('--pin-file', "$dir/pin"))->{account};
		my $issued = $self->_backend('credential', 'issue', '--holder', $holder, '--account', $account,
			'--purpose', 'Member card', '--face-value', 'Gold', @{ $c->{options} // [] });
		$id{$w} = $issued->{credential};
		$token{$w} = $issued->{token};
	}
	$self->_serve($self->{setup_ms});
	$self->_backend('terminal', 'enrol', 'fixture-counter', '--url', $self->{url},
		'--config', "$dir/terminal.conf");
	for my $w (sort keys %token) {
		my $ran = run([bin('holder'), 'activate', '--url', $self->{url}, '--token-stdin', '--wallet',
			"$dir/wallet-$w", '--passcode-file', "$dir/passcode"], in => "$token{$w}\n");
		die "$self->{name}: activate: $ran->{err}\n" if $ran->{status} ne '0';
	}
	$self->stop;
	for my $words (@{ $m->{after} // [] }) {
		$self->_backend(map { s/\{(\w+)\}/$id{$1}/gr } @$words);
	}
	$self->_serve($self->{start_ms});
	# The port is another one in each life.
	my $conf = slurp("$dir/terminal.conf");
	$conf =~ s/^url\s*=.*$/url = $self->{url}/m;
	spew("$dir/terminal.conf", $conf, 0600);
	spew("$dir/pins", join('', map { "$_\n" } @{ $m->{pins} // [] }), 0600);
	return $self;
}

sub _serve {
	my ($self, $now_ms) = @_;
	pipe my $read, my $write or die;
	my $pid = fork // die;
	if (!$pid) {
		close $read;
		open STDOUT, '>&', $write or die;
		open STDERR, '>>', "$self->{dir}/backend.log" or die;
		open STDIN, '<', '/dev/null' or die;
		no warnings 'exec';
		exec { bin('countersignd-deterministic') } bin('countersignd-deterministic'), '--seed', "$self->{name}/$self->{manifest}{seed}", '--now',
			$now_ms, '--dir', "$self->{dir}/backend", 'serve', '--plain', '--port', '0';
		POSIX::_exit(127);
	}
	close $write;
	my $line = <$read> // '';
	$self->{server} = $pid;
	($self->{url}) = $line =~ m{(http://\S+)}
		or die "$self->{name}: the backend did not start: " . (slurp("$self->{dir}/backend.log") // '') . "\n";
}

sub stop {
	my ($self) = @_;
	my $pid = delete $self->{server} or return;
	kill 'TERM', $pid;
	waitpid $pid, 0;
	$self->{server_status} = $? >> 8 || $? & 127;
	$? = 0;
}

sub DESTROY { my ($self) = @_; local $?; $self->stop }

# Options of the terminal that both making and replaying use.
sub terminal_options {
	my ($self) = @_;
	my $t = $self->{manifest}{terminal} // {};
	return (
		'--config', "$self->{dir}/terminal.conf", '--headless', '--json', '--continuous',
		map { ("--$_", $t->{$_}) } grep { defined $t->{$_} } qw(amount currency reference));
}

1;
