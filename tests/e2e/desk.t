#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# A cashier's day on the real screen: the amount that is typed, the list of keys, the language, what
# happens to the next customer's sale; recorded, and replayed as it was.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Screen;
chdir dirname(__FILE__) . '/../..' or die;
plan skip_all => 'no tmux' unless Screen::there();

my $json = JSON::PP->new->utf8;
bank();
spew("$dir/counter.conf", slurp("$dir/terminal.conf") .
	"[sale]\namount = required\ncurrency = EUR CNY\n", 0600);

sub simulator {
	my ($wallet, @more) = @_;
	return join ' ', "simulator:holder simulate --wallet $wallet --passcode-file $dir/passcode",
		'--size 640x480 --fps 15 --seed 5', @more;
}
sub counter {
	my ($source, @flags) = @_;
	return Screen->new(command => join ' ', bin('countersign'), "--config $dir/counter.conf",
		"--source '$source'", @flags);
}

subtest 'no card is taken before the amount is typed' => sub {
	my $s = counter(simulator(wallet()), "--record $dir/day");
	$s->shows(qr/Type the amount/, 'says what is missing');
	$s->keys('F1')->shows(qr/What the keys do.*F2.*Amount.*F10.*Quit/s, 'F1: the keys');
	$s->keys('Escape')->shows(qr/Type the amount/, 'and back');
	$s->types('1280')->shows(qr/What is sold/, 'digits begin an amount');
	$s->keys('Tab', 'A-7', 'Enter');
	$s->shows(qr/account PIN/, 'the card that was there all the time is taken now');
	$s->shows(qr/^ +12.80 EUR +Reference A-7/m, 'for this sale');
	$s->keys('F2', 'q')->shows(qr/account PIN/, 'no other page opens now');
	$s->types('2468')->keys('Enter')->shows(qr/AUTHORISED/, 'authorised');
	$s->keys('Enter')->shows(qr/Type the amount/, 'the next customer begins with nothing');
	unlike($s->text, qr/12\.80|A-7/, 'nothing of the last one');
	$s->keys('F10')->shows(qr/STATUS=0/, 'F10 ends it');
};

subtest 'what the operator did is recorded' => sub {
	my @events = map { $json->decode($_) } split /\n/, slurp("$dir/day/session.jsonl");
	my @done = map { $_->{command} . ($_->{amount} // $_->{taken} // '') }
		grep { ($_->{event} // '') eq 'command' } @events;
	is("@done", 'cards0 sale1280 cards1 cancel sale cards0', 'each command');
};

subtest 'the language is changed at the counter' => sub {
	my $s = counter(simulator(wallet()), '--language en');
	$s->shows(qr/Type the amount/, 'English');
	$s->keys('l')->shows(qr/请输入金额/, 'l: 简体中文');
	$s->keys('F7')->shows(qr/Type the amount/, 'F7: and back');
	$s->size(132, 43);
	ok(wait_for(sub { $s->width > 100 }, 5), 'a larger window is filled');
	$s->size(80, 24);
	ok(wait_for(sub { $s->width <= 80 && $s->width > 60 }, 5), 'a smaller one, too');
	$s->keys('q')->shows(qr/STATUS=1/, 'q ends it; nothing was decided');
};

subtest 'a click on the bar is its key' => sub {
	my $s = counter(simulator(wallet()));
	$s->shows(qr/Type the amount/, 'there');
	# mouse reports as TERM=screen has them: a press in the last row, on
	# the first key, and its release
	$s->keys('-l', "\e[M #>\e[M##>")->shows(qr/What the keys do/, 'F1');
	$s->keys('-l', "\e[M #>\e[M##>")->shows(qr/Type the amount/, 'Esc');
	$s->keys('q')->shows(qr/STATUS=1/, 'ends');
};

done_testing();
