#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Puts the recorded screens into docs/screens.md: after each line `<!-- screen NAME.LANG.CxR -->`
# stands fixtures/screens/NAME.LANG.CxR.txt. Prints the document as it should be; `make screens`
# writes it, tests/lint/screens.t compares.
use strict;
use warnings;

open my $in, '<', 'docs/screens.md' or die "docs/screens.md: $!";
my $skip = 0;
while (<$in>) {
	if (/^<!-- screen (\S+) -->$/) {
		open my $screen, '<', "fixtures/screens/$1.txt" or die "fixtures/screens/$1.txt: $!";
		print $_, "```\n", <$screen>, "```\n";
		$skip = 2;
	} elsif ($skip) {
		$skip-- if /^```/;
		# a marker without its block yet
		if (/^$/ && $skip == 2) { $skip = 0; print }
	} else {
		print;
	}
}
