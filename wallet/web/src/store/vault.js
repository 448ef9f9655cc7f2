// SPDX-License-Identifier: Apache-2.0
//
// What is kept on the phone, and who may open it. Nothing of it can be read without the passcode
// but the public part of the cards, and the live key of those that are shown at once.
import { PBKDF2_ROUNDS, TRIES_MAX } from '../limits.js';
import { cardRecords, liveKey } from './card.js';
import { change, read } from './database.js';
import { deviceKey } from './device.js';
import { StoreFault, faultOf } from './fault.js';
import { Vault } from './open.js';
import * as seals from './seal.js';
import { hear, tell } from './tabs.js';
import { alone, look, settle, tryPasscode } from './tries.js';

/** @typedef {import('../types').CardPublic} CardPublic */
/** @typedef {import('../types').CardKeys} CardKeys */
/** @typedef {import('./tries.js').Wallet} Wallet */
/** @typedef {import('./tries.js').Outcome} Outcome */

export { deviceAble } from './device.js';
export { Vault, hear as vaultWatch };

/**
 * What anybody may know who holds the phone. Faults: none, newer, full.
 *
 * @returns {Promise<{state: 'none' | 'locked' | 'closed', cards: CardPublic[], left: number,
 *	waitS: number, device: boolean, closedAt: number, issuers: string[]}>}
 *	waitS: so long before a passcode is taken; device: the phone's own lock opens it too
 */
export async function vaultLook() {
	const { wallet, left, waitS, cards } = await look();
	return {
		state: wallet ? wallet.closed ? 'closed' : 'locked' : 'none',
		cards: cards.map(({ card }) => card),
		left,
		waitS,
		device: !!wallet?.unlock,
		closedAt: wallet?.closed ?? 0,
		issuers: wallet?.issuers ?? [],
	};
}

/**
 * A new wallet, open; a closed one makes room for it. The passcode was looked at before
 * (passcode.js).
 *
 * @param {string} passcode
 */
export async function vaultMake(passcode) {
	const salt = seals.random(16);
	const id = crypto.randomUUID();
	try {
		const master = await seals.makeKey(true);
		const outer = await seals.passcodeKey(passcode, salt, PBKDF2_ROUNDS);
		const device = await seals.makeKey();
		/** @type {Wallet} */
		const wallet = { id, salt, rounds: PBKDF2_ROUNDS, device,
			master: await seals.sealMaster(master, outer, device, id) };
		await change(async (table) => {
			const there = await table.get('wallet');
			if (there && !there.closed) throw new StoreFault('exists');
			table.clear();
			table.put('wallet', wallet);
			table.put('tries', { left: TRIES_MAX, count: 0 });
		});
		// may ask the person, may never answer: nothing waits for it
		navigator.storage?.persist?.().catch(() => {});
		const key = await seals.unsealMaster(outer, device, id, wallet.master);
		return new Vault(key, wallet, []);
	} catch (error) {
		throw faultOf(error);
	}
}

/**
 * One try. Faults: none, newer, full (then none was made).
 *
 * @param {string} passcode  clean, of the right form (passcode.js)
 * @returns {Promise<Outcome & {vault: Vault | null}>}  why: empty = open
 */
export async function vaultOpen(passcode) {
	const { key, wallet, ...outcome } = await tryPasscode(passcode);
	return { ...outcome, vault: key && wallet ? await enter(key, wallet) : null };
}

/**
 * With the phone's own lock. Fault device: it did not, or the person did not.
 *
 * @returns {Promise<Outcome & {vault: Vault | null}>}
 */
export async function vaultOpenByDevice() {
	const { wallet, why, left, waitS } = await look();
	if (!wallet || wallet.closed) return { why, left, waitS, vault: null };
	if (!wallet.unlock) throw new StoreFault('device');
	const { id, salt, master } = wallet.unlock;
	const outer = await deviceKey(id, salt);
	const key = await seals.unsealMaster(outer, wallet.device, wallet.id, master)
		.catch(() => { throw new StoreFault('device'); });
	const settled = await alone(() => settle(wallet, true));
	return { ...settled, vault: settled.why ? null : await enter(key, wallet) };
}

/** The cards that show their first code without a passcode; keys as firstCode() takes them. */
export async function vaultQuickCards() {
	/** @type {Wallet | undefined} */
	const wallet = await read((table) => table.get('wallet'));
	const records = await cardRecords();
	const quick = records.filter(({ card }) => card.quick);
	/** @type {{card: CardPublic, keys: Pick<CardKeys, 'live'> | null}[]} */
	const shown = [];
	for (const { card, live } of quick) {
		if (!card.live) shown.push({ card, keys: null });
		else if (live && wallet?.device) {
			try {
				const key = await liveKey(wallet.device, wallet.id, card, live);
				shown.push({ card, keys: { live: key } });
			} catch { /* it was altered: not without the passcode */ }
		}
	}
	return shown;
}

/** Everything goes, the marker of a closed one too. */
export async function vaultDestroy() {
	await alone(() => change((table) => table.clear()));
	tell('gone');
}

/** @param {CryptoKey} key @param {Wallet} wallet */
async function enter(key, wallet) {
	return new Vault(key, wallet, await cardRecords());
}
