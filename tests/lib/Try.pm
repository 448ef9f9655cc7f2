# SPDX-License-Identifier: Apache-2.0
# Small things that the end-to-end tests share: running a program with its output, waiting for
# something to become true, reading JSON lines.
package Try;
use strict;
use warnings;
use Exporter 'import';
use File::Path qw(remove_tree);
use File::Temp 'tempdir';
use JSON::PP;
use POSIX ':sys_wait_h';
use Time::HiRes qw(time sleep);
our @EXPORT = qw(run wait_for json_lines bin slurp spew scratch);

# Where the programs are; COUNTERSIGN_BIN names another build.
sub bin {
	my $dir = $ENV{COUNTERSIGN_BIN} // 'build/gcc';
	return @_ ? "$dir/$_[0]" : $dir;
}

sub scratch { return tempdir('countersign-test.XXXXXX', TMPDIR => 1, CLEANUP => 1) }

# What terminals keep goes there, not to whoever runs the tests. It is taken away when nobody is left
# who writes there: a terminal whose window was closed takes a moment to end. A test that starts
# itself anew keeps its folder.
delete $ENV{STATE_DIRECTORY};
my ($owner, $state) = split /:/, $ENV{COUNTERSIGN_TEST_STATE} // '', 2;
if (!defined $owner || $owner ne $$) {
	($owner, $state) = ($$, tempdir('countersign-test.XXXXXX', TMPDIR => 1));
	$ENV{COUNTERSIGN_TEST_STATE} = "$owner:$state";
}
$ENV{XDG_STATE_HOME} = $state;

sub writers {
	return grep { $_ ne $$ && (slurp("/proc/$_/environ") // '') =~ /\0COUNTERSIGN_TEST_STATE=\Q$owner:$state\E\0/ }
		map { m{/proc/(\d+)} } glob '/proc/[0-9]*';
}
END {
	if ($$ == $owner) {
		local ($?, $@, $!);
		wait_for(sub { !writers() }, 5);
		remove_tree($state);
	}
}

# A regular file only: what is read here may have been written by what is tested.
sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or return undef;
	local $/;
	my $text = <$in>;
	return $text // '';
}

sub spew {
	my ($path, $text, $mode) = @_;
	open my $out, '>:raw', $path or die "$path: $!";
	print {$out} $text;
	close $out or die "$path: $!";
	chmod $mode, $path if defined $mode;
}

# Runs a list (no shell) and returns { status, out, err }. Options: in => text for standard input,
# seconds => limit (60), env => { NAME => value }. A program that passes the limit is killed and has
# status "timeout".
sub run {
	my ($command, %opt) = @_;
	my $dir = tempdir(CLEANUP => 1);
	spew("$dir/in", $opt{in} // '');
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		setpgrp;
		open STDIN, '<', "$dir/in" or POSIX::_exit(127);
		open STDOUT, '>', "$dir/out" or POSIX::_exit(127);
		open STDERR, '>', "$dir/err" or POSIX::_exit(127);
		$ENV{$_} = $opt{env}{$_} for keys %{ $opt{env} // {} };
		{ no warnings; exec { $command->[0] } @$command }
		print STDERR "$command->[0]: $!\n";
		POSIX::_exit(127);
	}
	my $status;
	my $end = time + ($opt{seconds} // 60);
	while (waitpid($pid, WNOHANG) == 0) {
		if (time > $end) {
			kill 'KILL', -$pid;
			waitpid $pid, 0;
			$status = 'timeout';
			last;
		}
		sleep 0.005;
	}
	$status //= $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
	my $told = { status => $status, out => slurp("$dir/out"), err => slurp("$dir/err") };
	unlink map { "$dir/$_" } qw(in out err); # now: a child that ends by exec or a signal cleans nothing up
	rmdir $dir;
	return $told;
}

# Asks again until the code returns something true; its last value, false after the limit.
sub wait_for {
	my ($code, $seconds) = @_;
	my $end = time + ($seconds // 20);
	my $value;
	until ($value = $code->()) {
		return $value if time > $end;
		sleep 0.02;
	}
	return $value;
}

# A list of objects; dies with the line that is none.
sub json_lines {
	my ($text) = @_;
	my $json = JSON::PP->new->utf8;
	return map { my $line = $_; eval { $json->decode($line) } // die "not JSON: $line\n" }
		grep { length } split /\n/, $text;
}

1;
