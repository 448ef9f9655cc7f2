#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// The codes of the wallet page: every value of fixtures/vectors/vectors.json, and thousands of
// damaged texts, of each of which the page must say exactly what the C side says.
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

// node runs a .t as CommonJS, where modules are imported in a function: that is the whole file.
(async () => {
const root = join(__dirname, '../..');
const { test, ok, is, done } = await import('../lib/tap.mjs');
const src = (name) => import(join(root, 'wallet/web/src', name));
const base32 = await src('code/base32.js');
const { hex, unhex, join: bytes, u64 } = await src('code/bytes.js');
const { parseCode } = await src('code/parse.js');
const { codeText } = await src('code/build.js');
const formula = await src('code/formula.js');
const amount = await src('code/amount.js');
const { amountText } = await src('words/words.js');

const vectors = JSON.parse(readFileSync(join(root, 'fixtures/vectors/vectors.json'), 'utf8'));
const bin = join(root, process.env.COUNTERSIGN_BIN || 'build/gcc');
let seed = 20261122;
const dice = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;

/** One answer of the C side for each question. */
function oracle(questions) {
	const run = spawnSync(join(bin, 'code_oracle'), {
		input: questions.join('\n') + '\n', maxBuffer: 1 << 28, encoding: 'utf8' });
	if (run.error) throw new Error(`${run.error.message}: make ${join(bin, 'code_oracle')}`);
	if (run.error || run.status) throw run.error ?? new Error(run.stderr);
	return run.stdout.split('\n').slice(0, -1);
}
const utf8 = (text) => hex(new TextEncoder().encode(text));

/** What the page says, in the words of the oracle. */
function said(text) {
	const c = parseCode(text);
	if (c.kind === 'foreign') return `foreign ${c.foreign}`;
	const head = `${c.kind} ${c.host} `;
	if (c.kind === 'C')
		return head + [hex(c.body), c.credentialId, Number(c.live), c.generation,
			c.notAfter].join(' ');
	if (c.kind === 'R') return head + `${c.binding} ${Number(c.timed)}`;
	if (c.kind !== 'Q') return head + `${c.codeId} ${c.notAfter}`;
	const q = c.challenge;
	return head + [hex(q.credentialShort), q.verificationId, q.number, q.digits, q.expires,
		q.amount, q.currency, utf8(q.merchant), utf8(q.reference)].join(' ');
}

/** The same answer for every text; returns how many of them are ours. */
function compare(texts) {
	const answers = oracle(texts.map((text) => `parse ${utf8(text)}`));
	is(answers.length, texts.length);
	texts.forEach((text, i) => is(said(text), answers[i], `of ${JSON.stringify(text)}`));
	return answers.filter((answer) => !answer.startsWith('foreign')).length;
}

/** The card of a case; live or not. */
function card(v, live) {
	return {
		id: v.credential_id, generation: v.generation, notAfter: v.not_after, live,
		digits: v.digits, purpose: '', faceValue: '',
		issuer: { name: '', host: v.host, key: v.issuer_public },
		staticBody: parseCode(v.first_code_static).body,
		status: { word: 'active', asOf: 0 }, quick: false,
	};
}
async function keysOf(v) {
	return formula.deriveKeys(await crypto.subtle.importKey('raw', unhex(v.secret), 'HKDF',
		false, ['deriveKey']));
}
const codesOf = (v) => [...Object.keys(v).filter((name) => /_code/.test(name))
	.map((name) => v[name]), v.presented.code];
const all = vectors.cases.flatMap(codesOf);

test('derives keys that sign and cannot be read', async () => {
	for (const v of vectors.cases) {
		const keys = await keysOf(v);
		for (const name of ['response', 'live', 'challenge']) {
			const wanted = await crypto.subtle.importKey('raw', unhex(v[`k_${name}`]),
				{ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
			const [a, b] = await Promise.all([keys[name], wanted].map(
				(key) => crypto.subtle.sign('HMAC', key, new Uint8Array(3))));
			is(Buffer.from(a).toString('hex'), Buffer.from(b).toString('hex'));
			is([keys[name].extractable, keys[name].usages], [false, ['sign']]);
		}
	}
});

test('makes every first code of the vectors', async () => {
	for (const v of vectors.cases) {
		const keys = await keysOf(v);
		is(await formula.firstCode(card(v, false), null, v.now), v.first_code_static);
		is(await formula.firstCode(card(v, true), keys, v.now), v.first_code_live);
		ok(await formula.firstCode(card(v, true), keys, v.now + 30) !== v.first_code_live);
	}
});

test('a live card without its key shows nothing', async () => {
	await formula.firstCode(card(vectors.cases[0], true), null, 0).then(
		() => { throw new Error('a code was made'); },
		(error) => is(error.message, 'no key'));
});

test('makes every second code of the vectors', async () => {
	for (const v of vectors.cases) {
		const keys = await keysOf(v);
		const { challenge } = parseCode(v.challenge_code);
		for (const live of [false, true]) {
			const name = `second_code_${live ? 'timed_' : ''}binding_`;
			const make = (more) => formula.secondCode(card(v, live), keys,
				{ ...more, unixS: v.answered_at });
			is(await make({ number: v.number }), v[`${name}0`]);
			if (v.amount) {
				is(await make({ number: v.number, amount: BigInt(v.amount),
					currency: v.currency }), v[`${name}1`]);
			}
			is(await make({ challenge }), v[`${name}2`]);
		}
	}
});

test('a number with a digit too many, too few, or none is not answered', async () => {
	const v = vectors.cases[0];
	const keys = await keysOf(v);
	const numbers = ['', '12345', '1234567', '12345x', ' 12345', '１２３', undefined];
	for (const number of numbers) {
		await formula.secondCode(card(v, true), keys, { number, unixS: 1 }).then(
			() => { throw new Error(`answered ${number}`); },
			(error) => is(error.message, 'wrong number'));
	}
	for (const currency of ['', 'EU', 'eur', 'EURO', undefined]) {
		await formula.secondCode(card(v, true), keys,
			{ number: v.number, amount: 1, currency, unixS: 1 }).then(
			() => { throw new Error(`answered ${currency}`); },
			(error) => is(error.message, 'wrong currency'));
	}
});

test('opens the challenge codes of the vectors, until they expire', async () => {
	for (const v of vectors.cases) {
		const keys = await keysOf(v);
		const { challenge } = parseCode(v.challenge_code);
		const open = (at) => formula.challengeOpen(card(v, true), keys, challenge, at);
		is([challenge.number, challenge.amount, challenge.currency, challenge.merchant,
			challenge.reference, challenge.expires, challenge.verificationId],
		[v.number, BigInt(v.amount), v.currency, v.merchant, v.reference, v.expires,
			v.verification_id]);
		is(await open(v.expires - 1), 'ok');
		is(await open(v.expires), 'expired');
	}
});

test('a challenge of another card, of another key or with other digits is refused', async () => {
	const [v, w] = vectors.cases;
	const { challenge } = parseCode(v.challenge_code);
	const [mine, other] = [await keysOf(v), await keysOf(w)];
	is(await formula.challengeOpen(card(w, true), other, challenge, 0), 'other-card');
	is(await formula.challengeOpen(card(v, true), other, challenge, 0), 'forged');
	const eight = { ...card(v, true), digits: 8 };
	is(await formula.challengeOpen(eight, mine, challenge, 0), 'forged');
});

test('a challenge with any bit flipped is refused', async () => {
	const v = vectors.cases[1];
	const keys = await keysOf(v);
	const body = base32.decode(v.challenge_code.split('/').pop());
	for (let bit = 0; bit < body.length * 8; bit++) {
		const changed = body.slice();
		changed[bit >> 3] ^= 1 << (bit & 7);
		const code = parseCode(codeText(v.host, 'Q', changed));
		if (code.kind !== 'Q') continue;
		const word = await formula.challengeOpen(card(v, true), keys, code.challenge, 0);
		is(word, bit >> 3 >= 2 && bit >> 3 < 10 ? 'other-card' : 'forged', `bit ${bit}`);
	}
});

test('a static body is right only as its issuer signed it', async () => {
	for (const v of vectors.cases) is(await formula.staticBodyRight(card(v, true)), 'signed');
	const right = card(vectors.cases[0], true);
	const wrong = [{ id: 'f' + right.id.slice(1) }, { generation: 2 }, { notAfter: 5 },
		{ issuer: { ...right.issuer, key: `00${right.issuer.key.slice(2)}` } },
		{ issuer: { ...right.issuer, key: '00'.repeat(32) } },
		{ staticBody: bytes(right.staticBody, '\0') },
		{ staticBody: right.staticBody.subarray(0, 91) }];
	for (let at = 0; at < 92; at++) {
		const staticBody = right.staticBody.slice();
		staticBody[at] ^= 1 << dice(8);
		wrong.push({ staticBody });
	}
	for (const more of wrong) is(await formula.staticBodyRight({ ...right, ...more }), '');
});

test('every code of the vectors is read as the C side reads it', () => {
	ok(all.length > 100);
	is(compare(all), all.length, 'all of them are ours');
	is(compare(vectors.foreign), 0, 'none of the foreign ones is');
});

test('with every byte flipped', () => {
	const texts = [];
	for (const text of all.slice(0, 60)) {
		const [, , host, kind, rest] = text.split('/');
		const body = base32.decode(rest);
		for (let at = 0; at < body.length; at++) {
			const changed = body.slice();
			changed[at] ^= [1 << dice(8), 255, 1, 128][dice(4)];
			texts.push(codeText(host, kind, changed));
		}
	}
	const ours = compare(texts);
	ok(ours > 100 && ours < texts.length - 100, `${ours} of ${texts.length} are ours`);
});

test('cut, lengthened, doubled, under every letter', () => {
	const texts = [];
	for (const text of all.slice(0, 10)) {
		const [, , host, kind, rest] = text.split('/');
		const body = base32.decode(rest);
		for (let n = 0; n < text.length; n++) texts.push(text.slice(0, n), text.slice(n));
		for (let n = 0; n <= body.length; n++)
			texts.push(codeText(host, kind, body.slice(0, n)));
		for (const more of ['A', 'AA', '=', ' ', '\n', '\0', '/', '?', '#', '\xe9', text])
			texts.push(text + more, more + text);
		for (const more of [1, 8, 14, 40, 200])
			texts.push(codeText(host, kind, bytes(body, 'x'.repeat(more))));
		for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZa1%/')
			texts.push(codeText(host, letter, body));
		for (const h of ['', 'A', ':', 'a', 'A/B', 'A_B', '\xc4', 'A'.repeat(64),
			'A'.repeat(65), 'A'.repeat(300)]) texts.push(codeText(h, kind, body));
		texts.push(text.toLowerCase(), text.replace('S:', ':'), text.replace('H', 'h'),
			text.replace('//', '/'), text.replace(/^H.*?\/\//, 'www.'));
	}
	const ours = compare(texts);
	ok(ours >= 40 && ours < 200, `${ours} of ${texts.length} are ours`);
});

test('with characters changed anywhere', () => {
	const texts = [];
	const letters = 'ABCXYZ0123456789/:.-$%*+ =abc\u017f\u212a\r\n\t?#';
	for (let i = 0; i < 6000; i++) {
		const text = [...all[dice(all.length)]];
		for (let n = dice(3); n >= 0; n--)
			text.splice(dice(text.length), dice(2), letters[dice(letters.length)]);
		texts.push(text.join(''));
	}
	const ours = compare(texts);
	ok(ours > 100 && ours < 5900, `${ours} of ${texts.length} are ours`);
});

/** A challenge with these fields, right or wrong, and an empty tag. */
function challengeText({ version = 1, flags = 0, number = 1n, digits = 6, currency = 'EUR',
	merchant = 'Shop', reference = '', merchantLen, referenceLen, tag = 16 }) {
	const [m, r] = [bytes(merchant), bytes(reference)];
	return codeText('A', 'Q', bytes(Uint8Array.of(version, flags), new Uint8Array(24),
		u64(number), Uint8Array.of(digits), new Uint8Array(4), u64(2n ** 64n - 1n),
		currency,
		Uint8Array.of(merchantLen ?? m.length), m,
		Uint8Array.of(referenceLen ?? r.length), r, new Uint8Array(tag)));
}

test('challenges at the edge of every rule', () => {
	const texts = [];
	for (let n = 0; n < 256; n++) {
		texts.push(challengeText({ digits: n }), challengeText({ merchantLen: n }),
			challengeText({ referenceLen: n }), challengeText({ version: n }),
			challengeText({ flags: n }),
			challengeText({ currency: bytes('EU', Uint8Array.of(n)) }));
	}
	for (let digits = 5; digits < 12; digits++)
		for (const off of [-1n, 0n, 1n])
			texts.push(challengeText({ digits, number: 10n ** BigInt(digits) + off }));
	texts.push(challengeText({ number: 2n ** 64n - 1n, digits: 10 }));
	for (let n = 38; n < 43; n++) texts.push(challengeText({ merchant: 'M'.repeat(n) }));
	for (let n = 22; n < 27; n++) texts.push(challengeText({ reference: 'R'.repeat(n) }));
	for (let n = 0; n < 40; n++) texts.push(challengeText({ tag: n }));
	const ours = compare(texts);
	ok(ours > 20 && ours < 100, `${ours} of ${texts.length} are ours`);
});

test('texts that no screen may show', () => {
	const bad = ['\0', '\n', '\x1b[2J', '\x7f', '\x80', '\x9b', '\u00ad', '\u0378', '\u061c',
		'\u200b', '\u200e', '\u2028', '\u2029', '\u202e', '\u2066', '\ufeff', '\ue000',
		'\ufdd0', '\uffff', '\u{e0001}', '\u{f0000}', '\u{10ffff}'];
	const raw = [
		[0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0x80],
		[0xff], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc3], [0xe2, 0x82],
		[0xf0, 0x9f, 0x98], [0xc3, 0x28], [0xef, 0xbb, 0xbf],
	].map((list) => Uint8Array.from(list));
	const good = [
		'', ' ', 'e\u0301', '街角面包店', '😀', '\u00a0', '\u3000', '\ufffd', '"<b>&',
	];
	const texts = (list) => list.flatMap((text) => [challengeText({ merchant: text }),
		challengeText({ reference: text }),
		challengeText({ merchant: bytes('a', text, 'b') })]);
	is(compare(texts([...bad, ...raw])), 0);
	is(compare(texts(good)), good.length * 3);
	// a character may not begin in one text and end in the next
	const halves = { merchant: Uint8Array.of(0xc3), reference: Uint8Array.of(0xa9) };
	is(compare([challengeText(halves)]), 0);
});

test('Base32 has one text for one value', () => {
	for (let n = 0; n < 200; n++) {
		const value = Uint8Array.from({ length: n % 40 }, () => dice(256));
		is(base32.decode(base32.encode(value)), value);
		const text = Array.from({ length: dice(12) }, () => 'ABQ27Z'[dice(6)]).join('');
		const back = base32.decode(text);
		ok(!back || base32.encode(back) === text, text);
	}
	is(base32.encode(new TextEncoder().encode('foobar')), 'MZXW6YTBOI'); // RFC 4648
	for (const text of ['A', 'AAA', 'AAAAAA', 'AB', 'AAAB', 'mz', 'M=', '18', '\u216f'])
		is(base32.decode(text), null);
});

test('amounts have the decimals of base/currency.h, whatever the engine thinks', () => {
	const header = readFileSync(join(root, 'base/currency.h'), 'utf8');
	let count = 0;
	for (const [, currency, digits] of header.matchAll(/X\((\w{3}), (\d)\)/g)) {
		is(String(amount.decimals(currency)), digits, currency);
		const text = amountText(123456789n, currency);
		is(text.replace(/\D/g, ''), '123456789', text);
		is(/(?:\.(\d+))?$/.exec(text)[1]?.length ?? 0, Number(digits), text);
		count++;
	}
	ok(count > 150);
	is(amountText(5n, 'EUR'), 'EUR 0.05');
	is(amountText(1000000000000001n, 'HUF').slice(4), '10,000,000,000,000.01');
});

test('amounts as people write them', () => {
	for (const [text, currency, wanted] of [['12.80', 'EUR', 1280n], ['12,8', 'EUR', 1280n],
		['12', 'EUR', 1200n], [' 7 ', 'JPY', 7n], ['1,280', 'KWD', 1280n], ['0', 'EUR', 0n],
		['10000000000000', 'EUR', 10n ** 15n]])
		is(amount.amountParse(text, currency), wanted, text);
	for (const [text, currency] of [['', 'EUR'], ['.5', 'EUR'], ['5.', 'EUR'], ['-1', 'EUR'],
		['+1', 'EUR'], ['1 000', 'EUR'], ['1,280', 'EUR'], ['1.280,00', 'EUR'],
		['1e3', 'EUR'],
		['7.0', 'JPY'], ['１２', 'EUR'], ['0x10', 'EUR'], ['10000000000000.01', 'EUR']])
		is(amount.amountParse(text, currency), null, text);
});

await done();
})();
