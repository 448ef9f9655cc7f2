# SPDX-License-Identifier: Apache-2.0
# A wallet for tests, written from the protocol's text alone: the codes of an activated live
# credential. Nothing of the project's own C is in it.
package Wallet;
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 sha512);

my $SUITE = 'OCRA-1:HOTP-SHA256-0:QA10-S064-T30S';
my @letters = ('A' .. 'Z', 2 .. 7);
my %value = map { $letters[$_] => $_ } 0 .. 31;

sub base32 {
	my $bits = unpack 'B*', shift;
	$bits .= '0' x (-length($bits) % 5);
	return join '', map { $letters[ oct "0b$_" ] } $bits =~ /(.{5})/g;
}

sub unbase32 {
	my $bits = join '', map { sprintf '%05b', $value{$_} } split //, shift;
	return pack 'B*', substr $bits, 0, length($bits) - length($bits) % 8;
}

sub hkdf {
	my ($key, $info) = @_;
	return hmac_sha256("$info\x01", hmac_sha256($key, "\0" x 32));
}

# Of what POST /v1/activations answered.
sub new {
	my ($class, $activation) = @_;
	my ($host, $body) = $activation->{first_code} =~ m{^HTTPS://([^/]+)/C/([A-Z2-7]+)$} or die 'no first code';
	my $key = pack 'H*', $activation->{secret};
	return bless {
		host => $host,
		body => unbase32($body),
		live => hkdf($key, 'countersign/1 live'),
		response => hkdf($key, 'countersign/1 response'),
	}, $class;
}

sub step { return int(shift() / 30) }

# The live first code of a moment.
sub first_code {
	my ($self, $unix) = @_;
	my $shown = $self->{body};
	substr($shown, 1, 1) = "\x01";
	my $tag = hmac_sha256('countersign/1 live' . $shown . pack('Q>', step($unix)), $self->{live});
	return "HTTPS://$self->{host}/C/" . base32($shown . substr $tag, 0, 8);
}

# The second code to a number that was typed: binding 0, timed.
sub second_code {
	my ($self, $number, $unix) = @_;
	my $session = sha512('countersign/1 session' . $self->{body});
	my $data = "$SUITE\0" . pack('a128', $number) . $session . pack('Q>', step($unix));
	return "HTTPS://$self->{host}/R/" .
		base32("\x01\x04" . substr($self->{body}, 6, 8) . hmac_sha256($data, $self->{response}));
}

# Another number of as many digits.
sub other_number {
	my $number = shift;
	return $number =~ s/^(.)/9 - $1/er;
}

1;
