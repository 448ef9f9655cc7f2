#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// The pages about the lock: unlock, settings, another passcode, closed; and what a thief finds who
// copies the browser's profile afterwards.
(async () => {
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const kit = await import('../lib/browser.mjs');
if (!kit.chromium()) skipAll('no chromium');
const { authenticator, axe, browser, of, scratch, shows } = kit;
const { activation, buildPage, inPage, serveAlone } = await import('../lib/vault_kit.mjs');
const { searchProfile, writings } = await import('../lib/profile_search.mjs');
const { hkdfSync, randomBytes } = await import('node:crypto');
const { mkdirSync, writeFileSync } = await import('node:fs');
const { join } = await import('node:path');

const [RIGHT, OTHER, WRONG] = ['493817205614', '620517398246', '314159265358'];
const folder = scratch();
const site = await serveAlone(await buildPage(join(folder, 'site')));
const launch = { origin: site.origin, port: site.port, spki: '' };
const engine = await browser(launch);

/** A tab whose clock is the test's. */
async function tab(one) {
	await one.context.addInitScript(inPage, 1000);
	const page = await one.context.newPage();
	await page.clock.install();
	return page;
}
/** A wallet with cards, made beside the page. */
async function fill(page, ...cards) {
	await page.goto(`${site.origin}/vault.html`);
	await page.evaluate(async ([passcode, given]) => {
		await store.vaultDestroy();
		globalThis.vault = await store.vaultMake(passcode);
		for (const each of given) await vault.add(activationOf(each));
	}, [RIGHT, cards]);
}
let shared; // a tab costs more than a test
/** The page at its start, with a wallet that is locked. */
async function start(...cards) {
	const one = shared?.one ?? await engine.phone({ camera: false });
	shared ??= { one, page: await tab(one) };
	await fill(shared.page, ...cards);
	await shared.page.goto(site.origin);
	return shared;
}
async function type(page, passcode, press = 'open') {
	await of(page, 'passcode').fill(passcode);
	await of(page, press).click();
}
async function settings(page, passcode = RIGHT) {
	await shows(page, 'unlock');
	await type(page, passcode);
	await shows(page, 'cards');
	await of(page, 'settings').click();
	await shows(page, 'settings');
}
const left = (page, count) =>
	page.locator(`[data-test=fault]:has-text("left: ${count}")`).waitFor();
/** A switch that was turned has done its work. */
const settled = (page, name) =>
	page.locator(`main:not(:has([data-test=${name}]:disabled))`).waitFor();
const text = (page, name) => of(page, name).innerText();
async function quiet(one) {
	is(one.complaints(), []);
	is(one.strangers(), []);
}

test('unlock: what is no passcode, a wrong one, the waiting, the right one', async () => {
	const { one, page } = await start(activation());
	await shows(page, 'unlock');
	is(await page.evaluate(() => document.activeElement.dataset.test), 'passcode');
	await type(page, '12345');
	like(await text(page, 'fault'), /6 to 12/);
	await type(page, WRONG);
	await left(page, 2);
	is(await of(page, 'passcode').inputValue(), '', 'what was typed is gone');
	ok(await of(page, 'open').isDisabled());
	like(await text(page, 'wait'), /Wait 5 s/);
	is(await axe(page), []);
	await page.clock.runFor(5000);
	like(await text(page, 'wait'), /left: 2/);
	await type(page, ` ${RIGHT.slice(0, 4)} ${RIGHT.slice(4)}`);
	await shows(page, 'cards');
	is(await page.locator('canvas[data-code]').count(), 1);
	await quiet(one);
});

test('reloaded, the page says how many are left and waits anew', async () => {
	const { one, page } = await start(activation());
	await shows(page, 'unlock');
	await type(page, WRONG);
	await left(page, 2);
	await page.clock.runFor(60000);
	await page.reload();
	await shows(page, 'unlock');
	like(await text(page, 'wait'), /Wait 5 s/);
	ok(await of(page, 'open').isDisabled());
	await page.evaluate(() => { rounds.length = 0; });
	await of(page, 'passcode').fill(RIGHT);
	await page.keyboard.press('Enter');
	is(await page.evaluate(() => globalThis.rounds.length), 0, 'nor does the Enter key try');
	await quiet(one);
});

test('three wrong ones: closed, whom to ask, in the other tab too; then as new', async () => {
	const { one, page } = await start(activation());
	const second = await one.open();
	await shows(second, 'unlock');
	await type(second, RIGHT);
	await shows(second, 'cards');
	for (let i = 0; i < 3; i++) {
		await page.clock.runFor(30000);
		await shows(page, 'unlock');
		await type(page, WRONG);
		if (i < 2) await left(page, 2 - i);
	}
	await shows(page, 'closed');
	like(await page.locator('main').innerText(), /3 wrong passcodes[\s\S]*Corner Bank/);
	is(await axe(page), []);
	await shows(second, 'closed');
	await second.close();
	await page.reload();
	await shows(page, 'closed');
	await of(page, 'forget').click();
	await shows(page, 'home');
	await page.reload();
	await shows(page, 'home');
	await quiet(one);
});

test('shown at once: a switch per card, off at first; an answer needs the passcode', async () => {
	const { one, page } = await start(activation(), activation());
	await settings(page);
	is(await of(page, 'quick').evaluateAll((all) => all.map(({ checked }) => checked)),
		[false, false]);
	await of(page, 'quick').first().check();
	await settled(page, 'quick');
	await page.reload();
	await shows(page, 'cards');
	is(await page.locator('canvas[data-code]').count(), 1);
	await of(page, 'answer').click();
	await shows(page, 'unlock');
	await type(page, RIGHT);
	await shows(page, 'answer');
	await quiet(one);
});

test('another passcode: the two must be the same and not easy', async () => {
	const { one, page } = await start(activation());
	await settings(page);
	await of(page, 'change').click();
	await shows(page, 'change');
	const change = async (now, next, again) => {
		await of(page, 'next').fill(next);
		await of(page, 'again').fill(again);
		await type(page, now);
	};
	await change(RIGHT, OTHER, WRONG);
	like(await text(page, 'fault'), /not the same/);
	await change(RIGHT, '111111', '111111');
	like(await text(page, 'fault'), /easy/);
	await change(RIGHT, '1111', '1111');
	like(await text(page, 'fault'), /6 to 12/);
	await change(RIGHT, OTHER, OTHER);
	await shows(page, 'settings');
	await page.reload();
	await shows(page, 'unlock');
	await type(page, RIGHT);
	await left(page, 2);
	await page.clock.runFor(5000);
	await type(page, OTHER);
	await shows(page, 'cards');
	await quiet(one);
});

test('the phone’s own lock: switched on with the passcode, opens, switched off', async () => {
	const { one, page } = await start(activation());
	await authenticator(page);
	await page.reload();
	await settings(page);
	await of(page, 'device').check();
	is(await axe(page), []);
	await type(page, RIGHT);
	await page.locator('[data-test=device]:checked').waitFor();
	await page.locator('[data-test=passcode]').waitFor({ state: 'detached' });
	await page.reload();
	await shows(page, 'unlock');
	await of(page, 'device').click();
	await shows(page, 'cards');
	await of(page, 'settings').click();
	await of(page, 'device').uncheck();
	await settled(page, 'device');
	await page.reload();
	await shows(page, 'unlock');
	is(await of(page, 'device').count(), 0);
	await quiet(one);
});

test('a card, then the wallet is taken away; each is asked once more', async () => {
	const { one, page } = await start(activation({ purpose: 'First' }), activation());
	await settings(page);
	await of(page, 'remove').first().click();
	await of(page, 'remove-no').click();
	await of(page, 'remove').first().click();
	await of(page, 'remove-yes').click();
	await page.locator('main:not(:has-text("First ·"))').waitFor();
	is(await of(page, 'remove').count(), 1);
	await of(page, 'destroy').click();
	is(await axe(page), []);
	await of(page, 'destroy-no').click();
	is(await of(page, 'destroy-yes').count(), 0);
	await of(page, 'destroy').click();
	await of(page, 'destroy-yes').click();
	await shows(page, 'home');
	await page.reload();
	await shows(page, 'home');
	await quiet(one);
});

test('a forgotten passcode: the locked wallet can be taken away, and no more', async () => {
	const { one, page } = await start(activation());
	await shows(page, 'unlock');
	await of(page, 'forgot').click();
	await shows(page, 'settings');
	is([await of(page, 'quick').count(), await of(page, 'remove').count(),
		await of(page, 'change').count(), await of(page, 'device').count()], [0, 0, 0, 0]);
	await of(page, 'destroy').click();
	await of(page, 'destroy-yes').click();
	await shows(page, 'home');
	await quiet(one);
});

// ---- a copied profile ----

test('the search finds a secret in each writing, and not what is only alike', () => {
	const place = join(folder, 'planted');
	mkdirSync(place);
	const secret = randomBytes(32);
	const all = writings(secret);
	all.forEach(([, needle], i) => writeFileSync(join(place, String(i)),
		Buffer.concat([randomBytes(777), needle, randomBytes(99)])));
	const found = searchProfile(place, { it: secret });
	is(new Set(found.map((line) => line.split(' in ').at(-1))).size, all.length);
	const flipped = Buffer.from(secret);
	flipped[31] ^= 1;
	is(searchProfile(place, { it: flipped }).filter((line) => !/base|small/.test(line)), []);
});

test('who copies the profile has no K, no token, no passcode, no name, no history', async () => {
	const profile = join(folder, 'profile');
	const one = await (await browser({ ...launch, profile })).phone({ camera: false });
	const cards = [activation(), activation(), activation()];
	const planted = randomBytes(32);
	const merchant = `Shop ${randomBytes(9).toString('hex')}`;
	const note = `note-${randomBytes(9).toString('hex')}`;
	await one.context.addInitScript(() => {
		if (!isSecureContext) return;
		const wrap = SubtleCrypto.prototype.wrapKey;
		SubtleCrypto.prototype.wrapKey = async function (form, key, ...rest) {
			globalThis.wrapped = await crypto.subtle.exportKey('raw', key);
			return wrap.call(this, form, key, ...rest);
		};
	});
	const page = await tab(one);
	await fill(page, ...cards);
	const [a, b, quick] = cards.map(({ card }) => card.id);
	const master = await page.evaluate(async ([card, shop, words, shown, plain]) => {
		const entry = { id: 'a1', card, at: 1, state: 'authorised', merchant: shop };
		await vault.historyPut(entry);
		await vault.noteSet('pending', { token: words });
		await vault.quickSet(shown, true);
		for (const id of vault.cards().map((each) => each.id)) await vault.keys(id);
		await store.change((table) => table.put('planted', Uint8Array.from(plain)));
		return [...new Uint8Array(globalThis.wrapped)];
	}, [a, merchant, note, quick, [...planted]]);
	is(master.length, 32);

	await page.goto(site.origin);
	await shows(page, 'cards');
	await of(page, 'unlock').click();
	await shows(page, 'unlock');
	await type(page, WRONG);
	await left(page, 2);
	await page.clock.runFor(5000);
	await type(page, RIGHT);
	await shows(page, 'cards');
	await of(page, 'settings').click();
	await of(page, 'change').click();
	await of(page, 'next').fill(OTHER);
	await of(page, 'again').fill(OTHER);
	await type(page, RIGHT);
	await shows(page, 'settings');
	await page.reload();
	await shows(page, 'cards');
	await of(page, 'unlock').click();
	await of(page, 'passcode').fill(OTHER); // and left there, typed
	await page.goto('about:blank');

	const key = (secret, name) => Buffer.from(hkdfSync('sha256', secret, '',
		`countersign/1 ${name}`, 32));
	const secrets = { master: Buffer.from(master) };
	for (const [name, digits] of Object.entries({ RIGHT, OTHER, WRONG }))
		secrets[`passcode ${name}`] = Buffer.from(digits);
	cards.forEach(({ secret, token, holder }, i) => {
		const raw = Buffer.from(secret, 'hex');
		Object.assign(secrets, { [`K${i}`]: raw, [`token${i}`]: Buffer.from(token),
			[`token bytes${i}`]: Buffer.from(token, 'base64url'),
			[`holder${i}`]: Buffer.from(holder),
			[`response${i}`]: key(raw, 'response'), [`live${i}`]: key(raw, 'live'),
			[`challenge${i}`]: key(raw, 'challenge') });
	});
	Object.assign(secrets, { merchant: Buffer.from(merchant), note: Buffer.from(note) });
	const known = { planted, card: Buffer.from(b) };
	const search = (which) => searchProfile(profile, which);
	is(search(secrets), [], 'while it runs');
	await one.context.close();
	is(search(secrets), [], 'after it ended');
	const there = search(known).join('\n');
	like(there, /planted as raw in .*IndexedDB/, 'the search can find what lies open there');
	like(there, /card as raw in .*IndexedDB/);
});

await done(async () => {
	await engine.close();
	site.close();
});
})();
