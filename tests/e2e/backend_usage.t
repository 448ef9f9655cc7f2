#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Every command of countersignd, asked wrongly: exit status 3, one line that names the command and what
# was wrong, nothing on standard output, and nothing done. What is asked rightly and refused is 1.
use strict;
use warnings;
use File::Basename;
use lib dirname(__FILE__) . '/../lib';
use JSON::PP;
use Test::More;
use Try;
chdir dirname(__FILE__) . '/../..' or die;

my $dir = scratch();
my $back = "$dir/backend";
my $none = '0' x 32;

sub admin { return run([bin('countersignd'), '--dir', $back, @_], in => '') }
sub told { my $ran = admin(@_); die "@_: $ran->{err}" if $ran->{status} ne '0'; return decode_json($ran->{out}) }
sub refused {
	my ($status, $like, @words) = @_;
	my $ran = admin(@words);
	my $lines = () = $ran->{err} =~ /\n/g;
	my $said = "$ran->{status} $lines " . length $ran->{out};
	my $name = join ' ', map { length > 40 ? substr($_, 0, 40) . '...' : $_ } @words;
	is($said, "$status 1 0", "$name: status $status and one line") or diag $ran->{err};
	like($ran->{err}, $like, "$name: says why");
}

is(run([bin('countersignd'), 'init', $back, '--name', 'Corner Bank', '--host', 'QR.EXAMPLE.COM'])->{status}, '0', 'a backend');
my $holder = told(qw(holder add --name Ada --phone 110))->{holder};
my $account = told(qw(account add --number 12 --holder), $holder)->{account};
my $credential = told(qw(credential issue --holder), $holder, '--account', $account)->{credential};
spew("$dir/pass", "a long passphrase\n", 0600);
told(qw(operator add Ann --role operator --passphrase-file), "$dir/pass");
# that somebody unknown called is on record
sub done { return run(['sqlite3', "$back/countersign.db", "SELECT count(*) FROM audit WHERE kind <> 'call-refused'"])->{out} }
my $done = done();

# ---- every command ----
open my $in, '<', 'backend/program.c' or die;
my @commands = join('', <$in>) =~ /^\t\{"([a-z -]+)", *(?:"|$|SERVER_USAGE)/mg;
cmp_ok(scalar @commands, '>', 35, 'the table of commands was found');
for my $command (@commands) {
	my @words = split / /, $command;
	my @dir = $command eq 'init' ? () : ('--dir', $back);
	my $help = run([bin('countersignd'), @words, '--help']);
	is($help->{status}, '0', "$command --help");
	like($help->{out}, qr/^usage: countersignd (?:--dir DIR )?\Q$command\E.*\n\n\S/s, "$command --help: usage and words");
	my @bad = (['--bogus'], ['--bogus=1'], ['-x'], [('a') x 5], ['--operator'], ['--operator', '']);
	for my $bad (@bad) {
		my $ran = run([bin('countersignd'), @dir, @words, @$bad], in => '');
		my $lines = () = $ran->{err} =~ /\n/g;
		is("$ran->{status} $lines " . length $ran->{out}, '3 1 0', "$command @$bad: status 3 and one line") or diag $ran->{err};
		like($ran->{err}, qr/^countersignd: \Q$command\E: \S/, "$command @$bad: names the command");
	}
}
refused(3, qr/unknown command; one of these must follow: /, 'key');
refused(3, qr/unknown command/, 'dance');
is(run([bin('countersignd'), 'init', "$dir/other", qw(--name A --host B --operator Ann)])->{status}, 3, 'init has no operators');
ok(!-e "$dir/other", 'and made nothing');

# ---- values ----
refused(3, qr/say what: --email or --language/, qw(holder contact), $holder);
refused(3, qr/no mail address/, qw(holder contact), $holder, qw(--email x));
refused(3, qr/en or zh_CN/, qw(holder contact), $holder, qw(--language de));
refused(3, qr/--name must not be empty/, qw(holder add --name), '');
refused(3, qr/phone number must have/, qw(holder add --name A --phone abc));
refused(3, qr/document, phone, birth or other/, qw(holder questions), $holder, qw(--set colour));
refused(3, qr/--words TEXT/, qw(holder questions), $holder, qw(--set other --answer-file), "$dir/pass");
refused(3, qr/from 1 to 8/, qw(holder questions), $holder, qw(--remove 9));
refused(3, qr/--set is missing/, qw(holder questions), $holder, qw(--words x));
refused(3, qr/--number must not be empty/, qw(account add --holder), $holder, '--number', '');
refused(3, qr/--not-after must be later than now/, qw(credential issue --holder), $holder, '--account', $account, qw(--not-after 100));
refused(3, qr/from 1 to 36500/, qw(credential issue --holder), $holder, '--account', $account, qw(--valid-days 0));
refused(3, qr/--not-after must be later than now/, qw(credential renew), $credential, qw(--not-after 100));
refused(3, qr/--until must be later than now/, qw(credential freeze), $credential, qw(--until 100));
refused(3, qr/whole number/, qw(credential freeze), $credential, qw(--until tomorrow));
refused(3, qr/NAME must not be empty/, qw(terminal enrol), '');
refused(3, qr/go with --config/, qw(terminal enrol till --url http://127.0.0.1:1));
refused(3, qr/--role must be/, qw(operator add Bob --role king --passphrase-file), "$dir/pass");
refused(3, qr/none: No such file/, qw(operator add Bob --role admin --passphrase-file), "$dir/none");
refused(3, qr/exactly one of/, qw(holder find));
refused(3, qr/exactly one of/, qw(holder find --phone 110 --account 12));
refused(3, qr/32 hexadecimal digits/, qw(holder find --credential x));
refused(3, qr/exactly one of/, qw(service call open --operator Ann));
refused(3, qr/--question is missing/, qw(service call answer), $none, qw(--operator Ann));
refused(3, qr/from 1 to 1000/, qw(verification list --last 0));
refused(3, qr/--since must be/, qw(audit export --since tomorrow));
refused(3, qr/say which key/, qw(key rotate));
refused(3, qr/master key only/, qw(key rotate number --new x));
refused(3, qr/none: No such file/, qw(key rotate master --new), "$dir/none");
refused(3, qr/say FROM .* and TO/, qw(store copy a));
refused(3, qr/none: No such file/, qw(store copy), "$dir/none", 'postgresql:///x');
refused(3, qr/from a file of SQLite to postgresql/, qw(store copy), "$back/countersign.db", 'nothing');
refused(3, qr/FILE is missing/, 'backup');
refused(3, qr/is there already/, 'backup', "$back/countersign.db");
refused(3, qr/no address to listen on/, qw(serve --port 0 --bind 1.2.3));
refused(3, qr/neither a host name nor an address/, qw(ca renew-server --server-name), 'a b');
refused(3, qr/there is an authority already/, qw(ca create));
refused(3, qr/this backend is whole/, 'restore');

# ---- asked rightly, and refused ----
refused(1, qr/no such holder/, qw(holder contact), $none, qw(--email a@b.example));
refused(1, qr/no such account/, qw(account unlock), $none);
refused(1, qr/with this number already/, qw(account add --number 12 --holder), $holder);
refused(1, qr/no such credential/, qw(credential show), $none);
refused(1, qr/no terminal has this name/, qw(terminal revoke nobody));
refused(1, qr/with this name already/, qw(operator add Ann --role admin --passphrase-file), "$dir/pass");
refused(1, qr/no operator has this name/, qw(holder add --name A --operator Nobody));
refused(1, qr/nobody is known/, qw(service call open --operator Ann --phone 999));
refused(1, qr/nobody is known/, qw(holder find --phone 999));
refused(1, qr/nobody is known/, qw(holder find --account 999));
refused(1, qr/nobody is known/, qw(holder find --credential), $none);
refused(1, qr/no such verification/, qw(verification show), $none);

is(done(), $done, 'and nothing of all this was done');

# ---- whose ids were lost ----
for my $by ([qw(--phone 110)], [qw(--account 12)], ['--credential', $credential]) {
	my $found = told(qw(holder find), @$by)->{holders};
	is(join(' ', map { ($_->{holder}, $_->{name}, map { ($_->{credential}, $_->{account}, $_->{status}) } @{ $_->{credentials} }) } @$found),
		"$holder Ada $credential $account active", "found by @$by");
}
my $second = told(qw(holder add --name Bob --phone 110))->{holder};
is(join(' ', sort map { $_->{holder} } @{ told(qw(holder find --phone 110))->{holders} }), join(' ', sort $holder, $second), 'two with one telephone');
done_testing;
