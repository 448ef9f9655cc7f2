// SPDX-License-Identifier: Apache-2.0
//
// What happened without being asked, one long poll for each credential, while the wallet is open.
// How far a credential has been told is kept after what was told is kept: nothing is lost between.
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS, EVENTS_WAIT_S, REQUEST_TIMEOUT_MS } from '../limits.js';
import { Offline, Refused, askFor } from './api.js';
import { alone, resume } from './pending.js';
import { credentialStatus, statusOf, verificationRecord } from './records.js';

/** @typedef {import('../store/vault.js').Vault} Vault */
/** @typedef {import('../types').CardStatus} CardStatus */

/** Events: history (detail: the entry), card (detail: id, status; fresh: it just came), lock. */
export const news = new EventTarget();

/** @param {string} kind @param {any} detail */
const tell = (kind, detail) => news.dispatchEvent(new CustomEvent(kind, { detail }));

/** @type {Map<string, AbortController>} */
const running = new Map();

/** A pause that ends early when the network is back, or all of it is over.
 *  @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
	return new Promise((done) => {
		const timer = setTimeout(end, ms);
		function end() {
			clearTimeout(timer);
			removeEventListener('online', end);
			signal.removeEventListener('abort', end);
			done();
		}
		addEventListener('online', end);
		signal.addEventListener('abort', end);
	});
}

/** For good: its token is dead. @param {CardStatus} status */
const over = ({ word }) => word === 'void' || word === 'superseded';

/** @param {Vault} vault @param {string} id @param {CardStatus | null} status */
async function statusKeep(vault, id, status) {
	const old = vault.cards().find((card) => card.id === id)?.status;
	if (!status || !old || over(old)) return;
	await vault.statusSet(id, status);
	if (old.word !== status.word || old.until !== status.until) tell('card', { id, status });
}

/** What can have been missed: the credential's state, and answers whose end is not known.
 *  @param {Vault} vault @param {string} id @param {AbortSignal} signal */
async function catchUp(vault, id, signal) {
	await statusKeep(vault, id, await credentialStatus(await vault.token(id), id, signal));
	for (const entry of await vault.history()) {
		if (entry.card !== id || entry.state !== 'answered' || entry.guess) continue;
		const now = await verificationRecord(vault, id, { id: entry.id }, signal);
		if (now) tell('history', now);
	}
}

/** The wallet's token is dead. While it was being renewed that is no news.
 *  @param {Vault} vault @param {string} id @param {string} token @param {any} why */
const ended = (vault, id, token, why) => alone(async () => {
	if (await vault.token(id) === token) await statusKeep(vault, id, statusOf(why));
});

/** An event decides nothing (that this wallet itself was activated is one, too): what is recorded
 *  is asked for, and only who gets no answer any more believes it.
 *  @param {Vault} vault @param {string} id @param {any} told @param {AbortSignal} signal */
async function changed(vault, id, told, signal) {
	const token = await vault.token(id);
	try {
		await statusKeep(vault, id, await credentialStatus(token, id, signal));
	} catch (fault) {
		if (!(fault instanceof Refused)) throw fault;
		await ended(vault, id, token, told);
	}
}

/** @param {Vault} vault @param {string} id @param {any} event @param {AbortSignal} signal */
async function happened(vault, id, { kind, data }, signal) {
	if (kind === 'credential') await changed(vault, id, data, signal);
	if (kind !== 'verification') return; // what is not known is left out
	const entry = await verificationRecord(vault, id, data, signal);
	if (entry) tell('history', entry);
}

/** @param {Vault} vault @param {string} id @param {string} token @param {boolean} first
 *  @param {AbortSignal} signal */
async function round(vault, id, token, first, signal) {
	const note = `events ${id}`;
	const after = await vault.note(note);
	const wait = first || after === null ? 0 : EVENTS_WAIT_S;
	const answer = await askFor(200, 'GET',
		`/v1/events?wait=${wait}&after=${after ?? 0}`, { // 0: all since the activation
			token, signal, timeoutMs: wait * 1000 + REQUEST_TIMEOUT_MS,
		});
	if (!Array.isArray(answer.events) || !Number.isSafeInteger(answer.last))
		throw new Offline('not the backend');
	for (const event of answer.events) await happened(vault, id, event, signal);
	// asked after the position was told, so that nothing falls between the two
	if (first || answer.reset) await catchUp(vault, id, signal);
	if (answer.last !== after) await vault.noteSet(note, answer.last);
}

/** @param {Vault} vault @param {string} id @param {AbortSignal} signal */
async function follow(vault, id, signal) {
	let wait = BACKOFF_MIN_MS;
	let first = true;
	while (!signal.aborted) {
		const token = await vault.token(id);
		try {
			await round(vault, id, token, first, signal);
			first = false;
			wait = BACKOFF_MIN_MS;
		} catch (fault) {
			const refused = fault instanceof Refused;
			if (!refused && !(fault instanceof Offline)) throw fault; // locked
			if (signal.aborted) return;
			if (await vault.token(id) !== token) continue; // renewed meanwhile
			if (refused && fault.word === 'unauthorised') // why, it was not told
				return ended(vault, id, token, { state: 'void' });
			await pause(wait, signal);
			wait = Math.min(2 * wait, BACKOFF_MAX_MS);
		}
	}
}

/** An activation that was not answered, as soon as there is network.
 *  @param {import('../app.js').App} app @param {Vault} vault @param {AbortSignal} signal */
async function takeUp(app, vault, signal) {
	let wait = BACKOFF_MIN_MS;
	while (!signal.aborted) {
		try {
			const card = await resume(vault);
			if (!card) return;
			tell('card', { id: card.id, status: card.status, fresh: true });
			return watch(app);
		} catch (fault) {
			if (!(fault instanceof Offline)) throw fault;
			await pause(wait, signal);
			wait = Math.min(2 * wait, BACKOFF_MAX_MS);
		}
	}
}

/** Begins where the vault is open and nobody listens yet; asked again it does no harm.
 *  @param {import('../app.js').App} app */
export function watch(app) {
	const { vault } = app;
	if (!vault) return unwatch();
	/** @param {string} id @param {(signal: AbortSignal) => Promise<void>} work */
	const begin = (id, work) => {
		if (running.has(id)) return;
		const stop = new AbortController();
		running.set(id, stop);
		// an end by a fault is an end: the next unlock begins again
		void work(stop.signal).catch(() => {}).then(() => {
			if (running.get(id) === stop) running.delete(id);
		});
	};
	begin('', (signal) => takeUp(app, vault, signal));
	for (const { id, status } of vault.cards())
		if (!over(status)) begin(id, (signal) => follow(vault, id, signal));
}

/** The wallet was locked: nothing more is asked, what comes is not looked at. */
function unwatch() {
	for (const stop of running.values()) stop.abort();
	running.clear();
	tell('lock', null);
}
