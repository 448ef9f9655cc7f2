#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
#
# site_data.pl FOLDER >site_data.c: the files of the wallet page, as they are and packed, as data of
# a C program. FOLDER/files lists them. The same files give the same bytes.
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use IO::Compress::Gzip qw(gzip $GzipError :constants);

my %type = (
	html => 'text/html; charset=utf-8', css => 'text/css; charset=utf-8',
	js => 'text/javascript; charset=utf-8', webmanifest => 'application/manifest+json',
	svg => 'image/svg+xml', png => 'image/png');

sub bytes_of {
	my ($path) = @_;
	open my $in, '<:raw', $path or die "$path: $!\n";
	local $/;
	my $data = <$in>;
	return $data;
}

# Only where it is worth a second copy: pictures are packed already.
sub packed {
	my ($data) = @_;
	gzip(\$data => \my $out, -Level => Z_BEST_COMPRESSION, -Minimal => 1) or die "$GzipError\n";
	return length($out) < 0.9 * length $data ? $out : '';
}

sub array {
	my ($name, $data) = @_;
	return '' if $data eq '';
	my $numbers = join ',', unpack 'C*', $data;
	$numbers =~ s/(.{1,96}),/$1,\n/g;
	return "static const uint8_t ${name}[] = {\n$numbers};\n";
}

sub span { my ($name, $data) = @_; return $data eq '' ? '{0}' : "{$name, sizeof($name)}" }
sub etag { my ($data) = @_; return '"\"' . substr(sha256_hex($data), 0, 32) . '\""' }

my ($folder) = @ARGV or die "usage: site_data.pl FOLDER\n";
my @names = split /\n/, bytes_of("$folder/files");
my ($arrays, $rows) = ('', '');
for my $i (0 .. $#names) {
	my ($name, $ending) = $names[$i] =~ m{^([A-Za-z0-9/.-]+\.([a-z]+))$}
		or die "$folder/files: what is '$names[$i]'?\n";
	my $type = $type{$ending} // die "$name: no Content-Type is known for .$ending\n";
	my $plain = bytes_of("$folder/$name");
	my $gzip = packed($plain);
	my $path = $name eq 'index.html' ? '/' : "/$name";
	die "$name is empty\n" if $plain eq '';
	$arrays .= array("plain_$i", $plain) . array("gzip_$i", $gzip);
	$rows .= qq(\t{"$path", "$type", ) . span("plain_$i", $plain) . ', ' . span("gzip_$i", $gzip) .
		",\n\t\t" . etag($plain) . ', ' . ($gzip eq '' ? 'NULL' : etag($gzip)) . "},\n";
}
die "$folder: there is no page\n" if $rows !~ m{\{"/",};
print "/* made by backend/site_data.pl */\n#include \"backend/site.h\"\n\n#include <stddef.h>\n\n",
	$arrays, "static const struct site_file FILES[] = {\n", $rows, "};\n\n",
	"const struct site site_built = {FILES, sizeof(FILES) / sizeof(FILES[0])};\n";
