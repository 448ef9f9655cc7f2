#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# make demo as a user sees it: without a terminal as JSON lines, with one as the real screen in tmux,
# and interrupted. Nothing that it started or made is left.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
chdir dirname(__FILE__) . '/../..' or die;

# Everything of this run lives below a folder of our own, so that leftovers can be seen.
my $tmp = scratch();
my $env = { TMPDIR => $tmp, LANG => 'C.UTF-8' };
sub leftovers {
	opendir my $dir, $tmp or die;
	my @files = grep { !/^\.\.?$/ && /^countersign-demo/ } readdir $dir;
	my @processes = grep { /\Q$tmp\E/ && !/tmux/ } split /\n/, `ps -eo args`;
	return join "\n", @files, @processes;
}

{
	my $ran = run(['tests/demo.sh', bin()], seconds => 120, env => $env);
	is($ran->{status}, 0, 'without a terminal the demo ends with status 0');
	my @events = eval { json_lines($ran->{out}) };
	is($@, '', 'every line of output is JSON') or diag($ran->{out}, $ran->{err});
	my @names = map { $_->{event} } @events;
	my $story = join ' ', grep { /^(ready|first_code|number|second_code|pin_wanted|verdict|end)$/ } @names;
	is($story, 'ready first_code number second_code pin_wanted verdict end', 'two scans, a PIN, a verdict');
	my ($end) = grep { $_->{event} eq 'end' } @events;
	is($end->{verdict}, 'authorised', 'the last line says authorised');
	my ($verdict) = grep { $_->{event} eq 'verdict' } @events;
	like($verdict->{receipt} // '', qr/\d{6}/, 'with a receipt number');
	is((grep { $_->{event} eq 'ready' } @events)[0]{simulator}, JSON::PP::true, 'it says that it is simulated');
	is(leftovers(), '', 'nothing is left');
}

SKIP: {
	skip 'no tmux', 4 unless grep { -x "$_/tmux" } split /:/, $ENV{PATH};
	my @tmux = ('tmux', '-L', "countersign-$$", '-f', '/dev/null');
	my $screen = sub { scalar run([@tmux, 'capture-pane', '-p'])->{out} };
	run([@tmux, 'new-session', '-d', '-x', '80', '-y', '24',
		"TMPDIR=$tmp LANG=C.UTF-8 tests/demo.sh " . bin() . '; echo "STATUS=$?"; cat'], env => $env);
	my $asked = wait_for(sub { $screen->() =~ /Attempt 1 of 3/ }, 60);
	ok($asked, 'on the screen the PIN is asked for') or diag($screen->());
	like($screen->(), qr/SIMULAT/i, 'the screen says simulator');
	# As a person types: faster keys are taken for those of a scanner.
	for my $key (split(//, '2468'), 'Enter') {
		run([@tmux, 'send-keys', $key]);
		select undef, undef, undef, 0.08;
	}
	my $done = wait_for(sub { $screen->() =~ /AUTHORISED/ }, 30);
	ok($done, 'the right PIN leads to AUTHORISED') or diag($screen->());
	ok(wait_for(sub { $screen->() =~ /STATUS=0/ }, 30), 'the terminal is given back, status 0')
		or diag($screen->());
	run([@tmux, 'kill-server']);
	ok(wait_for(sub { leftovers() eq '' }, 10), 'nothing is left') or diag(leftovers());
}

{
	my $pid = fork // die;
	if (!$pid) {
		setpgrp;
		$ENV{$_} = $env->{$_} for keys %$env;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$tmp/interrupted";
		open STDERR, '>', '/dev/null';
		exec 'tests/demo.sh', bin();
	}
	ok(wait_for(sub { (slurp("$tmp/interrupted") // '') =~ /"event":"number"/ }, 60), 'a demo is half way');
	kill 'INT', -$pid;
	waitpid $pid, 0;
	isnt($?, 0, 'interrupted: not status 0');
	ok(wait_for(sub { leftovers() eq '' }, 10), 'interrupted: nothing is left') or diag(leftovers());
}

done_testing;
