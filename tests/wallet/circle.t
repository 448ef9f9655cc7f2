#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// The whole circle: the page in a real browser, its screenshots held to the camera of the real
// terminal, what that draws before the camera of the browser, and the real backend behind both.
// Beside it the C holder, at the same counter.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const { browser, chromium, of, program, shows } = await import('../lib/browser.mjs');
const { bin, openBank, run, until } = await import('../lib/bank.mjs');
const { cameraNothing, cameraPicture, cameraText } = await import('../lib/fake_camera.mjs');
const { openCounter } = await import('../lib/counter.mjs');
const { seen } = await import('../lib/eyes.mjs');
const { openWallet, said, takeCard, toCards } = await import('../lib/wallet.mjs');
if (!chromium()) skipAll('no chromium');
for (const name of ['tmux', 'zbarimg']) if (!program(name)) skipAll(`no ${name}`);

const HOST = 'HTTPS://QR.EXAMPLE.COM';
const bank = await openBank();
const camera = `${bank.tmp}/camera.y4m`;
cameraNothing(camera);
const sale = ['--amount', '24.90', '--currency', 'EUR', '--reference', '2026-0815', '--continuous'];
const [chrome, counter] = await Promise.all([browser({ bank, camera }), openCounter(bank, sale)]);
const phone = await chrome.phone({ deviceScaleFactor: 2 }); // fewer pixels are harder to read
const issued = await bank.issue('--purpose', 'Savings card');
let page;

const press = (name) => of(page, name).click();
/** Until the page says this; that something is there is not enough where it changes. */
const says = (name, words) => of(page, name).getByText(words).waitFor();
/** Held to the terminal's camera as soon as there is a code of this kind. */
async function holds(kind) {
	const { png, text } = await seen(page, new RegExp(`^${HOST}/${kind}/`));
	counter.sees(png);
	return text;
}
let leaving; // the last customer, while the phone does something else
function leave() {
	leaving = counter.next();
	leaving.catch(() => {}); // who waits for it is told
}
leave();
/** The first code is held to the camera. */
async function begins() {
	await toCards(page);
	await leaving;
	await holds('C');
}
/** The terminal says this; then the phone does, when it has network. */
async function ends(screen) {
	await counter.shows(screen);
	leave();
}
async function told(state) {
	await shows(page, 'receipt');
	await says('state', said(`history.${state}`));
}

test('a card comes by a link', async () => {
	page = await phone.open(`/#${issued.token}`);
	await takeCard(page);
	is(page.url(), `${bank.origin}/`, 'no code stays in the address');
});

test('a phone without network, loaded anew: the number is typed, and it is paid', async () => {
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await phone.context.setOffline(true);
	await page.reload();
	await openWallet(page);
	await begins();
	const number = await counter.number();
	await press('answer');
	await of(page, 'number').pressSequentially(number);
	await shows(page, 'second');
	await holds('R');
	await counter.pin();
	await ends(/AUTHORISED/);
});

test('with network again the result comes to the phone', async () => {
	await phone.context.setOffline(false);
	await told('authorised');
	const receipt = await page.locator('main').innerText();
	for (const words of [/24\.90/, /till/, /2026-0815/]) like(receipt, words);
	await press('back');
	await shows(page, 'history');
	is(await of(page, 'entry').count(), 1, 'one entry: what was answered, and how it ended');
});

test('the code of the terminal is scanned, merchant and amount are agreed to: paid', async () => {
	await begins();
	await counter.number();
	cameraPicture(camera, counter.code());
	await press('scan');
	await shows(page, 'challenge');
	like(await of(page, 'merchant').innerText(), /till/);
	like(await of(page, 'amount').innerText(), /24\.90/);
	await press('confirm');
	await holds('R');
	await counter.pin();
	await ends(/AUTHORISED/);
	cameraNothing(camera);
	await told('authorised');
});

test('the answer to another number is refused', async () => {
	await begins();
	const number = await counter.number();
	await press('answer');
	await of(page, 'number').pressSequentially(number.replace(/^./, (digit) => 9 - digit));
	await holds('R');
	await ends(/REFUSED[\s\S]*does not match the number/);
	await told('rejected');
});

test('the C holder pays at the same counter', async () => {
	await leaving;
	const png = `${bank.tmp}/holder.png`;
	const holder = async (...words) => {
		const ran = await run([bin('holder'), ...words, ...counter.wallet, '--png', png]);
		is(ran.status, 0, ran.err);
		counter.seesFile(png);
	};
	await holder('show');
	const number = await counter.number();
	await holder('answer', number.replace(/ /g, ''));
	await counter.pin();
	await ends(/AUTHORISED/);
});

test('codes that the wallet must not answer are refused in words', async () => {
	const challenge = async (code) => {
		const sale = { code, amount: 990, currency: 'EUR' };
		const { status, body } = await counter.ask('POST', '/v1/verifications', sale);
		is(status, 201, body.detail);
		return body.challenge_code;
	};
	await toCards(page);
	const mine = await challenge((await seen(page, /\/C\//)).text);
	const shown = await run([bin('holder'), 'show', ...counter.wallet]);
	const others = await challenge(shown.out.trim());
	const body = mine.slice(`${HOST}/Q/`.length);
	const other = (one) => one === 'A' ? 'B' : 'A';
	const at = body.length - 9; // in its tag
	const changed = body.slice(0, at) + other(body[at]) + body.slice(at + 1);

	await press('scan');
	await shows(page, 'scan');
	for (const [text, words] of [
		['https://qr.example.com.evil.test/pay', said('scan.foreign')],
		[others, said('scan.noCard')],
		[others.replace(HOST, 'HTTPS://QR.OTHER.COM'),
			said('scan.otherIssuer', { host: 'QR.OTHER.COM' })],
		[mine.slice(0, -1), said('scan.damaged')],
		[shown.out.trim(), said('scan.other')],
	]) {
		cameraText(camera, text);
		await says('said', words);
		is(page.url(), `${bank.origin}/`, 'nothing was opened');
	}
	cameraText(camera, `${HOST}/Q/${changed}`);
	await shows(page, 'challenge');
	await says('refused', said('scan.forged', { issuer: 'Corner Bank' }));
	is(await of(page, 'confirm').count(), 0, 'and there is nothing to agree to');

	await phone.context.setOffline(true); // the issuer's clock would tell the time
	await page.evaluate(() => {
		const real = Date.now;
		Date.now = () => real() + 75000;
	});
	cameraText(camera, mine);
	await press('scan');
	await shows(page, 'challenge');
	await says('refused', said('scan.expired'));
	cameraNothing(camera);
	await phone.context.setOffline(false);
});

test('with the server stopped everything but getting cards is there', async () => {
	await bank.stop();
	await page.reload();
	await openWallet(page);
	await seen(page, /\/C\//);
	await press('answer');
	await of(page, 'number').pressSequentially('123456');
	await seen(page, /\/R\//);
	await toCards(page);
	await press('history');
	await shows(page, 'history');
	ok(await of(page, 'entry').count() >= 3, 'what was done is there');
	await toCards(page);
	await press('settings');
	await shows(page, 'settings');
	await page.goto(`${bank.origin}/#${issued.token}`);
	await shows(page, 'offer');
	await of(page, 'fault').waitFor();
	await bank.start();
});

test('nothing was said to a console, nobody else was asked', async () => {
	is(phone.complaints(), []);
	is(phone.strangers(), []);
	ok(phone.requests.length > 5, 'the list is one');
});

await done(async () => {
	counter.close();
	await chrome.close();
	await bank.close();
});
})();
