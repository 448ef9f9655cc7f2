#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# A hand-held reader as the terminal's source: a pseudo terminal is its serial line, the codes are
# those of `holder`. Whole sessions with the real backend, pauses, deaths of the scanner process,
# other symbologies; recordings of it, printed, stepped and replayed.
use strict;
use warnings;
use Fcntl;
use File::Basename;
use IO::Handle;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Session;
chdir dirname(__FILE__) . '/../..' or die;

my $json = JSON::PP->new->utf8;
bank();
my @wallet = (wallet(), "$dir/passcode");

# ---- the reader ----

# A serial line: what is printed into `far` arrives at the device `path`.
sub line {
	sysopen my $far, '/dev/ptmx', O_RDWR | O_NOCTTY or die "/dev/ptmx: $!";
	my $off = pack 'i', 0;
	ioctl $far, 0x40045431, $off or die "TIOCSPTLCK: $!";
	my $number = pack 'I', 0;
	ioctl $far, 0x80045430, $number or die "TIOCGPTN: $!";
	my $path = '/dev/pts/' . unpack 'I', $number;
	# Held open: a line that nobody has open counts as unplugged.
	sysopen my $near, $path, O_RDWR | O_NOCTTY or die "$path: $!";
	$far->autoflush(1);
	return { far => $far, near => $near, path => $path };
}
sub scan { my ($line, $code) = @_; syswrite $line->{far}, "$code\r\n" or die $! }
sub unplug { my ($line) = @_; close $line->{near}; close $line->{far} }

sub scanner_of {
	my ($t) = @_;
	return wait_for(sub { `ps -o pid=,comm= --ppid $t->{pid}` =~ /^\s*(\d+) countersign-sca/m && $1 });
}

subtest 'a whole session, and what does not belong to it' => sub {
	my $line = line();
	my $t = begin('--source', "reader:$line->{path},115200", '--record', "$dir/recording");
	like(until_event($t, 'ready')->{source}, qr/^reader:/, 'the reader is the source');
	scan($line, ']E04006381333931');
	my $notice = until_event($t, 'notice');
	is("$notice->{reason} $notice->{symbology} $notice->{text}", 'other-symbology ean-13 4006381333931',
		'a product is no card');
	my $first = holder(@wallet, 'show');
	scan($line, "]d2$first");
	$notice = until_event($t, 'notice');
	is("$notice->{reason} $notice->{symbology}", 'other-symbology data-matrix',
		'nor is a card as Data Matrix');
	is(scalar(grep { $_->{event} eq 'first_code' } @{ $t->{events} }), 0, 'nothing was sent of it');
	scan($line, "]Q1$first");
	my $number = until_event($t, 'number')->{number};
	like($number, qr/^\d{6,}$/, 'as a QR code it is one');
	my $old = scanner_of($t);
	kill 'KILL', $old;
	until_event($t, 'scanner');
	isnt(wait_for(sub { my $new = scanner_of($t); $new && $new != $old && $new }), 0,
		'the scanner process may die meanwhile');
	until_event($t, 'scanner') until ($t->{events}[-1]{state} // 'end') =~ /^(running|end)$/;
	scan($line, holder(@wallet, 'answer', $number));
	until_event($t, 'pin_wanted');
	scan($line, ']Q1MEANWHILE');
	syswrite $line->{far}, 'BEGUN MEANWHILE';
	print { $t->{in} } qq({"command":"pin","pin":"2468"}\n);
	is(status_of($t), 0, 'status 0');
	is($t->{events}[-1]{verdict}, 'authorised', 'authorised');
	unlike($json->encode($t->{events}), qr/MEANWHILE/, 'what came while the PIN was typed is gone');
	unlike(slurp("$dir/err"), qr/\S/, 'nothing on standard error') or diag(slurp("$dir/err"));
	unplug($line);
};

subtest 'its recording' => sub {
	my @lines = split /\n/, slurp("$dir/recording/frames.codes");
	is(shift @lines, 'countersign-codes 1', 'has a header');
	my @times = split /\n/, slurp("$dir/recording/times");
	is(scalar @times, scalar @lines, 'and a time for each line');
	my @codes = grep { $_ ne '-' } @lines;
	is(join(' ', map { (split / /)[0] } @codes), 'ean-13 data-matrix qr untold', 'every code');
	is(pack('H*', (split / /, $codes[0])[1]), '4006381333931', 'byte by byte');
	my $ran = run([bin('countersign-scanner'), '--print', "$dir/recording"]);
	is($ran->{status}, 0, 'can be printed');
	is(scalar(grep { $_->{text} } json_lines($ran->{out})), 4, 'with all four codes');
};

subtest 'unplugged: told, and the end by a signal is in order' => sub {
	my $line = line();
	my $t = begin('--source', "reader:$line->{path}");
	until_event($t, 'ready');
	scan($line, 'HELLO');
	is(until_event($t, 'notice')->{text}, 'HELLO', 'it was there');
	unplug($line);
	my $gone = until_event($t, 'scanner');
	is($gone->{state}, 'fault', 'a fault');
	like($gone->{text}, qr/unplugged/, 'in words');
	kill 'TERM', $t->{pid};
	is(status_of($t), 1, 'nothing was decided');
};

subtest 'what is wrong and what is not any more, in words' => sub {
	my $line = line();
	symlink $line->{path}, "$dir/reader" or die $!;
	my $name = "/dev/..$dir/reader"; # one that changes its device
	my $words = "$dir/words";
	my $polls = 0;
	my $says = sub {
		my ($what, $code) = @_;
		return wait_for(sub {
			scan($line, $code) if $code && $polls++ % 10 == 0; # what came too early is lost
			return (slurp($words) // '') =~ $what;
		}) || !diag(slurp($words));
	};
	my $pid = fork // die;
	if (!$pid) {
		open STDOUT, '>', $words or die;
		exec { $base[0] } grep({ $_ ne '--json' } @base), '--all-symbologies', '--source',
			"reader:$name";
	}
	ok($says->(qr/^This code is not a card/m, 'HELLO'), 'it reads');
	unlink "$dir/reader";
	unplug($line);
	ok($says->(qr/^\Q$name\E: the reader was unplugged|the reader has gone/m), 'it has gone');
	$line = line();
	symlink $line->{path}, "$dir/reader" or die $!;
	ok($says->(qr/^Codes can be read again\.$/m), 'it is there again');
	for my $death (1 .. 3) {
		unlike(slurp($words), qr/only QR/, 'other codes are read, too');
		my $old = scanner_of({ pid => $pid });
		kill 'KILL', $old;
		wait_for(sub { my $new = scanner_of({ pid => $pid }); $new && $new != $old });
	}
	ok($says->(qr/^It failed too often: only QR codes are read now\.$/m), 'they are given up, and that is told');
	kill 'TERM', $pid;
	waitpid $pid, 0;
	$? = 0;
	unplug($line);
};

subtest 'set-up faults' => sub {
	my $line = line();
	for ([qr/no frames to step through/, '--step', '--source', "reader:$line->{path}"],
		[qr/"fast" is no setting/, '--source', "reader:$line->{path},fast"],
		[qr{/dev/null is no reader}, '--source', 'reader:/dev/null'],
		[qr/needs a device/, '--source', 'reader:']) {
		my ($words, @flags) = @$_;
		my $ran = run([@base, @flags]);
		is($ran->{status}, 3, "@flags: status 3");
		like($ran->{err}, $words, 'says why');
	}
	my $t = begin('--source', "reader:$line->{path}");
	until_event($t, 'ready');
	my $other = run([bin('countersign-scanner'), '--print', "reader:$line->{path}"]);
	is($other->{status}, 3, 'a second one does not get the same reader');
	like($other->{err}, qr/in use by another program/, 'and says why');
	kill 'TERM', $t->{pid};
	status_of($t);
};

# ---- recordings, stepped ----

# The same codes at the same times give the same events. The deterministic backend has the same
# number for the same start, so the second code can be made before it is asked for.
subtest 'recorded, stepped and replayed' => sub {
	my $at = 1_800_000_000;
	my $plan = scratch();
	spew("$plan/manifest.json", $json->encode({ seed => 9, start_unix_ms => $at * 1000,
		credentials => [{ wallet => 'a', without_pin => JSON::PP::true }] }));
	my $run = sub {
		my ($where, $flags, @codes) = @_;
		my $session = Session->new($plan)->set_up;
		if ($where) {
			mkdir $where;
			spew("$where/frames.codes", join("\n", 'countersign-codes 1', map({ $_->[1] } @codes), ''));
			spew("$where/times", join('', map { "$_->[0]\n" } @codes));
		}
		my $ran = run([bin('countersign'), '--config', "$session->{dir}/terminal.conf", '--headless',
			'--json', @$flags]);
		return ($ran, $session);
	};
	my $session = Session->new($plan)->set_up;
	my @w = ("$session->{dir}/wallet-a", "$session->{dir}/passcode", '--at', $at + 3);
	my $first = 'qr ' . unpack 'H*', holder(@w[0, 1], 'show', @w[2, 3]);
	my @ticks = map { [1000 * $_, '-'] } 0 .. 4;
	my @step = ('--step', '--start-time', $at * 1000, '--source');
	my ($ran) = $run->("$dir/one", [@step, "replay:$dir/one", '--once'], @ticks[0 .. 3], [3500, $first]);
	my ($number) = map { $_->{number} // () } json_lines($ran->{out});
	like($number, qr/^\d+$/, 'the number that it will be') or return diag($ran->{out}, $ran->{err});
	my $second = 'untold ' . unpack 'H*', holder(@w[0, 1], 'answer', $number, '--at', $at + 6);
	my @story = (@ticks[0 .. 3], [3500, $first], $ticks[4], [6200, $second], [7200, '-']);
	($ran) = $run->("$dir/two", [@step, "replay:$dir/two", '--once', '--record', "$dir/three"], @story);
	is($ran->{status}, 0, 'both codes: accepted') or diag($ran->{out}, $ran->{err});
	like(slurp("$dir/three/frames.codes"), qr/^countersign-codes 1\n-\n-\n-\n-\nqr [0-9a-f]+\n-\nuntold [0-9a-f]+\n/,
		'a recording of a recording is one');
	($ran) = $run->(undef, ['--replay', "$dir/three"]);
	is($ran->{status}, 0, 'and replayed every event is the same') or diag($ran->{err});
	my $text = slurp("$dir/three/frames.codes");
	$text =~ s/^untold (..)/untold 58/m;
	spew("$dir/three/frames.codes", $text);
	($ran) = $run->(undef, ['--replay', "$dir/three"]);
	is($ran->{status}, 1, 'with another byte it is another story');
};

done_testing;
