// SPDX-License-Identifier: Apache-2.0
//
// One activation from the holder's yes to the stored credential. What was asked is kept, sealed,
// until its answer is stored: after a lost reply, or a reload, the same is asked again.
import { CLAIM_S } from '../limits.js';
import { Refused } from './api.js';
import { activationTake, claimNew } from './activation.js';

const NOTE = 'pending';

/** @typedef {import('../store/vault.js').Vault} Vault */
/** @typedef {{token: string, claim: string, at: number, card?: string}} Pending */

/** A no; told to wait is no answer yet. @param {unknown} fault */
const ends = (fault) => fault instanceof Refused && fault.status !== 429;

/** @param {Vault} vault @param {Pending} asked @param {(step: number) => void} [step] */
async function finish(vault, asked, step) {
	try {
		const activation = await activationTake(asked.token, asked.claim, () => step?.(1));
		step?.(2);
		if (asked.card && asked.card !== activation.card.id)
			throw new Refused('bad-answer', { what: 'another credential' });
		await vault.add(activation);
		await vault.noteSet(NOTE, null);
		last = { token: asked.token, id: activation.card.id };
		return activation.card;
	} catch (fault) {
		if (ends(fault)) await vault.noteSet(NOTE, null);
		throw fault;
	}
}

/** By the phone's clock alone: the server's is not known yet when the wallet is opened again. */
const now = () => Math.floor(Date.now() / 1000);

/** May the backend still know the claim? @param {Pending} asked */
const fresh = ({ at }) => Math.abs(now() - at) < CLAIM_S;

/** One at a time, in all tabs: a token that is asked for twice at once gets two bearer tokens, of
 *  which one is dead.
 *  @template T @param {() => Promise<T>} work @returns {Promise<T>} */
export const alone = (work) => navigator.locks.request('activation', work);

let last = { token: '', id: '' }; // what came meanwhile by itself

/**
 * @param {Vault} vault  open
 * @param {string} token  the short code, or the text of an A code
 * @param {{card?: string, step?: (done: number) => void}} [more]  card: it must be that one;
 *	step: 1 = it came, 2 = it was looked at
 */
export function activate(vault, token, { card, step } = {}) {
	return alone(async () => {
		const here = last.token === token && vault.cards().find(({ id }) => id === last.id);
		if (here) return here;
		/** @type {Pending | null} */
		const before = await vault.note(NOTE);
		const same = before?.token === token;
		// its card may have been given away: first that one
		if (before && !same && fresh(before))
			await finish(vault, before).catch((no) => { if (!ends(no)) throw no; });
		const claim = same ? before.claim : claimNew();
		const asked = { token, claim, at: now(), card };
		await vault.noteSet(NOTE, asked);
		return finish(vault, asked, step);
	});
}

/** What was asked before and never answered. @param {Vault} vault */
export function resume(vault) {
	return alone(async () => {
		/** @type {Pending | null} */
		const asked = await vault.note(NOTE);
		if (!asked) return null;
		if (fresh(asked)) return finish(vault, asked);
		await vault.noteSet(NOTE, null); // the backend has forgotten the claim
		return null;
	});
}
