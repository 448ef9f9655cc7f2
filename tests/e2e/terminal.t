#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The terminal program at its edges, headless, with the real backend and the simulated phone: what a
# till does on standard input, signals, a backend that goes away, a scanner that dies, recordings
# that meet a limit, set-up faults. Every run ends with the promised exit status and leaves nothing.
use strict;
use warnings;
use File::Basename;
use POSIX qw(SIGRTMIN);
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Session;
chdir dirname(__FILE__) . '/../..' or die;

my $json = JSON::PP->new->utf8;
my $url = bank();
my ($port) = $url =~ /:(\d+)/;

# Made while there is a backend.
my @wallets = map { wallet() } 1 .. 32;

my $seed = 1;
sub simulator {
	my (@more) = @_;
	$seed++;
	return join ' ', 'simulator:holder simulate --wallet', shift @wallets, '--passcode-file',
		"$dir/passcode --size 640x480 --fps 15 --seed $seed", @more;
}

# A process that was killed may take a moment to go.
sub none_left {
	my $list = sub { join "\n", grep { /\Q$dir\E\/wallet/ } split /\n/, `ps -eo args` };
	ok(wait_for(sub { $list->() eq '' }, 5), 'no process is left') or diag($list->());
}

sub ended {
	my ($t) = @_;
	my $status = status_of($t);
	is($t->{events}[-1]{event}, 'end', 'the last line is end');
	none_left();
	return $status;
}

sub verdict { my ($t) = @_; my $e = $t->{events}[-1]; return "$e->{verdict} $e->{reason}" }

subtest 'a till types the PIN on standard input' => sub {
	my $t = begin('--source', simulator());
	until_event($t, 'number');
	print { $t->{in} } qq({"command":"pin","pin":"2468"}\n);
	like(until_event($t, 'command')->{fault}, qr/no PIN is wanted/, 'not before it is wanted');
	until_event($t, 'pin_wanted');
	print { $t->{in} } qq(nonsense\n{"command":"pin","pin":"24x8"}\n{"command":"pin","pin":"1111"}\n);
	like(until_event($t, 'command')->{fault}, qr/not a command/, 'nonsense is not taken');
	like(until_event($t, 'command')->{fault}, qr/4 to 12 digits/, 'a PIN is digits');
	is(until_event($t, 'pin_wanted')->{try}, 2, 'the wrong one counts');
	print { $t->{in} } qq({"command":"pin","pin":"2468"}\n);
	is(ended($t), 0, 'status 0');
	is(verdict($t), 'authorised ', 'authorised');
	unlike($json->encode($t->{events}), qr/2468|1111/, 'no PIN in any event');
};

subtest 'a till cancels' => sub {
	my $t = begin('--source', simulator());
	until_event($t, 'number');
	print { $t->{in} } qq({"command":"cancel"}\n);
	is(ended($t), 1, 'status 1');
	is(verdict($t), 'refused cancelled', 'refused, cancelled');
};

subtest 'a till cancels before a card was shown' => sub {
	spew("$dir/nothing", "show nothing\nwait 600000\nend\n");
	my $t = begin('--source', simulator("--scenario $dir/nothing"));
	until_event($t, 'hint'); # there are pictures
	print { $t->{in} } qq({"command":"cancel"}\n);
	is(ended($t), 1, 'nothing was decided: status 1');
	is(verdict($t), 'none cancelled', 'none, cancelled');
};

subtest 'a camera that never was there' => sub {
	my $t = begin('--source', '/dev/video99');
	is(until_event($t, 'scanner')->{state}, 'fault', 'told');
	kill 'TERM', $t->{pid};
	is(ended($t), 3, 'never a picture: status 3');
	is(verdict($t), 'none cancelled', 'none, cancelled');
};

subtest 'the reason comes before what it leads to' => sub {
	my @lines = split /\n/, run([grep({ $_ ne '--json' } @base), '--source',
		'simulator:/nonexistent/program'])->{out};
	like($lines[0], qr/^the simulator ended with status 127/, 'why');
	like($lines[1], qr/pictures have ended/, 'and so');
	is(scalar @lines, 2, 'each once');
};

for my $signal (qw(INT TERM HUP)) {
	subtest "SIG$signal cancels what runs and ends" => sub {
		my $t = begin('--source', simulator());
		until_event($t, 'number');
		kill $signal, $t->{pid};
		is(ended($t), 1, 'status 1');
		is(verdict($t), 'refused cancelled', 'refused, cancelled');
	};
}

for my $signal (qw(INT TERM)) {
	subtest "SIG$signal goes to the whole group and still ends in order" => sub {
		my $t = begin('--source', simulator());
		until_event($t, 'number');
		kill $signal, -$t->{pid};
		is(ended($t), 1, 'status 1');
		is(verdict($t), 'refused cancelled', 'refused, cancelled');
		is(scalar(grep { $_->{event} eq 'scanner' } @{ $t->{events} }), 0,
			'that the scanner ends too is no fault');
	};
}

subtest 'a PIN that nobody can type is cancelled' => sub {
	my $ran = run([@base, '--source', simulator()]);
	is($ran->{status}, 1, 'status 1');
	my @events = json_lines($ran->{out});
	is($events[-1]{reason}, 'cancelled', 'cancelled');
	like($ran->{err}, qr/a PIN is wanted/, 'and says why');
};

subtest 'nobody reads the events any more' => sub {
	my $t = begin('--source', simulator());
	until_event($t, 'first_code');
	close $t->{out};
	ok(wait_for(sub { waitpid($t->{pid}, POSIX::WNOHANG()) > 0 }, 20), 'the terminal ends');
	is($? & 127, 0, 'without a signal');
	$? = 0;
	none_left();
};

subtest 'nobody can read what happens, and nothing was begun' => sub {
	for my $words (\@base, [grep { $_ ne '--json' } @base]) {
		my $ran = run(['sh', '-c', 'exec "$@" >/dev/full', 'sh', @$words, '--source',
			'replay:fixtures/sessions/foreign-web/frames.mjpeg']);
		is($ran->{status}, 3, 'status 3');
		like($ran->{err}, qr/error output: standard output takes no more/, 'and says why');
	}
};

subtest 'a source that fails at once says why' => sub {
	mkdir "$dir/broken";
	spew("$dir/broken/a.png", "nonsense\n");
	for ([qr/nosuchprogram: not found/, 'simulator:nosuchprogram'],
		[qr{/nowhere/passcode}, 'simulator:holder simulate --wallet /nowhere/w --passcode-file /nowhere/passcode'],
		[qr/a\.png: not a PGM/, "replay:$dir/broken"]) {
		my ($why, $source) = @$_;
		my $ran = run([grep({ $_ ne '--json' } @base), '--source', $source]);
		is($ran->{status}, 3, "$source: status 3");
		like($ran->{out}, $why, 'words');
		$ran = run([@base, '--source', $source]);
		is($ran->{status}, 3, "$source: status 3");
		my @events = json_lines($ran->{out});
		like((grep { $_->{event} eq 'scanner' && $_->{state} eq 'ended' } @events)[0]{text}, $why, 'JSON');
		is("$events[-1]{verdict} $events[-1]{reason}", 'none end-of-frames', 'none');
	}
};

subtest '--verbose logs what is done and no secret' => sub {
	my $ran = run([@base, '--verbose', '--source', simulator(), '--pin-file', "$dir/pin"]);
	is($ran->{status}, 0, 'status 0');
	like($ran->{err}, qr/debug \S*backend: request 1: start.*debug \S*backend: answer 1: started/s, 'requests');
	like($ran->{err}, qr/debug \S*flow: waiting -> starting.*pin sent -> result: authorised/s, 'phases');
	like($ran->{err}, qr/debug \S*scanner: began/, 'the scanner');
	my ($number) = grep { $_->{event} eq 'number' } json_lines($ran->{out});
	unlike($ran->{err}, qr/2468|\b$number->{number}\b|HTTPS:|$number->{verification}/, 'nothing that is nobody\'s business');
};

subtest 'the scanner dies twice' => sub {
	my $t = begin('--source', simulator(), '--pin-file', "$dir/pin");
	for my $event (qw(first_code running)) {
		my $e = until_event($t, $event eq 'running' ? 'scanner' : $event);
		redo if $event eq 'running' && $e && $e->{state} ne 'running';
		my @children = split ' ', `pgrep -P $t->{pid} countersign-sca`;
		is(scalar @children, 1, 'there is one scanner');
		kill 'KILL', @children;
	}
	is(ended($t), 0, 'status 0');
	is(verdict($t), 'authorised ', 'authorised all the same');
	ok((grep { $_->{event} eq 'scanner' && $_->{state} eq 'restarted' } @{ $t->{events} }),
		'a short message');
};

# The program that is installed, beside a scanner that breaks on demand: tests/lib/scanner_faults.h.
subtest 'pictures break the scanner in every way; the session goes on' => sub {
	my @plain = @base;
	mkdir "$dir/bin";
	run(['cp', bin($_), "$dir/bin/"]) for qw(countersign holder);
	run(['cp', bin('countersign-scanner-faulty'), "$dir/bin/countersign-scanner"]);
	$base[0] = "$dir/bin/countersign";
	my $t = begin('--source', simulator(), '--pin-file', "$dir/pin");
	@base = @plain;
	my $faults = 0;
	my $state = sub {
		my ($want) = @_;
		while (my $e = until_event($t, 'scanner')) { return 1 if $e->{state} eq $want }
		return 0;
	};
	until_event($t, 'first_code');
	for my $fault (0, 1, 4, 7, 5) { # a crash, an endless loop, a forbidden call, a storm, nonsense
		my @children = split ' ', `pgrep -P $t->{pid} countersign-sca`;
		last unless @children; # it has come to its end meanwhile
		is(scalar @children, 1, 'there is one scanner');
		kill SIGRTMIN() + $fault, @children;
		last unless $state->('restarted');
		$faults++;
		last unless $state->('running');
	}
	cmp_ok($faults, '>=', 3, 'several before it was decided');
	is(ended($t), 0, 'status 0');
	is(verdict($t), 'authorised ', 'authorised all the same');
	is(scalar(grep { $_->{event} eq 'scanner' && $_->{state} eq 'restarted' } @{ $t->{events} }), $faults,
		'one restart for each');
};

subtest 'a recording that meets a limit stops; the verification does not' => sub {
	my $ran = run(['sh', '-c', 'ulimit -f 400; exec "$@"', 'sh', @base, '--source', simulator(),
		'--pin-file', "$dir/pin", '--record', "$dir/limited"]);
	is($ran->{status}, 0, 'status 0') or diag($ran->{err}, $ran->{out});
	my @stopped = grep { $_->{event} eq 'recording' } json_lines($ran->{out});
	cmp_ok(scalar @stopped, '>=', 1, 'it is told');
	like($stopped[0]{text}, qr/recording stopped/, 'in words');
	is((stat "$dir/limited")[2] & 0777, 0700, 'the folder is the owner\'s alone');
};

subtest 'the backend goes away before the answer' => sub {
	my $t = begin('--source', simulator());
	until_event($t, 'number');
	server_kill();
	until_event($t, 'uncertain') or return fail('uncertain');
	serve($port);
	my $e = until_event($t, 'pin_wanted');
	ok($e, 'it asks until it knows, and goes on');
	print { $t->{in} } qq({"command":"pin","pin":"2468"}\n);
	is(ended($t), 0, 'status 0');
	is(verdict($t), 'authorised ', 'authorised');
	ok((grep { $_->{event} eq 'backend' && !$_->{reachable} } @{ $t->{events} }), 'told: not reachable');
	ok((grep { $_->{event} eq 'backend' && $_->{reachable} } @{ $t->{events} }), 'told: reachable again');
};

subtest 'the backend goes away and stays away' => sub {
	my $t = begin('--source', simulator());
	until_event($t, 'number');
	server_kill();
	until_event($t, 'uncertain');
	kill 'TERM', $t->{pid};
	is(ended($t), 2, 'status 2');
	is(verdict($t), 'uncertain cancelled', 'uncertain is not a refusal and not a yes');
};

subtest 'there is no backend' => sub {
	my $t = begin('--source', simulator());
	is(ended($t), 1, 'status 1');
	is(verdict($t), 'none no-backend', 'nothing was decided');
	serve($port);
};

subtest 'resident memory' => sub {
	my $ran = run([@base, '--source', simulator(), '--pin-file', "$dir/pin", '--stats']);
	is($ran->{status}, 0, 'status 0');
	my ($stats) = grep { $_->{event} eq 'stats' } json_lines($ran->{out});
	cmp_ok($stats->{frames}, '>', 10, 'frames are counted');
	SKIP: {
		skip 'a sanitizer build is larger', 1 if bin() =~ /address/;
		cmp_ok($stats->{rss_kib}, '<', 12 * 1024, "terminal: $stats->{rss_kib} KiB");
		cmp_ok($stats->{scanner_rss_kib}, '<', 24 * 1024, "scanner: $stats->{scanner_rss_kib} KiB");
	}
};

subtest 'without --json: words' => sub {
	my $ran = run([grep({ $_ ne '--json' } @base), '--source', simulator(), '--pin-file', "$dir/pin"]);
	is($ran->{status}, 0, 'status 0');
	# A slow machine may be told what to do about the phone, too: a sentence.
	(my $lines = $ran->{out}) =~ s{^[A-Z][a-z ]+\.\n}{}mg;
	like($lines, qr/^number \d{6} for Li Lei\nPIN, try 1\nAUTHORISED \(receipt [-0-9]+\)\n\z/, 'three lines');
};

# ---- the screen ----

SKIP: {
	skip 'no tmux', 1 unless grep { -x "$_/tmux" } split /:/, $ENV{PATH};
	subtest 'the real screen' => sub {
		# A server of its own each time: one that is being killed still answers.
		my ($server, @tmux) = 0;
		my $next = sub { @tmux = ('tmux', '-L', "countersign-t$$-" . ++$server, '-f', '/dev/null') };
		$next->();
		my $screen = sub { run([@tmux, 'capture-pane', '-p'])->{out} };
		my $shows = sub {
			my ($what, $name, $seconds) = @_;
			ok(wait_for(sub { $screen->() =~ $what }, $seconds // 20), $name) or diag($screen->());
		};
		my $open = sub {
			my ($source, @more) = @_;
			my $command = join ' ', bin('countersign'), "--config $dir/terminal.conf --source '$source'", @more;
			run([@tmux, 'new-session', '-d', '-x', 90, '-y', 30, "$command; echo STATUS=\$?; cat"],
				env => { LANG => 'C.UTF-8' });
		};
		my $close = sub { run([@tmux, 'kill-server']); $next->() };
		# As a person types: faster keys are taken for those of a scanner.
		my $types = sub { for my $key (@_) { run([@tmux, 'send-keys', $key]); select undef, undef, undef, 0.08 } };

		$open->(simulator());
		$shows->(qr/account PIN/, 'the account PIN is asked for');
		my $wide = sub {
			utf8::decode(my $text = $screen->());
			return (sort { $b <=> $a } map { length } split /\n/, $text)[0];
		};
		cmp_ok($wide->(), '<=', 90, 'as wide as the window');
		run([@tmux, 'resize-window', '-x', 130, '-y', 40]);
		ok(wait_for(sub { $wide->() > 100 }, 5), 'a larger window is filled');
		$types->('1', '1', '1', 'Enter');
		$shows->(qr/4 to 12 digits/, 'too few digits: told how many there are');
		$types->('q', '1', 'Enter');
		$shows->(qr/Attempt 2/, 'q does not end it half way, a wrong PIN is told');
		$types->('2', '4', '7', 'BSpace', '6', '8', 'Enter');
		$shows->(qr/AUTHORISED/, 'backspace takes a digit away; authorised');
		run([@tmux, 'send-keys', 'q']);
		$shows->(qr/STATUS=0/, 'q ends it, status 0');
		unlike($screen->(), qr/2468|1111/, 'no PIN is left on the screen');
		$close->();

		$open->(simulator());
		$shows->(qr/types this number/, 'the number is shown');
		run([@tmux, 'send-keys', 'Escape']);
		$shows->(qr/cancelled/i, 'Escape cancels');
		my ($pid) = `ps -eo pid=,args=` =~ /^\s*(\d+) \S*countersign --config \Q$dir\E/m;
		kill 'TERM', $pid // die 'countersign does not run';
		$shows->(qr/STATUS=1/, 'SIGTERM gives the terminal back');
		$close->();

		$open->('replay:fixtures/sessions/foreign-web/frames.mjpeg');
		$shows->(qr/pictures have ended/, 'frames that end are told');
		unlike($screen->(), qr/NOT ACCEPTED/, 'and are no verdict');
		$close->();

		$open->('simulator:nosuchprogram');
		$shows->(qr/nosuchprogram: not found/, 'a source that fails at once says why');
		run([@tmux, 'send-keys', 'q']);
		$shows->(qr/STATUS=3/, 'status 3');
		$close->();

		my $replayed = Session->new('fixtures/sessions/wrong-number')->set_up;
		my $changed = "$dir/changed";
		mkdir $changed;
		for my $file (qw(frames.mjpeg times session.jsonl)) {
			my $text = slurp("fixtures/sessions/wrong-number/$file");
			$text =~ s/("event":"verdict".*)wrong-answer/$1frozen/ if $file eq 'session.jsonl';
			spew("$changed/$file", $text);
		}
		my $again = bin('countersign') . " --config $replayed->{dir}/terminal.conf --replay $changed";
		run([@tmux, 'new-session', '-d', '-x', 90, '-y', 30, "$again; echo STATUS=\$?; cat"],
			env => { LANG => 'C.UTF-8' });
		$shows->(qr/expected:.*frozen.*STATUS=1/s, 'a replay on the screen leaves its difference behind');
		$close->();

		$open->('replay:fixtures/sessions/accepted-640x480/frames.mjpeg');
		$shows->(qr/\A.*REPLAY/, 'a film is called one');
		$close->();

		my $command = join ' ', bin('countersign'), "--config $dir/terminal.conf --source '" .
			simulator() . "'", "--record $dir/limited-too";
		run([@tmux, 'new-session', '-d', '-x', 90, '-y', 30, "ulimit -f 400; $command; cat"],
			env => { LANG => 'C.UTF-8' });
		$shows->(qr/NOT RECORDING.*Recording stopped/is, 'a recording that ended is told');
		$close->();
	};
}

# ---- replay ----

subtest 'a replay that goes differently says where' => sub {
	my $session = Session->new('fixtures/sessions/accepted-640x480')->set_up;
	my $copy = "$dir/copy";
	mkdir $copy;
	for my $file (glob 'fixtures/sessions/accepted-640x480/*') {
		system('cp', $file, $copy) == 0 or die;
	}
	my $text = slurp("$copy/session.jsonl");
	(my $other = $text) =~ s/"number":"\d+"/"number":"000000"/;
	spew("$copy/session.jsonl", $other);
	my @replay = (bin('countersign'), '--config', "$session->{dir}/terminal.conf", '--headless',
		'--pin-file', "$session->{dir}/pins", '--replay', $copy);
	my $ran = run(\@replay);
	is($ran->{status}, 1, 'status 1');
	like($ran->{err}, qr/line \d+/, 'the line');
	like($ran->{err}, qr/expected: .*"number":"000000"/, 'what was expected');
	like($ran->{err}, qr/got: .*"event":"number"/, 'what came');
	is(() = $ran->{err} =~ /expected:/g, 1, 'only the first difference');
	$session->stop;
	for my $broken ('', "{}\n", substr($text, 0, 100), "x" x 100000) {
		spew("$copy/session.jsonl", $broken);
		my $ran = run(\@replay);
		is($ran->{status}, 3, 'a session that is none: status 3');
		like($ran->{err}, qr/^countersign: .*session\.jsonl.*\n\z/, 'one line that names it');
	}
};

# ---- set-up faults ----

sub refused {
	my ($what, $like, @command) = @_;
	my $ran = run([bin('countersign'), @command]);
	is($ran->{status}, 3, "$what: status 3");
	like($ran->{err}, qr/^countersign: .*$like.*\n\z/, "$what: one line that says so");
	is($ran->{out}, '', "$what: nothing on standard output");
}
my @conf = ('--config', "$dir/terminal.conf", '--headless');
refused('no configuration', qr/nowhere.*countersign enrol/, '--config', '/nowhere/terminal.conf', '--headless');
spew("$dir/open.conf", slurp("$dir/terminal.conf"), 0644);
refused('a configuration that others may read', qr/open\.conf.*chmod 600/, '--config', "$dir/open.conf",
	'--headless');
spew("$dir/far.conf", slurp("$dir/terminal.conf") =~ s{http://127\.0\.0\.1}{http://192.0.2.1}r, 0600);
refused('plain http to another machine', qr/far\.conf.*https/, '--config', "$dir/far.conf", '--headless', '--source',
	simulator());
my $tls = slurp("$dir/terminal.conf") =~ s{http://}{https://}r;
my $with = sub { my ($name, $text) = @_; spew("$dir/$name.conf", $text, 0600); ('--config', "$dir/$name.conf", '--headless', '--source', 'replay:fixtures/sessions/foreign-web/frames.mjpeg') };
refused('a certificate without its key', qr/half\.conf.*\[backend\] key/,
	$with->('half', $tls =~ s/^token.*/certificate = a.pem/mr));
refused('a certificate over plain http', qr/plain\.conf.*https/,
	$with->('plain', slurp("$dir/terminal.conf") =~ s/^token.*/certificate = a.pem\nkey = a.key/mr));
refused('neither token nor certificate', qr/none\.conf.*token or certificate/, $with->('none', $tls =~ s/^token.*//mr));
refused('a certificate that is not there', qr{\Q$dir\E/a\.pem},
	$with->('away', $tls =~ s/^token.*/certificate = a.pem\nkey = a.key/mr));
refused('no source', qr/nothing-here/, @conf, '--source', 'replay:/nothing-here.mjpeg');
refused('a source of no kind', qr/source/i, @conf, '--source', 'gopher:x');
refused('a recording there already', qr/limited/, @conf, '--source', simulator(), '--record', "$dir/limited");
refused('a replay against the backend of a bank', qr/not countersignd-deterministic/, @conf, '--replay',
	'fixtures/sessions/wrong-number');
refused('a language that is not there', qr/en and zh_CN/, '--language', 'fr');
spew("$dir/french.conf", slurp("$dir/terminal.conf") =~ s/^language.*\n//mr =~ s/^\[terminal\]\n/[terminal]\nlanguage = fr\n/mr,
	0600);
refused('a configured language that is not there', qr/french\.conf.*en and zh_CN/, '--config',
	"$dir/french.conf", '--headless');
refused('no recording to replay', qr/nowhere/, @conf, '--replay', '/nowhere');
refused('a PIN file that others may read', qr/open\.pin.*chmod 600/, @conf, '--source', simulator(),
	'--pin-file', do { spew("$dir/open.pin", "2468\n", 0644); "$dir/open.pin" });
refused('an unknown flag', qr/--nonsense/, '--nonsense');
refused('an unknown command', qr/dance/, 'dance');
refused('no screen', qr/--headless/, '--config', "$dir/terminal.conf", '--source', simulator());

server_kill('TERM');
done_testing;
