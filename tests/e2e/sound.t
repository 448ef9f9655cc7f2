#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# A sale that is heard: the number is read out digit by digit, in the language of the screen, the
# verdict has its sound and its sentence, and the screen goes back to waiting by itself.
use strict;
use warnings;
use utf8;
use Encode;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Screen;
chdir dirname(__FILE__) . '/../..' or die;
plan skip_all => 'no tmux' unless Screen::there();
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

bank();

# What a program of the configuration was given, a line each time.
sub conf {
	my ($name, $more) = @_;
	my $conf = slurp("$dir/terminal.conf") . $more;
	$conf =~ s/^(\[terminal\])/$1\nlanguage = zh_CN/m if $name eq 'zh';
	spew("$dir/$name.conf", $conf, 0600);
	return "$dir/$name.conf";
}
sub heard { return decode('UTF-8', slurp($_[0]) // '') }
sub counter {
	my ($conf, @flags) = @_;
	my $source = 'simulator:holder simulate --wallet ' . wallet() .
		" --passcode-file $dir/passcode --size 640x480 --fps 15 --seed 5";
	return Screen->new(command => join ' ', bin('countersign'), "--config $conf --source '$source'", @flags);
}
sub program { return qq(sh -c 'cat >>"\$0"; echo " \$1" >>"\$0"' $dir/$_[0] $_[1]) }

my %digit = (en => [qw(zero one two three four five six seven eight nine)],
	zh => [qw(零 一 二 三 四 五 六 七 八 九)]);
my %say = (en => [', ', '; ', 'Type this number into the phone: ', 'Type the account PIN, then Enter.',
		'Authorised. Thank you.'],
	zh => ['，', '；', '请在手机上输入此验证码： ', '请输入账户密码，然后按回车键。', '已授权。谢谢。']);

# All at once, so that they wait beside each other.
my %counter;
for my $language (qw(en zh)) {
	my $conf = conf($language, "[screen]\nresult_seconds = 1\n[sound]\naccepted = " .
		program("sound-$language", 'accepted') . "\nrefused = " . program("sound-$language", 'refused') .
		"\n[speech]\ncommand = " . program("speech-$language", '{language}') . "\n");
	$counter{$language} = counter($conf, "--record $dir/$language");
}
$counter{slow} = counter(conf('slow', "[sound]\naccepted = sleep 20\nrefused = sleep 20\n[speech]\ncommand = sleep 20\n"),
	'--once');

for my $language (qw(en zh)) {
	my $s = $counter{$language};
	ok(wait_for(sub { heard("$dir/speech-$language") =~ /\Q$say{$language}[3]\E/ }, 30),
		"$language: a PIN is asked for aloud");
	$s->types('2468')->keys('Enter');
	ok(wait_for(sub { heard("$dir/sound-$language") =~ /accepted/ }, 20), 'accepted has its sound');
	is(heard("$dir/sound-$language"), " accepted\n", 'once, and no other');
	my ($number) = slurp("$dir/$language/session.jsonl") =~ /"number":"(\d+)"/;
	my ($short, $long, $before, undef, $after) = @{ $say{$language} };
	my $digits = join $long, map { join $short, map { $digit{$language}[$_] } split // }
		length $number == 6 ? unpack '(A3)*', $number : ();
	ok(wait_for(sub { heard("$dir/speech-$language") =~ /\Q$after\E/ }, 10), 'the verdict is said');
	like(heard("$dir/speech-$language"), qr/^\Q$before$digits\E.*  ?$language$/m, "and the number $number was");
	unlike(heard("$dir/speech-$language"), qr/2468|two, four, six, eight|二，四，六，八/, 'no PIN was');
	ok(wait_for(sub { decode('UTF-8', $s->text) !~ /AUTHORISED|已授权/ }, 10), 'the verdict goes away by itself');
	$s->keys('F10');
	$s->shows(qr/STATUS=0/, 'ended');
	$s->close;
}

subtest 'a program that does not end holds nothing up' => sub {
	my $s = $counter{slow};
	$s->shows(qr/account PIN/, 'a PIN is asked for');
	$s->keys('Escape');
	$s->shows(qr/cancelled/i, 'cancelled at once');
	$s->keys('F10');
	$s->shows(qr/STATUS=1/, 'and ended');
	$s->close;
};

subtest 'a line for a shell is refused, with words' => sub {
	my $conf = conf('shell', "[sound]\naccepted = aplay a.wav | tee b\n");
	my $ran = run([bin('countersign'), '--config', $conf, '--headless', '--json']);
	is($ran->{status}, 3, 'status 3');
	like($ran->{err}, qr/shell\.conf: \[sound\] accepted: no shell reads this, so \| does nothing/, 'what and where');
};
done_testing;
