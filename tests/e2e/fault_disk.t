#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# A disk that is full, a file system that is read-only, a write and a sync that fail: 503 in clear
# words, nothing half written, and it goes on when there is room again. The full disk is a small one
# in memory that only this test sees; failing calls come from tests/lib/faulty_disk.c.
use strict;
use warnings;
use Test::More;
use File::Basename;
use Time::HiRes qw(time sleep);
BEGIN {
	chdir dirname(__FILE__) . '/../..' or die;
	# a mount of its own: the whole test runs in there
	if (!$ENV{FAULT_DISK_INSIDE} && system('unshare -rm true 2>/dev/null') == 0) {
		$ENV{FAULT_DISK_INSIDE} = 1;
		exec 'unshare', '-rm', '--', $^X, $0 or die "unshare: $!";
	}
}
use lib 'tests/lib';
use Backend;
use Call;
use Invariants;
use Till;
use Try;

my $mounted;
END { local $?; system('umount', '-l', $mounted) if $mounted }

sub tills {
	my ($backend) = @_;
	return map {
		my $till = Till->new(ports => [$backend->{port}], token => $backend->terminal("till-$_"),
			journal => "$backend->{tmp}/journal-$_", wallets => [map { $backend->wallet('--no-pin') } 1 .. 2]);
		$till->work;
		$till;
	} 1 .. 3;
}

sub look {
	my ($backend, $words, @tills) = @_;
	is(scalar(grep { !$_->stop } @tills), 0, "$words: every terminal got through");
	my ($bad, $count) = Invariants::of_backend($backend, @tills);
	is(join("\n", @$bad), '', "$words: told and recorded agree, once each, and the chain is whole");
	cmp_ok($count, '>', 3, "$words: $count verifications");
}

sub health { return (shift->ask('GET', '/healthz') // {})->{status} // 0 }

# What the programs say that is asked to do something: its status and its words.
sub refused {
	my ($backend, $like, $words, @command) = @_;
	my $ran = $backend->try(@command);
	ok($ran->{status} =~ /^[13]$/, "$words: status $ran->{status}");
	like($ran->{err}, $like, "$words: and says why");
	diag($ran->{err}) if $ENV{FAULT_TALK};
}

sub full_disk {
	my $tmp = scratch();
	mkdir "$tmp/backend", 0700 or die $!;
	system('mount', '-t', 'tmpfs', '-o', 'size=64m,mode=700', 'none', "$tmp/backend") == 0 or die 'mount';
	$mounted = "$tmp/backend";
	my $backend = Backend->new(wide => 1, in => $tmp);
	$backend->serve;
	my $spare = $backend->wallet('--no-pin');
	my @tills = tills($backend);
	my $call = $backend->call;
	is(health($call), 200, 'room: all is well');
	system("dd if=/dev/zero of=$mounted/fill bs=16k 2>/dev/null");
	ok(wait_for(sub { health($call) == 503 }), 'full: /healthz says so');
	my $code = $spare->first_code(time);
	my $got;
	ok(wait_for(sub {
		$got = $call->ask('POST', '/v1/verifications', $tills[0]{token}, { code => $code });
		$got && $got->{status} == 503;
	}), 'full: nothing is started') or diag($got->{body});
	is(Call::word($got), 'store-failed', 'full: the answer says why');
	like($got->{json}{detail}, qr/nothing was decided/, 'full: and what that means');
	like($backend->logged, qr/the disk is full; make room/, 'full: the log says it, and what to do');
	unlink "$mounted/fill";
	ok(wait_for(sub { health($call) == 200 }), 'room again: all is well by itself')
		or diag($call->ask('GET', '/healthz')->{body}, substr $backend->logged, -2000);
	like($backend->logged, qr/the database works again/, 'room again: the log says so');
	ok($backend->alive, 'room again: it is the same process');
	my $told = () = $backend->logged =~ /the disk is full; make room/g;
	my $ended = () = $backend->logged =~ /the database works again/g;
	cmp_ok($told - $ended, '<=', 1, 'the log told beginnings and ends, and not each answer');
	sleep 0.3;
	look($backend, 'full disk', @tills);

	# killed while it is full, and started while it is full
	system("dd if=/dev/zero of=$mounted/fill bs=16k 2>/dev/null");
	$backend->end('KILL');
	my $serving = eval { $backend->serve; 1 };
	like($@, qr/full|No space|cannot/, 'killed when full: the start says why it cannot') unless $serving;
	is(health($backend->call), 200, 'killed when full: what can be read is served') if $serving;
	$backend->end('KILL') if $serving;
	unlink "$mounted/fill";
	$backend->serve;
	my ($bad) = Invariants::of_backend($backend, @tills);
	is(join("\n", @$bad), '', 'killed when full: nothing was lost');
	is($backend->end('TERM'), 0, 'killed when full: it stops cleanly');

	# ---- read-only before it starts ----
	system("mount -o remount,ro $mounted") == 0 or die 'remount';
	refused($backend, qr/read-only|Read-only|may not be written/i, 'read-only: serve', 'serve', '--plain', '--port', '0');
	refused($backend, qr/read-only|Read-only|may not be written/i, 'read-only: a command',
		'holder', 'add', '--name', 'B');
	system("mount -o remount,rw $mounted") == 0 or die 'remount';
	$backend->serve;
	($bad) = Invariants::of_backend($backend, @tills);
	is(join("\n", @$bad), '', 'writable again: nothing was lost');
	is($backend->end('TERM'), 0, 'writable again: it stops cleanly');
	undef $backend;
	system('umount', '-l', $mounted);
	$mounted = undef;
}

# $fault begins while terminals are at work; the process may stop, and then does not start again
# before the fault is over.
sub failing {
	my ($fault, $words_like) = @_;
	my $backend = Backend->new(wide => 1);
	my %opt = (env => { LD_PRELOAD => bin('faulty_disk.so'), FAULTY_DISK => $backend->{dir} });
	$backend->serve(%opt);
	my @tills = tills($backend);
	sleep 0.3;
	spew("$backend->{dir}.fault", $fault);
	ok(wait_for(sub { !$backend->alive || health($backend->call) == 503 }), "$fault: it is noticed");
	ok(wait_for(sub { !$backend->alive }), "$fault: nothing more is decided: the process stops");
	isnt($?, 0, "$fault: and not with success");
	like($backend->logged, $words_like, "$fault: the log says what happened and what to do");
	unlink "$backend->{dir}.fault";
	$backend->serve(%opt);
	sleep 0.3;
	look($backend, $fault, @tills);
	is($backend->end('TERM'), 0, "$fault: at the end it stops cleanly");
}

SKIP: {
	skip 'no mounts of its own for this user here (unshare -rm is refused)', 1 unless $ENV{FAULT_DISK_INSIDE};
	full_disk();
}
SKIP: {
	skip 'faulty_disk.so was not built: make units', 1 unless -f bin('faulty_disk.so');
	failing('readonly', qr/outcome of a write is unknown.*file system/);
	failing('sync', qr/outcome of a write is unknown.*file system/);
}
done_testing;
