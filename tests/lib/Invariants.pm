# SPDX-License-Identifier: Apache-2.0
# What must hold after any fault, in one place: nothing that was accepted is lost, nothing is
# accepted twice or without having been earned, the audit chain is whole, and what every terminal was
# told is what is recorded. Takes plain data, so that it can be tested itself.
package Invariants;
use strict;
use warnings;
use JSON::PP;
use Try;

my $json = JSON::PP->new->utf8;
my %rank = (challenged => 0, accepted => 1, authorised => 2, rejected => 2, expired => 2, cancelled => 2);

# journals => [ { lines => [...], recorded => { ID => { status, state, receipt, pin_tries } } } ],
# audit => [ records ], good => what `audit verify` said. Returns a list of sentences.
sub violations {
	my (%in) = @_;
	my @bad;
	push @bad, 'the audit chain is not whole' unless $in{good};
	my ($did, $receipts) = of_audit($in{audit});
	push @bad, map { "receipt $_ was given $receipts->{$_} times" } grep { $receipts->{$_} > 1 } sort keys %$receipts;
	my %earned;
	for my $journal (@{ $in{journals} }) {
		my $seen = of_journal($journal->{lines});
		for my $id (sort keys %$seen) {
			my $recorded = $journal->{recorded}{$id};
			$earned{$id} = $seen->{$id};
			push @bad, map { "$id: $_" } told_is_recorded($seen->{$id}, $recorded),
				recorded_is_audited($recorded, $did->{$id} // {});
		}
	}
	push @bad, map { my $id = $_; map { "$id: $_" } was_earned($did->{$id}, $earned{$id}) } sort keys %$did;
	return @bad;
}

# What the chain tells of each verification, and how often each receipt is in it.
sub of_audit {
	my ($records) = @_;
	my (%did, %receipts);
	for my $r (@$records) {
		my $detail = $json->decode($r->{detail});
		$receipts{ $detail->{receipt} }++ if $detail->{receipt};
		next unless $r->{verification};
		my $of = $did{ $r->{verification} } //= {};
		my $kind = $r->{kind};
		$kind = 'rejected-pin' if $kind eq 'rejected' && $detail->{try};
		$of->{$kind}++;
		$of->{receipt} = $detail->{receipt} if $detail->{receipt};
	}
	return (\%did, \%receipts);
}

sub of_journal {
	my ($lines) = @_;
	my %seen;
	for (@$lines) {
		my ($what, $id, @rest) = split / /;
		next if $what eq 'lost' || $what eq 'later' || $id eq '-';
		my $of = $seen{$id} //= { told => [] };
		$of->{started}++ if $what eq 'started';
		$of->{"code-$rest[0]"}++ if $what eq 'code';
		$of->{"pin-$rest[1]"}++ if $what eq 'pin';
		$of->{refused} = $rest[0] if $what eq 'refused';
		push @{ $of->{told} }, { state => $rest[0], receipt => $rest[1], tries => $rest[2] } if $what eq 'told';
	}
	return \%seen;
}

sub told_is_recorded {
	my ($seen, $recorded) = @_;
	return 'is not known any more' unless $recorded && ($recorded->{status} // 0) == 200;
	my @bad;
	my $before;
	for my $told (@{ $seen->{told} }) {
		my ($a, $b) = ($rank{ $told->{state} }, $rank{ $recorded->{state} });
		push @bad, "told $told->{state} after $before->{state}" if $before && ($rank{ $before->{state} } > $a ||
			($rank{ $before->{state} } == 2 && $before->{state} ne $told->{state}));
		push @bad, "told $told->{state}, recorded $recorded->{state}"
			if $a > $b || ($a == 2 && $told->{state} ne $recorded->{state});
		# accepted once means that a PIN may still end it, and nothing else
		push @bad, "told accepted, recorded $recorded->{state} without a PIN"
			if $told->{state} eq 'accepted' && $told->{receipt} ne '-' && $recorded->{state} ne 'accepted';
		push @bad, "told receipt $told->{receipt}, recorded " . ($recorded->{receipt} // 'none')
			if $told->{receipt} ne '-' && $told->{receipt} ne ($recorded->{receipt} // '');
		push @bad, "told $told->{tries} PINs, recorded $recorded->{pin_tries}" if $told->{tries} > $recorded->{pin_tries};
		$before = $told;
	}
	push @bad, "refused with $seen->{refused}" if $seen->{refused};
	return @bad;
}

sub recorded_is_audited {
	my ($recorded, $did) = @_;
	my @bad;
	my $n = sub { $did->{ $_[0] } // 0 };
	my $state = ($recorded // {})->{state} // return ();
	push @bad, 'started ' . $n->('started') . ' times in the audit' if $n->('started') != 1;
	push @bad, "$state, and not so in the audit" if $state eq 'accepted' && !$n->('accepted') ||
		$state eq 'authorised' && !$n->('authorised') ||
		$state eq 'rejected' && !($n->('rejected') + $n->('rejected-pin')) || $state eq 'expired' && !$n->('expired');
	push @bad, "$state, but the audit has its acceptance" if $state eq 'challenged' && $n->('accepted');
	push @bad, 'its receipt is not that of the audit'
		if ($recorded->{receipt} // '') ne ($did->{receipt} // '');
	return @bad;
}

# Decided once, and only what a terminal sent the right code for.
sub was_earned {
	my ($did, $seen) = @_;
	my $n = sub { $did->{ $_[0] } // 0 };
	my @bad;
	push @bad, 'decided ' . ($n->('accepted') + $n->('rejected')) . ' times' if $n->('accepted') + $n->('rejected') > 1;
	push @bad, 'ended ' . ($n->('authorised') + $n->('rejected-pin')) . ' times by a PIN'
		if $n->('authorised') + $n->('rejected-pin') > 1;
	push @bad, 'accepted without the right code' if $n->('accepted') && !($seen // {})->{'code-right'};
	push @bad, 'rejected though no wrong code was sent' if $n->('rejected') && !($seen // {})->{'code-wrong'};
	push @bad, 'authorised without the right PIN' if $n->('authorised') && !($seen // {})->{'pin-right'};
	push @bad, 'authorised before it was accepted' if $n->('authorised') && !$n->('accepted');
	push @bad, 'more wrong PINs counted than sent'
		if $n->('wrong-pin') + $n->('rejected-pin') > (($seen // {})->{'pin-wrong'} // 0);
	return @bad;
}

# ---- gathering it from a backend that serves ----

# The journals of tills, with what is recorded of each verification now.
sub journals {
	my (@tills) = @_;
	my @out;
	for my $till (@tills) {
		my @lines = split /\n/, slurp($till->{journal}) // '';
		my %recorded;
		for my $id (keys %{ of_journal(\@lines) }) {
			my $got = $till->insist('state', undef, 'GET', "/v1/verifications/$id", $till->{token});
			$recorded{$id} = { status => $got->{status}, %{ $got->{json} } };
		}
		push @out, { lines => \@lines, recorded => \%recorded };
	}
	return \@out;
}

# All of it; the violations, and how many verifications were looked at.
sub of_backend {
	my ($backend, @tills) = @_;
	my $journals = journals(@tills);
	my $verify = $backend->try('audit', 'verify');
	my $good = $verify->{status} eq '0' && $json->decode($verify->{out})->{good};
	my @audit = json_lines($backend->try('audit', 'export')->{out});
	my @bad = violations(journals => $journals, audit => \@audit, good => $good);
	my $count = 0;
	$count += keys %{ $_->{recorded} } for @$journals;
	return (\@bad, $count);
}

# How often an answer was lost at each step, and 503 was told: { "lost start" => n, ... }
sub losses {
	my (@tills) = @_;
	my %count;
	for my $till (@tills) {
		my $text = slurp($till->{journal}) // '';
		$count{"$1 $2"}++ while $text =~ /^(lost|later) (\S+)/mg;
	}
	return \%count;
}

1;
