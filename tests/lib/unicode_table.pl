#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# Writes base/text_table.c from the Unicode tables that come with perl:
#
#   perl tests/lib/unicode_table.pl > base/text_table.c
#
# The version of Unicode is perl's (5.36: Unicode 14.0) and stands in the output's first lines.
# tests/lib/unicode_rule.py says the same from Python's tables, for the test.
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap);

my $LAST = 0x10ffff;

# Ranges of the code points whose property has one of the values.
sub ranges {
	my ($property, @values) = @_;
	my %wanted = map { $_ => 1 } @values;
	my ($starts, $map, $format, $default) = prop_invmap($property);
	die "no property $property" unless $starts;
	my @found;
	for my $i (0 .. $#$starts) {
		next unless $wanted{$map->[$i]};
		my $first = $starts->[$i];
		last if $first > $LAST;
		my $end = $i < $#$starts ? $starts->[$i + 1] - 1 : $LAST;
		$end = $LAST if $end > $LAST;
		if (@found && $found[-1][1] + 1 == $first) {
			$found[-1][1] = $end;
		} else {
			push @found, [$first, $end];
		}
	}
	die "nothing found for $property" unless @found;
	return @found;
}

sub table {
	my ($name, $what, @found) = @_;
	my @cells = map { sprintf('{0x%x, 0x%x}', @$_) } @found;
	print "\n/* $what */\nstatic const struct text_range ${name}[] = {\n";
	my $line = '';
	for my $cell (@cells) {
		# 8 columns for the tab
		if (length($line) + length($cell) + 2 > 90) {
			print "\t$line\n";
			$line = '';
		}
		$line .= ($line eq '' ? '' : ' ') . "$cell,";
	}
	print "\t$line\n};\n";
	printf "const struct text_table text_table_%s = {%s, sizeof %s / sizeof %s[0]};\n",
		$name, $name, $name, $name;
}

my $version = Unicode::UCD::UnicodeVersion();
print <<"END";
/* SPDX-License-Identifier: Apache-2.0
 *
 * Written by tests/lib/unicode_table.pl from Unicode $version; not by hand.
 */
#include "base/text_table.h"
END
table('unsafe', 'General categories Cc Cf Zl Zp Co Cs Cn.', ranges('General_Category',
	qw(Control Cc Format Cf Line_Separator Zl Paragraph_Separator Zp Private_Use Co
	Surrogate Cs Unassigned Cn)));
table('combining', 'General categories Mn and Me.', ranges('General_Category',
	qw(Nonspacing_Mark Mn Enclosing_Mark Me)));
table('wide', 'East Asian width W and F.', ranges('East_Asian_Width', qw(Wide W Fullwidth F)));
