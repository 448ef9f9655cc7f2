// SPDX-License-Identifier: Apache-2.0
//
// A card as it is kept: what anybody may see of it, and the rest sealed. Everything of the public
// part that never changes is bound into the seals: a card that was altered does not open.
import { hex, join } from '../code/bytes.js';
import { read } from './database.js';
import * as seals from './seal.js';

/** @typedef {import('../types').CardPublic} CardPublic */
/** @typedef {import('./seal.js').Sealed} Sealed */

/**
 * @typedef {object} CardRecord
 * @property {number} order
 * @property {CardPublic} card
 * @property {Sealed} secret  K
 * @property {Sealed} token   the bearer token
 * @property {Sealed} holder  the holder's name
 * @property {Sealed} [live]  K_live under the phone's own key alone, where it is shown at once
 */

/** In the order in which they came. @param {import('./database.js').Table} table */
export async function cardsOf(table) {
	const all = /** @type {CardRecord[]} */ (await table.all('card/'));
	return all.sort((a, b) => a.order - b.order);
}

export const cardRecords = () => read(cardsOf);

/** @param {string} what @param {string} wallet @param {CardPublic} card */
export const cardName = (what, wallet, card) => JSON.stringify([what, wallet,
	{ ...card, status: 0, quick: 0, staticBody: hex(card.staticBody) }]);

/**
 * K, to derive from and no more.
 *
 * @param {CryptoKey} master @param {string} wallet @param {CardPublic} card @param {Sealed} sealed
 */
export function secretKey(master, wallet, card, sealed) {
	return seals.unsealKey(master, cardName('secret', wallet, card), sealed, 'HKDF',
		['deriveKey', 'deriveBits']);
}

/**
 * @param {CryptoKey} secret @param {CryptoKey} device @param {string} wallet
 * @param {CardPublic} card
 */
export async function liveSeal(secret, device, wallet, card) {
	const bytes = new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256',
		salt: new Uint8Array(), info: join('countersign/1 live') }, secret, 256));
	const sealed = await seals.seal(device, cardName('live', wallet, card), bytes);
	bytes.fill(0);
	return sealed;
}

/**
 * @param {CryptoKey} device @param {string} wallet @param {CardPublic} card @param {Sealed} sealed
 */
export function liveKey(device, wallet, card, sealed) {
	return seals.unsealKey(device, cardName('live', wallet, card), sealed,
		{ name: 'HMAC', hash: 'SHA-256' }, ['sign']);
}

/**
 * @param {CryptoKey} master @param {CryptoKey} device @param {string} wallet
 * @param {import('../types').Activation} activation @param {boolean} quick
 * @returns {Promise<Omit<CardRecord, 'order'>>}
 */
export async function sealCard(master, device, wallet, { secret, token, holder, ...of }, quick) {
	const card = { ...of.card, quick };
	const name = (/** @type {string} */ what) => cardName(what, wallet, card);
	const sealed = await seals.seal(master, name('secret'), secret);
	const live = quick && card.live ? await liveSeal(
		await secretKey(master, wallet, card, sealed), device, wallet, card) : undefined;
	return {
		card, live, secret: sealed,
		token: await seals.sealJson(master, name('token'), token),
		holder: await seals.sealJson(master, name('holder'), holder),
	};
}
