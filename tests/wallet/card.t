#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// A credential on the phone: laid out as in figure 3 of the patent, its code black on white in all
// colours, made anew without flicker, several side by side; what cannot be shown is said.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, ok, skipAll, test } = await import('../lib/tap.mjs');
const { browser, chromium, of, shows } = await import('../lib/browser.mjs');
const { eyesAreThere, read } = await import('../lib/eyes.mjs');
const { openBank, until } = await import('../lib/bank.mjs');
const { parseCode } = await import('../../wallet/web/src/code/parse.js');
if (!chromium()) skipAll('no chromium');
if (!eyesAreThere()) skipAll('no zbarimg');

const PASSCODE = '736154';
const QUIET = 4; // modules, ISO/IEC 18004
const bank = await openBank();
const till = await bank.terminal('till');
const chrome = await browser({ bank });
const phone = await chrome.phone();
const blank = await (await chrome.phone()).context.newPage(); // no policy: looks into pictures
const press = (name) => of(page, name).click();
let page;

/** Takes a card by its short code; the wallet is made with the first. */
async function take(...options) {
	const issued = await bank.issue(...options);
	await page.goto(`${bank.origin}/#${issued.token}`);
	await press('take');
	await page.locator('[data-test=show], [data-test=passcode]').first().waitFor();
	if (await of(page, 'passcode').count()) {
		await of(page, 'passcode').fill(PASSCODE);
		if (await of(page, 'again').count()) await of(page, 'again').fill(PASSCODE);
		await press('open');
	}
	await press('show');
	await shows(page, 'cards');
	return issued;
}

/** Where the part of a pass that is in sight stands. */
const box = (what) => page.locator(`.pass:not([inert]) ${what}`).boundingBox();

/** The canvas that is in sight: its own pixels, its size, and where it stands. */
const symbol = () => page.evaluate(() => {
	const canvas = document.querySelector('.pass:not([inert]) canvas');
	const { x, y, width, height } = canvas.getBoundingClientRect();
	return { pixels: canvas.width, x, y, width, height };
});

/** The colours in a part of the screen. */
async function pixels(clip) {
	const png = (await page.screenshot({ clip })).toString('base64');
	return blank.evaluate(async (data) => {
		const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
		const map = await createImageBitmap(new Blob([bytes]));
		const canvas = new OffscreenCanvas(map.width, map.height);
		const g = canvas.getContext('2d');
		g.drawImage(map, 0, 0);
		const all = g.getImageData(0, 0, map.width, map.height).data;
		const colours = new Set();
		for (let i = 0; i < all.length; i += 4)
			colours.add(`${all[i]} ${all[i + 1]} ${all[i + 2]}`);
		return [...colours].sort();
	}, png);
}

async function code() {
	let text = '';
	ok(await until(async () => (text = read(await page.screenshot()))), 'a code is seen');
	return text;
}

/** The code of this card comes to the screen: a card that is turned needs some frames. */
const comes = async (card) => ok(await until(async () =>
	parseCode(await code()).credentialId === card.credential), 'its own code');

test('as in figure 3: code upper left, issuer upper right, the rest below, a border', async () => {
	page = await phone.open('/');
	await take('--purpose', 'Prepaid card', '--face-value', 'CNY 500.00');
	const [pass, zone, issuer, what] = [await page.locator('.pass').boundingBox(),
		await box('.code'), await box('.issuer'), await box('.what')];
	ok(zone.x - pass.x < 4 && zone.y - pass.y < 4, 'the code is upper left');
	ok(issuer.x >= zone.x + zone.width - 1, 'the issuer is right of it');
	ok(Math.abs(issuer.y - zone.y) < 1, 'and as high');
	ok(pass.x + pass.width - issuer.x - issuer.width < 4, 'up to the edge');
	ok(what.y >= zone.y + zone.height - 1, 'the rest is below');
	const text = await page.locator('.what').innerText();
	ok(/^Prepaid card\s+CNY 500\.00\s+Valid until /.test(text), text);
	is(await page.locator('.issuer').innerText(), 'Corner Bank');
	const border = await page.evaluate(() => getComputedStyle(document.querySelector('.pass'))
		.borderTopWidth);
	is(border, '2px', 'a border');
});

/** A window of another size, and the symbol drawn for it. */
async function resize(width, height) {
	await page.setViewportSize({ width, height });
	await page.waitForFunction((modules) => {
		const room = document.querySelector('.code').clientWidth * devicePixelRatio;
		const side = document.querySelector('canvas').width;
		return side <= room && room - side < modules;
	}, 49 + 2 * QUIET);
}

test('the symbol is as large as fits, in whole pixels of the screen', async () => {
	for (const [width, least] of [[320, 240], [390, 315], [430, 340]]) {
		await resize(width, 800);
		const zone = await box('.code');
		const { pixels: side, width: css } = await symbol();
		const modules = 49 + 2 * QUIET; // version 8 at level M: a live first code
		is(side % modules, 0, 'modules of the same size');
		ok(Math.abs(css * 3 - side) < 0.01, 'a pixel is a pixel');
		ok(css >= least && css <= zone.width, `${css} of ${zone.width}`);
		ok(zone.width * 3 - side < modules, 'one pixel more for each module does not fit');
	}
	await resize(390, 844);
});

test('white around it, black on white in every colour scheme, and it is read', async () => {
	for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark' },
		{ colorScheme: 'dark', forcedColors: 'active' }]) {
		await page.emulateMedia({ forcedColors: 'none', ...look });
		const { x, y, width, pixels: side } = await symbol();
		// less one: a picture begins at a whole pixel
		const ring = QUIET * side / (49 + 2 * QUIET) / 3 - 1;
		const words = JSON.stringify(look);
		is(await pixels({ x, y, width, height: width }), ['0 0 0', '255 255 255'], words);
		for (const edge of [{ x, y, width, height: ring },
			{ x, y, width: ring, height: width },
			{ x, y: y + width - ring, width, height: ring },
			{ x: x + width - ring, y, width: ring, height: width }])
			is(await pixels(edge), ['255 255 255'], `quiet zone, ${words}`);
		ok((await code()).startsWith('HTTPS://QR.EXAMPLE.COM/C/'), words);
	}
	await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
});

test('a terminal takes it', async () => {
	const answer = await till.ask('POST', '/v1/verifications', { code: await code() });
	is(answer.status, 201, JSON.stringify(answer.body));
});

test('no part of the code is in the document', async () => {
	const text = await code();
	const html = await page.content();
	is(html.includes(text.slice(-24)), false);
});

test('made anew for each half minute, and never seen half drawn', async () => {
	const other = await chrome.phone();
	page = await other.open('/');
	await page.clock.install();
	await take();
	const before = await code();
	await page.evaluate(() => {
		const canvas = document.querySelector('.pass canvas');
		const seen = [];
		globalThis.seen = seen;
		// told of each new size after the task that made it: the symbol is there by then
		new MutationObserver(() => {
			const { data } = canvas.getContext('2d')
				.getImageData(0, 0, canvas.width, canvas.height);
			let black = 0;
			for (let i = 0; i < data.length; i += 4) if (data[i] === 0) black++;
			seen.push(black / (data.length / 4));
		}).observe(canvas, { attributes: true, attributeFilter: ['width'] });
	});
	await page.clock.fastForward(31000);
	ok(await until(() => page.evaluate(() => globalThis.seen.length)), 'it was drawn anew');
	const shares = await page.evaluate(() => globalThis.seen);
	ok(shares.every((share) => share > 0.2 && share < 0.6), `black: ${shares}`);
	ok(await code() !== before, 'another code');
	await other.close();
	page = phone.context.pages()[0];
});

/** A finger that goes from the right to the left. */
async function swipe() {
	const cdp = await page.context().newCDPSession(page);
	const { y, width, height } = await page.locator('.strip').boundingBox();
	const touch = (type, ...x) => cdp.send('Input.dispatchTouchEvent',
		{ type, touchPoints: x.map((at) => ({ x: at, y: y + height / 2 })) });
	await touch('touchStart', width * 0.85);
	for (let part = 0.8; part > 0.15; part -= 0.05) await touch('touchMove', width * part);
	await touch('touchEnd');
}

test('several: arrow keys, the buttons, a swipe', async () => {
	const second = await take('--purpose', 'Second');
	const third = await take('--purpose', 'Third');
	const seen = () => page.locator('.pass:not([inert]) h2').innerText();
	const turns = async (wanted) =>
		ok(await until(async () => await seen() === wanted), wanted);
	await turns('Third');
	await comes(third);
	await page.keyboard.press('ArrowLeft');
	await turns('Second');
	await press('prev');
	await turns('Prepaid card');
	is(await of(page, 'prev').getAttribute('aria-disabled'), 'true',
		'there is none before the first');
	await page.keyboard.press('ArrowLeft');
	await press('next');
	await turns('Second');
	await comes(second);
	await swipe();
	await turns('Third');
	await comes(third);
	is(await of(page, 'count').innerText(), '3 of 3');
	is(await page.locator('.pass[inert]').count(), 2, 'only one is there for a screen reader');
});

test('frozen: shown as it happens, with no code; freed: the code again', async () => {
	const { credential } = await take('--purpose', 'Fourth');
	const bars = page.locator('.pass:not([inert]) [data-test=barred]');
	await bank.command('credential', 'freeze', credential);
	await bars.waitFor();
	is(await page.locator('.pass:not([inert]) canvas').count(), 0, 'no code');
	is(await of(page, 'answer').isDisabled(), true, 'and no answer');
	await bank.command('credential', 'unfreeze', credential);
	await bars.waitFor({ state: 'detached' });
	ok((await code()).includes('/C/'), 'the code');
	await bank.command('credential', 'void', credential);
	await bars.filter({ hasText: 'Void' }).waitFor();
});

test('expired while it is shown: said, with a way to renew it', async () => {
	const end = Math.floor(Date.now() / 1000) + 6;
	await take('--purpose', 'Short', '--not-after', end);
	const bars = page.locator('.pass:not([inert]) [data-test=barred]');
	await bars.waitFor({ timeout: 40000 });
	await press('renew');
	await shows(page, 'renew');
	is(phone.complaints(), [], 'nothing on the console');
});

await done(async () => {
	await chrome.close();
	await bank.close();
});
})();
