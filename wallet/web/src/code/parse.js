// SPDX-License-Identifier: Apache-2.0
//
// What a code text is: PROTOCOL.md sections 2, 4, 6, 7 and 10, as strict as verifier/code_parse.c.
// Checks no signature, no tag and no date.
import { decode } from './base32.js';
import { hex } from './bytes.js';

/** @typedef {import('../types').Code} Code */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const FIXED = 50; // bytes of a challenge before its texts
const TAG = 16; // and after them
const TEXT_MAX = [40, 24]; // bytes: merchant, reference

/** @param {Bytes} b */
const view = (b) => new DataView(b.buffer);

/** @param {string} host @param {Bytes} b @returns {Code | undefined} */
function credential(host, b) {
	const generation = view(b).getUint16(22);
	if (b[1] !== Number(b.length === 100) || !generation) return;
	return {
		kind: 'C', host, body: b, live: b[1] === 1, credentialId: hex(b.subarray(6, 22)),
		generation, notAfter: view(b).getUint32(24),
	};
}

/** The two texts of a challenge; whatever they do not fill exactly is wrong. @param {Bytes} b */
function texts(b) {
	const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
	const out = [];
	let at = FIXED;
	for (const max of TEXT_MAX) {
		const end = at + 1 + b[at];
		if (b[at] > max) return;
		try {
			out.push(utf8.decode(b.subarray(at + 1, end)));
		} catch {
			return;
		}
		// control, format, private, unassigned; line and paragraph separator
		if (/[\p{C}\p{Zl}\p{Zp}]/u.test(out.join(''))) return;
		at = end;
	}
	return at === b.length - TAG ? out : undefined;
}

/** @param {string} host @param {Bytes} b @returns {Code | undefined} */
function challenge(host, b) {
	const v = view(b);
	const digits = b[34];
	const number = String(v.getBigUint64(26)).padStart(digits, '0');
	const currency = String.fromCharCode(...b.subarray(47, FIXED));
	const words = texts(b);
	if (b[1] || digits < 6 || digits > 10 || number.length > digits) return;
	if (!/^[A-Z]{3}$/.test(currency) || !words) return;
	return {
		kind: 'Q', host, challenge: {
			credentialShort: b.slice(2, 10), verificationId: hex(b.subarray(10, 26)),
			number, digits, expires: v.getUint32(35), amount: v.getBigUint64(39),
			currency, merchant: words[0], reference: words[1], body: b,
		},
	};
}

/** @param {string} host @param {string} kind @param {Bytes} b @returns {Code | undefined} */
function fields(host, kind, b) {
	const n = b.length;
	if (b[0] !== 1 || host.length > 64) return;
	if (kind === 'C') return n === 92 || n === 100 ? credential(host, b) : undefined;
	if (kind === 'Q') return n >= FIXED + 2 + TAG ? challenge(host, b) : undefined;
	if (kind === 'R') {
		if (n !== 42 || b[1] > 6 || (b[1] & 3) === 3) return;
		return { kind, host, binding: b[1] & 3, timed: b[1] > 3 };
	}
	if (n !== 106 || b[1] || !'ATSLDPXJ'.includes(kind)) return;
	return {
		kind: /** @type {'A'} */ (kind), host, codeId: hex(b.subarray(6, 22)),
		notAfter: view(b).getUint32(22),
	};
}

/**
 * Never fails: what is not ours in every respect is foreign.
 *
 * @param {string} text @returns {Code}
 */
export function parseCode(text) {
	const [, host, kind, rest] = /^HTTPS:\/\/([A-Z0-9.:-]+)\/([A-Z])\/([^]*)$/.exec(text) ?? [];
	if (!host) {
		const web = /^(https?:\/\/|www\.)/i.test(text);
		return { kind: 'foreign', foreign: web ? 'web' : 'text' };
	}
	const body = decode(rest);
	return body && fields(host, kind, body) || { kind: 'foreign', foreign: 'damaged' };
}
