#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// What happens after an answer, and to a card in its life: results and receipts come when there is
// network, the history can be deleted, a card is frozen, freed, ends, is renewed, is void or goes
// to another phone. Real backend.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const { axe, browser, chromium, of, shows } = await import('../lib/browser.mjs');
const { openBank, PIN, until } = await import('../lib/bank.mjs');
const { openWallet, takeCard, toCards } = await import('../lib/wallet.mjs');
const { shownCode } = await import('../lib/shown_code.mjs');
if (!chromium()) skipAll('no chromium');

const bank = await openBank({ policy: { receipt_codes: 1, starts_per_tag: 20,
	start_delay_after: 20 } });
const chrome = await browser({ bank });
const phone = await chrome.phone();
const till = await bank.terminal('till');
const issued = await bank.issue('--purpose', 'Savings card');
const id = issued.credential;
let page;

const press = (name) => of(page, name).click();
const words = (name) => of(page, name).innerText();
const told = (pattern) => of(page, 'told').filter({ hasText: pattern }).waitFor();
async function started(more = {}) {
	const answer = await till.ask('POST', '/v1/verifications',
		{ code: await shownCode(page), ...more });
	is(answer.status, 201, JSON.stringify(answer.body));
	return answer.body;
}
async function typed(number) {
	await press('answer');
	await of(page, 'number').pressSequentially(number);
	await shows(page, 'second');
	return shownCode(page);
}
const respond = async (v, code) =>
	(await till.ask('POST', `/v1/verifications/${v.id}/response`, { code })).body;
const pin = async (v) =>
	(await till.ask('POST', `/v1/verifications/${v.id}/pin`, { pin: PIN, try: 1 })).body;
const entries = async () => {
	await press('history');
	await shows(page, 'history');
	return of(page, 'entry').count();
};

const day = await chrome.phone();
const ends = Math.floor(Date.now() / 1000) + 20;
let passing, pass;
test('a card that ends soon, on another phone', async () => {
	pass = await bank.issue('--purpose', 'Day pass', '--not-after', ends);
	page = passing = await day.open(`/#${pass.token}`);
	await takeCard(page);
});

test('a card, and nothing in its history', async () => {
	page = await phone.open(`/#${issued.token}`);
	await takeCard(page);
	is(await entries(), 0);
	await of(page, 'empty').waitFor();
	is(await axe(page), []);
	await toCards(page);
});

test('the result and the receipt come to the page that shows the answer', async () => {
	const v = await started({ amount: 2490, currency: 'EUR', reference: '2026-0815' });
	await respond(v, await typed(v.number));
	const { state, receipt_code: code, receipt } = await pin(v);
	is(state, 'authorised');
	await shows(page, 'receipt');
	await of(page, 'state').filter({ hasText: 'Authorised' }).waitFor();
	like(await page.locator('main').innerText(), /24\.90/);
	is(await words('merchant'), 'till');
	is(await words('reference'), '2026-0815');
	is(await words('number'), receipt);
	is(await shownCode(page), code, 'the code that proves it, as the terminal has it');
	is(await axe(page), []);
	await press('back');
	await shows(page, 'history');
	is(await of(page, 'entry').count(), 1, 'the guess and the result are one entry');
	is(await axe(page), []);
	await toCards(page);
});

test('answered without network, page closed, server stopped: told later', async () => {
	const v = await started();
	await page.evaluate(() => navigator.serviceWorker.ready);
	await phone.context.setOffline(true);
	const code = await typed(v.number);
	await respond(v, code);
	is((await pin(v)).state, 'authorised');
	await press('done');
	await entries();
	is(await of(page, 'state').first().innerText(), 'Result not known yet');
	await page.close();
	await bank.stop();
	await phone.context.setOffline(false);
	page = await phone.context.newPage();
	await page.goto(`${phone.origin}/`);
	await openWallet(page);
	is(await entries(), 2);
	is(await of(page, 'state').first().innerText(), 'Result not known yet');
	await bank.start();
	await told(/Authorised/);
	ok(await until(async () => await of(page, 'state').first().innerText() === 'Authorised'));
	is(await of(page, 'entry').count(), 2, 'one entry of each');
	await press('told-close');
	is(await of(page, 'told').count(), 0);
	await toCards(page);
});

test('refused and cancelled are told, with the reason where it helps', async () => {
	const v = await started();
	await respond(v, await typed(v.number.replace(/^./, (digit) => 9 - digit)));
	await shows(page, 'receipt');
	await of(page, 'state').filter({ hasText: 'Refused' }).waitFor();
	like(await words('reason'), /not the right one. Try again/);
	is(await axe(page), []);
	await toCards(page);
	const other = await started();
	await till.ask('DELETE', `/v1/verifications/${other.id}`);
	await told(/Cancelled/);
});

test('frozen and free again: said at once, and no code meanwhile', async () => {
	await bank.command('credential', 'freeze', id);
	await of(page, 'barred').filter({ hasText: 'Frozen' }).waitFor();
	await told(/Frozen/);
	is(await page.locator('canvas[data-code]').count(), 0);
	is(await axe(page), []);
	await bank.command('credential', 'unfreeze', id);
	await page.locator('canvas[data-code]').waitFor();
	await told(/used again/);
});

test('frozen while nobody listened: known after the next unlock', async () => {
	await press('lock');
	await shows(page, 'unlock');
	is(await of(page, 'told').count(), 0, 'nothing of the card stands on the locked page');
	const later = Math.floor(Date.now() / 1000) + 3600;
	await bank.command('credential', 'freeze', id, '--until', later);
	await openWallet(page);
	await of(page, 'barred').filter({ hasText: 'Frozen until' }).waitFor();
	await bank.command('credential', 'unfreeze', id);
	await page.locator('canvas[data-code]').waitFor();
});

test('one entry is deleted, then all, and they do not come back', async () => {
	const all = await entries();
	ok(all >= 4, `${all} entries`);
	await of(page, 'entry').first().click();
	await press('remove');
	await press('remove-no');
	await press('remove');
	await press('remove-yes');
	await shows(page, 'history');
	is(await of(page, 'entry').count(), all - 1);
	await press('remove');
	await press('remove-yes');
	await of(page, 'empty').waitFor();
	await page.reload();
	await openWallet(page);
	is(await entries(), 0);
	await toCards(page);
});

test('a card that has ended is renewed, also when the answer is lost on the way', async () => {
	page = passing;
	await page.waitForFunction((end) => Date.now() / 1000 > end, ends + 1, { polling: 100 });
	await page.reload();
	await openWallet(page);
	await of(page, 'barred').filter({ hasText: 'No longer valid' }).waitFor();
	await press('renew');
	await shows(page, 'renew');
	is(await axe(page), []);
	// that it was activated is told to the new token, too, and is no news to it
	let deaf = true;
	await day.context.route('**/v1/events*',
		(route) => deaf ? route.abort() : route.continue());
	let lost = 0;
	await day.context.route('**/v1/activations', async (route) => {
		if (lost) return route.continue();
		lost = (await bank.ask('POST', '/v1/activations',
			{ body: route.request().postDataJSON() })).status;
		return route.abort();
	});
	await press('now');
	ok(await until(() => lost), 'it was asked for');
	is(lost, 201, 'it was given, and lost');
	await shows(page, 'cards'); // by itself
	await page.locator('canvas[data-code]').waitFor();
	const listens = page.waitForRequest(/wait=25/);
	deaf = false;
	await listens;
	await page.evaluate(() => new Promise((drawn) =>
		requestAnimationFrame(() => requestAnimationFrame(drawn))));
	is(await of(page, 'barred').count(), 0, 'not replaced by itself');
	const v = await started();
	is(v.credential.purpose, 'Day pass', 'the new one is taken by a terminal');
	is((await bank.command('credential', 'show', pass.credential)).generation, 2);
	is(day.complaints(), []);
	await day.close();
});

test('a phone whose clock is wrong says so, and its code is taken all the same', async () => {
	const other = await chrome.phone();
	page = await other.context.newPage();
	await page.clock.install({ time: Date.now() + 600000 });
	await page.goto(`${other.origin}/#${(await bank.issue()).token}`);
	await takeCard(page);
	like(await page.locator('main').innerText(), /clock is (59\d|60\d) s wrong/);
	await started();
	await page.goto(`${other.origin}/`); // then nothing is known of it until the first answer
	await openWallet(page);
	await page.locator('main').filter({ hasText: /clock is (59\d|60\d) s wrong/ }).waitFor();
	await other.close();
});

test('activated on another phone: replaced here, and said', async () => {
	page = phone.context.pages()[0];
	const { token } = await bank.command('credential', 'renew', id);
	await bank.cWallet('new', token);
	await of(page, 'barred').filter({ hasText: 'Replaced' }).waitFor();
	is(await page.locator('canvas[data-code]').count(), 0);
	await press('scan');
	await press('type');
	await of(page, 'barred').waitFor(); // nothing is answered with it
	is(phone.complaints(), []);
	is(phone.strangers(), []);
	is(phone.requests.filter((url) => /token|Bearer|[A-Z2-7]{4}-[A-Z2-7]{4}/.test(url)), [],
		'no token in any address');
});

test('two tabs: what one was told, both show', async () => {
	const other = await chrome.phone();
	const both = await bank.issue();
	const first = await other.open(`/#${both.token}`);
	await takeCard(first);
	const second = await other.open('/');
	await openWallet(second);
	for (const tab of [first, second]) await tab.locator('canvas[data-code]').waitFor();
	await until(async () => other.requests.filter((url) => /wait=25/.test(url)).length > 1);
	await bank.command('credential', 'freeze', both.credential);
	for (const tab of [first, second])
		await of(tab, 'barred').filter({ hasText: 'Frozen' }).waitFor();
	await other.close();
});

test('made void', async () => {
	const other = await chrome.phone();
	const gone = await bank.issue();
	page = await other.open(`/#${gone.token}`);
	await takeCard(page);
	await page.locator('canvas[data-code]').waitFor();
	await until(async () => other.requests.some((url) => /wait=25/.test(url)));
	await bank.command('credential', 'void', gone.credential);
	await of(page, 'barred').filter({ hasText: 'Void' }).waitFor();
	await told(/Void/);
	await press('add'); // a new one is typed here
	await of(page, 'code').fill((await bank.issue()).token);
	await press('next');
	await press('take');
	await of(page, 'done').waitFor();
	is(await of(page, 'told').count(), 0, 'what was told before is no news any more');
	await other.close();
});

await done(async () => {
	await chrome.close();
	await bank.close();
});
})();
