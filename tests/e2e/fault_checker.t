#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The checker that the tests of faults rely on finds every kind of lie.
use strict;
use warnings;
use Test::More;
use File::Basename;
use JSON::PP;
BEGIN { chdir dirname(__FILE__) . '/../..' or die }
use lib 'tests/lib';
use Invariants;

# A verification that was accepted and then authorised, and one that was rejected: all true.
sub truth {
	return (
		good => 1,
		audit => [
			{ kind => 'started', verification => 'a', detail => '{}' },
			{ kind => 'accepted', verification => 'a', detail => '{}' },
			{ kind => 'wrong-pin', verification => 'a', detail => '{"try":1}' },
			{ kind => 'authorised', verification => 'a', detail => '{"receipt":"R1","try":2}' },
			{ kind => 'started', verification => 'b', detail => '{}' },
			{ kind => 'rejected', verification => 'b', detail => '{"reason":"wrong-answer"}' },
			{ kind => 'started', verification => 'c', detail => '{}' },
			{ kind => 'accepted', verification => 'c', detail => '{"receipt":"R2"}' },
			{ kind => 'started', verification => 'unknown', detail => '{}' },
		],
		journals => [{
			lines => ['lost start', 'started a', 'code a right', 'lost response', 'told a challenged - 0',
				'told a accepted - 0', 'pin a 1 wrong', 'told a accepted - 1', 'pin a 2 right', 'told a authorised R1 2',
				'started b', 'code b wrong', 'told b rejected - 0',
				'started c', 'code c right', 'told c accepted R2 0'],
			recorded => {
				a => { status => 200, state => 'authorised', receipt => 'R1', pin_tries => 2 },
				b => { status => 200, state => 'rejected', pin_tries => 0 },
				c => { status => 200, state => 'accepted', receipt => 'R2', pin_tries => 0 },
			},
		}],
	);
}

sub lie {
	my ($words, $like, $change) = @_;
	my %in = truth();
	$change->(\%in, $in{journals}[0], $in{audit});
	like(join("\n", Invariants::violations(%in)), $like, $words);
}
sub line { my ($journal, $from, $to) = @_; s/^\Q$from\E$/$to/ for @{ $journal->{lines} } }
sub drop { my ($audit, $n) = @_; splice @$audit, $n, 1 }

is(join("\n", Invariants::violations(truth())), '', 'the truth has no fault');
lie('a chain that is broken', qr/not whole/, sub { $_[0]{good} = 0 });
lie('an acceptance that was told and is lost', qr/c: told accepted, recorded challenged/,
	sub { $_[1]{recorded}{c} = { status => 200, state => 'challenged', pin_tries => 0 } });
lie('a verification that is gone', qr/c: is not known/, sub { $_[1]{recorded}{c} = { status => 404 } });
lie('another receipt than was told', qr/c: told receipt R9/, sub { line($_[1], 'told c accepted R2 0', 'told c accepted R9 0') });
lie('a rejection that became an acceptance', qr/b: told rejected, recorded accepted/,
	sub { $_[1]{recorded}{b} = { status => 200, state => 'accepted', pin_tries => 0 } });
lie('a state that went back', qr/a: told challenged after accepted/,
	sub { line($_[1], 'told a accepted - 1', 'told a challenged - 1') });
lie('a PIN that was forgotten', qr/a: told 2 PINs, recorded 1/, sub { $_[1]{recorded}{a}{pin_tries} = 1 });
lie('a refusal of what was in order', qr/c: refused with answered-already/,
	sub { push @{ $_[1]{lines} }, 'refused c answered-already' });
lie('two decisions', qr/c: decided 2 times/, sub { push @{ $_[2] }, { %{ $_[2][7] } } });
lie('a receipt given twice', qr/receipt R1 was given 2 times/, sub { $_[2][7]{detail} = '{"receipt":"R1"}' });
lie('an acceptance without a record', qr/c: accepted, and not so in the audit/, sub { drop($_[2], 7) });
lie('a start without a record', qr/c: started 0 times/, sub { drop($_[2], 6) });
lie('an acceptance that nobody earned', qr/c: accepted without the right code/,
	sub { line($_[1], 'code c right', 'code c wrong') });
lie('an acceptance of what no terminal knows', qr/unknown: accepted without/,
	sub { push @{ $_[2] }, { kind => 'accepted', verification => 'unknown', detail => '{}' } });
lie('a rejection of a right code', qr/b: rejected though/, sub { line($_[1], 'code b wrong', 'code b right') });
lie('an authorisation without the PIN', qr/a: authorised without/, sub { line($_[1], 'pin a 2 right', 'pin a 2 wrong') });
lie('a PIN counted twice', qr/a: more wrong PINs/, sub { push @{ $_[2] }, { %{ $_[2][2] } } });
lie('an authorisation out of nothing', qr/a: authorised before/, sub { drop($_[2], 1) });
lie('a decision that the record does not show', qr/b: challenged, but/, sub {
	$_[1]{recorded}{b} = { status => 200, state => 'challenged', pin_tries => 0 };
	line($_[1], 'told b rejected - 0', 'told b challenged - 0');
	$_[2][5]{kind} = 'accepted';
});
done_testing;
