#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# docs/countersign.1 has every flag of ui/options.c and no other; docs/http.md every word of a refusal;
# docs/countersignd.8 every key of backend/policy.h with default and range, and every command.
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
delete $told{controls}; # of countersign devices
delete $told{force}; # of countersign enrol
delete @told{qw(csv date folder)}; # of countersign sales
delete $told{name}; # of countersign offline

cmp_ok(scalar keys %flag, '>', 15, 'the table of flags was found');
is(join(' ', sort grep { !$told{$_} } keys %flag), '', 'every flag is in the manual');
is(join(' ', sort grep { !$flag{$_} } keys %told), '', 'the manual has no other flags');
# ---- countersignd(8) ----
my $daemon = slurp('docs/countersignd.8');
my ($list) = slurp('backend/policy.h') =~ /^#define POLICY_LIST\(X\)(.*?)\n\n/ms or die;
$list =~ s/\\\n//g;
my %key = map { my ($field, $section, $value, $min, $max) = split /,\s*/; $section =~ tr/"//d;
	("[$section] $field = $value" => $max eq 'INT64_MAX' ? "at least $min" : "$min to $max")
} $list =~ /X\(\s*(\w+,\s*"\w+",\s*\w+,\s*\w+,\s*\w+),/g;
my %key_told;
$key_told{"$1 $2"} = $3
	while $daemon =~ /^\.It Li (\[\w+\] \w+) No (= \d+)\n.*; (at least \d+|\d+ to \d+)\.$/mg;
cmp_ok(scalar keys %key, '>', 15, 'the list of keys was found');
is_deeply(\%key_told, \%key, 'every key is in the manual with its default and range');
my @commands = slurp('backend/program.c') =~ /^\t\{"([a-z ]+)", *(?:"|$)/mg;
cmp_ok(scalar @commands, '>', 15, 'the table of commands was found');
is(join(', ', grep { $daemon !~ /^\.It .*Cm \Q$_\E\b/m } @commands), '', 'every command is in the manual');

my $warnings = `groff -man -Tutf8 -ww -z docs/countersign.1 2>&1`;
SKIP: {
	skip 'no groff', 1 if $? == -1 || $? >> 8 == 127;
	is($warnings, '', 'groff has nothing to say about it');
}

# Words that only ever end a verification; they come as its reason, not as a problem.
my %reason = map { $_ => 1 } qw(wrong-answer number-expired wrong-pin pin-timeout cancelled);
my @words = grep { !$reason{$_} } slurp('backend/problems.c') =~ /^\t\{"([a-z-]+)",/mg;
my ($table) = slurp('docs/http.md') =~ /^(\| status \| words \|\n(?:\|.*\n)+)/m;
cmp_ok(scalar @words, '>', 15, 'the table of problems was found');
is(join(' ', grep { index($table // '', "`$_`") < 0 } @words), '', 'every problem is in docs/http.md');
done_testing;
