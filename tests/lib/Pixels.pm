# SPDX-License-Identifier: Apache-2.0
# What tmux captured of a screen, with its colours, as pixels: each character in the shape that a
# font gives its cell. zbarimg reads the picture as a phone would.
package Pixels;
use strict;
use warnings;
use Exporter 'import';
use Try;
our @EXPORT = qw(pixels_draw pixels_read);

# Brightness of the colours 0 .. 255; the first sixteen are those of xterm.
my @first = (0, 70, 140, 160, 60, 100, 150, 229, 127, 110, 180, 250, 130, 160, 200, 255);
sub grey {
	my ($n) = @_;
	return $first[$n] if $n < 16;
	return 8 + ($n - 232) * 10 if $n >= 232;
	my @level = (0, 95, 135, 175, 215, 255);
	$n -= 16;
	return int(0.3 * $level[$n / 36] + 0.59 * $level[$n / 6 % 6] + 0.11 * $level[$n % 6]);
}

# Rows of [character, ink, ground] of `capture-pane -e`.
sub cells {
	my ($text, $theme) = @_;
	my ($ink, $ground, $reverse) = (@$theme, 0);
	my @rows;
	for my $line (split /\n/, $text) {
		my @row;
		while ($line =~ /\G(?:\e\[([0-9;:]*)m|(.))/g) {
			if (defined $2) {
				push @row, [$2, $reverse ? ($ground, $ink) : ($ink, $ground)];
				next;
			}
			my @p = map { $_ eq '' ? 0 : $_ } split /[;:]/, $1 eq '' ? '0' : $1;
			while (@p) {
				my $p = shift @p;
				if    ($p == 0) { ($ink, $ground, $reverse) = (@$theme, 0) }
				elsif ($p == 7) { $reverse = 1 }
				elsif ($p == 27) { $reverse = 0 }
				elsif ($p == 39) { $ink = $theme->[0] }
				elsif ($p == 49) { $ground = $theme->[1] }
				elsif ($p == 38 || $p == 48) {
					my $kind = shift @p;
					my $grey = $kind == 5 ? grey(shift @p)
						: int(0.3 * shift(@p) + 0.59 * shift(@p) + 0.11 * shift(@p));
					$p == 38 ? ($ink = $grey) : ($ground = $grey);
				}
				elsif ($p >= 30 && $p <= 37)   { $ink = grey($p - 30) }
				elsif ($p >= 40 && $p <= 47)   { $ground = grey($p - 40) }
				elsif ($p >= 90 && $p <= 97)   { $ink = grey($p - 82) }
				elsif ($p >= 100 && $p <= 107) { $ground = grey($p - 92) }
			}
		}
		push @rows, \@row;
	}
	return @rows;
}

# One row of cells as lines of pixels.
sub lines {
	my ($row, $cols, $width, $height, $theme) = @_;
	my $half = int(($height + 1) / 2);
	my @lines = ('') x $height;
	my $at = 0;
	for my $cell (@$row) {
		my ($c, $ink, $ground) = @$cell;
		my ($i, $g) = (chr($ink) x $width, chr($ground) x $width);
		my ($top, $bottom) = $c eq "\x{2588}" ? ($i, $i) : $c eq "\x{2580}" ? ($i, $g)
			: $c eq "\x{2584}" ? ($g, $i) : ($g, $g);
		# what any other character looks like does not matter, only that it is there
		my $stroke = $c =~ /[ \x{2580}\x{2584}\x{2588}]/ ? undef
			: chr($ground) . chr($ink) x 2 . chr($ground) x ($width - 3);
		for my $y (0 .. $height - 1) {
			$lines[$y] .= defined $stroke && $y > 2 && $y < $height - 3 ? $stroke
				: $y < $half ? $top : $bottom;
		}
		$at++;
	}
	my $rest = chr($theme->[1]) x ($width * ($cols - $at));
	return map { $_ . $rest } @lines;
}

# The picture as a PGM file. theme: [ink, ground] of plain text.
sub pixels_draw {
	my ($text, $file, $width, $height, $theme) = @_;
	utf8::decode($text) unless utf8::is_utf8($text);
	my @rows = cells($text, $theme);
	my $cols = 0;
	for (@rows) { $cols = @$_ if @$_ > $cols }
	my @lines = map { lines($_, $cols, $width, $height, $theme) } @rows;
	spew($file, sprintf("P5\n%d %d\n255\n", $cols * $width, scalar @lines) . join '', @lines);
}

# The text of the QR code that zbarimg finds in it; '' = none.
sub pixels_read {
	my (undef, $file) = @_;
	&pixels_draw;
	my $read = run(['zbarimg', '-q', '--raw', '-Sdisable', '-Sqrcode.enable', $file])->{out};
	chomp $read;
	return $read;
}

1;
