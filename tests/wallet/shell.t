#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// The wallet page as an installed thing: without network, a new version, locks when nobody looks or
// touches, the screen kept on, installing, languages, the phone's own Back.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const { browser, chromium, of, shows } = await import('../lib/browser.mjs');
const { bin, openBank, until } = await import('../lib/bank.mjs');
const { createServer } = await import('node:http');
const { existsSync, readFileSync } = await import('node:fs');
if (!chromium()) skipAll('no chromium');

const PASSCODE = '736154';
const bank = await openBank();
const chrome = await browser({ bank });
const press = (page, name) => of(page, name).click();

/** A phone with one card, its wallet open. before: of a page that has nothing yet. */
async function carrier(more = {}, before = async () => {}) {
	const phone = await chrome.phone(more);
	const { token } = await bank.issue();
	const page = await phone.context.newPage();
	await before(page);
	await page.goto(`${bank.origin}/#${token}`);
	await press(page, 'take');
	await of(page, 'passcode').fill(PASSCODE);
	await of(page, 'again').fill(PASSCODE);
	await press(page, 'open');
	await press(page, 'show');
	await shows(page, 'cards');
	return { phone, page };
}

/** What the page sees when another program comes before it, or it comes back. */
const look = (page, state) => page.evaluate((value) => {
	Object.defineProperty(document, 'visibilityState', { value, configurable: true });
	document.dispatchEvent(new Event('visibilitychange'));
}, state);
const hidden = (page) => page.evaluate(() =>
	['main', '#strip'].map((part) =>
		getComputedStyle(document.querySelector(part)).visibility).join(' '));

test('hidden: covered at once; back soon it is there, back late it is locked', async () => {
	const { phone, page } = await carrier({}, (p) => p.clock.install());
	await look(page, 'hidden');
	is(await hidden(page), 'hidden hidden', 'also what was told');
	await page.clock.fastForward(10000);
	await look(page, 'visible');
	await shows(page, 'cards');
	ok(await until(async () => await hidden(page) === 'visible visible'), 'there again');
	await look(page, 'hidden');
	await page.clock.fastForward(16000);
	await look(page, 'visible');
	await shows(page, 'unlock');
	ok(await until(async () => await hidden(page) === 'visible visible'), 'but locked');
	is(await page.locator('canvas').count(), 0, 'no code is left');
	await phone.close();
});

test('nobody touches it: locked; who touches it keeps it open', async () => {
	const { phone, page } = await carrier({}, (p) => p.clock.install());
	await page.clock.fastForward(100000);
	await page.mouse.click(5, 5);
	await page.clock.fastForward(100000);
	await press(page, 'history'); // a locked one has no such button
	await shows(page, 'history');
	await page.clock.fastForward(125000);
	await shows(page, 'unlock');
	await phone.close();
});

test('locked while an answer is made: the answer does not come', async () => {
	const { phone, page } = await carrier({}, async (p) => {
		await p.clock.install();
		await p.addInitScript(() => { // a phone that sleeps in the middle of it
			const { sign } = SubtleCrypto.prototype;
			globalThis.wake = null;
			SubtleCrypto.prototype.sign = async function (...args) {
				const mac = await sign.apply(this, args);
				if (globalThis.sleepy)
					await new Promise((done) => { globalThis.wake = done; });
				return mac;
			};
		});
	});
	await press(page, 'answer');
	await shows(page, 'answer');
	await page.evaluate(() => { globalThis.sleepy = true; });
	await of(page, 'number').fill('123456');
	ok(await until(() => page.evaluate(() => !!globalThis.wake)), 'it is being made');
	await look(page, 'hidden');
	await page.clock.fastForward(16000);
	await look(page, 'visible');
	await shows(page, 'unlock');
	await page.evaluate(async () => {
		globalThis.wake();
		for (let i = 0; i < 100; i++) await null;
		await new Promise((done) => { requestAnimationFrame(() => done()); });
	});
	await shows(page, 'unlock');
	is(await page.locator('canvas').count(), 0, 'no code');
	await phone.close();
});

test('a code that shows at once: covered, shown again, rests when nobody is there', async () => {
	const { phone, page } = await carrier({}, (p) => p.clock.install());
	await press(page, 'settings');
	await of(page, 'quick').check();
	ok(await until(() => of(page, 'quick').isEnabled()), 'it is kept');
	await page.goto(bank.origin); // locked
	await shows(page, 'cards');
	ok(await page.locator('.pass canvas').isVisible(), 'its code, without a passcode');
	await look(page, 'hidden');
	is(await hidden(page), 'hidden hidden');
	await page.clock.fastForward(20000);
	await look(page, 'visible');
	await shows(page, 'cards');
	await press(page, 'answer');
	await shows(page, 'unlock');
	await page.goBack();
	await shows(page, 'cards');
	await page.clock.fastForward(125000);
	await shows(page, 'home');
	is(await page.locator('canvas').count(), 0, 'no code');
	await press(page, 'quick');
	await shows(page, 'cards');
	await phone.close();
});

test('the screen is kept on while a code shows, and not longer', async () => {
	const { phone, page } = await carrier({}, (p) => p.addInitScript(() => {
		globalThis.awake = 0;
		const lock = navigator.wakeLock;
		if (!lock) return;
		lock.request = async () => {
			globalThis.awake++;
			return { release: async () => { globalThis.awake--; } };
		};
	}));
	const awake = (count) => until(async () =>
		await page.evaluate(() => globalThis.awake) === count);
	ok(await awake(1), 'on');
	await press(page, 'history');
	await shows(page, 'history');
	ok(await awake(0), 'off');
	await phone.close();
});

test('the phone\'s own Back: to the cards, and from there out', async () => {
	const { phone, page } = await carrier();
	await press(page, 'settings');
	await shows(page, 'settings');
	await page.goBack();
	await shows(page, 'cards');
	await press(page, 'history');
	await shows(page, 'history');
	await press(page, 'back');
	await shows(page, 'cards');
	const deep = () => page.evaluate(() => history.state?.deep);
	ok(await until(async () => !await deep()), 'nothing is left to go back to');
	is(phone.complaints(), []);
	await phone.close();
});

test('the server is stopped: the page comes, explains codes, shows the card', async () => {
	const { phone, page } = await carrier();
	await page.evaluate(() => navigator.serviceWorker.ready);
	is((await page.evaluate(() => caches.keys())).length, 1, 'one cache');
	await bank.stop();
	await page.reload();
	await shows(page, 'unlock');
	await of(page, 'passcode').fill(PASSCODE);
	await press(page, 'open');
	await shows(page, 'cards');
	await page.goto(`${bank.origin}/C/${'A'.repeat(26)}`);
	await shows(page, 'explained');
	is(new URL(page.url()).pathname, '/', 'the code does not stay in the address');
	const calls = await page.evaluate(() =>
		fetch('/v1/issuer').then((r) => r.status, () => 'none'));
	is(calls, 'none', 'the worker answers for no call of the API');
	await bank.start();
	await phone.close();
});

test('it can be installed: a button where the browser asks, words on iPhones', async () => {
	const phone = await chrome.phone();
	const page = await phone.open('/');
	const cdp = await phone.context.newCDPSession(page);
	const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
	is(installabilityErrors.map((e) => e.errorId).filter((id) => id !== 'in-incognito'), []);
	is(await of(page, 'install').isVisible(), false);
	await page.evaluate(() => {
		const event = new Event('beforeinstallprompt', { cancelable: true });
		event.prompt = async () => ({ outcome: 'accepted' });
		dispatchEvent(event);
	});
	await press(page, 'install');
	await of(page, 'install').waitFor({ state: 'hidden' });
	await phone.close();
	const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) '
		+ 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148';
	const apple = await chrome.phone({ userAgent });
	const there = await apple.open('/');
	await shows(there, 'home');
	like(await there.innerText('main'), /Add to Home Screen/);
	await apple.close();
});

test('the language of the phone, and the one that was chosen', async () => {
	for (const [locale, lang] of [['zh-CN', 'zh-CN'], ['zh-TW', 'zh-CN'], ['de-DE', 'en']]) {
		const phone = await chrome.phone({ locale });
		const page = await phone.open('/');
		await shows(page, 'home');
		is(await page.getAttribute('html', 'lang'), lang, locale);
		const other = lang === 'en' ? 'zh-CN' : 'en';
		await press(page, `language-${other}`);
		await page.locator(`html[lang=${other}]`).waitFor();
		await page.reload();
		await shows(page, 'home');
		is(await page.getAttribute('html', 'lang'), other, 'kept');
		await phone.close();
	}
});

test('less motion: nothing moves by itself', async () => {
	const { phone, page } = await carrier({ reducedMotion: 'reduce' });
	const moving = () => page.evaluate(() => document.getAnimations().length);
	is(await moving(), 0);
	await page.emulateMedia({ reducedMotion: 'no-preference' });
	is(await moving(), 1, 'else the bar of the step');
	await phone.close();
});

test('a new version is announced, and used when the person says so', async () => {
	const types = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml',
		png: 'image/png', html: 'text/html', webmanifest: 'application/manifest+json' };
	let version = '';
	const server = createServer((ask, answer) => {
		const path = ask.url === '/' ? '/index.html' : ask.url;
		const file = bin(`wallet${path}`);
		if (/^\/v1\//.test(path) || !existsSync(file)) return answer.writeHead(404).end();
		let body = readFileSync(file);
		if (version && path === '/sw.js')
			body = `${body}`.replace('wallet-', `wallet-${version}`);
		if (version && path === '/app.css') body = `${body} h1{--version:${version}}`;
		answer.writeHead(200, { 'Content-Type': types[path.split('.').pop()] }).end(body);
	});
	await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
	const context = await chrome.engine.newContext();
	const page = await context.newPage();
	const css = () => page.evaluate(() =>
		getComputedStyle(document.querySelector('h1')).getPropertyValue('--version'));
	const caches = () => page.evaluate(() => globalThis.caches.keys());
	await page.goto(`http://127.0.0.1:${server.address().port}/`);
	await page.evaluate(() => navigator.serviceWorker.ready);
	await page.reload();
	is(await of(page, 'update').count(), 0, 'the first version is no new one');
	version = 'b';
	await page.reload();
	await of(page, 'update').waitFor();
	is(await css(), '', 'the old one is used until then');
	version = 'c'; // and one more, before anybody said yes
	await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
	ok(await until(async () => (await caches()).some((name) => /^wallet-c/.test(name))));
	ok(await until(() => page.evaluate(async () => {
		const { installing, waiting } = await navigator.serviceWorker.ready;
		return !installing && waiting?.state === 'installed';
	})));
	is(await of(page, 'update').count(), 1, 'said once');
	await press(page, 'update');
	ok(await until(async () => await css().catch(() => '') === 'c'), 'the newest one');
	const names = await caches();
	is(names.length, 1, 'one cache');
	like(names[0], /^wallet-c/);
	await context.close();
	server.close();
	server.closeAllConnections?.();
});

await done(async () => {
	await chrome.close();
	await bank.close();
});
})();
