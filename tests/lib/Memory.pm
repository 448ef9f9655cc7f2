# SPDX-License-Identifier: Apache-2.0
# What stands in the memory of a running process.
package Memory;
use strict;
use warnings;
no warnings 'portable'; # addresses have 64 bits

# The programs of a test: those that were started with its folder, and those that they started.
sub processes {
	my ($folder) = @_;
	my (%of, @found);
	for my $line (`ps -eo pid=,ppid=,comm=,args=`) {
		my ($pid, $parent, $name, $args) = $line =~ /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)/ or next;
		next if $name =~ /^(tmux|ps|perl|sh|bash|cat)/;
		$of{$pid} = 1 if index($args, $folder) >= 0 || $of{$parent};
		push @found, { pid => $pid, name => $name } if $of{$pid};
	}
	return @found;
}

# How often each text of digits is there: as bytes, and as the wider characters and numbers that a
# screen's library makes of keys. All of them in one go: reading takes its time.
sub count {
	my ($pid, @texts) = @_;
	my @forms = map { my @c = unpack 'C*', $_; [$_, pack('v*', @c), pack('V*', @c)] } @texts;
	my ($longest) = sort { $b <=> $a } map { 4 * length } @texts;
	my @count = (0) x @texts;
	open my $maps, '<', "/proc/$pid/maps" or return wantarray ? @count : 0;
	open my $memory, '<:raw', "/proc/$pid/mem" or die "/proc/$pid/mem: $!";
	while (<$maps>) {
		my ($from, $to, $what) = /^([0-9a-f]+)-([0-9a-f]+) rw\S+ \S+ \S+ \S+\s*(.*)/ or next;
		next if $what =~ /^\[v/;
		my ($at, $end, $rest) = (hex $from, hex $to, '');
		while ($at < $end) {
			my $size = $end - $at < 1 << 20 ? $end - $at : 1 << 20;
			sysseek $memory, $at, 0 or last;
			my $got = sysread($memory, my $block, $size);
			last unless $got; # a page that nobody may read
			$block = $rest . $block;
			for my $n (0 .. $#texts) {
				for my $form (@{ $forms[$n] }) {
					for (my $i = 0; ($i = index $block, $form, $i) >= 0; $i++) { $count[$n]++ }
				}
			}
			$at += $got;
			$rest = substr $block, -($longest - 1);
		}
	}
	return wantarray ? @count : $count[0];
}

1;
