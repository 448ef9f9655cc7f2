#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The programs on real kernel drivers: tests/vm boots a Debian kernel under plain emulation and runs
# the steps of tests/vm/guest in it. Each line that a step reports is a line here, and each step must
# have come to its end. tests/vm/README.md says what is proved and how to look closer.
use strict;
use warnings;
use File::Basename;
use Test::More;
use lib dirname(__FILE__) . '/../lib';
use Try;
chdir dirname(__FILE__) . '/../..' or die;

chomp(my $machine = `uname -m`);
plan skip_all => "the test machine runs programs for x86_64, and these are for $machine"
	if $machine ne 'x86_64';

# The machine must not outlive a prove that is killed.
if (!$ENV{VM_TIED}) {
	$ENV{VM_TIED} = 1;
	exec qw(setpriv --pdeathsig TERM), $^X, 'tests/e2e/vm.t' or die "setpriv: $!";
}
my $ran = run([qw(setpriv --pdeathsig TERM tests/vm/run.sh)], seconds => 900);
my ($step, $planned, $count, @ended) = ('', undef, 0);
my %reported;
for my $line (split /\n/, $ran->{out}) {
	$line =~ s/\r//g;
	if ($line =~ /^step (\S+)$/) {
		($step, $planned, $count) = ($1, undef, 0);
	} elsif ($line =~ /^(not )?ok \d+ - (.*)$/) {
		$count++;
		ok(!$1, "$step: $2");
	} elsif ($line =~ /^1\.\.(\d+)$/) {
		$planned = $1;
	} elsif ($line =~ /^status (\d+)$/) {
		is("$1 " . ($planned // 'none'), "0 $count", "$step: came to its end");
		$reported{$step} = 1;
	} elsif ($line ne 'end') {
		diag($line =~ s/^#?\s*/$step: /r);
	}
}
for my $file (sort glob 'tests/vm/guest/step_*.sh') {
	my ($name) = $file =~ m{step_(.*)\.sh$};
	ok($reported{$name}, "$name: was run");
}
is($ran->{status}, 0, 'the machine ended as one where everything passed') or diag($ran->{err});
done_testing;
