// SPDX-License-Identifier: Apache-2.0
//
// The holder has answered: the second code is made and shown, then the history knows of it.
import { hex } from './code/bytes.js';
import { secondCode } from './code/formula.js';
import { clockNow } from './net/api.js';

/**
 * @param {import('./app.js').App} app
 * @param {import('./types').CardPublic} card
 * @param {{number?: string, amount?: bigint, currency?: string,
 *	challenge?: import('./types').Challenge}} answer
 */
export async function answered(app, card, answer) {
	const { vault } = app;
	if (!vault) return;
	const { challenge } = answer;
	const { amount, currency } = challenge ?? answer;
	const at = clockNow();
	const text = await secondCode(card, await vault.keys(card.id), { ...answer, unixS: at });
	if (app.vault !== vault) return; // locked meanwhile: nothing is shown any more
	/** @type {import('./types').HistoryEntry} */
	const entry = {
		id: challenge?.verificationId ?? hex(crypto.getRandomValues(new Uint8Array(16))),
		card: card.id, at, state: 'answered',
	};
	if (!challenge) entry.guess = true;
	if (amount) Object.assign(entry, { amount: Number(amount), currency });
	if (challenge?.merchant) entry.merchant = challenge.merchant;
	if (challenge?.reference) entry.reference = challenge.reference;
	await app.go('second', { text, entry });
	// somebody waits at a counter: a full phone is no reason to show no code
	await vault.historyPut(entry).catch(() => {});
}
