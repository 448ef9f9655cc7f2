#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The first start of a terminal that was never set up, in tmux with a real backend over TLS: the
# questions, answers that cannot be right, a code that the backend refuses, and what is written.
# Nothing is asked where nobody can answer.
use strict;
use warnings;
use utf8;
use Cwd 'abs_path';
use Encode ();
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
chdir dirname(__FILE__) . '/../..' or die;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $dir = scratch();
my @tmux; # of the window that is open
my $server;
END {
	local $?;
	system(@tmux, 'kill-server') if @tmux;
	if ($server) { kill 'KILL', $server; waitpid $server, 0 }
}
delete $ENV{$_} for qw(COUNTERSIGN_CONFIG LANGUAGE LC_ALL TMUX NO_COLOR);
$ENV{LANG} = 'C.UTF-8';

sub backend {
	my (@words) = @_;
	my @dir = $words[0] eq 'init' ? () : ('--dir', "$dir/backend");
	my $ran = run([bin('countersignd'), @dir, @words]);
	die "countersignd @words: $ran->{err}" if $ran->{status} ne '0';
	return $ran->{out};
}

sub code { my ($name) = @_; backend('terminal', 'enrol', $name) =~ /"code":"([^"]+)"/; return $1 }

backend('init', "$dir/backend", '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM');
pipe my $read, my $write or die;
$server = fork // die;
if (!$server) {
	open STDOUT, '>&', $write or die;
	open STDERR, '>', "$dir/backend.log" or die;
	exec { bin('countersignd') } bin('countersignd'), '--dir', "$dir/backend", 'serve', '--port', 0;
}
close $write;
my ($url) = (<$read> // '') =~ m{(https://\S+)} or die 'no backend: ' . slurp("$dir/backend.log");

# A terminal window with the program in it, and a home that is new.
my $homes = 0;
sub window {
	my (@flags) = @_;
	my $home = "$dir/home-" . ++$homes;
	mkdir $home or die;
	my $command = join ' ', "HOME=$home XDG_STATE_HOME=$home", abs_path(bin('countersign')), @flags;
	system(@tmux, 'kill-server') if @tmux;
	@tmux = ('tmux', '-f', '/dev/null', '-S', "$dir/tmux-$homes"); # the last one may still be ending
	system(@tmux, qw(new-session -d -x 110 -y 40),
		"$command; echo status=\$?; exec sleep 600") == 0 or die 'no tmux';
	return $home;
}
sub screen { return Encode::decode('UTF-8', join '', `@tmux capture-pane -p -J 2>&1`) }
sub sees {
	my ($what, $name) = @_;
	my $last;
	ok(wait_for(sub { ($last = screen()) =~ $what }, 20), $name) or diag($last);
}
sub answer { system(@tmux, 'send-keys', '-l', $_[0]) if $_[0] ne ''; system(@tmux, 'send-keys', 'Enter') }

subtest 'the questions, with everything wrong first' => sub {
	my $home = window();
	my $conf = "$home/.config/countersign/terminal.conf";
	sees(qr/^1 English   2 简体中文\nLanguage . 语言 \[1\]: *$/m, 'language, in both');
	answer('3');
	sees(qr{\]: 3\n  ! 1 / 2\nLanguage}, 'there is no third');
	answer('');
	sees(qr/was not set up yet\. Its settings go to \Q$conf\E/, 'says where settings go');
	sees(qr/^There is no camera|^Camera or reader/m, 'camera');
	answer('') if screen() =~ /^Camera or reader/m;
	sees(qr/^Address of the server, https:\/\/\.\.\.: *$/m, 'address');
	answer('http://bank.example');
	sees(qr/! plain http.*\nAddress/, 'not without TLS');
	answer("https://user:secret\@bank.example");
	sees(qr/secret\@bank\.example\n  ! .*\nAddress/, 'nor with a password in it');
	answer("  $url ");
	sees(qr/^Enrolment code/m, 'code');
	answer('AAAA-BBBB');
	sees(qr/! CODE is 32 characters.*\nEnrolment code/, 'too short a code');
	my $right = code('till-1');
	(my $wrong = $right) =~ tr/A-Y/B-Z/;
	answer($wrong);
	sees(qr/! .*\nAddress of the server, https:\/\/\.\.\. \[\Q$url\E\]: *$/m,
		'a wrong code leads back to the address, which is kept');
	ok(!-e $conf, 'nothing is written yet');
	answer('');
	sees(qr/\]: *\nEnrolment code.*: *$/m, 'and the code again');
	answer(lc $right);
	sees(qr/till-1 +Corner Bank/, 'the screen of the terminal');
	my $text = slurp($conf);
	like($text, qr/^name = till-1$/m, 'its name');
	like($text, qr/^language = en$/m, 'its language');
	like($text, qr/^url = \Q$url\E$/m, 'its server');
	unlike($text, qr/^source/m, 'no camera that is not there') unless glob '/dev/video*';
	is((stat $conf)[2] & 0777, 0600, 'for its owner alone');
	system(@tmux, 'send-keys', 'q');
	sees(qr/status=/, 'ends');
	like(run([bin('countersign'), 'check', '--config', $conf, '--json'])->{out},
		qr/"check":"backend","state":"good"/, 'countersign check likes it');
};

subtest 'in Chinese' => sub {
	my $home = window();
	sees(qr/Language/, 'asks');
	answer('2');
	sees(qr/^服务器地址.*: *$/m, 'goes on in Chinese');
	unlike(screen(), qr/was not set up|Address/, 'and only that');
	answer($url);
	sees(qr/^登记码.*: *$/m, 'code');
	answer(code('till-2'));
	sees(qr/till-2 +Corner Bank/, 'the screen of the terminal');
	like(slurp("$home/.config/countersign/terminal.conf"), qr/^language = zh_CN$/m, 'kept');
};

subtest 'what is said is not asked' => sub {
	my $home = window('--language', 'en', '--source', 'replay:fixtures/sessions/foreign-web/frames.mjpeg',
		'--config', "$dir/here.conf");
	sees(qr/go to \Q$dir\E\/here\.conf/, 'where it was told');
	sees(qr/^Address/m, 'the address is the first question');
	unlike(screen(), qr/Language|amera/, 'neither language nor camera');
	system(@tmux, 'send-keys', 'C-d');
	sees(qr/not set up: the questions were not answered.*status=3/s, 'the end of answers is the end');
	ok(!-e "$dir/here.conf", 'nothing is written');
	ok(!-e "$home/.config", 'nor anywhere else');
};

subtest 'nobody is there to answer' => sub {
	my %env = (HOME => "$dir/nobody");
	for (['--headless'], ['--headless', '--json'], [], ['--config', "$dir/none.conf"]) {
		my $ran = run([bin('countersign'), @$_], env => \%env, in => "1\n$url\nx\n");
		is($ran->{status}, 3, "@$_: status 3");
		unlike($ran->{out}, qr/Language|Address/, 'nothing is asked');
		like($ran->{err}, qr/^countersign: .*(?:no configuration|no such file).*countersign enrol/,
			'what is missing, and what writes it');
	}
};

subtest 'a command that is mistyped' => sub {
	my $ran = run([bin('countersign'), 'chekc']);
	is($ran->{status}, 3, 'status 3');
	like($ran->{err}, qr/chekc: no such command; is it check\?/, 'and which was meant');
	like(run([bin('countersign'), 'frobnicate'])->{err}, qr/there are run, .*check/, 'or which there are');
};

done_testing;
