// SPDX-License-Identifier: Apache-2.0
//
// What the backend says of a verification or of a credential, as the phone keeps it.
import { parseCode } from '../code/parse.js';
import { CLOCK_SKEW_S } from '../limits.js';
import { Refused, askFor, clockNow } from './api.js';

/** @typedef {import('../store/vault.js').Vault} Vault */
/** @typedef {import('../types').HistoryEntry} HistoryEntry */
/** @typedef {import('../types').CardStatus} CardStatus */

const ID = /^[0-9a-f]{32}$/;
const STATES = ['accepted', 'authorised', 'rejected', 'expired', 'cancelled'];
const GUESS_S = 900; // so old may an answer be whose verification is not known

/** Text that may be shown, or nothing. @param {any} value @param {number} max */
function safe(value, max) {
	return typeof value === 'string' && value && value.length <= max &&
		!/[\p{C}\p{Zl}\p{Zp}]/u.test(value) ? value : undefined;
}

/** @param {any} value */
const minor = (value) => Number.isSafeInteger(value) && value > 0 ? value : undefined;

/** Unix seconds that a calendar has. @param {any} value */
const time = (value) => minor(value) <= 0xffffffff ? value : undefined;

/** @param {any} from  an event's data, or an answer @returns {Partial<HistoryEntry>} */
function said(from) {
	/** @type {Partial<HistoryEntry>} */
	const all = {
		reason: safe(from.reason, 40),
		amount: minor(from.amount),
		currency: /^[A-Z]{3}$/.test(from.currency) ? from.currency : undefined,
		merchant: safe(from.merchant, 64),
		reference: safe(from.reference, 64),
		receipt: safe(from.receipt, 64),
		// drawn as a code of ours, so it is one
		receiptCode: parseCode(`${from.receipt_code}`).kind === 'X'
			? from.receipt_code : undefined,
	};
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The entry that this verification has already, also where its id was not known yet: then the
 *  first answer that was given while it was open.
 *  @param {HistoryEntry[]} list  the newest first
 *  @param {string} id @param {string} card @param {any} full  the verification, as recorded */
function before(list, id, card, full) {
	const from = (time(full.started_at) ?? clockNow() - GUESS_S) - CLOCK_SKEW_S;
	const to = (time(full.decided_at) ?? Infinity) + CLOCK_SKEW_S;
	return list.find((e) => e.id === id) ??
		list.findLast((e) => e.guess && e.card === card && e.at >= from && e.at <= to);
}

/**
 * One verification: asked for, put into the history.
 *
 * @param {Vault} vault @param {string} card @param {any} told  {id, state, ...} of an event
 * @param {AbortSignal} signal
 * @returns {Promise<(HistoryEntry & {was?: string}) | null>} was: its id until now; null: nothing
 *	new, or not one that ended
 * @throws {import('./api.js').Offline}
 */
export async function verificationRecord(vault, card, told, signal) {
	if (!ID.test(told.id)) return null;
	/** @type {any} */
	let full = {};
	try {
		full = await askFor(200, 'GET', `/v1/verifications/${told.id}`,
			{ token: await vault.token(card), signal });
	} catch (fault) { // what the event said has to do
		if (!(fault instanceof Refused)) throw fault;
	}
	const { state } = { ...told, ...full };
	if (!STATES.includes(state)) return null;
	const old = before(await vault.history(), told.id, card, full);
	if (old && old.id === told.id && old.state === state && old.receiptCode) return null;
	const at = old?.at ?? time(told.at) ?? clockNow();
	const entry = { ...old, ...said(told), ...said(full), id: told.id, card, at, state };
	delete entry.guess;
	await vault.historyPut(entry);
	if (old && old.id !== told.id) await vault.historyRemove(old.id);
	return { ...entry, was: old?.id };
}

/** @param {any} told  {state or status, until?} @returns {CardStatus | null} */
export function statusOf(told) {
	const word = told.state === 'activated' ? 'superseded' : told.state ?? told.status;
	if (!['active', 'frozen', 'void', 'expired', 'superseded'].includes(word)) return null;
	const until = time(told.until ?? told.frozen_until);
	return { word, ...(until && { until }), asOf: clockNow() };
}

/** The credential as it stands.
 *  @param {string} token @param {string} card @param {AbortSignal} signal
 *  @throws {import('./api.js').Offline} @throws {Refused} */
export async function credentialStatus(token, card, signal) {
	const body = await askFor(200, 'GET', `/v1/credentials/${card}`, { token, signal });
	return body.id === card ? statusOf(body) : null;
}
