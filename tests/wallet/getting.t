#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// How a card comes to the phone: by link, by a typed code, by a scanned one; what is asked before
// anything is used up, and that neither a no nor a lost answer costs anything. Real backend.
(async () => {
process.chdir(`${__dirname}/../..`);
const { done, is, like, ok, skipAll, test } = await import('../lib/tap.mjs');
const { axe, browser, chromium, of, shows } = await import('../lib/browser.mjs');
const { openBank, until } = await import('../lib/bank.mjs');
const { cameraNothing, cameraText } = await import('../lib/fake_camera.mjs');
if (!chromium()) skipAll('no chromium');

const PASSCODE = '736154';
const bank = await openBank();
const camera = `${bank.tmp}/camera.y4m`;
cameraNothing(camera);
const chrome = await browser({ bank, camera });
const look = (token) => bank.ask('POST', '/v1/activations/look', { body: { token } });
const unused = async ({ token }) => (await look(token)).status === 200;
/** Names of all that the phone keeps; a store that is not there is not made by looking. */
const kept = (page) => page.evaluate(async () => {
	if (!(await indexedDB.databases()).some(({ name }) => name === 'countersign')) return [];
	return new Promise((done, failed) => {
		const ask = indexedDB.open('countersign');
		ask.onerror = () => failed(ask.error);
		ask.onsuccess = () => {
			const all = ask.result.transaction('kept').objectStore('kept').getAllKeys();
			all.onsuccess = () => {
				ask.result.close();
				done(all.result);
			};
		};
	});
});
const cards = async (page) => (await kept(page)).filter((name) => name.startsWith('card/')).length;

async function passcode(page) {
	await shows(page, 'passcode');
	await of(page, 'passcode').fill(PASSCODE);
	await of(page, 'again').fill(PASSCODE);
	await of(page, 'open').click();
}
/** Activations of this phone reach the backend, but the answer is what `edit` makes of it: null is
 *  none at all, undefined leaves the request alone. */
const between = (edit) => phone.context.route('**/v1/activations', async (route) => {
	const json = await edit(async () => {
		const sent = { body: route.request().postDataJSON() };
		return (await bank.ask('POST', '/v1/activations', sent)).body;
	});
	if (json === undefined) return route.continue();
	return json ? route.fulfill({ status: 201, json }) : route.abort();
});
const taken = async (page) => {
	await of(page, 'take').click();
	await passcode(page);
	await of(page, 'done').waitFor();
};

let phone, page;
test('a link asks, and says who offers what, and no name', async () => {
	const issued = await bank.issue('--purpose', 'Savings card', '--face-value', '500.00');
	phone = await chrome.phone();
	page = await phone.open(`/#${issued.token}`);
	await of(page, 'question').waitFor();
	const said = await page.locator('main').innerText();
	like(said, /Corner Bank/);
	like(said, /Savings card/);
	like(said, /500\.00/);
	ok(!/Ada|Lovelace|12345/.test(said), 'whose it is, is nobody else\'s business');
	is(await page.evaluate(() => location.href), `${bank.origin}/`, 'no code in the address');
	ok(await unused(issued), 'looked at, not used');
	is(await axe(page), []);

	await of(page, 'refuse').click();
	await of(page, 'refused').waitFor();
	ok(await unused(issued), 'a no uses nothing up');
	is(await cards(page), 0, 'nothing is kept');
	is(await kept(page), [], 'nothing at all');
	await of(page, 'home').click();
	await shows(page, 'home');

	// the same link, in the page that stands there
	await page.evaluate((token) => { location.hash = token; }, issued.token);
	await of(page, 'question').waitFor();
	is(await page.evaluate(() => location.hash), '', 'taken out of the address again');
	await taken(page);
	is(await cards(page), 1, 'the card is there');
	ok(!await unused(issued), 'used up by the yes');
	await of(page, 'show').click();
	await shows(page, 'cards');

	await page.evaluate((token) => { location.hash = token; }, issued.token);
	await of(page, 'fault').waitFor();
	like(await of(page, 'fault').innerText(), /used/);
	is(await cards(page), 1, 'and the card stays');
});

test('a second card into the same wallet, typed as people type', async () => {
	const { token } = await bank.issue('--purpose', 'Library');
	await of(page, 'back').click();
	await of(page, 'settings').click();
	await of(page, 'add').click();
	for (const [wrong, words] of [
		['', /16 characters/], ['hello', /16 characters/],
		[token.slice(0, -1), /16 characters/],
		[`${token}A`, /16 characters/], [token.replace(/.$/, '1'), /16 characters/],
		[`https://other.example.com/#${token}`, /another issuer, other\.example\.com/],
		['https://qr.example.com/', /16 characters/],
		['HTTPS://QR.EXAMPLE.COM/A/AEAAAAAA', /16 characters/],
		['javascript:alert(1)', /16 characters/],
	]) {
		await of(page, 'code').fill(wrong);
		await of(page, 'next').click();
		like(await of(page, 'error').innerText(), words, wrong);
	}
	await of(page, 'code').fill(` ${token.toLowerCase().replaceAll('-', ' ')} `);
	await of(page, 'next').click();
	await of(page, 'question').waitFor();
	await of(page, 'take').click();
	await of(page, 'done').waitFor();
	is(await cards(page), 2);
	is(phone.complaints(), []);
	is(phone.strangers(), []);
	await phone.close();
});

test('the code of the teller\'s screen, opened by any camera app', async () => {
	const { code } = await bank.issue();
	phone = await chrome.phone();
	page = await phone.open(new URL(code).pathname);
	await of(page, 'question').waitFor();
	is(await page.evaluate(() => location.href), `${bank.origin}/`);
	await taken(page);
	is(await cards(page), 1);
	await phone.close();
});

test('the same, scanned inside the wallet; another issuer\'s is not sent anywhere', async () => {
	const { code } = await bank.issue();
	phone = await chrome.phone();
	page = await phone.open();
	await shows(page, 'home');
	cameraText(camera, code.replace('QR.EXAMPLE.COM', 'PAY.EXAMPLE.ORG'));
	await of(page, 'get').click();
	await of(page, 'scan').click();
	await of(page, 'said').filter({ hasText: /another issuer/ }).waitFor();
	is(phone.requests.filter((url) => /\/v1\//.test(url)), []);
	cameraText(camera, code);
	await of(page, 'question').waitFor();
	cameraNothing(camera);
	await taken(page);
	is(await cards(page), 1);
	is(phone.complaints(), []);
	await phone.close();
});

test('a code that nobody made uses nothing and makes no wallet', async () => {
	phone = await chrome.phone();
	page = await phone.open('/#ABCD-EFGH-IJKL-MNOP');
	await of(page, 'fault').waitFor();
	like(await of(page, 'fault').innerText(), /never was/);
	is(await kept(page), []);
	await phone.close();
});

test('used by somebody else between question and yes: no wallet stays behind', async () => {
	const issued = await bank.issue();
	phone = await chrome.phone();
	page = await phone.open(`/#${issued.token}`);
	await of(page, 'take').click();
	await bank.cWallet('other', issued.token);
	await passcode(page);
	await of(page, 'fault').waitFor();
	is(await kept(page), [], 'as it was before');
	await of(page, 'back').click();
	await shows(page, 'home');
	await phone.close();
});

test('the answer is lost after the token was used: asked again, also after a reload', async () => {
	const issued = await bank.issue();
	phone = await chrome.phone();
	page = await phone.open(`/#${issued.token}`);
	await of(page, 'question').waitFor();
	let losing = true;
	let lost = 0;
	await between(async (answer) => {
		if (!losing) return undefined;
		lost += (await answer()).secret ? 1 : 0;
		return null;
	});
	await of(page, 'take').click();
	await passcode(page);
	await of(page, 'fault').waitFor();
	like(await of(page, 'fault').innerText(), /Nothing is lost/);
	ok(!await unused(issued), 'the backend has given it away');
	ok(lost > 0, 'and the answer was lost on the way');
	is(await cards(page), 0);

	await page.reload();
	await shows(page, 'unlock');
	losing = false;
	await of(page, 'passcode').fill(PASSCODE);
	await of(page, 'open').click();
	ok(await until(async () => await cards(page) === 1), 'it comes by itself');
	await shows(page, 'cards');
	const forgotten = async () => !(await kept(page)).includes('note/pending');
	ok(await until(forgotten), 'and what was asked is forgotten');
	await page.locator('canvas[data-code]').waitFor();
	await phone.close();
});

test('no network at the yes: tried again by hand, nothing is lost', async () => {
	const issued = await bank.issue();
	phone = await chrome.phone();
	page = await phone.open(`/#${issued.token}`);
	await of(page, 'question').waitFor();
	await phone.context.setOffline(true);
	await of(page, 'take').click();
	await passcode(page);
	await of(page, 'fault').waitFor();
	ok(await unused(issued), 'nothing was used');
	await phone.context.setOffline(false);
	await Promise.race([of(page, 'again').click().catch(() => {}), shows(page, 'cards')]);
	ok(await until(async () => await cards(page) === 1));
	await phone.close();
});

test('an answer that does not fit together is not stored', async () => {
	phone = await chrome.phone();
	let edit = (a) => { a.credential.id = a.credential.id.replace(/^../, '00'); };
	await between(async (answer) => {
		const body = await answer();
		edit(body);
		return body;
	});
	page = await phone.open(`/#${(await bank.issue()).token}`);
	await of(page, 'take').click();
	await passcode(page);
	await of(page, 'other').waitFor();
	like(await of(page, 'fault').innerText(), /does not fit/, 'another id');
	is(await kept(page), [], 'no card, and no wallet for it');

	edit = () => {};
	const type = async () => {
		await of(page, 'other').click();
		await of(page, 'code').fill((await bank.issue()).token);
		await of(page, 'next').click();
		await of(page, 'take').click();
	};
	await type();
	await passcode(page);
	await of(page, 'done').waitFor();
	const before = await kept(page);
	await page.evaluate(() => { location.hash = 'ABCD-EFGH-IJKL-MNOP'; });
	for (const [what, change] of Object.entries({
		'another generation': (a) => { a.credential.generation++; },
		'another end': (a) => { a.credential.not_after--; },
		'no generation': (a) => { a.credential.generation = 0; },
		'digits out of range': (a) => { a.credential.digits = 11; },
		'another policy': (a) => { a.credential.policy = 'none'; },
		'a name that turns the line': (a) => { a.credential.holder = 'Ada\u202E'; },
		'a long purpose': (a) => { a.credential.purpose = '\u00e9'.repeat(33); },
		'another key': (a) => { a.issuer.key = a.issuer.key.replace(/^../, '00'); },
		'another host': (a) => { a.issuer.host = 'EVIL.EXAMPLE.COM'; },
		'a forged code': (a) => { a.first_code = `${a.first_code.slice(0, -9)}AAAAAAAAA`; },
		'no code of a card': (a) => { a.first_code = 'https://evil.example.com/'; },
		'a short secret': (a) => { a.secret = a.secret.slice(2); },
		'a secret in capitals': (a) => { a.secret = `AB${a.secret.slice(2)}`; },
		'a line in the token': (a) => { a.token += '\r\nX: y'; },
		'no token': (a) => { delete a.token; },
		'one member more': (a) => { a.credential.extra = 1; },
	})) {
		edit = change;
		await type();
		await of(page, 'other').waitFor();
		like(await of(page, 'fault').innerText(), /does not fit/, what);
	}
	const lasting = (names) => names.filter((name) => !name.startsWith('note/events'));
	is(lasting(await kept(page)), lasting(before), 'the wallet is as it was');
	is(phone.complaints(), []);
	await phone.close();
});

test('on an iPhone: to be installed first, and the code to be typed there', async () => {
	const { token, code } = await bank.issue();
	const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X)';
	phone = await chrome.phone({ userAgent });
	page = await phone.open(`/#${token}`);
	await of(page, 'question').waitFor();
	like(await page.locator('main').innerText(), /Add to Home Screen/);
	is(await of(page, 'typed').innerText(), token);
	await page.goto(bank.origin + code.slice(code.indexOf('/A/')));
	await of(page, 'question').waitFor();
	is(await of(page, 'typed').innerText(), token, 'also out of the code for cameras');
	const [typed, question] = [await of(page, 'typed').boundingBox(),
		await of(page, 'question').boundingBox()];
	ok(typed.y < question.y, 'before anything is asked');
	await phone.close();
});

test('any code of ours, in any camera app, on a phone without a wallet: explained', async () => {
	const { token } = await bank.issue();
	phone = await chrome.phone({ locale: 'zh-CN' });
	const { body } = await bank.ask('POST', '/v1/activations', { body: { token } });
	page = await phone.open(new URL(body.first_code).pathname);
	await shows(page, 'explained');
	like(await of(page, 'kind').innerText(), /凭证/);
	const said = await page.locator('body').innerText();
	ok(!/Ada|12345|Gold|Member/.test(said), 'nobody\'s data');
	is(await page.evaluate(() => location.href), `${bank.origin}/`);
	is(await axe(page), []);
	is(phone.requests.filter((url) => /\/v1\//.test(url)), [], 'nothing of it was sent');
	await of(page, 'lost').click();
	await shows(page, 'lost');
	is(await axe(page), []);
	for (const [path, words] of [
		[new URL(body.first_code).pathname.replace(/.$/, 'B'), /已损坏/],
		['/X/AEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', /已损坏/],
	]) {
		page = await phone.open(path);
		await of(page, 'kind').filter({ hasText: words }).waitFor();
		await page.close();
	}
	page = await phone.open('/#lost');
	await shows(page, 'lost');
	page = await phone.open('/#%E0%A4%A');
	await page.locator('main[data-page]').waitFor();
	page = await phone.open('/#<img src=x>');
	await shows(page, 'explained');
	is(phone.complaints(), []);
	await phone.close();
});

await done(async () => {
	await chrome.close();
	await bank.close();
});
})();
