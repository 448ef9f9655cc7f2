#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Every message is translated: none missing, empty, fuzzy, or with other directives than the original,
# in plural forms too; none left over. What is shown is looked up at all: no text of a screen without
# gettext, no count with a plural noun but through ngettext, no English on a Chinese screen. Each of
# these is broken once on a copy to see that it is noticed.
use strict;
use warnings;
use utf8;
use File::Basename;
use File::Temp 'tempdir';
use Test::More;
chdir dirname(__FILE__) . '/../..' or die;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);
$ENV{LC_ALL} = 'C.UTF-8';

my $dir = tempdir('countersign-lint.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my @sources = (glob('ui/*.c'), 'base/local.c');
my ($po) = glob 'ui/po/*.po';

sub slurp { open my $in, '<:utf8', $_[0] or die "$_[0]: $!"; local $/; return <$in> }
sub spew { open my $out, '>:utf8', $_[0] or die "$_[0]: $!"; print {$out} $_[1]; close $out }

system('xgettext', qw(--from-code=UTF-8 --keyword=_ --keyword=N_ --no-location -o), "$dir/now.pot", @sources);
is($?, 0, 'the messages of the source');

# What is wrong with a catalogue: '' or words. The template says which messages have directives.
sub wrong {
	my ($catalogue) = @_;
	my $said = `msgcmp "$catalogue" "$dir/now.pot" 2>&1`;
	return "missing: $said" if $?;
	$said = `msgmerge -q --no-fuzzy-matching -o "$dir/flagged.po" "$catalogue" "$dir/now.pot" 2>&1`;
	return "merge: $said" if $?;
	$said = `msgfmt --check --check-format --statistics -o /dev/null "$dir/flagged.po" 2>&1`;
	return "format: $said" if $?;
	return "not whole: $said" if $said =~ /fuzzy|untranslated/;
	$said = `msgattrib --only-fuzzy "$catalogue"; msgattrib --only-obsolete "$catalogue"`;
	return "left over: $said" if $said =~ /^(?:#~ )?msgid "./m;
	$said = `msgcmp --use-untranslated "$dir/now.pot" "$catalogue" 2>&1`;
	return "left over: $said" if $?;
	my ($forms) = slurp($catalogue) =~ /^"Plural-Forms: nplurals=(\d+);/m;
	return 'no plural forms in the header' unless $forms;
	return '';
}

is(wrong($_), '', "$_ is complete") for glob 'ui/po/*.po';
is(`msgcmp --use-untranslated ui/po/countersign.pot "$dir/now.pot" 2>&1`, '', 'make pot was run');

subtest 'a fault of a catalogue is noticed' => sub {
	my $text = slurp($po);
	my %break = (
		'a message that is empty' => sub { s/^(msgid "SIMULATOR"\nmsgstr) ".+"/$1 ""/m },
		'a message that is missing' => sub { s/^msgid "SIMULATOR"\nmsgstr ".+"\n//m },
		'a fuzzy one' => sub { s/^(msgid "SIMULATOR")/#, fuzzy\n$1/m },
		'one that nobody uses' => sub { $_ .= qq(\nmsgid "nobody says this"\nmsgstr "x"\n) },
		'a directive of another type' => sub { s/^(msgid "%d s"\nmsgstr ".*)%d/$1%s/m },
		'a directive too few' => sub { s/^(msgid "%d s"\nmsgstr ".*)%d/$1/m },
		'a wrong directive in a plural form' => sub { s/^(msgid_plural "%d days"\nmsgstr\[0\] ".*)%d/$1%s/m },
		'an empty plural form' => sub { s/^(msgid_plural "%d days"\nmsgstr\[0\]) ".+"/$1 ""/m },
		'no plural forms' => sub { s/^"Plural-Forms: .*\n//m },
	);
	for my $name (sort keys %break) {
		local $_ = $text;
		$break{$name}->();
		if ($_ eq $text) { fail("$name: there is nothing to break"); next }
		spew("$dir/broken.po", $_);
		isnt(wrong("$dir/broken.po"), '', $name);
	}
};

# ---- the source ----

# A count with a noun in the plural is wrong for one: "1 days". Units are the same for any, and of a
# range ("4 to 8 digits") there is no one.
sub counts {
	my ($text) = @_;
	my @found;
	while ($text =~ /(?<![a-z])(?:_|N_)\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)\)/g) {
		my $message = $1;
		push @found, $message if $message =~ /(?<!to )%(?:d|u|zu|lld|llu) (?!is\b|its\b|was\b|s\b|ms\b)[a-z]{2,}s\b/;
	}
	return @found;
}
# Text for people that is drawn as it stands.
sub untold {
	my ($text) = @_;
	my @found;
	push @found, $1
		while $text =~ /\bview_pen_(?:text|centred|big|detail)\([^;"]*("[^"]*[A-Za-z]{4,}[^"]*")[^;]*;/g;
	return grep { my $found = $_; $text !~ /\b_\(\s*\Q$found\E/ } @found;
}
is(join("\n", map { my $file = $_; map { "$file: $_" } counts(slurp($file)) } @sources), '',
	'a count is told through ngettext');
is(join("\n", map { my $file = $_; map { "$file: $_" } untold(slurp($file)) } glob 'ui/{view,page}*.c'), '',
	'what is drawn is looked up');
is_deeply([counts('x = _("%d days left"); ngettext("%d day", "%d days", 2); _("%d s left"); _("a"
	" %u pictures")')], ['"%d days left"', qq("a"\n\t" %u pictures")], 'a count without ngettext is noticed');
is_deeply([untold('view_pen_text(p, GRID_BOLD, "Untold words"); view_pen_text(p, GRID_DIM, _("Told words"));')],
	['"Untold words"'], 'text without gettext is noticed');

my @elsewhere = grep { !/^(?:ui|tests)\// && $_ ne 'base/local.c' && $_ ne 'base/text.c' && $_ ne 'base/text.h' }
	split /\n/, `git grep -lE '(^|[^A-Za-z_])(_|N_|ngettext|gettext)\\(' -- '*.c' '*.h'`;
is("@elsewhere", '', 'messages are looked for where they are');

# ---- the screens ----

# Names, codes and words of other programs are what the samples made up; keys have their names.
my %made_up = map { $_ => 1 } qw(countersign Enter Backspace Space Home PageUp PageDown enrol check Meimei);
for my $file (glob('tests/lib/*samples*.h'), glob('tests/unit/test_ui_*view*.c'), glob 'tests/unit/test_ui_history.c') {
	my $text = slurp($file);
	$made_up{$_} = 1 for map { /[A-Za-z]{4,}/g } $text =~ /"((?:\\.|[^"\\])*)"/g;
}
# Faults are told in the words of those who look after a terminal, and cut where a line ends.
sub english { my ($text) = @_; return grep { my $word = $_; !grep { index($_, $word) == 0 } keys %made_up }
	$text =~ /(?<!\p{Latin})[A-Za-z]{4,}(?!\p{Latin})/g }
my %found;
my @screens = glob 'fixtures/screens/*.zh_CN.*.txt';
for my $file (@screens) { push @{ $found{$_} }, basename($file) for english(slurp($file)) }
cmp_ok(scalar @screens, '>', 50, 'there are screens');
is(join('', map { "$_: $found{$_}[0]\n" } sort keys %found), '', 'no English on a Chinese screen');
is_deeply([english('王小明 Waiting for Anna')], ['Waiting'], 'English words are noticed');
my @alone = grep { (my $other = $_) =~ s/\.zh_CN\./.en./; !-e $other } @screens;
is("@alone", '', 'every screen is there in both languages');

done_testing;
