#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// How the wallet page looks and behaves as a thing on a phone: every page in light, dark and forced
// colours, both languages, 320 px wide, with text twice as large; the card of a credential.
// LOOK=FOLDER keeps a picture of each page there.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, ok, skipAll, test } = await import('../lib/tap.mjs');
const { axe, browser, chromium, of, shows } = await import('../lib/browser.mjs');
const { openBank, run } = await import('../lib/bank.mjs');
const { mkdirSync, writeFileSync } = await import('node:fs');
if (!chromium()) skipAll('no chromium');

const PASSCODE = '736154';
const SIZES = [[390, 844], [320, 568]];
const LOOK = process.env.LOOK;
if (LOOK) mkdirSync(LOOK, { recursive: true });

const bank = await openBank();
const chrome = await browser({ bank });

const press = (page, name) => of(page, name).click();

/** What sticks out of the window, or of the paper of a card, as a list of elements. */
const overflow = (page) => page.evaluate(() => {
	const out = [];
	const wide = document.documentElement.scrollWidth;
	if (wide > innerWidth) out.push(`page is ${wide} wide`);
	for (const e of document.querySelectorAll('#app *')) {
		const box = e.getBoundingClientRect();
		if (e.closest('.strip, .sr, .camera, [inert]') || !box.width) continue;
		if (box.left < -1 || box.right > innerWidth + 1)
			out.push(`${e.tagName}.${e.className} ${box.left}..${box.right}`);
	}
	for (const e of document.querySelectorAll('button, .what > *')) {
		if (e.scrollWidth > e.clientWidth + 1) out.push(`${e.tagName} ${e.textContent}`);
	}
	return out;
});

/** Buttons and what is typed into are large enough for a thumb. */
const small = (page) => page.evaluate(() => [...document.querySelectorAll('button, main input')]
	.filter((e) => e.type !== 'checkbox' && e.type !== 'radio')
	.map((e) => [e.textContent || e.dataset.test, e.getBoundingClientRect()])
	.filter(([, box]) => box.width && (box.width < 43.5 || box.height < 43.5))
	.map(([name, box]) => `${name}: ${box.width} x ${box.height}`));

/** The page as it stands, in all looks; `looks` are those that axe is asked for. */
async function inspect(page, name, looks) {
	await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', ...looks[0] });
	is(await page.locator('h1').count(), 1, `${name}: one h1`);
	for (const [width, height] of SIZES) {
		await page.setViewportSize({ width, height });
		is(await overflow(page), [], `${name}: fits into ${width}`);
		if (LOOK) await page.screenshot({ path: `${LOOK}/${name}-${width}.png` });
	}
	is(await small(page), [], `${name}: targets`);
	await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
	is(await overflow(page), [], `${name}: fits with text twice as large`);
	if (LOOK) await page.screenshot({ path: `${LOOK}/${name}-large.png` });
	await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
	for (const look of looks) {
		await page.emulateMedia(look);
		is(await axe(page), [], `${name}: ${JSON.stringify(look)}`);
	}
	await page.setViewportSize({ width: SIZES[0][0], height: SIZES[0][1] });
}

/** Every page, the way that a person comes to it. */
async function tour(phone, language, looks) {
	const issued = await bank.issue('--purpose', 'Prepaid card', '--face-value', 'CNY 500.00');
	const page = await phone.open('/');
	// forced colours are asked of those pages that have most of their own
	const forced = ['home', 'cards', 'frozen', 'settings'];
	const see = (name) => inspect(page, `${language}-${name}`, language === 'en'
		&& forced.includes(name) ? [...looks, { forcedColors: 'active' }] : looks);
	const at = async (name) => {
		await page.locator(`main[data-page=${name}], main[data-page=fault]`).waitFor();
		const shown = await page.locator('main').getAttribute('data-page');
		is(shown, name, await page.innerText('main'));
		await see(name);
	};
	await at('home');
	await press(page, 'lost');
	await at('lost');
	await press(page, 'back');
	await press(page, 'get');
	await at('offer');
	await of(page, 'code').fill(issued.token);
	await press(page, 'next');
	await of(page, 'take').waitFor();
	await see('offered');
	await press(page, 'take');
	await at('passcode');
	await of(page, 'passcode').fill(PASSCODE);
	await of(page, 'again').fill(PASSCODE);
	await press(page, 'open');
	await press(page, 'show');
	await at('cards');
	for (const [button, name] of [['answer', 'answer'], ['settings', 'settings'],
		['history', 'history'], ['scan', 'scan']]) {
		await press(page, button);
		await at(name);
		await press(page, 'back');
		await shows(page, 'cards');
	}
	await press(page, 'answer');
	await of(page, 'number').fill('123456');
	await of(page, 'done').waitFor();
	await see('second');
	await page.goBack();
	await shows(page, 'cards');
	await press(page, 'history');
	await of(page, 'entry').first().click();
	await at('receipt');
	await page.goBack();
	await bank.command('credential', 'freeze', issued.credential);
	await of(page, 'barred').waitFor();
	await see('frozen');
	await press(page, 'lock');
	await at('unlock');
	await page.goto(`${bank.origin}/C/${'A'.repeat(26)}`);
	await at('explained');
	is(phone.complaints(), [], 'nothing on the console');
	is(phone.strangers(), [], 'nobody else is asked');
}

test('every page: English, light and forced colours, narrow, large text', async () => {
	const phone = await chrome.phone();
	await tour(phone, 'en', [{ colorScheme: 'light' }]);
	await phone.close();
});

test('every page: Chinese, dark, narrow, large text', async () => {
	const phone = await chrome.phone({ locale: 'zh-CN', colorScheme: 'dark' });
	await tour(phone, 'zh', [{ colorScheme: 'dark' }]);
	await phone.close();
});

await done(async () => {
	await chrome.close();
	await bank.close();
});
})();
