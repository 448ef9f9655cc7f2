// SPDX-License-Identifier: Apache-2.0
//
// Three wrong passcodes and no fourth: with two tabs, across restarts, whatever is killed when.
//
// A try is paid, on the disk, before it is made, and given back when it was right. Only one is made
// at a time (the lock goes with the tab that holds it, so one that finds nothing left has found a
// tab that died in its last try). The waiting after a wrong one is served before the eyes of this
// page, on a clock that nobody can set; whoever reloads begins to wait anew.
import { TRIES_MAX, TRY_DELAYS_S, TURN_S } from '../limits.js';
import { cardsOf } from './card.js';
import { change } from './database.js';
import { StoreFault } from './fault.js';
import { passcodeKey, unsealMaster } from './seal.js';
import { tell } from './tabs.js';

/** @typedef {import('./database.js').Table} Table */
/** @typedef {import('./seal.js').Sealed} Sealed */
/** @typedef {Sealed & {inside: Uint8Array<ArrayBuffer>}} SealedMaster */

/**
 * @typedef {object} Wallet  the record 'wallet'; closed: only `closed` and `issuers`
 * @property {string} id
 * @property {number} rounds
 * @property {Uint8Array<ArrayBuffer>} salt
 * @property {CryptoKey} device    of this browser's storage, cannot be read
 * @property {SealedMaster} master  under the passcode
 * @property {{id: ArrayBuffer, salt: Uint8Array<ArrayBuffer>, master: SealedMaster}} [unlock]
 * @property {number} [closed]     Unix seconds
 * @property {string[]} [issuers]  whom to ask
 *
 * @typedef {{why: '' | 'wrong' | 'wait' | 'closed' | 'none', left: number, waitS: number}} Outcome
 * @typedef {Outcome & {wallet?: Wallet, key?: CryptoKey}} Tried
 */

const LOCK = 'countersign-try';
let seen = -1; // the try after which this page began to wait
let since = 0; // on the page's own clock

/** @param {{left: number, count: number}} tries */
function waitS({ left, count }) {
	if (count !== seen) {
		seen = count;
		since = performance.now();
	}
	const delay = TRY_DELAYS_S[TRIES_MAX - left] ?? 0;
	return Math.max(0, Math.ceil(delay - (performance.now() - since) / 1000));
}

/** @param {Outcome['why']} why @param {number} left */
const outcome = (why, left = 0, wait = 0) => ({ why, left, waitS: wait });

/** Every secret goes; what stays says that it happened, and whom to ask. @param {Table} table */
async function close(table) {
	const cards = await cardsOf(table);
	table.clear();
	table.put('wallet', { closed: Math.floor(Date.now() / 1000),
		issuers: [...new Set(cards.map(({ card }) => card.issuer.name))] });
	tell('gone');
	return outcome('closed');
}

/**
 * What is there, and may a try be made now?
 *
 * @param {Table} table
 * @param {boolean} turn  it is ours: nobody is in the middle of a try
 * @returns {Promise<Tried>}
 */
async function stand(table, turn) {
	const wallet = await table.get('wallet');
	if (!wallet || wallet.closed) return { ...outcome(wallet ? 'closed' : 'none'), wallet };
	const tries = await table.get('tries');
	if (!(tries.left > 0)) // of a tab that died in its last try, or that makes it now
		return turn ? close(table) : { ...outcome('wait', 0, TURN_S), wallet };
	const wait = waitS(tries);
	return { ...outcome(wait ? 'wait' : '', tries.left, wait), wallet };
}

/** @param {Table} table @param {boolean} turn */
async function pay(table, turn) {
	const now = await stand(table, turn);
	if (now.why) return now;
	const { left, count } = await table.get('tries');
	table.put('tries', { left: left - 1, count: count + 1 });
	return { ...now, left: left - 1 };
}

/**
 * After a try: the record is read anew, so that what another did meanwhile is not undone.
 *
 * @param {Wallet} wallet @param {boolean} right
 * @returns {Promise<Outcome>}
 */
export function settle(wallet, right) {
	return change(async (table) => {
		if ((await table.get('wallet'))?.id !== wallet.id) return outcome('closed');
		const tries = await table.get('tries');
		if (right) {
			table.put('tries', { ...tries, left: TRIES_MAX });
			return outcome('', TRIES_MAX);
		}
		return tries.left > 0 ? outcome('wrong', tries.left, waitS(tries)) : close(table);
	});
}

/**
 * One after the other, over all tabs. A tab that the phone put to sleep in its turn is not waited
 * for: transactions keep the count even so.
 *
 * @template T @param {(turn: boolean) => Promise<T>} work  turn: nobody else is at it
 * @returns {Promise<T>}
 */
export const alone = (work) => {
	const signal = AbortSignal.timeout(TURN_S * 1000);
	return navigator.locks.request(LOCK, { signal }, () => work(true)).catch((error) => {
		if (error !== signal.reason) throw error;
		return work(false);
	});
};

/** How it stands, and with what. Costs nothing. */
export const look = () => alone((turn) => change(async (table) => {
	const { why, left, waitS: wait } = await stand(table, turn);
	/** @type {Wallet | undefined} */
	const wallet = await table.get('wallet');
	return { why, left, waitS: wait, wallet, cards: await cardsOf(table) };
}));

/**
 * @param {string} passcode  of the right form
 * @param {boolean} [extractable]  the master key, to seal it anew
 * @returns {Promise<Tried>} with the key when it was right
 */
export const tryPasscode = (passcode, extractable) => alone(async (turn) => {
	const paid = await change((table) => pay(table, turn));
	const { wallet } = paid;
	if (paid.why || !wallet) return paid;
	const outer = await passcodeKey(passcode, wallet.salt, wallet.rounds);
	/** @type {CryptoKey | undefined} */
	let key;
	try {
		const { device, id, master } = wallet;
		key = await unsealMaster(outer, device, id, master, extractable);
	} catch { /* not with this one */ }
	const settled = await settle(wallet, !!key);
	return settled.why ? settled : { ...settled, wallet, key };
});

/** What every writer of an open vault asks first. @param {Table} table @param {string} id */
export async function still(table, id) {
	const wallet = await table.get('wallet');
	if (wallet?.id !== id) throw new StoreFault('locked');
	return /** @type {Wallet} */ (wallet);
}
