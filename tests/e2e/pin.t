#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The PIN on the real screen: typed by a person and by nobody else, with the camera off, masked, with
# its time and its tries; and nothing of it is left in the memory of any process afterwards.
use strict;
use warnings;
use File::Basename;
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes 'sleep';
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Memory;
use Screen;
chdir dirname(__FILE__) . '/../..' or die;
plan skip_all => 'no tmux' unless Screen::there();

# Wrong, but a PIN, and one that is in no memory by chance.
my $pin = '739184620517';
my $marker = '405172938461'; # in the environment: what is in a memory is found

bank(tls => 1); # what is encrypted stands in one more library's memory first
sub source {
	return 'simulator:holder simulate --wallet ' . wallet() .
		" --passcode-file $dir/passcode --size 640x480 --fps 15 --seed 5";
}
my $s = Screen->new(command => join(' ', bin('countersign'), "--config $dir/terminal.conf --source '" . source() . "'"),
	env => { A_NUMBER_TO_FIND => $marker });
my $till = begin('--source', source(), '--socket', "$dir/till.sock"); # beside it, for later
until_event($till, 'ready');
my $socket;
wait_for(sub { $socket = IO::Socket::UNIX->new(Peer => "$dir/till.sock") }) or die "till.sock: $!";
$socket->autoflush(1);
print $socket qq({"command":"start","id":"1","amount":"12.80","currency":"EUR"}\n);
$s->shows(qr/account PIN, then Enter/, 'a PIN is asked for');
$s->shows(qr/The camera is off while the PIN is typed/, 'and the camera is off, it says');
$s->shows(qr/Attempt 1 of 3: 3 tries left/, 'three tries');
$s->shows(qr/\d\d s$/m, 'and a time');

# As many keys as the kernel takes in one go, as a scanner of the wedge kind sends them.
$s->keys('246813579', 'Enter');
$s->shows(qr/Faster than fingers: not taken/, 'what a scanner types is not taken, and that is said');
$s->shows(qr/Attempt 1 of 3/, 'it was no try');
$s->keys('2468', 'Enter');
$s->shows(qr/Faster than fingers/, 'that is still said');
sleep 0.6; # what follows too early is dropped, too: a person reads the message first
$s->shows(qr/Attempt 1 of 3/, 'nor was the right PIN, as fast as that');

# In which programs which of the texts is.
sub found {
	my %found;
	for my $one (Memory::processes($dir)) {
		my @count = Memory::count($one->{pid}, @_);
		$found{"$_[$_] in $one->{name}"} = 1 for grep { $count[$_] } 0 .. $#_;
	}
	return join ' ', sort keys %found;
}
SKIP: {
	skip 'the memory of a process that guards itself is read by root only', 5 if $>;
	$s->types($pin);
	$s->shows(qr/█/, 'masked');
	unlike($s->text, qr/739|184|620|517/, 'no digit is on the screen');
	$s->keys('Enter');
	$s->shows(qr/Attempt 2 of 3: 2 tries left/, 'sent, and wrong');
	my $found = found($marker, $pin);
	like($found, qr/$marker in countersign/, 'the search finds what is there');
	unlike($found, qr/$pin/, 'and nowhere the PIN that was sent');
}
$s->types('8642')->keys('Enter');
$s->shows(qr/Attempt 3 of 3: 1 try left/, 'the last try');
$s->shows(qr/wrong once more, the payment is refused/, 'and what comes of it');
$s->types('2468')->keys('Enter');
$s->shows(qr/AUTHORISED/, 'the right PIN, by hand');
$s->shows(qr/Next customer in \d seconds?/, 'and for how long it is said');
$s->close;

subtest 'nor of one that a till sent' => sub {
	plan skip_all => 'the memory of a process that guards itself is read by root only' if $>;
	ok(until_event($till, 'pin_wanted'), 'a PIN is wanted');
	print { $till->{in} } qq({"command":"pin","pin":"$pin"}\n);
	ok(until_event($till, 'pin_wanted'), 'sent, and wrong');
	print $socket qq({"command":"pin","pin":"$pin"}\n);
	ok(until_event($till, 'pin_wanted'), 'by the socket, too');
	is(found($pin), '', 'in no memory is it now');
};
done_testing;
