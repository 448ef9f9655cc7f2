#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Operators on the real screen, against a real backend: nobody, who signs in, who comes back, who may
# serve holders, and what is left when the program ends.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Counter;
use Memory;
use Screen;
chdir dirname(__FILE__) . '/../..' or die;
plan skip_all => 'no tmux' unless Screen::there();

# Long: of what is given back unwiped the beginning is overwritten, and the rest stays.
my $pass = 'correct horse battery staple beside the till';
bank();
spew("$dir/phrase", "$pass\n", 0600);
backend(qw(operator add), $_->[0], '--role', $_->[1], '--passphrase-file', "$dir/phrase")
	for [qw(Cy cashier)], [qw(Tess teller)], [qw(Root admin)];
my $ada = backend(qw(holder add --name Ada --phone), '+44 1')->{holder};
my $account = backend(qw(account add --holder), $ada, qw(--number 777 --pin-file), "$dir/pin")->{account};
my $card = backend(qw(credential issue --holder), $ada, '--account', $account, '--face-value', '500.00')->{credential};
for (['document', 'AB-12 34'], ['birth', '1990-01-02']) {
	spew("$dir/answer", "$_->[1]\n", 0600);
	backend(qw(holder questions), $ada, '--set', $_->[0], '--answer-file', "$dir/answer");
}
spew("$dir/counter.conf", slurp("$dir/terminal.conf") . "[operators]\nrequired = yes\n", 0600);

sub sql {
	my $ran = run(['sqlite3', "$dir/backend/countersign.db", $_[0]]);
	chomp $ran->{out};
	return $ran->{out};
}
sub counter {
	my ($source, @flags) = @_;
	return Screen->new(command => join ' ', bin('countersign'), '--language en',
		"--config $dir/counter.conf", "--source '$source'", @flags);
}
my $phone = 'simulator:holder simulate --wallet ' . wallet() .
	" --passcode-file $dir/passcode --size 640x480 --fps 15 --seed 5";

my $s = counter($phone);
subtest 'nobody sells until somebody signed in' => sub {
	$s->shows(qr/Press F9 and sign in/, 'says who is missing');
	unlike($s->text, qr/F6/, 'and serves no holders');
	is(sql('SELECT count(*) FROM verification'), 0, 'the card that is shown is not taken');
	$s->keys('F9', 'Tess', 'Tab', 'wrong passphrase', 'Enter');
	$s->shows(qr/That is not right/, 'a wrong passphrase');
	$s->keys('Escape')->shows(qr/Press F9/, 'is nobody');
	$s->keys('F9', 'Root', 'Tab', $pass, 'Enter');
	$s->shows(qr/administrators do not sign in at a till/, 'nor is an administrator of a till');
	wait_for(sub { sql('SELECT count(*) FROM staff_session') eq '0' }, 10);
	is(sql('SELECT count(*) FROM staff_session'), 0, 'whose session is ended at once');
	unlike($s->text, qr/correct|horse/, 'a passphrase is not shown');
};

subtest 'who signed in is named with the sale' => sub {
	$s->keys('Escape')->shows(qr/Press F9/, 'nobody yet');
	$s->keys('F9', 'Tess', 'Tab', $pass, 'Tab', '2580', 'Enter');
	$s->shows(qr/account PIN/, 'now the card is taken');
	$s->shows(qr/Operator Tess/, 'for Tess');
	$s->keys('F9')->shows(qr/account PIN/, 'nobody comes or goes while it runs');
	$s->types('2468')->keys('Enter')->shows(qr/AUTHORISED/, 'authorised');
	is(sql("SELECT group_concat(operator) FROM verification"), 'Tess', 'the backend knows for whom');
};
$s->keys('F10')->shows(qr/STATUS=0/, 'the program ends');
is(sql('SELECT count(*) FROM staff_session'), 0, 'and with it every session');

$s = counter('replay:fixtures/sessions/foreign-web/frames.mjpeg', '--loop');
subtest 'a cashier and a teller take turns' => sub {
	$s->shows(qr/Press F9/, 'nobody');
	$s->keys('F9', 'Tess', 'Tab', $pass, 'Tab', '2580', 'Enter')->shows(qr/F6 +Service/, 'a teller serves');
	my ($till) = grep { $_->{name} eq 'countersign' } Memory::processes($dir);
	my $may = $till && -r "/proc/$till->{pid}/mem" && open my $in, '<', "/proc/$till->{pid}/mem";
	SKIP: {
		skip 'this user may not read that memory', 2 unless $may;
		is(Memory::count($till->{pid}, 'staple beside'), 0, 'the passphrase is gone');
		cmp_ok(Memory::count($till->{pid}, 'counter.conf'), '>', 0, 'and the search finds what is there');
	}
	$s->keys('F9', 'Cy', 'Tab', $pass, 'Enter')->shows(qr/Operator Cy\b/, 'a cashier comes');
	unlike($s->text, qr/F6 +Service/, 'and does not');
	$s->keys('F6')->shows(qr/Operator Cy\b/, 'whatever is pressed');
	$s->keys('F9')->shows(qr/Tess +teller +quick code/, 'who is remembered');
	$s->keys('2581', 'Enter')->shows(qr/A scanner typed something/, 'a code is typed, not scanned');
	sleep 1; # what follows too early is dropped, too
	$s->types('2581')->keys('Enter')->shows(qr/That is not right/, 'a wrong code is nobody');
	$s->types('2580')->keys('Enter')->shows(qr/Operator Tess/, 'the right one brings Tess back');
	is(sql('SELECT count(*) FROM staff_session'), 1, 'and ended the session of who had no code');
};

subtest 'a holder is served' => sub {
	$s->keys('F6', '778', 'Enter')->shows(qr/Nobody is known under this/, 'a wrong number');
	$s->keys('BSpace', '7', 'Enter')->shows(qr/Right answers: 0 of 2.*Wrong ones left: 3/, 'the questions');
	unlike($s->text, qr/Ada/, 'who it is is not told yet');
	$s->keys('XY 99', 'Enter')->shows(qr/Wrong ones left: 2.*That answer is wrong/s, 'a wrong answer');
	$s->keys('ab1234', 'Enter')->shows(qr/Right answers: 1 of 2/, 'a right one');
	$s->keys('Tab')->shows(qr/Ada.*500\.00 .*waits for its activation/s, 'the card');
	unlike($s->text, qr/F4|F8/, 'which may only be frozen');
	$s->keys('F2')->shows(qr/Frozen\./, 'frozen');
	is(sql("SELECT frozen_until > 0 FROM credential WHERE hex(id) = upper('$card')"), 1, 'at the backend, too');
	$s->keys('Tab')->shows(qr/Date of birth/, 'back to the questions');
	$s->keys('1990 01 02', 'Enter')->shows(qr/F3 +Unfreeze/, 'identified');
	$s->keys('F3')->shows(qr/It can be used again/, 'unfrozen');
	$s->keys('F5')->shows(qr/Renew this card, and show/, 'asks before it renews');
	$s->keys('Enter')->shows(qr/may not show activation codes here/, 'a code is shown by policy only');
	is(sql("SELECT generation FROM credential WHERE hex(id) = upper('$card')"), 1, 'and nothing was renewed');
	$s->keys('F4', 'Enter')->shows(qr/Renewed.*holder gets a message/, 'renewed');
	$s->keys('F8')->shows(qr/for ever/, 'making void is asked for');
	$s->keys('Escape')->shows(qr/waits for its activation/, 'and not done');
	$s->keys('F8', 'Enter')->shows(qr/Made void/, 'or done');
	unlike($s->text, qr/F2 +Freeze|F3|F4|F8/, 'then nothing is left to do');
	$s->keys('Escape')->shows(qr/Find the holder/, 'the call ends');
	is(sql('SELECT max(state) FROM service_call'), 1, 'at the backend, too');
	unlike($s->text, qr/Ada|777|500/, 'and nothing of the holder is left');
};
$s->keys('Escape')->shows(qr/F6 +Service/, 'back at the counter');
$s->keys('F9', 'F9')->shows(qr/Tess +teller +passphrase/, 'signs off');
$s->keys('Escape')->shows(qr/Press F9/, 'nobody again');
is(sql('SELECT count(*) FROM staff_session'), 0, 'the session is over');
$s->keys('F10')->shows(qr/STATUS=1/, 'the end: nothing was sold');
my $refused = run([bin('countersign'), '--config', "$dir/counter.conf", '--headless', '--source',
	'replay:fixtures/sessions/foreign-web/frames.mjpeg']);
is($refused->{status}, 3, 'without a screen nobody can sign in');
like($refused->{err}, qr/\[operators\] required = yes in .*counter\.conf/, 'which is said at once');
done_testing;
