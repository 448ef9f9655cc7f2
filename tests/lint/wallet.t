#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The house rules of the wallet page that a script can see: who may import whom, what a page under
# its policy may not do, types, words in every language, the size of what a phone downloads.
use strict;
use warnings;
use Test::More;
use File::Basename;
use File::Temp 'tempdir';
use JSON::PP;
chdir dirname(__FILE__) . '/../..' or die;

my $web = 'wallet/web';
my $budget = 35 * 1024; # bytes, gzipped, of the page and all its scripts
my @files = grep { -f && !m{/node_modules/} } split /\n/,
	`git ls-files '$web/*.js' '$web/*.mjs' '$web/*.ts' '$web/*.css' 'tests/*.mjs' 'tests/wallet/*.t'`;
cmp_ok(scalar @files, '>', 10, 'there is a tree to look at');

# What each folder of the page may import, besides itself.
my %may = (
	code  => [],
	words => ['code'],
	show  => [],
	scan  => ['words', 'limits'],
	store => ['code', 'limits'],
	net   => ['code', 'store', 'limits', 'app', 'words'],
);
my %library = (qr => qr{^$web/src/(show|scan)/}); # of the page; one file each
my $forbidden = qr{\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\s*\(|new\s+Function|console\.|sessionStorage|XMLHttpRequest|sendBeacon)|https?://(?!HOST\b|www\.w3\.org)};

my (@columns, @long, @spdx, @direction, @forbidden, @marks, %entered);
for my $file (@files) {
	open my $in, '<:encoding(UTF-8)', $file or die "$file: $!";
	my @lines = <$in>;
	close $in;
	my $page = $file =~ m{^$web/src/.*\.js$} || $file eq "$web/sw.js";
	push @spdx, $file unless join('', @lines[0 .. 1]) =~ /SPDX-License-Identifier: Apache-2\.0/;
	push @long, "$file: " . @lines if @lines > 400;
	my ($home) = $file =~ m{^$web/src/(\w+)/};
	my $number = 0;
	for (@lines) {
		my $where = "$file:" . ++$number;
		chomp(my $wide = $_);
		1 while $wide =~ s/^([^\t]*)\t/$1 . ' ' x (8 - length($1) % 8)/e;
		push @columns, $where if length $wide > 100 && $file !~ m{/words/(?:en|zh)\.js$}; # tables
		push @marks, $where if /\b(?:TODO|FIXME|XXX(?!['"`]))\b/ && !/currency|XXX =/i;
		next unless $page;
		push @forbidden, $where if /$forbidden/ && !m{^\s*(?://|\*)};
		if (/\bfrom\s+'([^']+)'|\bimport\s+'([^']+)'/) {
			my $what = $1 // $2;
			if ($what !~ /^\./) {
				my ($package) = $what =~ m{^(@[^/]+/[^/]+|[^/]+)};
				push @direction, "$where imports $what"
					unless $library{$package} && $file =~ $library{$package};
				$entered{$what}{$file} = 1;
			} elsif (defined $home && $may{$home} && !m{^\s*(?://|\*)}) {
				my ($to) = $what =~ m{^\.\./([\w-]+)};
				push @direction, "$where imports $what"
					if defined $to && !grep { $_ eq $to } @{ $may{$home} };
			}
		}
	}
}
sub none { my ($name, @found) = @_; is(join("\n", @found), '', $name) }
none('every file has its SPDX line', @spdx);
none('no file is longer than 400 lines', @long);
none('lines have at most 100 columns', @columns);
none('imports go one way', @direction);
none('nothing that the policy of the page forbids, and no word on the console', @forbidden);
none('no other marks than NEEDSWORK', @marks);
none('a library is entered in one file', map { keys %{ $entered{$_} } > 1 ? $_ : () } sort keys %entered);

# ---- what a file gives to others ----

my %text = map { my $file = $_; $file => do { local (@ARGV, $/) = $file; <> } } grep { /\.(?:m?js|t)$/ } @files;
my @alone;
for my $file (grep { m{^$web/src/} } sort keys %text) {
	for my $name ($text{$file} =~ /^export (?:async )?(?:const|let|class|function) (\w+)/mg) {
		push @alone, "$file: $name"
			unless grep { $_ ne $file && $text{$_} =~ /\b$name\b/ } keys %text;
	}
}
none('what is exported is used by another file', @alone);

# ---- words ----

my $words = `node --input-type=module -e 'import en from "./$web/src/words/en.js"; import zh from "./$web/src/words/zh.js"; console.log(JSON.stringify([en, zh]))'`;
my ($en, $zh) = @{ JSON::PP->new->utf8->decode($words) };
my (@missing, @holes, %have);
for my $section (sort keys %$en) {
	for my $name (sort keys %{ $en->{$section} }) {
		my ($one, $two) = ($en->{$section}{$name}, $zh->{$section}{$name});
		$have{"$section.$name"} = 1;
		push @missing, "zh: $section.$name" and next unless defined $two && $two ne '';
		my @all = map { join ' ', sort /\{(\w+)\}/g } $one, $two;
		push @holes, "$section.$name" if $all[0] ne $all[1];
		push @missing, "zh is English: $section.$name" if $two eq $one && $one =~ /[a-z]{3} [a-z]/;
	}
}
for my $section (sort keys %$zh) {
	push @missing, map { "en: $section.$_" } grep { !exists $en->{$section}{$_} } sort keys %{ $zh->{$section} };
}
none('both languages have the same words', @missing);
none('the same values are put into them', @holes);
my $source = join '', map { local (@ARGV, $/) = $_; <> } grep { m{/src/} && !m{/words/(?:en|zh)} } @files;
my %used = map { $_ => 1 } $source =~ /['"`]([a-z]\w*\.\w+)['"`]/gi;
my @families = map { quotemeta } $source =~ /[`]([a-z]\w*\.\w*)\$\{/gi; # t(`state.${word}`)
none('no words that nothing says', grep { my $key = $_; !$used{$key} && !grep { $key =~ /^$_/ } @families } sort keys %have);
my @unknown = grep { my $key = $_; !$have{$key} && $en->{ (split /\./)[0] } } sort keys %used;
none('nothing is said that has no words', @unknown);

# ---- packages, types, size ----

my $package = decode_json(do { local (@ARGV, $/) = "$web/package.json"; <> });
is(join(' ', sort keys %{ $package->{dependencies} }), 'qr', 'one package is in the page');
none('every package is pinned', grep { !/^\d+\.\d+\.\d+$/ } map { values %$_ } @$package{qw(dependencies devDependencies)});
my $lock = do { local (@ARGV, $/) = "$web/package-lock.json"; <> };
unlike($lock, qr/"resolved"/, 'the lock file names no address');
like($lock, qr/"integrity"/, 'and the digest of each package');

SKIP: {
	skip 'the packages are not installed: make deps', 4 unless -d "$web/node_modules/esbuild";
	my $types = `node $web/node_modules/typescript/bin/tsc -p $web 2>&1`;
	is($types, '', 'types fit');
	my $dir = tempdir(CLEANUP => 1);
	my $built = `node $web/build.mjs $dir/one 2>&1 && node $web/build.mjs $dir/two 2>&1`;
	is($built, '', 'the page is built without a word');
	is(system('diff', '-r', "$dir/one", "$dir/two"), 0, 'the same source gives the same bytes');
	my %size = map { basename($_) => length(`gzip -9nc $_`) }
		grep { !m{/files$} } grep { -f } glob "$dir/one/*";
	my $all = 0;
	$all += $_ for values %size;
	# what is loaded later: the reader of codes, the other language, pages off the way
	my $first = $all;
	$first -= $size{$_} for grep { /^(?:read|zh|later)-/ } keys %size;
	cmp_ok($first, '<=', $budget, "what a phone loads to show its codes is at most $budget bytes");
	note("gzipped: $first bytes, $all with the QR reader and the other language");
}
done_testing;
