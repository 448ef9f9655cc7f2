#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Running it: what the service manager is told and hands over, health, figures, files read again, logs,
# backups of a database at work, and a stop that finishes what it began.
use strict;
use warnings;
use File::Basename;
use lib dirname(__FILE__) . '/../lib';
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Socket;
use Test::More;
use Time::HiRes qw(sleep time);
use Try;
chdir dirname(__FILE__) . '/../..' or die;

my $dir = scratch();
my $back = "$dir/backend";
my $json = JSON::PP->new->utf8;
my (%server, $url);
END { local $?; kill 'KILL', $server{pid} if $server{pid} }

sub admin {
	my @words = @_;
	my @at = $words[0] eq 'init' ? () : ('--dir', $back);
	return run([bin('countersignd'), @at, @words]);
}
sub told { my $ran = admin(@_); die "@_: $ran->{err}" if $ran->{status} ne '0'; return $json->decode($ran->{out}) }

# The server with these variables and sockets; waits until it has told where it listens.
sub serve {
	my (%how) = @_;
	pipe my $read, my $write or die;
	$server{pid} = fork // die;
	if (!$server{pid}) {
		open STDOUT, '>&', $write or die;
		open STDERR, '>', "$dir/err" or die;
		$ENV{$_} = $how{env}{$_} for keys %{ $how{env} // {} };
		$ENV{LISTEN_PID} = $$ if $how{socket};
		$ENV{WATCHDOG_PID} = $$ if $how{watchdog};
		if ($how{socket}) {
			POSIX::dup2(fileno $how{socket}, 3) // die;
			$^F = 10;
			fcntl $how{socket}, 2, 0;
			open my $keep, '<&=', 3 or die;
			fcntl $keep, 2, 0; # F_SETFD: it stays open in the program
		}
		exec { bin('countersignd') } bin('countersignd'), '--dir', $back, 'serve', @{ $how{words} // [qw(--plain --port 0)] };
	}
	close $write;
	my $line = <$read> // '';
	($url) = $line =~ m{listening on (https?://\S+)};
	return $url;
}
sub stop {
	my ($signal) = @_;
	kill $signal // 'TERM', $server{pid};
	waitpid delete $server{pid}, 0;
	return $? >> 8;
}
sub curl { my $ran = run(['curl', '-s', '-m', '20', '-w', "\n%{http_code} %{content_type}", @_]); $ran->{out} =~ s/\n(\d+) ([^\n]*)\z//; return ($1, $ran->{out}, $2) }
sub get { my ($path, @more) = @_; return curl(@more, "$url$path") }
sub log_has { my ($re) = @_; return wait_for(sub { (slurp("$dir/err") // '') =~ $re }, 20) }

told('init', $back, '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM');
told(qw(terminal enrol till --url http://127.0.0.1:1 --config), "$dir/till.conf");
my ($token) = slurp("$dir/till.conf") =~ /^token = (\S+)/m;
my $conf = slurp("$back/countersignd.conf");

# ---- the service manager: sd_notify(3), sd_listen_fds(3) ----
socket my $manager, AF_UNIX, SOCK_DGRAM, 0 or die;
bind $manager, sockaddr_un("$dir/notify") or die;
sub heard { # the next message, split into its lines
	return {} unless IO::Select->new($manager)->can_read(20);
	recv $manager, my $text, 4096, 0;
	return { map { split /=/, $_, 2 } split /\n/, $text };
}
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die;
my $port = $listener->sockport;
serve(socket => $listener, watchdog => 1, env => { NOTIFY_SOCKET => "$dir/notify", WATCHDOG_USEC => 400000,
	LISTEN_FDS => 1, LISTEN_FDNAMES => 'countersignd.socket' }, words => ['--plain', '--port', 1]);
is($url, "http://127.0.0.1:$port", 'the socket that was handed over is served, whatever --port says');
my $said = heard();
is($said->{READY}, 1, 'the manager is told when it answers');
like($said->{STATUS} // '', qr/port $port/, 'and where');
is((get('/healthz'))[0], 200, 'it answers there');
is(heard()->{WATCHDOG}, 1, 'signs of life');
is(heard()->{WATCHDOG}, 1, 'come again');
my $before = int(POSIX::floor((split / /, slurp('/proc/uptime'))[0] * 1e6)) - 2e6;
kill 'HUP', $server{pid};
$said = heard() until ($said->{RELOADING} // 0) == 1;
cmp_ok($said->{MONOTONIC_USEC}, '>', 0, 'a reload is told, with the time of the clock that the manager has');
$said = heard() until ($said->{READY} // 0) == 1;
pass('and when it is over');
# the store thread is stuck: no more signs of life is what the manager acts upon
kill 'TERM', $server{pid};
$said = heard() until ($said->{STOPPING} // 0) == 1;
pass('the stop is told');
waitpid delete $server{pid}, 0;
is($? >> 8, 0, 'and is a clean one');

# refused: several sockets, one that does not listen, one that is not of this machine without TLS
sub refused {
	my ($why, $like, %how) = @_;
	is(serve(%how), undef, "$why: it does not serve");
	waitpid delete $server{pid}, 0;
	is($? >> 8, 3, "$why: status");
	like(slurp("$dir/err"), $like, "$why: says why");
}
refused('two sockets', qr/2 sockets/, socket => $listener, env => { LISTEN_FDS => 2 });
refused('a socket that does not listen', qr/not a listening TCP/, socket => $manager, env => { LISTEN_FDS => 1 });
my $open = IO::Socket::INET->new(Listen => 5, LocalAddr => '0.0.0.0') or die;
refused('an open socket without TLS', qr/without TLS/, socket => $open, env => { LISTEN_FDS => 1 });
refused('an address that is none', qr/NOTIFY_SOCKET/, env => { NOTIFY_SOCKET => 'nonsense' });
serve(env => { LISTEN_FDS => 1, LISTEN_PID => 1, NOTIFY_SOCKET => '' });
isnt($url, undef, 'sockets for another process are not ours');
is(stop(), 0, 'stops');

# ---- health ----
serve();
my ($status, $body) = get('/healthz');
is("$status $body", '200 {"status":"ok","store":true,"clock":true,"keys":true,"worker":true}', 'healthy');
# somebody keeps the write lock for longer than STORE_BUSY_MS
open my $sqlite, '|-', 'sqlite3', "$back/countersign.db" or die;
$sqlite->autoflush(1);
print {$sqlite} "BEGIN IMMEDIATE;\n.shell touch $dir/locked\n";
wait_for(sub { -e "$dir/locked" }, 10);
($status, $body) = get('/healthz');
is($status, 503, 'not, when the store cannot be used');
is($json->decode($body)->{store}, JSON::PP::false, 'and it names that');
is($json->decode($body)->{status}, 'failing', 'and says so');
print {$sqlite} "ROLLBACK;\n";
close $sqlite;
is((get('/healthz'))[0], 200, 'healthy again');

# ---- figures: a strict reader of the text format 0.0.4 ----
sub figures {
	my ($text) = @_;
	my (%type, %help, %value, @wrong, $last, %closed);
	push @wrong, 'no line feed at the end' unless $text =~ /\n\z/;
	for my $line (split /\n/, $text) {
		if ($line =~ /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/) {
			my ($what, $name, $rest) = ($1, $2, $3);
			if ($what eq 'HELP') { push @wrong, "help twice: $name" if $help{$name}++; next }
			push @wrong, "type twice: $name" if $type{$name};
			push @wrong, "type after a value: $name" if $closed{$name};
			push @wrong, "no such type: $line" unless $rest =~ /^(counter|gauge|histogram)$/;
			$type{$name} = $rest;
		} elsif ($line =~ /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*",?)+)\})? (-?\d+(?:\.\d+)?|\+Inf|NaN)$/) {
			my ($name, $labels, $figure) = ($1, $2 // '', $3);
			(my $family = $name) =~ s/_(?:bucket|sum|count)$//;
			$family = $name unless ($type{$family} // '') eq 'histogram';
			push @wrong, "without type: $line" unless $type{$family};
			push @wrong, "a counter without _total: $name" if ($type{$family} // '') eq 'counter' && $name !~ /_total$/;
			push @wrong, "no base unit: $name" if $name =~ /_(?:ms|us|milliseconds|kb|mb)(?:_|$)/;
			push @wrong, "not together: $name" if defined $last && $last ne $family && $closed{$family};
			push @wrong, "twice: $line" if exists $value{"$name\{$labels}"};
			$value{"$name\{$labels}"} = $figure;
			$closed{$family} = 1;
			$last = $family;
		} else {
			push @wrong, "not a line: $line";
		}
	}
	push @wrong, "no help: $_" for grep { !$help{$_} } keys %type;
	for my $name (grep { $type{$_} eq 'histogram' } keys %type) {
		my %series;
		for (grep { /^\Q$name\E_bucket\{/ } keys %value) {
			my ($labels, $le) = /\{(.*?),?le="([^"]+)"\}/;
			push @{ $series{$labels} }, [$le eq '+Inf' ? 9e99 : $le, $value{$_}];
		}
		for my $labels (keys %series) {
			my @points = sort { $a->[0] <=> $b->[0] } @{ $series{$labels} };
			push @wrong, "no +Inf: $name $labels" unless $points[-1][0] == 9e99;
			push @wrong, "falls: $name $labels" if grep { $points[$_][1] < $points[$_ - 1][1] } 1 .. $#points;
			push @wrong, "count: $name $labels" if ($value{"${name}_count{$labels}"} // -1) != $points[-1][1];
			push @wrong, "no sum: $name $labels" unless defined $value{"${name}_sum{$labels}"};
		}
	}
	return (\%value, @wrong);
}
my @bad = ("x 1\n", "# TYPE x counter\nx 1\n", "# HELP x y\n# TYPE x gauge\nx one\n",
	"# HELP h y\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
	"# HELP x y\n# TYPE x gauge\nx 1\nx 2\n", "# HELP x y\n# TYPE x gauge\nx 1");
is(scalar(grep { my (undef, @wrong) = figures($_); !@wrong } @bad), 0, 'the reader of figures is a strict one');
sub figure { my ($name) = @_; my ($value, @wrong) = figures((get('/metrics'))[1]); return $value->{$name} }
my ($code, $text, $type) = get('/metrics');
is("$code $type", '200 text/plain; version=0.0.4; charset=utf-8', 'figures');
my ($value, @wrong) = figures($text);
is(join('; ', @wrong), '', 'are in the format');
is($value->{'countersign_decisions_total{kind="start-refused"}'}, 0, 'nothing was decided yet');
my @post = ('-H', "Authorization: Bearer $token", '-H', 'Content-Type: application/json', '-d');
is((get('/v1/verifications', @post, '{"code":"HTTPS://QR.EXAMPLE.COM/C/AAAA"}'))[0], 400, 'a start that is refused');
is(figure('countersign_decisions_total{kind="start-refused"}'), 1, 'is counted');
is(figure('countersign_request_duration_seconds_count{stage="start"}'), 1, 'so is its time');
cmp_ok(figure('countersign_store_commit_requests_total{}'), '>=', 1, 'and its commit');
is(figure('countersign_http_answers_total{status="4xx"}'), 1, 'and its answer');
cmp_ok(figure('process_resident_memory_bytes{}'), '>', 1e6, 'memory');
cmp_ok(abs(figure('process_start_time_seconds{}') - time), '<', 600, 'start time');
is(figure('countersign_audit_records{}'), told(qw(audit verify))->{records}, 'the newest audit record');
is($text =~ /Corner|till|[0-9a-f]{32}/ ? 1 : 0, 0, 'no name and no id is in them');
my $stream = IO::Socket::INET->new(PeerAddr => substr($url, 7)) or die;
print {$stream} "GET /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $token\r\n\r\n";
ok(wait_for(sub { figure('countersign_event_streams{}') == 1 }, 10), 'an open stream is seen');

# ---- who may see them ----
is((get('/metrics', '-H', 'X-Forwarded-For: 192.0.2.1'))[0], 401, 'not whoever comes through a proxy of this machine');
spew("$back/countersignd.conf", "$conf\n[server]\nmetrics_local = 0\n", 0600);
kill 'HUP', $server{pid};
ok(wait_for(sub { (get('/metrics'))[0] == 401 }, 10), 'not any program of this machine, when the configuration says so');
is((get('/metrics', '-H', "Authorization: Bearer $token"))[0], 403, 'not a terminal');
is((get('/metrics', '-H', 'Authorization: Bearer AAAA'))[0], 401, 'not nobody');
spew("$dir/pass", "a long passphrase of tests\n", 0600);
my $ran;
told(qw(operator add root --role admin --passphrase-file), "$dir/pass");
my ($s, $b) = get('/v1/sessions', '-H', 'Content-Type: application/json', '-d', '{"name":"root","passphrase":"a long passphrase of tests"}');
is((get('/metrics', '-H', 'Authorization: Bearer ' . $json->decode($b)->{token}))[0], 200, 'an administrator');

# ---- files read again ----
spew("$back/countersignd.conf", "$conf\n[policy]\ndigits = 99\n", 0600);
kill 'HUP', $server{pid};
ok(log_has(qr/new configuration is not good.*digits/), 'a wrong configuration is told with its key');
is((get('/metrics'))[0], 401, 'and what was there before stays');
spew("$back/countersignd.conf", "$conf\n[server]\nlog = debug\nport = 9\n", 0600);
kill 'HUP', $server{pid};
ok(log_has(qr/used after a restart only/), 'what cannot change is told');
is((get('/metrics'))[0], 200, 'a good one is taken');

# ---- a stop finishes what it began, and ends what has no end ----
my $waits = IO::Socket::INET->new(PeerAddr => substr($url, 7)) or die;
print {$waits} "POST /v1/activations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"token\":";
ok(wait_for(sub { figure('countersign_connections{}') >= 3 }, 10), 'a request has begun');
kill 'TERM', $server{pid};
ok(log_has(qr/stopping on SIGTERM/), 'the stop began');
print {$waits} "\"AAA\"}";
is(<$waits>, "HTTP/1.1 404 Not Found\r\n", 'what was begun before is answered after it');
local $/;
like(<$stream>, qr/text\/event-stream.*\n\n?\z/s, 'a stream ends');
$/ = "\n";
waitpid delete $server{pid}, 0;
is($? >> 8, 0, 'and the status is 0');
spew("$back/countersignd.conf", $conf, 0600);

# ---- logs ----
open my $journal, '>', "$dir/err" or die;
serve(words => [qw(--plain --port 0 --log-format json)]);
stop();
my @lines = map { eval { $json->decode($_) } // {} } split /\n/, slurp("$dir/err");
is(scalar(grep { !$_->{time} || !$_->{level} || !$_->{text} || !$_->{area} } @lines), 0, 'JSON: an object a line');
cmp_ok(scalar @lines, '>=', 2, 'and there are some');
my @st = stat $journal;
serve(env => { JOURNAL_STREAM => "$st[0]:$st[1]" });
stop();
is(scalar(grep { !/^<[3467]>[a-z]+: / } split /\n/, slurp("$dir/err")), 0, 'the journal gets its priorities');
$ran = admin(qw(serve --plain --port 0 --log-format xml));
is($ran->{status}, 3, 'another format is refused');

# ---- certificates ----
SKIP: {
	my $pem = slurp("$back/server.pem") or skip 'no certificate', 5;
	serve(words => [qw(--port 0)]);
	sub serial { my ($p) = $url =~ /:(\d+)$/; my $r = run(['sh', '-c', "openssl s_client -connect 127.0.0.1:$p </dev/null 2>/dev/null | openssl x509 -noout -serial"]); return $r->{out} }
	my $old = serial();
	isnt($old, '', 'it has a certificate');
	spew("$back/server.pem", 'nonsense', 0644);
	kill 'HUP', $server{pid};
	ok(log_has(qr/certificates are not good/), 'a wrong certificate is told');
	is(serial(), $old, 'and the old one is served');
	spew("$back/server.pem", $pem, 0644);
	told(qw(ca renew-server));
	kill 'HUP', $server{pid};
	ok(log_has(qr/certificates were read again/), 'a good one is read');
	isnt(serial(), $old, 'and served');
	stop();
}

# ---- another machine ----
# An address of this machine that is not a loopback one stands for it: the one that a packet to
# somewhere else would come from. Nothing is sent.
my $probe = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '192.0.2.1', PeerPort => 9);
my $away = $probe ? $probe->sockhost : '127.0.0.1';
SKIP: {
	skip 'this machine has no address but its own', 4 if $away =~ /^127\./ || !-e "$back/server.pem";
	my ($p) = serve(words => [qw(--port 0 --bind 0.0.0.0)]) =~ /:(\d+)$/;
	is((curl('-k', "https://127.0.0.1:$p/metrics"))[0], 200, 'figures from this machine');
	is((curl('-k', "https://$away:$p/metrics"))[0], 401, 'and not from another one');
	is((curl('-k', '-H', 'X-Forwarded-For: 127.0.0.1', "https://$away:$p/metrics"))[0], 401, 'whatever it says');
	is((curl('-k', "https://$away:$p/healthz"))[0], 200, 'health from anywhere');
	stop();
}

# ---- backup and restore ----
serve();
my $writers = fork // die;
if (!$writers) { # the database is written all the while
	get('/v1/verifications', @post, '{"code":"HTTPS://QR.EXAMPLE.COM/C/AAAA"}') while 1;
}
my $made = told('backup', "$dir/backup.db");
kill 'KILL', $writers;
waitpid $writers, 0;
is(sprintf('%o', (stat "$dir/backup.db")[2] & 07777), '600', 'a backup is private');
cmp_ok($made->{bytes}, '==', -s "$dir/backup.db", 'and as large as it says');
is(run(['sqlite3', "$dir/backup.db", 'PRAGMA integrity_check; SELECT max(seq) FROM audit'])->{out}, "ok\n$made->{audit_records}\n", 'whole, up to the record that it says');
unlink "$dir/backup.db-wal", "$dir/backup.db-shm";
is(join(' ', sort map { basename $_ } glob "$dir/backup.db*"), 'backup.db', 'nothing lies beside it');
$ran = admin('backup', "$dir/backup.db");
is($ran->{status}, 3, 'a file that is there is refused');
like($ran->{err}, qr/is there already/, 'with words');
is(admin('backup')->{status}, 3, 'a backup needs a name');
is(admin('backup', "$dir/none/x")->{status}, 1, 'and a folder');

# after the backup: a verification begins, then the older database is put back
my $holder = told(qw(holder add --name Ada))->{holder};
my $account = told(qw(account add --number 1 --holder), $holder)->{account};
stop();
told('backup', "$dir/second.db");
unlink "$dir/second.db-wal", "$dir/second.db-shm";
serve();
my $issued = told(qw(credential issue --no-pin --holder), $holder, '--account', $account);
spew("$dir/code", "correct horse battery\n", 0600);
my @wallet = ('--wallet', "$dir/wallet", '--passcode-file', "$dir/code");
$ran = run([bin('holder'), 'activate', '--url', $url, '--token-stdin', @wallet], in => "$issued->{token}\n");
is($ran->{status}, '0', 'a wallet') or diag $ran->{err};
my $first = run([bin('holder'), 'show', @wallet])->{out};
chomp $first;
($status, $body) = get('/v1/verifications', @post, $json->encode({ code => $first }));
is($status, 201, 'a verification begins') or diag $body;
my $open_one = $json->decode($body);
my $second = run([bin('holder'), 'answer', $open_one->{number}, @wallet])->{out};
chomp $second;
stop();
unlink glob "$back/countersign.db*";
rename "$dir/second.db", "$back/countersign.db" or die;
is(run([bin('countersignd'), '--dir', $back, 'serve', '--plain', '--port', 0])->{status}, 1, 'an older database is not served as it is');
$ran = run([bin('countersignd'), 'restore', $back]);
is($ran->{status}, '0', 'it is restored') or diag $ran->{err};
my $told = $json->decode($ran->{out});
is(ref $told->{$_}, 'ARRAY', "and says whom it needs: $_") for qw(terminal_enrol credential_renew operator_allow);
cmp_ok($told->{database_until}, '<=', time, 'and until when the database knows everything');
serve();
($status, $body) = get("/v1/verifications/$open_one->{id}/response", @post, $json->encode({ code => $second }));
is($status, 404, 'the second code of a verification that it no longer knows is refused');
($status, $body) = get('/v1/verifications', @post, $json->encode({ code => $first }));
is($status, 404, 'as is the first code of a credential that it no longer knows');
stop();
is(admin(qw(audit verify))->{status}, '0', 'and the chain holds');

# nobody put anything back
my $head = run(['sqlite3', "$back/countersign.db", 'SELECT max(seq) FROM audit'])->{out};
$ran = run([bin('countersignd'), 'restore', $back]);
is("$ran->{status} $ran->{out}", '3 ', 'a backend that is whole is not restored unasked');
like($ran->{err}, qr/^countersignd: restore: this backend is whole: .*stop every operator; with --yes/, 'and it says what that would do');
is(run(['sqlite3', "$back/countersign.db", 'SELECT max(seq) FROM audit'])->{out}, $head, 'and nothing was done');
is(run([bin('countersignd'), 'restore', $back, '--yes', '--operator', 'Nobody'])->{status}, 3, 'nor by an operator that is none');
is(run([bin('countersignd'), 'restore', $back, '--yes'])->{status}, '0', 'with --yes it is');
isnt(run(['sqlite3', "$back/countersign.db", 'SELECT max(seq) FROM audit'])->{out}, $head, 'and that is recorded');
done_testing;
