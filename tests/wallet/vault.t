#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// Three tries whatever is done, and what opens the wallet: the store of the page in Debian's
// Chromium, without its pages.
(async () => {
const { done, is, ok, test } = await import('../lib/tap.mjs');
const { authenticator, browser, scratch } = await import('../lib/browser.mjs');
const { activation, browserOf, inPage, macOf, source, storeWorld } =
	await import('../lib/vault_kit.mjs');
const { until } = await import('../lib/bank.mjs');
const { join } = await import('node:path');

const [RIGHT, OTHER, WRONG] = ['271828', '161803', '314159'];
const { end, kept, launch, look, open, phone, rounds, state, tab, wallet, walletApart } =
	await storeWorld(RIGHT);

// ---- what a passcode is ----

test('passcodes: digits, not too few, not those that everybody tries', async () => {
	const { passcodeClean, passcodeFault, passcodeForm } = await source('store/passcode.js');
	for (const good of ['271828', '102938', '123457', '112233', '314159265358'])
		is(passcodeFault(good), '', good);
	for (const bad of ['', '27182', '3141592653589', '27182a', ' 271828', '-27182', '２７１８２８'])
		is(passcodeFault(bad), 'form', bad);
	for (const weak of ['111111', '123456', '654321', '890123', '121212', '000000000001'])
		is(passcodeFault(weak), 'weak', weak);
	is(passcodeClean(' ２７１ 828\n'), '271828', 'as a Chinese keyboard may write it');
	ok(passcodeForm('111111') && !passcodeForm('11111'), 'a weak one may be an old one');
});

// ---- making, opening ----

test('what went in comes out after a reload, and keys cannot be read', async () => {
	const cards = [activation(), activation({ live: false, purpose: 'Club' })];
	const { one, page } = await wallet(...cards);
	is((await look(page)).cards.map(({ id }) => id), cards.map(({ card }) => card.id));
	await page.reload();
	is(await open(page, RIGHT), 'open 3');
	for (const { card: { id }, secret, token, holder } of cards) {
		const got = await page.evaluate(async (of) => {
			const keys = await vault.keys(of);
			const readable = await Promise.all(Object.values(keys).map((key) =>
				crypto.subtle.exportKey('raw', key).then(() => 1, () => 0)));
			const macs = [];
			for (const name of ['response', 'live', 'challenge'])
				macs.push(await macBy(keys[name], 'text'));
			return [macs, readable, await vault.token(of), await vault.holder(of)];
		}, id);
		const macs = ['response', 'live', 'challenge'].map((name) =>
			macOf(secret, name, 'text'));
		is(got, [macs, [0, 0, 0], token, holder]);
	}
	await one.close();
});

test('600,000 rounds are asked for, and the record says so', async () => {
	const one = await phone(0);
	const page = await tab(one);
	is(await page.evaluate(async (passcode) => {
		await store.vaultMake(passcode);
		return [rounds, (await store.read((table) => table.get('wallet'))).rounds];
	}, RIGHT), [[600000], 600000]);
	is(await open(page, RIGHT), 'open 3');
	await one.close();
});

test('the secret that was handed over is wiped', async () => {
	const { one, page } = await wallet();
	is(await page.evaluate(async (given) => {
		const taken = activationOf(given);
		await vault.add(taken);
		return taken.secret.some((byte) => byte);
	}, activation()), false);
	await one.close();
});

test('one wallet: a second is not made over it', async () => {
	const { one, page } = await wallet(activation());
	is(await page.evaluate((typed) => word(store.vaultMake(typed)), OTHER), 'exists');
	is(await open(page, RIGHT), 'open 3');
	await one.close();
});

test('locked: no key, no token, no history, nothing added', async () => {
	const one = activation();
	const { one: phoneOf, page } = await wallet(one);
	is(await page.evaluate(async ([id, given]) => {
		await vault.keys(id);
		vault.lock();
		const calls = [() => vault.keys(id), () => vault.token(id), () => vault.holder(id),
			() => vault.history(), () => vault.add(activationOf(given)),
			() => vault.noteSet('a', 1), () => vault.quickSet(id, true),
			() => vault.historyClear(), () => vault.remove(id),
			() => vault.passcodeChange('271828', '161803')];
		const words = await Promise.all(calls.map((call) => word((async () => call())())));
		return [vault.locked, vault.cards().length, ...words];
	}, [one.card.id, activation()]), [true, 0, ...Array(10).fill('locked')]);
	is(await open(page, RIGHT), 'open 3', 'and no try was spent');
	await phoneOf.close();
});

// ---- three tries ----

test('two tabs, ten guesses at once, again and again: three are made', async () => {
	const { one, page } = await wallet(activation());
	const pages = [page, await tab(one)];
	await page.evaluate(() => { rounds.length = 0; });
	const said = {};
	const volley = async () => {
		const five = (typed) => Promise.all([...'01234'].map((digit) =>
			store.vaultOpen(typed + digit).then(({ why }) => why)));
		const all = await Promise.all(pages.map((each) => each.evaluate(five, WRONG)));
		for (const why of all.flat()) said[why] = (said[why] ?? 0) + 1;
	};
	await volley();
	is(said, { wrong: 1, wait: 9 }, 'the first must wait for no one, and all others for it');
	for (let i = 0; i < 3; i++) {
		for (const each of pages) await each.clock.fastForward(31000);
		await volley();
	}
	is([said.wrong, said[''], said.closed > 0], [2, undefined, true]);
	is(await rounds(page) + await rounds(pages[1]), 3, 'so many were ever tried');
	is(await open(page, RIGHT), 'closed 0');
	is(await state(pages[1]), 'closed');
	await one.close();
});

test('the right one gives the tries back', async () => {
	const { one, page } = await wallet();
	is(await open(page, WRONG), 'wrong 2');
	await page.clock.fastForward(5000);
	is(await open(page, WRONG), 'wrong 1');
	await page.clock.fastForward(30000);
	is(await open(page, RIGHT), 'open 3');
	is(await open(page, WRONG), 'wrong 2');
	await one.close();
});

test('the waiting grows, and no clock that somebody sets shortens or lengthens it', async () => {
	const { one, page } = await wallet();
	await open(page, WRONG);
	const before = await rounds(page);
	const now = await page.evaluate(() => Date.now());
	await page.clock.setSystemTime(now + 400 * 86400e3);
	is(await open(page, RIGHT), 'wait 2', 'a year later by the clock');
	await page.clock.setSystemTime(now - 400 * 86400e3);
	is(await open(page, RIGHT), 'wait 2');
	is(await rounds(page), before, 'none of these was a try');
	await page.clock.fastForward(3900);
	ok((await look(page)).waitS > 0);
	await page.reload();
	is((await look(page)).waitS, 5, 'whoever reloads waits anew');
	await page.clock.fastForward(5000);
	is((await look(page)).waitS, 0, 'and no longer, though the clock was set back');
	is(await open(page, WRONG), 'wrong 1');
	is((await look(page)).waitS, 30);
	await page.clock.fastForward(29000);
	is(await open(page, RIGHT), 'wait 1');
	await page.clock.fastForward(1000);
	is(await open(page, RIGHT), 'open 3');
	await one.close();
});

test('a tab that waited long ago has not waited for the next one', async () => {
	const { one, page } = await wallet();
	const second = await tab(one);
	await open(page, WRONG);
	await look(second);
	await second.clock.fastForward(60000);
	await page.clock.fastForward(5000);
	is(await open(page, RIGHT), 'open 3');
	is(await open(page, WRONG), 'wrong 2');
	is(await open(second, RIGHT), 'wait 2');
	await one.close();
});

test('a tab that sleeps in the middle of its try holds up nobody', async () => {
	const { one, page } = await wallet();
	const second = await tab(one);
	await second.evaluate((typed) => {
		globalThis.stalled = true;
		rounds.length = 0;
		void store.vaultOpen(typed);
	}, WRONG);
	await until(() => second.evaluate(() => rounds.length));
	const late = new Promise((over) => setTimeout(over, 60000, 'it waits').unref());
	is((await Promise.race([look(page), late])).left, 2, 'it was a try');
	await one.close();
});

test('a tab that is slow in its last try is not taken for dead', async () => {
	const { one, page } = await wallet();
	const second = await tab(one);
	await open(second, WRONG);
	await second.clock.fastForward(5000);
	await open(second, WRONG);
	await second.clock.fastForward(30000);
	await second.evaluate((typed) => {
		globalThis.stalled = true;
		rounds.length = 0;
		void store.vaultOpen(typed);
	}, RIGHT);
	await until(() => second.evaluate(() => rounds.length));
	const found = await look(page);
	is([found.state, found.left, found.waitS > 0], ['locked', 0, true]);
	is(await open(page, RIGHT), 'wait 0', 'and nothing is tried beside it');
	await second.goto('about:blank'); // now it is dead
	is((await look(page)).state, 'closed');
	await one.close();
});

test('what is no passcode costs no try', async () => {
	const { passcodeForm } = await source('store/passcode.js');
	is(['', '12345', 'abcdef', '1234567890123'].filter(passcodeForm), []);
});

// ---- closed ----

test('closed: every secret is gone, an open tab is locked, what to do is known', async () => {
	const one = activation();
	const { one: phoneOf, page } = await wallet(one);
	await page.evaluate(async (id) => {
		await vault.quickSet(id, true);
		await vault.historyPut({ id: '01', card: id, at: 1, state: 'answered' });
		await vault.noteSet('events', { at: 1 });
	}, one.card.id);
	const second = await tab(phoneOf);
	is(await second.evaluate(async () => {
		globalThis.heard = [];
		store.vaultWatch((what) => heard.push(what));
		return (await store.vaultQuickCards()).length;
	}), 1);
	for (const wait of [0, 5000, 30000]) {
		await second.clock.fastForward(wait);
		await open(second, WRONG);
	}
	is(await kept(page), ['wallet']);
	const found = await look(page);
	is([found.state, found.cards, found.issuers, found.closedAt > 0],
		['closed', [], ['Corner Bank'], true]);
	is(await second.evaluate(async () => (await store.vaultQuickCards()).length), 0);
	await page.waitForFunction(() => vault.locked);
	is(await page.evaluate((id) => word((async () => vault.keys(id))()), one.card.id),
		'locked');
	is(await open(page, RIGHT), 'closed 0');
	is(await page.evaluate(async (typed) => (await store.vaultMake(typed)).cards(), OTHER), []);
	is(await open(page, OTHER), 'open 3', 'a new one takes its place');
	await phoneOf.close();
});

test('destroyed: nothing at all is left, other tabs hear of it', async () => {
	const { one, page } = await wallet(activation());
	const second = await tab(one);
	await second.evaluate(() => store.vaultDestroy());
	is(await kept(second), []);
	is(await state(second), 'none');
	await page.waitForFunction(() => vault.locked);
	is(await open(page, RIGHT), 'none 0');
	await one.close();
});

// ---- another passcode, the phone's own lock ----

test('another passcode: the old one is worth nothing, a wrong one costs a try', async () => {
	const { one, page } = await wallet(activation());
	const change = (from, to) => page.evaluate(async ([a, b]) => {
		const { why, left } = await vault.passcodeChange(a, b);
		return `${why || 'changed'} ${left}`;
	}, [from, to]);
	is(await change(WRONG, OTHER), 'wrong 2');
	is(await change(RIGHT, OTHER), 'wait 2');
	await page.clock.fastForward(5000);
	is(await change(RIGHT, OTHER), 'changed 3');
	is(await open(page, RIGHT), 'wrong 2');
	await page.clock.fastForward(5000);
	is(await open(page, OTHER), 'open 3');
	is(await page.evaluate(() => word(vault.token(vault.cards()[0].id))), 'done');
	await one.close();
});

test('three wrong ones for a change close the wallet, too', async () => {
	const { one, page } = await wallet(activation());
	const said = [];
	for (const wait of [0, 5000, 30000]) {
		await page.clock.fastForward(wait);
		said.push(await page.evaluate(async ([from, to]) =>
			(await vault.passcodeChange(from, to)).why, [WRONG, OTHER]));
	}
	is(said, ['wrong', 'wrong', 'closed']);
	ok(await page.evaluate(() => vault.locked));
	await one.close();
});

test('the phone’s own lock: after the passcode, of that phone, as long as it is on', async () => {
	const { one, page } = await walletApart(activation());
	const cdp = await authenticator(page);
	const byDevice = () => page.evaluate(() => store.vaultOpenByDevice().then(
		({ vault, why }) => vault ? vault.cards().length : why, (fault) => fault.word));
	const on = (typed) => page.evaluate(async (passcode) =>
		(await vault.deviceSet(true, passcode)).why, typed);
	is(await byDevice(), 'device', 'not before it was switched on');
	is(await on(WRONG), 'wrong');
	ok(!(await look(page)).device);
	await page.clock.fastForward(5000);
	is(await on(RIGHT), '');
	is([(await look(page)).device, await page.evaluate(() => vault.device)], [true, true]);
	await page.reload();
	is(await byDevice(), 1);
	await open(page, WRONG);
	is(await byDevice(), 1, 'though a passcode would have to wait');
	is((await look(page)).left, 3, 'and the tries are given back');

	await cdp.send('WebAuthn.disable');
	await authenticator(page); // another phone: it does not know the passkey
	is(await byDevice(), 'device');
	is((await look(page)).left, 3, 'which is no try');
	is(await open(page, RIGHT), 'open 3');
	await page.evaluate(() => vault.deviceSet(false));
	ok(!(await look(page)).device);
	is(await page.evaluate(async () =>
		(await store.read((table) => table.get('wallet'))).unlock), undefined);
	await one.close();
});

test('an authenticator that cannot, or a person who says no, changes nothing', async () => {
	const { one, page } = await walletApart();
	const set = () => page.evaluate((typed) => word(vault.deviceSet(true, typed)), RIGHT);
	const cdp = await authenticator(page, { hasPrf: false });
	is(await set(), 'device');
	await cdp.send('WebAuthn.disable');
	await authenticator(page, { isUserVerified: false });
	is(await set(), 'device');
	ok(!(await look(page)).device);
	is(await open(page, RIGHT), 'open 3');
	await one.close();
});

// ---- killed ----

test('killed in the middle of a try: it was one; in the last: closed', async () => {
	const profile = join(scratch(), 'profile');
	const start = async () => {
		const one = await (await browser({ ...launch, profile })).phone({ camera: false });
		await one.context.addInitScript(inPage, 1000);
		return { one, page: await tab(one) };
	};
	/** Tries it with a derivation that never ends, and kills the browser in it. */
	const killed = async ({ one, page }) => {
		await page.evaluate((typed) => {
			globalThis.stalled = true;
			rounds.length = 0;
			void store.vaultOpen(typed);
		}, RIGHT);
		await page.waitForFunction(() => rounds.length === 1);
		const gone = new Promise((closed) => one.context.once('close', closed));
		process.kill(browserOf(profile), 'SIGKILL');
		await gone;
	};
	let now = await start();
	await now.page.evaluate(async ([typed, given]) => {
		await (await store.vaultMake(typed)).add(activationOf(given));
	}, [RIGHT, activation()]);
	for (const left of [2, 1]) {
		await killed(now);
		now = await start();
		is([(await look(now.page)).left, await state(now.page)], [left, 'locked']);
		is((await look(now.page)).waitS, left === 2 ? 5 : 30, 'the waiting, too');
		await now.page.clock.fastForward(30000);
	}
	await killed(now);
	now = await start();
	is(await state(now.page), 'closed');
	is(await open(now.page, RIGHT), 'closed 0');
	is(await kept(now.page), ['wallet']);
	await now.one.context.close();
});

await done(end);
})();
