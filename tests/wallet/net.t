#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// What the page makes of the backend's answers, without a browser and without a backend: which
// entry of the history a verification is, activations that were not answered, times and clocks
// that cannot be.
(async () => {
const { done, is, ok, test } = await import('../lib/tap.mjs');
const page = (name) => import(`../../wallet/web/src/${name}.js`);
const { verificationRecord, statusOf } = await page('net/records');
const { activate, resume } = await page('net/pending');
const { Offline, ask, clockNow, clockSkew } = await page('net/api');
const { watch } = await page('net/events');
const { until } = await import('../lib/bank.mjs');
const { codeText } = await page('code/build');

const CARD = 'c0'.repeat(16);
const id = (n) => String(n).padStart(32, '0');
const now = Math.floor(Date.now() / 1000);
const never = new AbortController().signal;

/** A vault that keeps what it is given, and nothing else. */
function vault(...entries) {
	const kept = new Map(entries.map((entry) => [entry.id, entry]));
	const notes = new Map();
	return {
		kept, notes,
		cards: () => [],
		token: async () => 'bearer',
		history: async () => [...kept.values()].sort((a, b) => b.at - a.at),
		historyPut: async (entry) => { kept.set(entry.id, entry); },
		historyRemove: async (which) => { kept.delete(which); },
		note: async (name) => notes.get(name) ?? null,
		noteSet: async (name, value) => {
			if (value === null) notes.delete(name);
			else notes.set(name, value);
		},
	};
}
/** The backend from now on: path => [status, body], or a fault. */
const asked = [];
function backend(answer) {
	asked.length = 0;
	globalThis.fetch = async (path, { body }) => {
		const sent = body && JSON.parse(body);
		asked.push(sent ?? path);
		const [status, said, date] = answer(path, sent);
		const headers = new Headers(date ? { Date: new Date(date).toUTCString() } : {});
		return { status, headers, text: async () => JSON.stringify(said) };
	};
}
const records = (all) => backend((path) => [200, all[path.slice(-32)]]);
const guess = (n, at) => ({ id: id(n), card: CARD, at, state: 'answered', guess: true });
const told = (v, n, state) => verificationRecord(v, CARD, { id: id(n), state }, never);

test('two answers without network: each verification finds its own', async () => {
	const v = vault(guess(901, now - 300), guess(902, now - 100));
	records({
		[id(1)]: { id: id(1), state: 'authorised', started_at: now - 310,
			decided_at: now - 290, merchant: 'Bakery' },
		[id(2)]: { id: id(2), state: 'authorised', started_at: now - 110,
			decided_at: now - 90, merchant: 'Chemist' },
	});
	is((await told(v, 1, 'authorised')).was, id(901));
	is((await told(v, 2, 'authorised')).was, id(902));
	is((await v.history()).map((e) => `${e.id} ${now - e.at} ${e.merchant} ${e.guess}`),
		[`${id(2)} 100 Chemist undefined`, `${id(1)} 300 Bakery undefined`]);
});

test('one that was over before the answer was given does not take it', async () => {
	const v = vault(guess(901, now - 50));
	records({
		[id(1)]: { id: id(1), state: 'cancelled', started_at: now - 160,
			decided_at: now - 120 },
		[id(2)]: { id: id(2), state: 'authorised', started_at: now - 70,
			decided_at: now - 40 },
		[id(3)]: { id: id(3), state: 'rejected', started_at: now - 20,
			decided_at: now - 10 },
	});
	is((await told(v, 1, 'cancelled')).was, undefined);
	is((await told(v, 3, 'rejected')).was, undefined, 'nor one that began later');
	is((await told(v, 2, 'authorised')).was, id(901));
	is([...v.kept.keys()].sort(), [id(1), id(2), id(3)]);
});

test('a proof of a receipt is a code of ours, or it is none', async () => {
	const body = Uint8Array.of(1, 0, ...new Array(104).fill(7));
	const right = codeText('QR.EXAMPLE.COM', 'X', body);
	for (const [code, kept] of [[right, right], ['https://evil.example.com/', undefined],
		['not alphanumeric', undefined], [right.replace('/X/', '/C/'), undefined],
		[right.slice(0, -1), undefined], [7, undefined], [undefined, undefined]]) {
		const v = vault();
		records({ [id(1)]: { id: id(1), state: 'authorised', receipt_code: code } });
		is((await told(v, 1, 'authorised')).receiptCode, kept, `${code}`);
	}
});

test('a time that no calendar has is none', async () => {
	for (const [until, kept] of [[now, now], [0xffffffff, 0xffffffff], [2 ** 32, undefined],
		[Number.MAX_SAFE_INTEGER, undefined], [-1, undefined], ['1', undefined]])
		is(statusOf({ status: 'frozen', frozen_until: until }).until, kept, `${until}`);
	const v = vault();
	records({ [id(1)]: {} });
	const told1 = { id: id(1), state: 'expired', at: Number.MAX_SAFE_INTEGER };
	ok((await verificationRecord(v, CARD, told1, never)).at <= clockNow());
});

/** The lock of all tabs; node has none. */
// what node 18 has not
globalThis.CustomEvent ??= class extends Event {
	constructor(type, { detail }) {
		super(type);
		this.detail = detail;
	}
};
Object.defineProperty(globalThis, 'navigator', { configurable: true,
	value: { locks: { request: async (name, work) => work() } } });
const word = (promise) => promise.then(() => 'done',
	(fault) => fault instanceof Offline ? 'offline' : fault.word);

test('a second activation does not forget one that was not answered', async () => {
	const v = vault();
	const lost = () => { throw new TypeError('no network'); };
	backend(lost);
	is(await word(activate(v, 'FIRST')), 'offline');
	const [{ claim }] = asked;
	backend(lost);
	is(await word(activate(v, 'SECOND')), 'offline');
	is(asked, [{ token: 'FIRST', claim }], 'the first is asked for again');
	is(v.notes.get('pending').token, 'FIRST', 'and is not forgotten');
	backend(() => [429, { type: '/too-many-attempts' }]);
	is(await word(activate(v, 'SECOND')), 'too-many-attempts');
	is(v.notes.get('pending').claim, claim, 'nor when it is told to wait');
	backend(() => [404, { type: '/not-found' }]);
	is(await word(activate(v, 'SECOND')), 'not-found');
	is(asked.map(({ token }) => token), ['FIRST', 'SECOND'], 'a no ends it');
	is(v.notes.size, 0);
});

test('a phone whose clock is wrong takes up its activation when it is opened again', async () => {
	const v = vault();
	backend(() => [200, {}, Date.now() - 3600000]); // an hour beside the issuer's
	await ask('GET', '/v1/x');
	ok(Math.abs(clockSkew() + 3600) < 3);
	backend(() => { throw new TypeError('no network'); });
	is(await word(activate(v, 'FIRST')), 'offline');
	backend(() => [200, {}, Date.now()]); // as after a reload: nothing is known of it
	await ask('GET', '/v1/x');
	is(clockSkew(), 0);
	backend(() => { throw new TypeError('no network'); });
	is(await word(resume(v)), 'offline');
	is(asked.length, 1, 'asked for');
});

test('a card is over when the backend says so, and not when something before it does', async () => {
	const set = [];
	const card = { id: CARD, status: { word: 'active', asOf: 0 } };
	const v = { ...vault(), cards: () => [card],
		statusSet: async (id, { word: to }) => { set.push(to); } };
	const events = () => asked.filter((path) => /events/.test(path)).length;
	globalThis.addEventListener ??= () => {};
	globalThis.removeEventListener ??= () => {};
	backend(() => [401, { type: events() < 2 ? '/login-please' : '/unauthorised' }]);
	watch({ vault: v });
	ok(await until(() => set.length), 'it is told');
	is([set, events()], [['void'], 2], 'by the backend alone');
	watch({ vault: null });
});

test('a clock that is set right is not corrected once more', async () => {
	const phone = Date.now;
	try {
		Date.now = () => phone() - 300000;
		backend(() => [200, {}, phone()]);
		await ask('GET', '/v1/x');
		ok(Math.abs(clockSkew() - 300) < 3);
		ok(Math.abs(clockNow() - phone() / 1000) < 3);
		Date.now = phone;
		is(clockSkew(), 0);
		ok(Math.abs(clockNow() - phone() / 1000) < 3);
	} finally {
		Date.now = phone;
	}
});

await done();
})();
