#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// Answering in the page, against the real server: the number typed or pasted, with and without the
// amount; the terminal's code scanned; and every code that is refused, in words.

// node runs a .t as CommonJS, where modules are imported in a function: that is the whole file.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const { axe, browser, chromium, of, shows } = await import('../lib/browser.mjs');
const { openBank, until } = await import('../lib/bank.mjs');
const { cameraNothing, cameraText } = await import('../lib/fake_camera.mjs');
const page = (name) => import(`${process.cwd()}/wallet/web/src/${name}.js`);
const { parseCode } = await page('code/parse');
const { codeText } = await page('code/build');
const { readFrame } = await page('scan/read');
if (!chromium()) skipAll('no chromium');

const PASSCODE = '736154';
const bank = await openBank({ policy: { digits: 8, starts_per_tag: 20, start_delay_after: 20 } });
const camera = `${bank.tmp}/camera.y4m`;
cameraNothing(camera);
const chrome = await browser({ bank, camera });
const phone = await chrome.phone();
const till = await bank.terminal('till');
let w; // the wallet's page

/** The code on the screen, as a camera has it. */
async function code(n = 0) {
	const canvas = w.locator('canvas[data-code]').nth(n);
	const seen = () => canvas.evaluate((c) => {
		if (!c.width) return null;
		const copy = new OffscreenCanvas(c.width, c.width)
			.getContext('2d', { willReadFrequently: true });
		copy.drawImage(c, 0, 0);
		const { data } = copy.getImageData(0, 0, c.width, c.width);
		const bits = Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] ? 1 : 0);
		return [c.width, bits.join('')];
	});
	const [side, bits] = await until(seen);
	const data = new Uint8ClampedArray(side * side * 4).fill(255);
	for (let i = 0; i < bits.length; i++) if (bits[i] === '0') data.fill(0, 4 * i, 4 * i + 3);
	return readFrame({ width: side, height: side, data });
}
/** A verification of the card on the screen. */
async function started(more = {}, n = 0) {
	const body = { code: await code(n), ...more };
	const answer = await till.ask('POST', '/v1/verifications', body);
	is(answer.status, 201, JSON.stringify(answer.body));
	return answer.body;
}
const respond = async ({ id }) =>
	(await till.ask('POST', `/v1/verifications/${id}/response`, { code: await code() })).body;
const words = (name) => of(w, name).innerText();
const press = (name) => of(w, name).click();
async function home() {
	await w.locator('[data-test=back]').click();
	await shows(w, 'cards');
}
/** Until the page says this. */
const says = (name, pattern) => of(w, name).filter({ hasText: pattern }).waitFor();

test('a card is there', async () => {
	const { token } = await bank.issue('--purpose', 'Savings card');
	w = await phone.open(`/#${token}`);
	await press('take');
	await of(w, 'passcode').fill(PASSCODE);
	await of(w, 'again').fill(PASSCODE);
	await press('open');
	await press('show');
	await shows(w, 'cards');
	is(parseCode(await code()).kind, 'C');
}, { must: true });

test('the number is grouped while it is typed, and its last digit gives the code', async () => {
	const v = await started();
	is(v.number.length, 8);
	await press('answer');
	is(await of(w, 'number').evaluate((e) => [e === document.activeElement, e.inputMode]),
		[true, 'numeric']);
	const typed = [];
	for (const digit of v.number.slice(0, -1)) {
		await of(w, 'number').press(digit);
		typed.push(await of(w, 'number').inputValue());
	}
	const d = v.number;
	is(typed.slice(-2), [`${d.slice(0, 2)} ${d.slice(2, 4)} ${d.slice(4, 6)}`,
		`${d.slice(0, 2)} ${d.slice(2, 4)} ${d.slice(4, 6)} ${d[6]}`]);
	await of(w, 'number').press(v.number.at(-1));
	await shows(w, 'second');
	const read = parseCode(await code());
	is([read.kind, read.binding, read.timed], ['R', 0, true]);
	is((await respond(v)).state, 'accepted');
	await shows(w, 'receipt'); // the result has come
	await press('back');
	await home();
});

test('a caret in the middle stays where it is', async () => {
	await press('answer');
	const input = of(w, 'number');
	await input.pressSequentially('1234567');
	await input.evaluate((e) => e.setSelectionRange(2, 2));
	await input.press('Backspace');
	is(await input.inputValue(), '13 45 67');
	is(await input.evaluate((e) => e.selectionStart), 1);
	await input.press('Delete');
	is(await input.inputValue(), '14 56 7');
	await input.press('Enter');
	like(await words('error'), /8 digits; there are 5/);
	is(await input.getAttribute('aria-invalid'), 'true');
	await home();
});

test('a pasted number may have words and gaps around it, but not more digits', async () => {
	const v = await started();
	await press('answer');
	await of(w, 'number').fill('1234 5678 9');
	like(await words('error'), /8 digits; there are 9/);
	await of(w, 'number').fill(`Number: ${v.number.replace(/(....)/, '$1-')}.`);
	await shows(w, 'second');
	is((await respond(v)).state, 'accepted');
	await shows(w, 'receipt');
	await press('back');
	await home();
});

test('with the amount, the answer is bound to it', async () => {
	const sale = { amount: 1280, currency: 'EUR' };
	const v = await started(sale);
	await press('answer');
	await press('with-amount');
	await of(w, 'number').fill(v.number);
	ok(await of(w, 'amount').evaluate((e) => e === document.activeElement), 'now the amount');
	for (const wrong of ['', '0', '12.800', '1 280', 'x']) {
		await of(w, 'amount').fill(wrong);
		await press('show');
		like(await words('error'), /like 12\.80/, wrong);
	}
	await of(w, 'amount').fill('12,80');
	like(await words('echo'), /^EUR\s12\.80$/);
	is(await axe(w), []);
	await press('show');
	await shows(w, 'second');
	is(parseCode(await code()).binding, 1);
	like(await w.locator('main').innerText(), /12\.80/);
	is((await respond(v)).state, 'accepted');
	await shows(w, 'receipt');
	await press('back');
	await home();
});

test('a wrong amount is refused by the server', async () => {
	const v = await started({ amount: 1280, currency: 'EUR' });
	await press('answer');
	await press('with-amount');
	await of(w, 'amount').fill('12.81');
	await of(w, 'number').fill(v.number);
	await shows(w, 'second');
	is((await respond(v)).state, 'rejected');
	await shows(w, 'receipt');
	await press('back');
	await home();
});

let sale, other;
test('the terminal’s code is scanned: merchant and amount are large, then agreed to', async () => {
	sale = await started({ amount: 990000, currency: 'JPY', reference: 'A-77' });
	await press('answer');
	await of(w, 'number').fill(sale.number);
	await shows(w, 'second');
	like(JSON.stringify(await respond(sale)), /challenge/, 'a number is too little');
	cameraText(camera, sale.challenge_code);
	await press('scan');
	await shows(w, 'challenge');
	is(await words('merchant'), 'till');
	like(await words('amount'), /^JPY\s990,000$/);
	like(await w.locator('main').innerText(), /A-77/);
	is(await axe(w), []);
	cameraNothing(camera);
	await press('confirm');
	await shows(w, 'second');
	is(parseCode(await code()).binding, 2);
	is((await respond(sale)).state, 'accepted');
	await shows(w, 'receipt');
	await press('back');
	await home();
});

test('the camera goes off when the page is left', async () => {
	await press('scan');
	await w.waitForFunction(() => document.querySelector('video')?.srcObject?.active);
	await w.evaluate(() => { globalThis.seen = document.querySelector('video').srcObject; });
	await home();
	await w.waitForFunction(() => !globalThis.seen.active);
});

test('and when nobody looks at the page', async () => {
	await press('scan');
	await w.waitForFunction(() => document.querySelector('video')?.srcObject?.active);
	await w.evaluate(() => {
		globalThis.seen = document.querySelector('video').srcObject;
		Object.defineProperty(document, 'hidden', { value: true, configurable: true });
	});
	await says('camera-fault', /switched off/);
	is(await w.evaluate(() => globalThis.seen.active), false);
	await w.evaluate(() => { delete document.hidden; });
	await press('again');
	await w.waitForFunction(() => document.querySelector('video')?.srcObject?.active);
	await home();
});

test('what is no challenge code is said in words, and nothing is opened', async () => {
	const first = await code();
	const q = sale.challenge_code;
	await press('scan');
	const refused = [
		['https://evil.example/', /not a code of a wallet/],
		[`${q}A`, /damaged/], ['WIFI:S:x;;', /not a code of a wallet/],
		[q.replace('/Q/', '/Z/'), /damaged/], [q.toLowerCase(), /not a code of a wallet/],
		[first, /another kind/],
		[q.replace(bank.host, 'OTHER.EXAMPLE').replace(/Q\/.{20}/, `Q/AE${'A'.repeat(18)}`),
			/another issuer \(OTHER\.EXAMPLE\)/],
	];
	for (const [text, wanted] of refused) {
		cameraText(camera, text);
		await says('said', wanted);
	}
	is(await w.locator('main').getAttribute('data-page'), 'scan');
	cameraNothing(camera);
	await home();
});

test('a challenge is answered with its card, whichever is on the screen', async () => {
	const { token } = await bank.issue('--purpose', 'Fuel card');
	await w.evaluate((hash) => { location.hash = hash; }, token);
	await press('take');
	await press('show');
	await shows(w, 'cards');
	const v = await started({}, 1);
	await press('prev');
	await w.locator('[data-test=prev][aria-disabled=true]').waitFor();
	await press('scan');
	cameraText(camera, v.challenge_code);
	await shows(w, 'challenge');
	cameraNothing(camera);
	like(await w.locator('main').innerText(), /Fuel card/);
	await press('confirm');
	await shows(w, 'second');
	is((await respond(v)).state, 'accepted');
	await shows(w, 'receipt');
	await press('back');
	await home();
});

test('a challenge of another card, tampered or expired is refused', async () => {
	const { token } = await bank.issue();
	const [name, file, key, passcode] = await bank.cWallet('other', token);
	const { run, bin } = await import('../lib/bank.mjs');
	const shown = await run([bin('holder'), 'show', name, file, key, passcode]);
	other = (await till.ask('POST', '/v1/verifications', { code: shown.out.trim() })).body;
	const mine = await started({ amount: 100, currency: 'EUR' });
	const { challenge, host } = parseCode(mine.challenge_code);
	const changed = challenge.body.slice();
	changed[46] ^= 1; // the amount
	await press('scan');
	cameraText(camera, other.challenge_code);
	await says('said', /not in this wallet/);
	cameraText(camera, codeText(host, 'Q', changed));
	await shows(w, 'challenge');
	cameraNothing(camera);
	like(await words('refused'), /not made by Corner Bank/);
	is(await axe(w), []);
	await press('home');
	await shows(w, 'cards');
	// and the right one, pasted where a number is typed, when it has run out
	await press('answer');
	await of(w, 'number').fill(mine.challenge_code);
	await shows(w, 'challenge');
	await w.clock.install();
	await w.clock.setFixedTime(new Date((challenge.expires + 1) * 1000));
	await press('confirm');
	like(await words('refused'), /has run out/);
});

test('without a camera, the page says what to do instead', async () => {
	const none = await chrome.phone({ camera: false, viewport: { width: 320, height: 568 } });
	w = await none.open('/');
	await press('get');
	await press('scan');
	await says('camera-fault', /may not use the camera/);
	is(await axe(w), []);
	ok(await w.evaluate(() => document.body.scrollWidth <= innerWidth), 'fits 320 px');
	await press('type');
	await shows(w, 'offer');
	is(none.complaints(), []);
	await none.close();
});

test('nothing was said to the console, nobody else was asked', async () => {
	is(phone.complaints(), []);
	is(phone.strangers(), []);
});

await done(async () => {
	await chrome.close();
	await bank.close();
});
})();
