// SPDX-License-Identifier: Apache-2.0
//
// Asking the backend: one JSON request, one JSON answer, and what the server's clock says. The
// bearer token travels in a header alone; nothing of an answer is kept by the browser.
import { ANSWER_MAX, CLOCK_SKEW_S, REQUEST_TIMEOUT_MS } from '../limits.js';

/** No answer, or one that is not the backend's: nothing is known of what it did. */
export class Offline extends Error {}

/** The backend, or the wallet itself, said no. */
export class Refused extends Error {
	/** @param {string} word  last word of a problem's type, or a word of the wallet
	 *  @param {{status?: number, until?: number, what?: string}} [more] */
	constructor(word, more = {}) {
		super(word);
		this.word = word;
		this.status = more.status ?? 0;
		this.until = more.until ?? 0; // Unix seconds: not before
		this.what = more.what ?? ''; // which check failed
	}
}

let skewS = 0;
let learnedS = 0; // the phone's clock then, on that of the page, which nobody sets

const phoneS = () => (Date.now() - performance.now()) / 1000;

/** Seconds that the server's clock is ahead of the phone's; 0 while that is not worth saying, and
 *  when the phone's was set right since. */
export function clockSkew() {
	const right = Math.abs(phoneS() - learnedS - skewS) < CLOCK_SKEW_S / 4;
	return Math.abs(skewS) > CLOCK_SKEW_S && !right ? skewS : 0;
}

/** Unix seconds, by the server's clock where the phone's is wrong. */
export function clockNow() {
	return Math.floor(Date.now() / 1000 + clockSkew());
}

/** A date has whole seconds, and says when the answer was made: somewhere in the time it took.
 *  @param {string | null} date @param {number} sentMs */
function clockLearn(date, sentMs) {
	const serverS = Date.parse(date ?? '') / 1000 + 0.5;
	const tookS = (Date.now() - sentMs) / 1000;
	if (serverS > 0 && tookS >= 0 && tookS < CLOCK_SKEW_S / 4) {
		skewS = Math.round(serverS - sentMs / 1000 - tookS / 2);
		learnedS = phoneS();
	}
}

/** @param {string} text @returns {any} an object, or null */
function parsed(text) {
	try {
		const value = JSON.parse(text);
		return value && typeof value === 'object' && !Array.isArray(value) ? value : null;
	} catch {
		return null;
	}
}

/**
 * @param {string} method
 * @param {string} path  begins with /v1/
 * @param {{token?: string, body?: object, signal?: AbortSignal, timeoutMs?: number}} [more]
 * @returns {Promise<{status: number, body: any, word: string}>} any answer of the backend
 * @throws {Offline}
 */
export async function ask(method, path, more = {}) {
	const { token, body, signal, timeoutMs = REQUEST_TIMEOUT_MS } = more;
	const stop = new AbortController();
	const abort = () => stop.abort();
	const timer = setTimeout(abort, timeoutMs);
	signal?.addEventListener('abort', abort);
	if (signal?.aborted) abort();
	const sentMs = Date.now();
	try {
		const answer = await fetch(path, {
			method,
			headers: {
				...(token && { Authorization: `Bearer ${token}` }),
				...(body && { 'Content-Type': 'application/json' }),
			},
			body: body && JSON.stringify(body),
			cache: 'no-store',
			credentials: 'omit',
			redirect: 'error',
			referrerPolicy: 'no-referrer',
			signal: stop.signal,
		});
		const text = await answer.text();
		const value = text.length <= ANSWER_MAX ? parsed(text) : null;
		if (!value && (answer.status !== 204 || text)) throw new Offline('not the backend');
		clockLearn(answer.headers.get('Date'), sentMs);
		const word = /[a-z-]+$/.exec(String(value?.type ?? ''))?.[0] ?? '';
		return { status: answer.status, body: value, word };
	} catch (fault) {
		throw fault instanceof Offline ? fault : new Offline('no answer');
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', abort);
	}
}

/** The same, when only one status will do; everything else is thrown.
 *  A server in trouble decided nothing that is known: that is as good as no answer.
 *
 *  @param {number} wanted @param {Parameters<typeof ask>} call @returns {Promise<any>}
 *  @throws {Offline} @throws {Refused} */
export async function askFor(wanted, ...call) {
	const { status, body, word } = await ask(...call);
	if (status === wanted) return body;
	if (status >= 500) throw new Offline(word);
	const until = Number.isSafeInteger(body?.until) ? body.until : 0;
	throw new Refused(word, { status, until });
}
