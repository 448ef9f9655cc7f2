#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// Seals that hold, and nothing lost by a phone that is full, private, swept or newer: the store of
// the page in Debian's Chromium, without its pages.
(async () => {
const { done, is, ok, test } = await import('../lib/tap.mjs');
const { activation, macOf, storeWorld } = await import('../lib/vault_kit.mjs');

const [RIGHT, OTHER] = ['271828', '161803'];
const { add, end, kept, look, open, origin, phone, state, tab, wallet, walletApart } =
	await storeWorld(RIGHT);

// ---- seals ----

test('a card that was altered in storage does not open, nor shows at once', async () => {
	const one = activation();
	const { one: phoneOf, page } = await wallet(one);
	const { id } = one.card;
	await page.evaluate((of) => vault.quickSet(of, true), id);
	const said = await page.evaluate(async (of) => {
		const changes = {
			purpose: (card) => { card.purpose = 'Gold card'; },
			faceValue: (card) => { card.faceValue = 'CNY 5000'; },
			host: ({ issuer }) => { issuer.host = 'EVIL.EXAMPLE'; },
			name: ({ issuer }) => { issuer.name = 'Evil'; },
			key: ({ issuer }) => { issuer.key = '08'.repeat(32); },
			notAfter: (card) => { card.notAfter += 1; },
			generation: (card) => { card.generation = 2; },
			digits: (card) => { card.digits = 8; },
			live: (card) => { card.live = false; },
			body: (card) => { card.staticBody[5] ^= 1; },
			nothing: () => {},
		};
		const saved = await store.read((table) => table.get(`card/${of}`));
		const said = {};
		for (const [name, change] of Object.entries(changes)) {
			const bad = structuredClone(saved);
			change(bad.card);
			await store.change((table) => table.put(`card/${of}`, bad));
			const { vault: opened } = await store.vaultOpen('271828');
			const calls = [opened.keys(of), opened.token(of), opened.holder(of)];
			const quick = (await store.vaultQuickCards()).filter(({ keys }) => keys);
			const words = await Promise.all(calls.map(word));
			said[name] = [...words, quick.length].join(' ');
		}
		return said;
	}, id);
	is(said.nothing, 'done done done 1');
	delete said.nothing;
	is(Object.keys(said).length, 10);
	for (const [name, words] of Object.entries(said))
		is(words, 'damaged damaged damaged 0', name);
	await phoneOf.close();
});

test('a sealed thing in the place of another, or with one bit changed, does not open', async () => {
	const cards = [activation(), activation()];
	const { one, page } = await wallet(...cards);
	const [a, b] = cards.map(({ card }) => card.id);
	const said = await page.evaluate(async ([first, second]) => {
		const said = {};
		const saved = await store.read((table) => table.get(`card/${first}`));
		const otherOne = await store.read((table) => table.get(`card/${second}`));
		const tries = { swapSecret: (r) => { r.secret = otherOne.secret; },
			swapToken: (r) => { r.token = otherOne.token; },
			tokenAsHolder: (r) => { r.holder = r.token; },
			secretAsToken: (r) => { r.token = r.secret; } };
		for (const part of ['secret', 'token', 'holder']) {
			tries[`${part}Bit`] = (r) => { new Uint8Array(r[part].data)[3] ^= 4; };
			tries[`${part}Iv`] = (r) => { r[part].iv[0] ^= 1; };
			tries[`${part}Short`] = (r) => {
				r[part].data = r[part].data.slice(0, -1);
			};
		}
		for (const [name, change] of Object.entries(tries)) {
			const bad = structuredClone(saved);
			change(bad);
			await store.change((table) => table.put(`card/${first}`, bad));
			const { vault: opened } = await store.vaultOpen('271828');
			const all = await Promise.all([opened.keys(first), opened.token(first),
				opened.holder(first)].map(word));
			said[name] = all.sort().join(' ');
		}
		await store.change((table) => table.put(`card/${first}`, saved));
		return said;
	}, [a, b]);
	is(Object.keys(said).length, 13);
	for (const [name, words] of Object.entries(said)) is(words, 'damaged done done', name);
	await one.close();
});

test('shown at once: the live key of that card, no other, until it is switched off', async () => {
	const cards = [activation(), activation(), activation({ live: false })];
	const { one, page } = await wallet(...cards);
	const [a, , c] = cards.map(({ card }) => card.id);
	is(await page.evaluate(() => store.vaultQuickCards()), [], 'off at first');
	await page.evaluate(async (ids) => {
		for (const id of ids) await vault.quickSet(id, true);
		vault.lock();
	}, [a, c]);
	await page.reload();
	const quick = () => page.evaluate(async () => {
		const shown = await store.vaultQuickCards();
		return Promise.all(shown.map(async ({ card, keys }) => [card.id,
			keys && Object.keys(keys), keys && await macBy(keys.live, 'text')]));
	});
	is(await quick(), [[a, ['live'], macOf(cards[0].secret, 'live', 'text')], [c, null, null]]);
	is(await page.evaluate(async (id) => {
		// all that the phone's own key opens
		const { device } = await store.read((table) => table.get('wallet'));
		const record = await store.read((table) => table.get(`card/${id}`));
		return Object.keys(record).filter((name) => record[name]?.iv).sort().join()
			+ ` ${device.extractable}`;
	}, a), 'holder,live,secret,token false');
	is(await open(page, RIGHT), 'open 3');
	const next = { ...cards[0], secret: activation().secret };
	next.card = { ...next.card, generation: 2 };
	await page.evaluate((given) => vault.add(activationOf(given)), next);
	is((await quick())[0], [a, ['live'], macOf(next.secret, 'live', 'text')], 'renewed');
	await page.evaluate((id) => vault.quickSet(id, false), a);
	is((await quick()).map(([id]) => id), [c]);
	is(await page.evaluate(async (id) =>
		(await store.read((table) => table.get(`card/${id}`))).live, a), undefined);
	await one.close();
});

// ---- cards, history, notes ----

test('cards: sixteen and no more; renewed in place; removed with their history', async () => {
	const cards = Array.from({ length: 16 }, () => activation());
	const { one, page } = await wallet(...cards);
	const ids = cards.map(({ card }) => card.id);
	is(await add(page), 'many');
	const again = { ...cards[3], token: 'another-token', secret: activation().secret };
	is(await page.evaluate(async (given) => {
		await vault.add(activationOf(given));
		return [await vault.token(given.card.id), vault.cards().map(({ id }) => id),
			await macBy((await vault.keys(given.card.id)).live, 'text')];
	}, again), ['another-token', ids, macOf(again.secret, 'live', 'text')]);
	is(await page.evaluate(async ([gone, other]) => {
		const past = (id, card, at) =>
			vault.historyPut({ id, card, at, state: 'answered' });
		await past('a1', gone, 1);
		await past('a2', other, 2);
		await past('a3', gone, 3);
		await past('a2', other, 4);
		await vault.statusSet(other, { word: 'frozen', asOf: 9 });
		await vault.remove(gone);
		const all = await vault.history();
		return [all.map(({ id, at }) => [id, at]), vault.cards().length,
			vault.cards().find(({ id }) => id === other).status.word,
			await word(vault.statusSet(gone, { word: 'void', asOf: 1 })),
			vault.cards().length];
	}, [ids[0], ids[1]]), [[['a2', 4]], 15, 'frozen', 'done', 15]);
	await one.close();
});

test('history: the newest first, five hundred, taken away one by one or all; notes', async () => {
	const { one, page } = await wallet(activation());
	is(await page.evaluate(async () => {
		const card = vault.cards()[0].id;
		for (let i = 0; i < 503; i++) {
			const at = i * 7 % 503;
			await vault.historyPut({ id: `v${i}`, card, at, state: 'authorised' });
		}
		const all = await vault.history();
		const ordered = all.every((entry, i) => !i || all[i - 1].at > entry.at);
		const said = [all.length, ordered, all[0].at, all.at(-1).at];
		await vault.historyRemove(all[0].id);
		said.push((await vault.history())[0].at);
		await vault.historyClear();
		said.push((await vault.history()).length, await vault.note('pending'));
		await vault.noteSet('pending', { token: 'T' });
		said.push(await vault.note('pending'));
		await vault.noteSet('pending', null);
		said.push(await vault.note('pending'));
		return said;
	}), [500, true, 502, 3, 501, 0, null, { token: 'T' }, null]);
	await one.close();
});

test('an entry in the place of another is not shown, and holds up nothing', async () => {
	const { one, page } = await wallet(activation());
	is(await page.evaluate(async () => {
		const card = vault.cards()[0].id;
		for (const id of ['v1', 'v2', 'v3'])
			await vault.historyPut({ id, card, at: 1, state: 'answered' });
		await store.change(async (table) => {
			const { sealed } = await table.get('past/v1');
			table.put('past/v2', { id: 'v2', sealed });
		});
		const shown = (await vault.history()).map(({ id }) => id);
		await vault.noteSet(`events ${card}`, 7);
		await vault.remove(card);
		await vault.historyClear();
		return [shown, ...await store.read((table) =>
			Promise.all([table.count('past/'), table.count('note/')]))];
	}), [['v1', 'v3'], 0, 0]);
	await one.close();
});

test('two open tabs: what one adds or takes, the other has', async () => {
	const { one, page } = await wallet(activation());
	const second = await tab(one);
	is(await open(second, RIGHT), 'open 3');
	await second.evaluate((given) => vault.add(activationOf(given)), activation());
	await page.waitForFunction(() => vault.cards().length === 2);
	await page.evaluate(() => vault.remove(vault.cards()[0].id));
	await second.waitForFunction(() => vault.cards().length === 1);
	await one.close();
});

// ---- a phone that is full, private, swept, newer ----

/** In the page: somebody else's data, until not a byte more is taken. */
async function fill() {
	const base = await new Promise((have) => {
		const ask = indexedDB.open('filler');
		ask.onupgradeneeded = () =>
			ask.result.createObjectStore('f', { autoIncrement: true });
		ask.onsuccess = () => have(ask.result);
	});
	globalThis.filler = base;
	const put = (size) => new Promise((said) => {
		const now = base.transaction('f', 'readwrite');
		now.objectStore('f').put(crypto.getRandomValues(new Uint8Array(size)));
		now.oncomplete = () => said(true);
		now.onabort = () => said(false);
	});
	for (let size = 65536; size >= 1; size /= 8) while (await put(size));
}

test('no room: nothing is half done, no try is made, later it goes on', async () => {
	const one = await phone();
	const page = await tab(one);
	const cdp = await one.context.newCDPSession(page);
	const room = { origin: origin, quotaSize: 1 << 20 };
	await cdp.send('Storage.overrideQuotaForOrigin', room);
	await page.evaluate(async ([passcode, given]) => {
		globalThis.vault = await store.vaultMake(passcode);
		await vault.add(activationOf(given));
	}, [RIGHT, activation()]);
	await page.evaluate(fill);
	is(await page.evaluate(async ([given, right, other]) => [
		await word(vault.add(activationOf(given))),
		await word(vault.passcodeChange(right, other)),
		await word(vault.historyPut({ id: '1', card: 'x', at: 1, state: 'answered' })),
		await word(store.vaultOpen(other)), vault.cards().length, vault.locked,
	], [activation(), RIGHT, OTHER]), ['full', 'full', 'full', 'full', 1, false]);
	await page.evaluate(() => new Promise((empty) => {
		filler.close();
		indexedDB.deleteDatabase('filler').onsuccess = empty;
	}));
	is([(await look(page)).left, (await look(page)).cards.length], [3, 1]);
	is(await open(page, RIGHT), 'open 3');
	is(await page.evaluate(async () => (await vault.history()).length), 0);
	await one.close();
	const fresh = await phone();
	const empty = await tab(fresh);
	await (await fresh.context.newCDPSession(empty)).send('Storage.overrideQuotaForOrigin',
		{ ...room, quotaSize: 1 });
	is(await empty.evaluate((typed) => word(store.vaultMake(typed)), RIGHT), 'full');
	await fresh.close();
});

test('a window that keeps nothing says so', async () => {
	const ways = {
		'there is no IndexedDB': () => {
			delete IDBFactory.prototype.open;
			delete globalThis.indexedDB;
		},
		'it may not be opened': () => {
			IDBFactory.prototype.open = () => {
				throw new DOMException('no', 'SecurityError');
			};
		},
		'it fails later': () => {
			IDBFactory.prototype.open = function () {
				const ask = {};
				setTimeout(() => {
					ask.error = new DOMException('no', 'InvalidStateError');
					ask.onerror();
				});
				return ask;
			};
		},
	};
	for (const [name, way] of Object.entries(ways)) {
		const one = await phone();
		await one.context.addInitScript(way);
		const page = await one.context.newPage();
		await page.goto(`${origin}/vault.html`);
		is(await page.evaluate((typed) => Promise.all([store.vaultLook(),
			store.vaultMake(typed), store.vaultOpen(typed)].map(word)), RIGHT),
		['none', 'none', 'none'], name);
		await one.close();
	}
	const one = await phone();
	await one.context.addInitScript(() => {
		const { put } = IDBObjectStore.prototype;
		IDBObjectStore.prototype.put = function (value, name) {
			if (value.device) throw new DOMException('no keys here', 'DataCloneError');
			return put.call(this, value, name);
		};
	});
	const page = await one.context.newPage();
	await page.goto(`${origin}/vault.html`);
	is(await page.evaluate((typed) => word(store.vaultMake(typed)), RIGHT), 'none');
	is(await state(page), 'none');
	await one.close();
});

test('a browser that never answers whether it will keep it is not waited for', async () => {
	const one = await phone();
	await one.context.addInitScript(() => {
		StorageManager.prototype.persist = () => {
			globalThis.asked = true;
			return new Promise(() => {});
		};
	});
	const page = await tab(one);
	const made = page.evaluate(async (typed) => {
		await store.vaultMake(typed);
		return globalThis.asked;
	}, RIGHT);
	const late = new Promise((over) => setTimeout(over, 60000, 'it waits').unref());
	is(await Promise.race([made, late]), true);
	await one.close();
});

test('swept away by the browser while it is open: locked, and as new', async () => {
	const { one, page } = await wallet(activation());
	await page.evaluate(() => new Promise((gone) => {
		indexedDB.deleteDatabase('countersign').onsuccess = gone;
	}));
	is(await add(page), 'locked');
	ok(await page.evaluate(() => vault.locked));
	is(await state(page), 'none');
	is(await kept(page), []);
	await one.close();
});

test('kept by a newer page: said, and left alone', async () => {
	const { one, page } = await walletApart(activation());
	await page.evaluate(() => new Promise((open) => {
		indexedDB.open('countersign', 2).onsuccess = (event) => {
			event.target.result.close();
			open();
		};
	}));
	await page.reload();
	is(await page.evaluate(() => word(store.vaultLook())), 'newer');
	await one.close();
});

await done(end);
})();
