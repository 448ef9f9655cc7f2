#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, as C with all that it needs.
use strict;
use warnings;
use Test::More;
use File::Basename;
chdir dirname(__FILE__) . '/../..' or die;

my @headers = grep { -f } split /\n/, `git ls-files '*.h'`;
cmp_ok(scalar @headers, '>', 50, 'there are headers to look at');
my @failed;
for my $header (@headers) {
	my $said = `gcc -I. -D_GNU_SOURCE -std=c17 -Wall -Wextra -Werror -fsyntax-only -x c $header 2>&1`;
	push @failed, "$header: $said" if $?;
}
ok(!@failed, 'headers compile alone') or diag(join "\n", @failed);

done_testing;
