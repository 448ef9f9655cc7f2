#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// The wallet page for somebody who listens to it, or has no pointer: where one is after each
// change, what is said, and what must not be said any more. And the page that shows an answer: it
// stays while another one ends.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const { browser, chromium, of, shows } = await import('../lib/browser.mjs');
const { openBank, until } = await import('../lib/bank.mjs');
const { openWallet, PASSCODE, said: words, takeCard } = await import('../lib/wallet.mjs');
const { shownCode } = await import('../lib/shown_code.mjs');
if (!chromium()) skipAll('no chromium');

const bank = await openBank({ policy: { starts_per_tag: 20, start_delay_after: 20 } });
const chrome = await browser({ bank });
const till = await bank.terminal('till');
const other = await bank.terminal('other');
const phone = await chrome.phone();
const one = await bank.issue('--purpose', 'Savings card', '--policy', 'static');
const two = await bank.issue('--purpose', 'Member card');
let page;

const press = (name) => of(page, name).click();
/** What has the focus. */
const at = () => page.evaluate(() => {
	const { tagName, dataset } = document.activeElement;
	return dataset.test ?? tagName;
});
/** What was said to somebody who listens. */
const spoken = () => page.evaluate(() => document.getElementById('said').textContent);
const hears = (text) => page.waitForFunction((wanted) =>
	document.getElementById('said').textContent.includes(wanted), text);

test('no is said, and one is at the heading', async () => {
	page = await phone.open(`/#${one.token}`);
	await press('refuse');
	await hears(words('offer.refused'));
	is(await at(), 'H1');
	await page.close();
});

test('a code that is no good: on with another one', async () => {
	page = await phone.open('/#AAAA-AAAA-AAAA-AAAA');
	await press('other');
	is(await at(), 'H1');
	await of(page, 'code').waitFor();
	await page.close();
});

test('a page that opens says nothing of the one before', async () => {
	page = await phone.open(`/#${one.token}`);
	await takeCard(page);
	is(await spoken(), '');
	is(await at(), 'H1');
	await page.evaluate(() => document.querySelector('[data-test=bright]').focus());
	await page.keyboard.press('Enter');
	is(await of(page, 'bright').count(), 0);
	is(await at(), 'H1', 'not nowhere');
});

test('what is told is put away; nothing of it is left on the locked page', async () => {
	await bank.command('credential', 'freeze', one.credential);
	await hears(words('cards.frozen'));
	await of(page, 'told-close').focus();
	await page.keyboard.press('Enter');
	is(await of(page, 'told').count(), 0);
	is(await at(), 'H1');
	like(await spoken(), /Savings card/);
	await press('lock');
	await shows(page, 'unlock');
	is(await spoken(), '');
	is(await of(page, 'back').count(), 0, 'no way back that leads here again');
	await bank.command('credential', 'unfreeze', one.credential);
	await openWallet(page);
	await page.locator('canvas[data-code]').waitFor();
});

test('an earlier number that ends takes nobody away from the answer to this one', async () => {
	const start = async (where) => (await where.ask('POST', '/v1/verifications',
		{ code: await shownCode(page) })).body;
	const [before, now] = [await start(other), await start(till)];
	ok(before.id !== now.id);
	await press('answer');
	await of(page, 'number').pressSequentially(now.number);
	await shows(page, 'second');
	const code = await shownCode(page);
	await other.ask('DELETE', `/v1/verifications/${before.id}`);
	await hears(words('history.cancelled'));
	await page.evaluate(() => new Promise((drawn) =>
		requestAnimationFrame(() => requestAnimationFrame(drawn))));
	is(await page.locator('main').getAttribute('data-page'), 'second');
	is((await till.ask('POST', `/v1/verifications/${now.id}/response`, { code })).body.state,
		'accepted');
	await shows(page, 'receipt');
	await of(page, 'state').filter({ hasText: words('history.accepted') }).waitFor();
	await press('done'); // whoever stands at a counter is back at the card
	await shows(page, 'cards');
	await press('history');
	await shows(page, 'history');
	is(await of(page, 'entry').count(), 2);
	await page.close();
});

test('at the last card the arrow keeps the focus', async () => {
	page = await phone.open(`/#${two.token}`);
	await press('take');
	await shows(page, 'unlock');
	await of(page, 'passcode').fill(PASSCODE);
	await press('open');
	await press('show');
	await shows(page, 'cards');
	await of(page, 'prev').focus();
	await page.keyboard.press('Enter');
	await hears(words('cards.count', { at: 1, of: 2 }));
	is(await at(), 'prev');
	await page.keyboard.press('Enter');
	is(await of(page, 'count').innerText(), words('cards.count', { at: 1, of: 2 }));
	await page.close();
});

test('a wrong passcode: how long to wait, and that it is over, are said', async () => {
	page = await phone.context.newPage();
	await page.clock.install();
	await page.goto(`${phone.origin}/`);
	await of(page, 'passcode').fill('999999');
	await press('open');
	await of(page, 'fault').filter({ hasText: 'Wrong' }).waitFor();
	ok(await until(async () => { // the clock of this page stands
		await page.clock.runFor(10);
		return (await spoken()).includes(words('unlock.wait', { seconds: 5 }));
	}));
	await page.clock.fastForward(6000);
	ok(await until(async () => {
		await page.clock.runFor(100);
		return await spoken() === words('unlock.left', { left: 2 });
	}));
	is(phone.complaints(), []);
});

await done(async () => {
	await chrome.close();
	await bank.close();
});
})();
