#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The PIN on the real screen: typed by a person and by nobody else, with the camera off, masked, with
# its time and its tries; and nothing of it is left in the memory of any process afterwards.
use strict;
use warnings;
use File::Basename;
use IO::Socket::UNIX;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Memory;
use Screen;
chdir dirname(__FILE__) . '/../..' or die;
plan skip_all => 'no tmux' unless Screen::there();

# Wrong, but a PIN, and one that is in no memory by chance.
my $pin = '739184620517';

bank(tls => 1); # what is encrypted stands in one more library's memory first
sub source {
	return 'simulator:holder simulate --wallet ' . wallet() .
		" --passcode-file $dir/passcode --size 640x480 --fps 15 --seed 5";
}
my $till = begin('--source', source(), '--socket', "$dir/till.sock"); # beside the other one, for later
until_event($till, 'ready');
my $socket;
wait_for(sub { $socket = IO::Socket::UNIX->new(Peer => "$dir/till.sock") }) or die "till.sock: $!";
$socket->autoflush(1);
print $socket qq({"command":"start","id":"1","amount":"12.80","currency":"EUR"}\n);
my $s = Screen->new(command => join(' ', bin('countersign'), "--config $dir/terminal.conf --source '" . source() . "'"),
	env => { A_NUMBER_TO_FIND => '405172938461' });
$s->shows(qr/account PIN, then Enter/, 'a PIN is asked for');
$s->shows(qr/The camera is off while the PIN is typed/, 'and the camera is off, it says');
$s->shows(qr/Attempt 1 of 3: 3 tries left/, 'three tries');
$s->shows(qr/\d\d s$/m, 'and a time');

# As many keys as the kernel takes in one go, as a scanner of the wedge kind sends them.
$s->keys('246813579', 'Enter');
$s->shows(qr/Faster than fingers: not taken/, 'what a scanner types is not taken, and that is said');
$s->shows(qr/Attempt 1 of 3/, 'it was no try');
$s->keys('2468', 'Enter');
sleep 1; # what follows too early is dropped, too: a person reads the message first
$s->shows(qr/Attempt 1 of 3/, 'nor was the right PIN, as fast as that');

sub found {
	my ($what) = @_;
	my %found;
	$found{ $_->{name} } += Memory::count($_->{pid}, $what) for Memory::processes($dir);
	return join ' ', map { "$_ $found{$_}" } grep { $found{$_} } sort keys %found;
}
SKIP: {
	skip 'the memory of a process that guards itself is read by root only', 4 if $>;
	like(found('405172938461'), qr/countersign \d/, 'what is in the memory is found');
	$s->types($pin);
	$s->shows(qr/█/, 'masked');
	unlike($s->text, qr/739|184|620|517/, 'no digit is on the screen');
	$s->keys('Enter');
	$s->shows(qr/Attempt 2 of 3: 2 tries left/, 'sent, and wrong');
	is(found($pin), '', 'in no memory is the PIN that was sent');
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
	print { $till->{in} } qq({"command":"cancel"}\n);
	is(status_of($till), 1, 'cancelled');
};
done_testing;
