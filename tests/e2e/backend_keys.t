#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Keys and audit from outside: rotation by command while a server runs, and an outsider who checks an
# export of the audit chain with nothing but SHA-256, the formula of the manual and a public key.
use strict;
use warnings;
use File::Basename;
use JSON::PP;
use Digest::SHA 'sha256';
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
chdir dirname(__FILE__) . '/../..' or die;

my $dir = scratch() . '/backend';
my $json = JSON::PP->new->utf8->canonical;

sub admin {
	my $ran = run([bin('countersignd'), '--dir', $dir, @_]);
	return $ran if wantarray;
	return $ran->{status} eq '0' ? $json->decode($ran->{out}) : undef;
}

sub lines { map { $json->decode($_) } split /\n/, $_[0] }

run([bin('countersignd'), 'init', $dir, '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM']);
my $holder = admin('holder', 'add', '--name', 'Li Lei', '--phone', '13800130000')->{holder};
my $account = admin('account', 'add', '--holder', $holder, '--number', '6222-0000')->{account};
my @ids = map { admin('credential', 'issue', '--holder', $holder, '--account', $account)->{credential} } 1 .. 3;

# ---- rotation ----
my $before = admin('key', 'list');
is(scalar @{ $before->{issuers} }, 1, 'one issuer key');
ok(!$before->{rotation_begun}, 'no rotation is at work');
my $r = admin('key', 'rotate', 'master');
isnt($r->{master}, $before->{master}, 'another master key');
is($r->{sealed}, 4 + 3, 'four single values and three credentials were sealed anew');
ok(!$r->{waits}, 'and nothing waits');
is((stat "$dir/master.key")[2] & 0777, 0600, 'its file is private');
ok(!-e "$dir/master.next", 'no second key is left');
is(admin('key', 'rotate', 'number')->{rotated}, 'number', 'number key');
ok(admin('key', 'rotate', 'issuer')->{signs}, 'issuer key');
my $after = admin('key', 'list');
is(scalar @{ $after->{issuers} }, 2, 'two issuer keys are known');
is_deeply([map { $_->{signs} ? 1 : 0 } @{ $after->{issuers} }], [1, 0], 'the newest signs');
ok($after->{issuers}[1]{not_after} > time, 'the old one has an end');
is($after->{left_to_seal}, 0, 'nothing is sealed by another master key');
is(admin('credential', 'show', $ids[0])->{status}, 'active', 'credentials are as they were');
ok(admin('audit', 'verify')->{good}, 'and so is the chain');

for my $case ([3, qr/master, number or issuer/, 'key', 'rotate'],
	[3, qr/master, number or issuer/, 'key', 'rotate', 'everything'],
	[3, qr/master key only/, 'key', 'rotate', 'number', '--new', 'x'],
	[3, qr/x: /, 'key', 'rotate', 'master', '--new', 'x'],
	[3, qr/number of a record/, 'audit', 'export', '--since', 'yesterday'],
	[3, qr/unexpected/, 'policy', 'show', 'me']) {
	my ($status, $pattern, @words) = @$case;
	my ($ran) = admin(@words);
	is($ran->{status}, $status, "@words: status $status");
	like($ran->{err}, $pattern, "@words: says why");
	is($ran->{out}, '', "@words: prints nothing");
}
my ($policy) = admin('policy', 'show');
like($policy->{out}, qr/^D      static code.*500\.00/m, 'the policy in words');

# ---- an outsider ----
my ($export) = admin('audit', 'export');
my @records = lines($export->{out});
cmp_ok(scalar @records, '>', 8, 'the chain is exported');
unlike($export->{out}, qr/Li Lei|13800130000|6222/, 'without names and numbers');

sub field { pack 'N/a*', $_[0] }

sub hash_of {
	my $r = shift;
	return unpack 'H*', sha256(pack('H*', $r->{prev}), pack('Q>', $r->{seq}), pack('q>', $r->{at}),
		field($r->{kind}), (map { field(pack 'H*', $r->{$_}) } qw(credential terminal verification)),
		field($r->{detail}));
}

# The first record that is not as it should be; 0 = none.
sub first_bad {
	my ($prev, $seq) = ('0' x 64, 0);
	for my $r (@_) {
		return $seq if $r->{seq} != ++$seq || $r->{prev} ne $prev || $r->{hash} ne hash_of($r);
		$prev = $r->{hash};
	}
	return 0;
}
is(first_bad(@records), 0, 'every hash can be computed again');
{
	my @changed = map { { %$_ } } @records;
	$changed[4]{kind} = 'void';
	is(first_bad(@changed), 5, 'a changed one is found');
	my @less = (@records[0 .. 2], @records[4 .. $#records]);
	is(first_bad(@less), 4, 'a missing one');
	my @swapped = @records;
	@swapped[3, 4] = @swapped[4, 3];
	is(first_bad(@swapped), 4, 'and two in another order');
}

# Signatures: openssl is the second implementation.
sub signed_by {
	my ($key, $message, $signature) = @_;
	my $tmp = scratch();
	spew("$tmp/key", pack('H*', "302a300506032b6570032100$key"));
	spew("$tmp/message", $message);
	spew("$tmp/signature", pack 'H*', $signature);
	return run(['openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', "$tmp/key", '-rawin',
		'-in', "$tmp/message", '-sigfile', "$tmp/signature"])->{status} eq '0';
}
my $key = $after->{issuers}[1]{key}; # the one of the beginning
my ($checkpoints, $rotations) = (0, 0);
for my $r (grep { $_->{kind} =~ /^(?:checkpoint|issuer-rotated)$/ } @records) {
	my $detail = $json->decode($r->{detail});
	my $place = pack('Q>', $r->{seq}) . pack 'H*', $r->{prev};
	if ($r->{kind} eq 'checkpoint') {
		ok(signed_by($key, "countersign/1 audit checkpoint $place", $detail->{signature}), "record $r->{seq} is signed");
		ok(!signed_by($key, "countersign/1 audit checkpoint $place\0", $detail->{signature}), 'and nothing else');
		$checkpoints++;
	} else {
		ok(signed_by($key, "countersign/1 audit issuer $place" . pack('H*', $detail->{key}), $detail->{signature}),
			'the old key names the new one');
		$key = $detail->{key};
		$rotations++;
	}
}
is("$checkpoints $rotations", '2 1', 'one checkpoint by each key, and one rotation');
is($key, $after->{issuers}[0]{key}, 'which is the one that signs');

# ---- ranges ----
my ($part) = admin('audit', 'export', '--since', 3, '--until', 5);
is(join(' ', map { $_->{seq} } lines($part->{out})), '3 4 5', 'a range of records');
($part) = admin('audit', 'export', '--since', '@' . (time + 1000));
is($part->{out}, '', 'nothing of the future');
($part) = admin('audit', 'export', '--until', '2020-01-01T00:00:00Z');
is($part->{out}, '', 'nothing of the past');
($part) = admin('audit', 'export', '--since', '2020-01-01T00:00:00Z');
is($part->{out}, $export->{out}, 'all of it since 2020');
done_testing;
