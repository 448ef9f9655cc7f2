// SPDX-License-Identifier: Apache-2.0
//
// What a holder does on the page again and again.
import english from '../../wallet/web/src/words/en.js';
import { of, shows } from './browser.mjs';

export const PASSCODE = '736154';

/** What the page says in English: said('scan.expired'), with {names} filled in. */
export function said(name, values = {}) {
	const [section, word] = name.split('.');
	return english[section][word].replace(/{(\w+)}/g, (_, value) => values[value]);
}

/** Says yes to the card that is offered, into a new wallet; then it is shown. */
export async function takeCard(page) {
	await of(page, 'take').click();
	await shows(page, 'passcode');
	await of(page, 'passcode').fill(PASSCODE);
	await of(page, 'again').fill(PASSCODE);
	await of(page, 'open').click();
	await of(page, 'show').click();
	await shows(page, 'cards');
}

/** Opens a locked wallet. */
export async function openWallet(page) {
	await shows(page, 'unlock');
	await of(page, 'passcode').fill(PASSCODE);
	await of(page, 'open').click();
	await shows(page, 'cards');
}

/** Where the first codes are, from wherever. */
export async function toCards(page) {
	for (;;) {
		const name = await page.locator('main').getAttribute('data-page');
		if (name === 'cards') return;
		await of(page, 'back').click();
		await page.locator(`main:not([data-page="${name}"])`).waitFor();
	}
}
