#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Every recorded session runs again against the deterministic backend that its manifest describes.
# The terminal compares every event with the recording; the manifest's verdict, reason and story are
# compared here, and the audit chain must hold afterwards.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
use Session;
chdir dirname(__FILE__) . '/../..' or die;

my @folders = @ARGV ? @ARGV : sort glob 'fixtures/sessions/*';
cmp_ok(scalar @folders, '>=', 24, 'there are at least 24 recorded sessions') unless @ARGV;

for my $folder (@folders) {
	my $name = basename($folder);
	subtest $name => sub {
		my $session = eval { Session->new($folder)->set_up } or return fail("set up: $@");
		my $expect = $session->{manifest}{expect};
		my $pins = "$session->{dir}/pins";
		my $ran = run([bin('countersign'), '--replay', $folder, $session->terminal_options,
			-s $pins ? ('--pin-file', $pins) : ()], seconds => 120);
		is($ran->{status}, 0, 'every event is as recorded') or diag($ran->{err}, substr $ran->{out}, -2000);
		my @events = eval { json_lines($ran->{out}) };
		my ($end) = grep { $_->{event} eq 'end' } @events;
		is($end->{verdict}, $expect->{verdict}, "verdict $expect->{verdict}");
		is($end->{reason} // '', $expect->{reason}, "reason '$expect->{reason}'") if exists $expect->{reason};
		my %story = map { $_ => 1 } qw(first_code number second_code pin_wanted verdict);
		is(join(' ', map { $_->{event} } grep { $story{ $_->{event} } } @events), $expect->{story},
			'the story is as the manifest tells it');
		for my $notice (@{ $expect->{notices} // [] }) {
			ok((grep { $_->{event} eq 'notice' && ($_->{reason} // '') eq $notice } @events),
				"the operator was told: $notice");
		}
		$session->stop;
		is($session->{server_status}, 0, 'the backend ended cleanly');
		my $audit = run([bin('countersignd-deterministic'), '--seed', 'x', '--now', $session->{start_ms},
			'--dir', "$session->{dir}/backend", 'audit', 'verify']);
		is($audit->{status}, 0, 'the audit chain holds') or diag($audit->{err});
	};
}
# The comparison itself must be able to fail: one digit of one event of a recording is changed.
subtest 'a recording that tells another story is found out' => sub {
	my $source = 'fixtures/sessions/wrong-number';
	my $session = eval { Session->new($source)->set_up } or return fail("set up: $@");
	my $copy = scratch();
	for my $file (qw(frames.mjpeg times session.jsonl)) {
		my $text = slurp("$source/$file") // die "$source/$file: $!";
		$text =~ s/("event":"verdict".*)wrong-answer/$1frozen/ if $file eq 'session.jsonl';
		spew("$copy/$file", $text);
	}
	my $ran = run([bin('countersign'), '--replay', $copy, $session->terminal_options], seconds => 60);
	is($ran->{status}, 1, 'status 1');
	like($ran->{err}, qr/frozen.*wrong-answer/s, 'the first difference is named: expected, then got');
} unless @ARGV;

done_testing;
