#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# docs/limits.md says what the headers say: each row's figure is the constant's, and no limit of a
# public header is missing. The first column of a row is the constant's name in backticks.
use strict;
use warnings;
use File::Basename;
use Test::More;
chdir dirname(__FILE__) . '/../..' or die;

my %value;
my %home;
for my $header (split /\n/, `git ls-files '*.h'`) {
	next if $header =~ m{^tests/};
	open my $in, '<', $header or die "$header: $!";
	while (<$in>) {
		next unless m{^#define\s+([A-Z][A-Z0-9_]*)\s+(\(?[-0-9xa-fu* ()]+\)?)\s*(?:/\*.*)?$};
		my ($name, $text) = ($1, $2);
		$text =~ s/u\b//g;
		my $figure = eval $text;
		next unless defined $figure;
		$value{$name} = $figure;
		$home{$name} = $header;
	}
}

# Those of the wallet page, which has names of its own.
my $page_limits = 'wallet/web/src/limits.js';
my %of_page;
open my $page, '<', $page_limits or die "$page_limits: $!";
while (<$page>) {
	$of_page{$1} = $2 =~ s/_//gr if /^export const ([A-Z][A-Z0-9_]*) = ([0-9_]+);/;
}

open my $in, '<', 'docs/limits.md' or die;
my (%documented, %documented_page);
my $in_page = 0;
while (<$in>) {
	$in_page = /\Q$page_limits\E/ if /^#/;
	next unless /^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|\s*([-0-9 ]+?)\s*\|/;
	my ($name, $figure) = ($1, $2);
	$figure =~ s/ //g;
	($in_page ? \%documented_page : \%documented)->{$name} = 1;
	my $right = $in_page ? $of_page{$name} : $value{$name};
	is($figure, $right // 'no such constant', "$name in docs/limits.md line $.");
}
is(join(' ', grep { !$documented_page{$_} } sort keys %of_page), '',
	"every limit of $page_limits is in docs/limits.md");
cmp_ok(scalar keys %documented, '>', 40, 'limits are documented');

# The headers that users, operators and integrators meet must be there whole; sizes of buffers are
# the business of their module.
my %whole = map { $_ => 1 } qw(verifier/flow.h backend/http.h backend/worker.h scanner/scanner.h);
my %inside = map { $_ => 1 } qw(FLOW_ACTIONS_MAX FLOW_WORD_MAX SCAN_FAULT_MAX);
my @missing = grep { !$documented{$_} && !$inside{$_} }
	grep { /_(MAX|MIN|MS|S|TRIES)$/ && $whole{ $home{$_} } } sort keys %value;
ok(!@missing, 'no limit is missing in docs/limits.md')
	or diag(join "\n", map { "$_ = $value{$_} ($home{$_})" } @missing);
done_testing;
