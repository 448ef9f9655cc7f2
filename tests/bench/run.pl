#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# make bench: the figures of the main job, medians of several runs on this machine, beside zbarimg on
# the same frames in the same run. Prints a table; asserts nothing.
use strict;
use warnings;
use File::Basename;
use JSON::PP;
use Time::HiRes qw(time sleep);
use lib dirname(__FILE__) . '/../lib';
use Try;
use Session;
chdir dirname(__FILE__) . '/../..' or die;

my $runs = $ENV{RUNS} // 7;
sub median { my @s = sort { $a <=> $b } @_; return @s ? $s[$#s / 2] : 0 }
sub row { printf "%-62s %12s  %s\n", @_ }

# CPU seconds of children that have ended.
sub children_cpu { my (undef, undef, $user, $system) = times; return $user + $system }

print "crypto and codes (each prints its own medians)\n";
for my $bench (sort glob bin() . '/bench_{crypto,code}') {
	print run([$bench], seconds => 120)->{out};
}

my $folder = 'fixtures/sessions/accepted-1280x720';
my $frames = slurp("$folder/frames.mjpeg");
my @jpeg = map { "\xff\xd8\xff$_" } grep { length } split /\xff\xd8\xff/, $frames;

print "\nreplay of $folder, " . @jpeg . " frames, headless, $runs runs\n";
my (@wall, @cpu, @decode, @first, @rss, @scanner_rss);
for (1 .. $runs) {
	my $session = Session->new($folder)->set_up;
	my $before = children_cpu();
	my $ran = run([bin('countersign'), '--replay', $folder, $session->terminal_options, '--stats',
		'--pin-file', "$session->{dir}/pins"]);
	push @cpu, (children_cpu() - $before) * 1000;
	die "replay: status $ran->{status}: $ran->{err}" if $ran->{status} ne '0';
	my ($stats) = grep { $_->{event} eq 'stats' } json_lines($ran->{out});
	push @wall, $stats->{wall_ms};
	push @decode, $stats->{decode_us} / $stats->{frames} / 1000;
	push @first, $stats->{first_frame_ms};
	push @rss, $stats->{rss_kib} / 1024;
	push @scanner_rss, $stats->{scanner_rss_kib} / 1024;
}
row('wall time of the session without the recorded human delay', sprintf('%.0f ms', median(@wall)), 'goal: under 1000 ms');
row('start to first frame decoded', sprintf('%.0f ms', median(@first)), 'goal: under 150 ms');
row('terminal, resident', sprintf('%.1f MiB', median(@rss)), 'goal: under 12 MiB');
row('CPU a frame, scanner: JPEG to text', sprintf('%.1f ms', median(@decode)), '');
row('CPU a frame, everything: both processes, start to end', sprintf('%.1f ms', median(map { $_ / @jpeg } @cpu)), '');

# The same frames for zbarimg: all symbologies as it comes, and QR alone as we use it.
my $dir = scratch();
my @files;
for my $i (0 .. $#jpeg) {
	push @files, sprintf "%s/%03d.jpg", $dir, $i;
	spew($files[-1], $jpeg[$i]);
}
my %read;
for my $peer (['as it comes', []], ['QR only', ['-Sdisable', '-Sqrcode.enable']]) {
	my ($name, $options) = @$peer;
	my @peer_cpu;
	for (1 .. $runs) {
		my $before = children_cpu();
		my $ran = run(['zbarimg', '-q', '--raw', @$options, @files]);
		push @peer_cpu, (children_cpu() - $before) * 1000 / @files;
		my %text = map { $_ => 1 } grep { /^HTTPS/ } split /\n/, $ran->{out};
		$read{$name} = keys %text;
	}
	row("CPU a frame, zbarimg $name", sprintf('%.1f ms', median(@peer_cpu)),
		sprintf 'ours / theirs: %.2f', median(@decode) / median(@peer_cpu));
}

# Ten thousand frames: the same pictures under many names, so that nothing loops inside.
print "\nmemory over 10,000 replayed frames at 1280x720\n";
my $count = $ENV{FRAMES} // 10_000;
link $files[ $_ % @files ], sprintf('%s/f%05d.jpg', $dir, $_) or die "link: $!" for 0 .. $count - 1;
unlink @files;
my $session = Session->new($folder)->set_up;
my $pid = fork // die;
if (!$pid) {
	open STDOUT, '>', "$dir/out";
	open STDIN, '<', '/dev/null';
	no warnings 'exec';
	exec { bin('countersign') } bin('countersign'), '--source', "replay:$dir", '--step', $session->terminal_options, '--stats';
	POSIX::_exit(127);
}
sub resident {
	my ($which) = @_;
	my ($process) = $which eq 'terminal' ? $pid
		: map { /^\s*(\d+)/ } grep { /\b$pid\b.*countersign-sca/ } split /\n/, `ps -o pid=,ppid=,comm= --ppid $pid`;
	return 0 unless $process;
	return (slurp("/proc/$process/status") // '') =~ /VmRSS:\s*(\d+)/ ? $1 / 1024 : 0;
}
my %seen;
while (waitpid($pid, 1) == 0) {
	for my $which ('terminal', 'scanner') {
		my $mib = resident($which) or next;
		push @{ $seen{$which} }, $mib;
	}
	sleep 0.5;
}
for my $which ('terminal', 'scanner') {
	my @all = @{ $seen{$which} // [] } or next;
	my $early = $all[ @all / 10 ];
	my ($max) = sort { $b <=> $a } @all;
	row("$which: after a tenth / at the end / most", sprintf('%.1f / %.1f / %.1f', $early, $all[-1], $max),
		'MiB; goal: ' . ($which eq 'terminal' ? 'under 12' : 'under 24') . ', no growth');
}
my ($stats) = grep { $_->{event} eq 'stats' } json_lines(slurp("$dir/out"));
row('frames examined', $stats->{frames}, sprintf '%.1f ms of CPU each', $stats->{decode_us} / $stats->{frames} / 1000) if $stats;
