#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The challenge code on the real screen, captured from tmux and drawn in the cells of usual fonts: a
# phone reads it with every number of colours, on dark and light. Then the customer's display in a
# window of its own: it shows the customer's side, keys there do nothing, and it may go away.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Pixels;
chdir dirname(__FILE__) . '/../..' or die;

for my $program (qw(tmux zbarimg)) {
	plan skip_all => "no $program" unless grep { -x "$_/$program" } split /:/, $ENV{PATH};
}
bank();
spew("$dir/waits", "show first\nwait number\nwait 600000\nend\n");
spew("$dir/challenge", "show first\nwait number\nanswer challenge\nwait 300\nshow second\nwait 600000\nend\n");
my ($dark, $light) = ([229, 0], [0, 255]);

my $wallet;
my @tmux = ('tmux', '-L', "countersign-c$$", '-f', '/dev/null');
END { local $?; run([@tmux, 'kill-server']) }
sub keys_to { my ($window, @keys) = @_; run([@tmux, 'send-keys', '-t', ":$window", @keys]) }
sub text { my ($window) = @_; return run([@tmux, 'capture-pane', '-p', '-t', ":$window"])->{out} }
sub shows {
	my ($window, $what, $name) = @_;
	ok(wait_for(sub { text($window) =~ $what }, 20), $name) or diag(text($window));
}
# What a phone reads from a window.
sub phone {
	my ($window, $width, $height, $theme) = @_;
	my $text = run([@tmux, qw(capture-pane -e -N -p -t), ":$window"])->{out};
	return pixels_read($text, "$dir/screen.pgm", $width, $height, $theme);
}
sub program {
	my ($scenario, $term, @more) = @_;
	$wallet = wallet();
	return "TERM=$term " . join(' ', bin('countersign'), "--config $dir/terminal.conf --no-bell --source",
		"'simulator:" . bin('holder') . " simulate --wallet $wallet --passcode-file $dir/passcode",
		"--size 640x480 --fps 15 --scenario $dir/$scenario'", @more) . '; echo STATUS=$?; cat';
}
sub open_window {
	my ($window, $command) = @_;
	my @new = $window == 0 ? qw(new-session -d -x 100 -y 30) : (qw(new-window -d -t), ":$window");
	run([@tmux, @new, $command], env => { LANG => 'C.UTF-8' });
}
sub resize { my ($window, $cols, $rows) = @_; run([@tmux, 'resize-window', '-t', ":$window", '-x', $cols, '-y', $rows]) }
# The wallet itself takes it: tag, amount and reference are right.
sub is_the_challenge {
	my ($code, $name) = @_;
	my $ran = run([bin('holder'), 'scan', $code || 'nothing', '--wallet', $wallet, '--passcode-file', "$dir/passcode"]);
	like($ran->{out}, qr/24\.90/, $name) or diag("read: '$code'\n$ran->{err}");
}

my @sale = qw(--amount 24.90 --currency EUR --reference 2026-0815);
my @looks = (['tmux-256color', '', $dark, $light], ['screen', '', $dark, $light],
	['tmux-256color', '--no-colour', $light, $dark], ['vt100', '', $dark]);
my @wallets;
for my $window (0 .. $#looks) {
	open_window($window, program('waits', @{ $looks[$window] }[0, 1], @sale));
	push @wallets, $wallet;
}
for my $window (0 .. $#looks) {
	my ($term, $flag, @themes) = @{ $looks[$window] };
	$wallet = $wallets[$window];
	subtest "a phone reads the code: $term $flag" => sub {
		shows($window, qr/or scans the.*code/s, 'the number, and the code beside it');
		my $code = '';
		wait_for(sub { $code = phone($window, 8, 16, $themes[0]) }, 5);
		is_the_challenge($code, 'read: the wallet takes it');
		is(phone($window, 12, 24, $themes[-1]), $code, 'in a larger font, on the other ground');
		resize($window, 80, 24);
		shows($window, qr/F5.*Code/, 'a smaller window has no room beside the number');
		keys_to($window, 'c');
		shows($window, qr/scans\s+this\s+code/, 'a key fills the window with it');
		my $again = '';
		wait_for(sub { ($again = phone($window, 7, 14, $themes[0])) eq $code }, 5);
		is($again, $code, 'read');
		is(phone($window, 10, 20, $themes[-1]), $code, 'read in another font');
		keys_to($window, 'Escape');
		shows($window, qr/types this number/, 'Escape takes it away and cancels nothing');
	};
}

subtest 'a display for the customer' => sub {
	my $plug = sub {
		run([@tmux, qw(new-window -d -t :9), "ln -sf \$(tty) $dir/display; exec sleep 600"]);
		ok(wait_for(sub { -e "$dir/display" }, 5), 'a second terminal');
	};
	unlink "$dir/display";
	spew("$dir/terminal.conf", slurp("$dir/terminal.conf") . "[display]\nlanguage = zh_CN\ntitle = Corner Shop\n", 0600);
	my $operator = 5;
	open_window($operator, program('challenge', 'tmux-256color', @sale, "--operator Anna --display $dir/display"));
	resize($operator, 80, 24);
	shows($operator, qr/Display: not there/, 'told while it is not there');
	$plug->();
	shows(9, qr/Corner Shop/, 'it comes later');
	shows(9, qr/请在钱包中输入此验证码|请输入|密码/, "it speaks the customer's language");
	shows($operator, qr{24\.90 EUR.*Anna}, "the operator has his own");
	unlike(text(9), qr/Anna|F1|Esc/, 'nothing of the operator');
	keys_to(9, 'q', 'Escape', 'C-c', 'C-s', '1', 'Enter');
	shows($operator, qr/types the account PIN/, 'the phone answered the challenge code: the PIN');
	unlike(text($operator), qr/Attempt 2|cancelled/i, 'keys on the other side did nothing');
	run([@tmux, qw(kill-window -t :9)]);
	shows($operator, qr/Display: not there/, 'it is gone: told');
	$plug->();
	shows(9, qr/请在柜台输入密码/, 'it is back, and shows what is now');
	for my $key (split(//, '2468'), 'Enter') { # as a person types
		keys_to($operator, $key);
		select undef, undef, undef, 0.15;
	}
	shows($operator, qr/AUTHORISED/, 'the operator went on');
	shows(9, qr/谢谢/, 'the customer is thanked');
	keys_to($operator, 'q');
	shows($operator, qr/STATUS=0/, 'status 0');
	ok(wait_for(sub { text(9) !~ /\S/ }, 5), 'the customer has an empty screen') or diag(text(9));
	my $tty = readlink "$dir/display";
	like(run(['stty', '-F', $tty, '-a'])->{out}, qr/^isig icanon .*\becho /m, 'the line is as it was');
};

subtest 'a till without a screen has a display for the customer, too' => sub {
	my $t = begin('--source', "simulator:" . bin('holder') . ' simulate --wallet ' . wallet() .
		" --passcode-file $dir/passcode --size 640x480 --fps 15 --scenario $dir/waits", @sale,
		'--display', "$dir/display", '--continuous');
	until_event($t, 'number');
	shows(9, qr/Corner Shop.*请在钱包中输入此验证码/s, 'the number');
	print { $t->{in} } qq({"command":"cancel"}\n);
	shows(9, qr/已取消/, 'what became of it');
	kill 'TERM', $t->{pid};
	is(status_of($t), 1, 'status 1');
};

subtest 'what is no display' => sub {
	spew("$dir/file", '');
	for (["$dir/file", qr/this is no terminal; give one/], ['/dev/null', qr/this is no terminal/]) {
		my ($path, $why) = @$_;
		my $ran = run([@base, '--display', $path]);
		is($ran->{status}, 3, "$path: status 3");
		like($ran->{err}, $why, 'and says why');
	}
};
done_testing;
