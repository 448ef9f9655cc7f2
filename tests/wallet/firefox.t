#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// The page in a second engine, Debian's Firefox: a card is got, kept, shown, and answers a number,
// also with the server stopped. Its codes go to the real backend. Without a camera.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const { program } = await import('../lib/browser.mjs');
const { openBank, PIN } = await import('../lib/bank.mjs');
const { seen } = await import('../lib/eyes.mjs');
const { PASSCODE } = await import('../lib/wallet.mjs');
const { firefox, openFirefox } = await import('../lib/firefox.mjs');
if (!firefox()) skipAll('no firefox');
if (!program('zbarimg')) skipAll('no zbarimg');

const bank = await openBank();
const [page, till, issued] = await Promise.all([openFirefox({ bank }), bank.terminal('till'),
	bank.issue()]);

async function opens() {
	await page.shows('unlock');
	await page.type('passcode', PASSCODE);
	await page.press('open');
	await page.shows('cards');
}
async function code(kind) {
	const { text } = await seen(page, new RegExp(`^HTTPS://QR.EXAMPLE.COM/${kind}/`));
	return text;
}
/** One step of a sale at the backend. */
async function step(path, body) {
	const answer = await till.ask('POST', `/v1/verifications${path}`, body);
	ok(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`);
	return answer.body;
}

test('a card comes by its short code', async () => {
	await page.open('/');
	await page.press('get');
	await page.type('code', issued.token.toLowerCase());
	await page.press('next');
	await page.press('take');
	await page.type('passcode', PASSCODE);
	await page.type('again', PASSCODE);
	await page.press('open');
	await page.press('show');
	await page.shows('cards');
	like(await page.text(), /Member card[\s\S]*Gold/);
});

test('its codes are right: a sale ends authorised', async () => {
	const sale = { code: await code('C'), amount: 1280, currency: 'EUR' };
	const { id, number } = await step('', sale);
	await page.press('answer');
	await page.type('number', number);
	is((await step(`/${id}/response`, { code: await code('R') })).state, 'accepted');
	is((await step(`/${id}/pin`, { pin: PIN, try: 1 })).state, 'authorised');
});

test('the result comes to the phone', async () => {
	await page.shows('receipt');
	await page.says('state', /Authorised/);
	like(await page.text(), /12\.80/);
});

test('without a server: loaded anew, a wrong passcode, the right one, both codes', async () => {
	await page.later('await navigator.serviceWorker.ready');
	await bank.stop();
	await page.open('/');
	await page.shows('unlock');
	await page.type('passcode', '999999');
	await page.press('open');
	await page.says('fault', /2/);
	await opens();
	await code('C');
	await page.press('answer');
	await page.type('number', '123456');
	await code('R');
});

await done(async () => {
	await page.close();
	await bank.close();
});
})();
