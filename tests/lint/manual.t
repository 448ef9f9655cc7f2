#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# docs/countersign.1 has every flag of ui/options.c and no other.
use strict;
use warnings;
use File::Basename;
use Test::More;
chdir dirname(__FILE__) . '/../..' or die;

sub slurp { open my $in, '<', $_[0] or die "$_[0]: $!"; local $/; return <$in> }

my %flag = map { $_ => 1 } slurp('ui/options.c') =~ /^\t(?:FLAG|TEXT|INT)\("([a-z-]+)"/mg;
my $page = slurp('docs/countersign.1');
$page =~ s/\\-/-/g;
my %told = map { $_ => 1 } $page =~ /--([a-z][a-z-]*[a-z])/g;
delete $told{wallet}; # of holder, in the example of a simulator

cmp_ok(scalar keys %flag, '>', 15, 'the table of flags was found');
is(join(' ', sort grep { !$told{$_} } keys %flag), '', 'every flag is in the manual');
is(join(' ', sort grep { !$flag{$_} } keys %told), '', 'the manual has no other flags');
my $warnings = `groff -man -Tutf8 -ww -z docs/countersign.1 2>&1`;
SKIP: {
	skip 'no groff', 1 if $? == -1 || $? >> 8 == 127;
	is($warnings, '', 'groff has nothing to say about it');
}
done_testing;
