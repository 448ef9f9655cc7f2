#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# `countersign check` with a real backend over TLS: each part good, and each wrong in the way that it
# is wrong at a counter. What is told names the part, and what to do is said.
use strict;
use warnings;
use utf8;
use Encode ();
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
chdir dirname(__FILE__) . '/../..' or die;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $dir = scratch();
my $conf = "$dir/terminal.conf";
my $server;
END { local $?; stop() }
$ENV{XDG_STATE_HOME} = "$dir/state";
delete $ENV{$_} for qw(COUNTERSIGN_CONFIG STATE_DIRECTORY LANGUAGE LC_ALL LC_MONETARY LC_TIME);
$ENV{LANG} = 'C.UTF-8';

sub backend {
	my ($home, @words) = @_;
	my @dir = $words[0] eq 'init' ? () : ('--dir', $home);
	my $ran = run([bin('countersignd'), @dir, @words]);
	die "countersignd @words: $ran->{err}" if $ran->{status} ne '0';
	return $ran->{out};
}

# A backend in a folder of its own, on this port (0 = any); its address.
sub serve {
	my ($home, $port) = @_;
	pipe my $read, my $write or die;
	$server = fork // die;
	if (!$server) {
		open STDOUT, '>&', $write or die;
		open STDERR, '>>', "$dir/backend.log" or die;
		exec { bin('countersignd') } bin('countersignd'), '--dir', $home, 'serve', '--port', $port;
	}
	close $write;
	my ($where) = (<$read> // '') =~ m{(https://\S+)} or die 'no backend: ' . slurp("$dir/backend.log");
	return $where;
}

sub stop {
	return unless $server;
	kill 'KILL', $server;
	waitpid $server, 0;
	$server = undef;
}

# A film of grey pictures: what the camera sees. Each byte is one of the levels in turn.
sub pictures {
	my ($name, @levels) = @_;
	my $pixels = join '', map { chr $levels[int($_ / 8) % @levels] } 0 .. 320 * 240 - 1;
	spew("$dir/$name.y4m", "YUV4MPEG2 W320 H240 F120:1 Cmono\n" . "FRAME\n$pixels" x 3);
	return "replay:$dir/$name.y4m";
}

# What a run told: { check => { state, text, todo } } and its exit status under "status".
sub check {
	my (%opt) = @_;
	my $ran = run([bin('countersign'), 'check', '--json', '--config', $opt{config} // $conf,
		'--source', $opt{source} // "replay:$dir/good.y4m", @{ $opt{more} // [] }],
		env => $opt{env} // {}, seconds => 40);
	my %told = map { $_->{check} => $_ } json_lines($ran->{out});
	diag($ran->{err}) if $ran->{err} ne '';
	return { %told, status => $ran->{status} };
}

sub wrong {
	my ($name, $told, $part, $state, $text, $todo) = @_;
	is($told->{$part}{state} // 'nothing', $state, "$name: $state");
	like($told->{$part}{text}, $text, "$name: says what");
	like($told->{$part}{todo} // '', $todo, "$name: and what to do");
	is($told->{all}{state}, $state, "$name: so does the end") if $state ne 'unused';
	is($told->{status}, $state eq 'fault' ? 1 : 0, "$name: status");
}

backend("$dir/bank", 'init', "$dir/bank", '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM');
my $url = serve("$dir/bank", 0);
my ($port) = $url =~ /:(\d+)/;
my ($code) = backend("$dir/bank", qw(terminal enrol counter)) =~ /"code":"([^"]+)"/;
is(run([bin('countersign'), 'enrol', $url, $code, '--config', $conf])->{status}, 0, 'enrolled');
my $text = slurp($conf);
my $good = pictures('good', 30, 200, 90, 140);

subtest 'everything in order' => sub {
	my $told = check();
	is($told->{status}, 0, 'status 0');
	is($told->{all}{state}, 'good', 'good');
	is($told->{$_}{state} // 'nothing', 'good', $_)
		for qw(settings language camera light certificate backend server-certificate clock sales);
	like($told->{camera}{text}, qr/320 x 240/, 'size of the pictures');
	like($told->{certificate}{text}, qr/valid until 20\d\d-\d\d-\d\d, \d+ days from now/, 'until when');
	like($told->{'server-certificate'}{text}, qr/valid until 20\d\d-\d\d-\d\d, \d+ days/, 'the server\'s, too');
	like($told->{backend}{text}, qr/^\Q$url\E answers in \d+ ms/, 'which server');
	ok(!grep({ ref $_ && $_->{state} eq 'good' && defined $_->{todo} } values %$told), 'nothing to do');
};

subtest 'in words, in both languages' => sub {
	my $ran = run([bin('countersign'), 'check', '--config', $conf, '--source', $good]);
	is($ran->{status}, 0, 'status 0');
	my $words = Encode::decode('UTF-8', $ran->{out});
	like($words, qr/^✓ Camera +good /m, 'sign, part, word');
	like($words, qr/^Everything is in order\.$/m, 'the end');
	$ran = run([bin('countersign'), 'check', '--config', $conf, '--source', '/dev/video99',
		'--language', 'zh_CN']);
	is($ran->{status}, 1, 'status 1');
	$words = Encode::decode('UTF-8', $ran->{out});
	like($words, qr/^✗ 摄像头 +故障 .*\n +→ \p{Han}/m, 'Chinese, with what to do');
	like($words, qr/年\d\d月\d\d日/, 'dates, too');
	unlike($words, qr/\b(?:good|FAULT|until|days|order)\b/, 'nothing in English');
};

subtest 'camera and light' => sub {
	wrong('no camera', check(source => '/dev/video99'), 'camera', 'fault', qr/video99/, qr/cable/);
	wrong('no such folder', check(source => "replay:$dir/none"), 'camera', 'fault', qr/none/, qr/./);
	wrong('dark', check(source => pictures('dark', 4, 9, 30)), 'light', 'warning', qr/dark/, qr/lamp/);
	wrong('too light', check(source => pictures('white', 255, 255, 255, 40)), 'light', 'warning',
		qr/white/, qr/window/);
	wrong('covered', check(source => pictures('lid', 17)), 'light', 'warning', qr/one colour/, qr/lid/);
};

subtest 'the clock' => sub {
	my ($fake) = grep { -f } glob '/usr/lib/*/faketime/libfaketimeMT.so.1';
	plan skip_all => 'no libfaketime here' unless $fake;
	my %env = (LD_PRELOAD => $fake, FAKETIME_DONT_FAKE_MONOTONIC => 1);
	wrong('ahead', check(env => { %env, FAKETIME => '+300s' }), 'clock', 'fault',
		qr/^(29|30)\d seconds ahead/, qr/timedatectl/);
	wrong('behind', check(env => { %env, FAKETIME => '-9s' }), 'clock', 'warning',
		qr/seconds behind/, qr/timedatectl/);
	my $told = check(env => { %env, FAKETIME => '+500d' });
	wrong('years', $told, 'certificate', 'fault', qr/was valid until/, qr/--force/);
};

subtest 'the configuration' => sub {
	spew("$dir/typo.conf", "$text\n[terminal]\nsorce = x\n" =~ s/\n\[terminal\]\nname/\n[terminal]\nname/r, 0600);
	my $told = check(config => "$dir/typo.conf");
	wrong('a typing error', $told, 'settings', 'fault', qr/sorce.*is it \[terminal\] source\?/, qr/line/);
	is($told->{backend}{state}, 'unused', 'nobody is asked');
	spew("$dir/open.conf", $text, 0644);
	wrong('others may read it', check(config => "$dir/open.conf"), 'settings', 'fault', qr/chmod 600/, qr/./);
	wrong('none', check(config => "$dir/none.conf"), 'settings', 'fault', qr/no such file/, qr/enrolment code/);
	spew("$dir/lost.conf", $text =~ s/^key = terminal\.key$/key = gone.key/mr, 0600);
	wrong('the key is gone', check(config => "$dir/lost.conf"), 'certificate', 'fault', qr/gone\.key/, qr/[Ee]nrol/);
};

subtest 'what something is given to' => sub {
	my $told = check();
	is($told->{$_}{state}, 'unused', "no $_") for qw(printer sound speech display);
	system('mkfifo', "$dir/printer") == 0 or die;
	spew("$dir/file", '');
	spew("$dir/not-a-program", '');
	my $with = sub { spew("$dir/with.conf", "$text\n$_[0]\n", 0600); return check(config => "$dir/with.conf") };
	$told = $with->("[sound]\naccepted = true\nrefused = true\n[speech]\ncommand = cat\n"
		. "[receipt]\ndevice = $dir/printer\n[display]\ndevice = $dir/printer\n[sales]\nfolder = $dir/sales");
	is($told->{status}, 0, 'status 0');
	is($told->{$_}{state}, 'good', "a good $_") for qw(printer sound speech display sales);
	is($told->{sales}{text}, "$dir/sales", 'the folder that is configured');
	wrong('no such program', $with->("[sound]\nuncertain = no-such-player --loud"), 'sound', 'fault',
		qr/\[sound\] uncertain.*no-such-player/, qr/Install.*\[sound\] uncertain/);
	wrong('not to be run', $with->("[speech]\ncommand = $dir/not-a-program"), 'speech', 'fault',
		qr/\[speech\] command.*not-a-program/, qr/Install/);
	wrong('no such printer', $with->("[receipt]\ndevice = $dir/lp9"), 'printer', 'fault', qr/lp9/, qr/Plug it in/);
	wrong('a file for a display', $with->("[display]\ndevice = $dir/file"), 'display', 'fault',
		qr/no device/, qr/\[display\] device/);
	is($told->{$_}{state}, 'unused', "no $_") for qw(offline till webhook);
	my $accept = "[offline]\npolicy = accept\ncurrency = EUR\nsum_max = 5000\nfolder = $dir/sales\n";
	wrong('a policy without a bound', $with->($accept), 'offline', 'fault', qr/amount_max/, qr/configuration/);
	is($with->("${accept}amount_max = 2000")->{offline}{state}, 'good', 'a good one');
	is(-e "$dir/sales/offline" ? 1 : 0, 0, 'and no journal was made');
	mkdir "$dir/sales/offline";
	spew("$dir/sales/offline/journal", "x\n", 0600);
	wrong('a journal that was changed', $with->($accept . 'amount_max = 2000'), 'offline', 'fault', qr/key: missing/,
		qr/supervisor/);
	unlink "$dir/sales/offline/journal";
	spew("$dir/hook.key", 'a key of the shop, not of the bank', 0600);
	spew("$dir/open.key", 'a key of the shop, not of the bank', 0644);
	chomp(my $group = `id -gn`);
	my $hook = "[till]\nsocket = $dir/till.sock\ngroup = $group\nwebhook = https://shop.example/\nwebhook_key =";
	$told = $with->("$hook hook.key");
	is($told->{$_}{state}, 'good', "a good $_") for qw(till webhook);
	is(-e "$dir/till.sock" ? 1 : 0, 0, 'nothing was made');
	wrong('a key that others may read', $with->("$hook open.key"), 'webhook', 'fault', qr/open\.key/, qr/webhook_key/);
	wrong('an authority that is none', $with->("$hook hook.key\nwebhook_ca = hook.key"), 'webhook', 'fault',
		qr/webhook_ca.*hook\.key/, qr/webhook_ca/);
	wrong('plain http', $with->("[till]\nwebhook = http://shop.example/\nwebhook_key = hook.key"), 'webhook', 'fault',
		qr/https/, qr/webhook/);
	wrong('no such folder', $with->("[till]\nsocket = $dir/nowhere/till.sock"), 'till', 'fault', qr/nowhere/, qr/folder/);
	wrong('no socket', $with->("[till]\nsocket = $dir/file"), 'till', 'fault', qr/no socket/, qr/\[till\]/);
	wrong('no such group', $with->("[till]\nsocket = $dir/till.sock\ngroup = nobody-of-that-name"), 'till', 'fault',
		qr/nobody-of-that-name/, qr/group/);
	chmod 0777, "$dir/sales";
	wrong('a folder for everybody', $with->("[sales]\nfolder = $dir/sales"), 'sales', 'fault', qr/sales/, qr/nobody else/);
};

subtest 'the server' => sub {
	backend("$dir/bank", qw(terminal revoke counter));
	wrong('revoked', check(), 'backend', 'fault', qr/./, qr/[Ee]nrol this terminal again/);
	stop();
	my $told = check();
	wrong('nobody there', $told, 'backend', 'fault', qr/127\.0\.0\.1:$port.*refused/, qr/server runs/);
	is($told->{clock}{state}, 'unused', 'nobody tells the time');
	backend("$dir/other", 'init', "$dir/other", '--name', 'Other Bank', '--host', 'QR.EXAMPLE.COM');
	serve("$dir/other", $port);
	wrong('another server', check(), 'backend', 'fault', qr/not trusted/, qr/enrol again/);
};

subtest 'wrong usage' => sub {
	for (['--what'], ['--config'], ['--language', 'fr'], ['camera']) {
		my $ran = run([bin('countersign'), 'check', @$_]);
		is($ran->{status}, 3, "@$_: status 3");
		like($ran->{err}, qr/^countersign check: /, 'and why');
		is($ran->{out}, '', 'nothing is looked at');
	}
	like(run([bin('countersign'), 'check', '--help'])->{out}, qr/^usage: countersign check/, '--help');
	my $ran = run(['sh', '-c', 'exec "$@" >/dev/full', 'sh', bin('countersign'), 'check', '--config',
		"$dir/none", '--source', $good]);
	is($ran->{status}, 3, 'nobody can read it: status 3');
};

done_testing;
