#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The house rules that a script can see: who may include whom, where a library is entered, banned
# words, sizes, headers that compile alone. DESIGN: base <- crypto <- verifier <- ui, and so on.
use strict;
use warnings;
use Test::More;
use File::Basename;
chdir dirname(__FILE__) . '/../..' or die;

my @files = grep { -f } split /\n/, `git ls-files '*.c' '*.cc' '*.h'`;
cmp_ok(scalar @files, '>', 50, 'there is a tree to look at');

# What each folder may include, besides itself.
my %may = (
	'base'          => [],
	'crypto'        => ['base'],
	'scanner'       => ['base'],
	'verifier'      => ['base', 'crypto'],
	'ui'            => ['base', 'crypto', 'verifier', 'scanner'],
	'backend'       => ['base', 'crypto', 'verifier/code.h', 'verifier/client_url.h'],
	'wallet/holder' => ['base', 'crypto', 'verifier/code.h', 'verifier/client.h'],
);
# Third-party headers and the files that may include them.
my %library = (
	'openssl/'    => qr{^(crypto/|backend/http)},
	'argon2.h'    => qr{^crypto/password\.c$},
	'libv4l2.h'   => qr{^scanner/camera_calls\.c$},
	'linux/videodev2.h' => qr{^scanner/(camera_(format|probe|setup|buffers|controls|list)|sandbox)\.c$},
	'seccomp.h'   => qr{^scanner/sandbox\.c$},
	'linux/landlock.h' => qr{^scanner/landlock\.c$},
	'linux/input' => qr{^scanner/(typed_|source_typed\.c|sandbox\.c)},
	'linux/hidraw.h' => qr{^scanner/(typed_|source_typed\.c|sandbox\.c)},
	'zbar.h'      => qr{^scanner/decode_zbar\.c$},
	'jpeglib.h'   => qr{^(scanner/jpeg\.c|wallet/holder/frame_out\.c)$},
	'png.h'       => qr{^(scanner/png|wallet/holder/png)},
	'curl/'       => qr{^(verifier/client_curl|backend/messenger_curl\.c$)},
	'jansson.h'   => qr{^base/json\.c$},
	'curses.h'    => qr{^ui/screen_curses\.c$},
	'ncurses'     => qr{^ui/screen_curses\.c$},
	'qrencode.h'  => qr{^(ui/qr|backend/picture|wallet/holder/)},
	'event'       => qr{^backend/},
	'sqlite3.h'   => qr{^backend/store_sqlite},
	'postgresql/' => qr{^backend/store_postgres},
	'uni'         => qr{^backend/answer_fold\.c$},
	'ini.h'       => qr{^base/config\.c$},
	'libintl.h'   => qr{^base/text},
);
# The benchmark's peers stay in their own files, too.
my %library_of_tests = (
	'zbar.h' => qr{^tests/(bench/peer_zbar\.c|lib/phone_kit\.h)$},
	'ReadBarcode.h' => qr{^tests/bench/peer_zxing\.cc$},
);
my @banned = qw(strcpy strcat sprintf vsprintf strncpy strncat gets strtok atoi atol atof alloca
	mktemp localtime gmtime asctime ctime rand srand);
my $banned = join '|', @banned;
$banned = qr{(?<![\w.>])($banned)\s*\(};

my (@direction, @library, @banned_found, @marks, @spdx, @columns, @long_files, @long_functions,
	@paths, @space, @curly);
for my $file (@files) {
	open my $in, '<', $file or die "$file: $!";
	my @lines = <$in>;
	close $in;
	my $test = $file =~ m{^tests/};
	my ($home) = sort { length $b <=> length $a } grep { index($file, "$_/") == 0 } keys %may;
	push @spdx, $file unless join('', @lines[0 .. ($#lines < 2 ? $#lines : 2)]) =~ /SPDX-License-Identifier: Apache-2\.0/;
	push @long_files, "$file: " . @lines if @lines > 600 && $file !~ m{_table\.c$};
	my ($start, $name, $number) = (0, '', 0);
	for (@lines) {
		$number++;
		my $where = "$file:$number";
		if (/^#\s*include\s+"([^"]+)"/) {
			my $inc = $1;
			if (defined $home && $inc =~ m{/}) {
				my $fine = index($inc, "$home/") == 0 || grep { $inc eq $_ || index($inc, "$_/") == 0 } @{ $may{$home} };
				push @direction, "$where: $home may not include $inc" unless $fine;
			}
		}
		if (/^#\s*include\s+<([^>]+)>/) {
			my $inc = $1;
			my $table = $test ? \%library_of_tests : \%library;
			for my $lib (keys %$table) {
				next unless index($inc, $lib) == 0;
				next if $lib eq 'event' && $inc !~ m{^event};
				next if $lib eq 'uni' && $inc eq 'unistd.h';
				push @library, "$where: $inc" unless $file =~ $table->{$lib};
			}
		}
		(my $code = $_) =~ s{"(?:\\.|[^"\\])*"}{""}g;
		$code =~ s{/\*.*?\*/}{}g;
		push @banned_found, "$where: $1" if $code =~ $banned && $code !~ m{^\s*\*};
		push @banned_found, "$where: memcmp in crypto" if $file =~ m{^crypto/} && $code =~ /\bmemcmp\s*\(/;
		push @marks, $where if /\b(TODO|FIXME|XXX)\b(?!")/ && !/"XXX"/;
		push @paths, $where if m{(?<![\w.])/(work|farm|root|home/\w+)/};
		push @space, $where if /[ \t]+$/;
		(my $wide = $_) =~ s/\t/        /g;
		chomp $wide;
		utf8::decode($wide);
		push @columns, "$where: " . length $wide if length $wide > 100 && $file !~ /_table\.c$/;
		# Kernel style: a function's braces stand in the first column.
		if (/^\{/) { $start = $number }
		if (/^\}/ && $start) {
			my $long = $number - $start - 1;
			push @long_functions, "$file:$start: $long lines" if $long > 70 && !$test;
			$start = 0;
		}
	}
}

# A finding can be allowed only here, with a reason; the list may only shrink.
my %allowed = ();
sub none {
	my ($what, @found) = @_;
	@found = grep { my $f = $_; !grep { index($f, $_) == 0 } keys %allowed } @found;
	ok(!@found, $what) or diag(join "\n", @found[0 .. ($#found < 30 ? $#found : 30)]);
}
none('includes follow the direction of the design', @direction);
none('each library is entered in one place', @library);
none('no banned function', @banned_found);
none('no mark of unfinished work', @marks);
none('every file has its SPDX line', @spdx);
none('lines are at most 100 columns', @columns);
none('files are at most 600 lines', @long_files);
none('functions are at most 70 lines', @long_functions);
none('no path of a machine', @paths);
none('no trailing space', @space);

my @tests = grep { !-x } split /\n/, `git ls-files 'tests/*/*.t'`;
none('every test can be started', @tests);

my @scripts = grep { -f } split /\n/, `git ls-files '*.sh' '.ci/run'`;
my $said = `shellcheck -S warning -x @scripts 2>&1`;
is($?, 0, 'shell scripts pass shellcheck') or diag($said);

done_testing;
