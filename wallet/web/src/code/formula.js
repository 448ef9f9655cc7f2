// SPDX-License-Identifier: Apache-2.0
//
// The formulas of PROTOCOL.md sections 3, 4, 6 and 7, over the engine's own primitives. Keys stay
// in it: they sign, and cannot be read.
import { codeText } from './build.js';
import { hex, join, same, u64, unhex } from './bytes.js';

/** @typedef {import('../types').CardPublic} CardPublic */
/** @typedef {import('../types').CardKeys} CardKeys */
/** @typedef {import('../types').Challenge} Challenge */

const LABEL = 'countersign/1 ';
const STEP_S = 30;
const SUITE = 'OCRA-1:HOTP-SHA256-0:QA10-S064';
const TAG = 16; // bytes at the end of a challenge

/** @param {number} unixS */
export function liveStep(unixS) {
	return Math.max(0, Math.floor(unixS / STEP_S));
}

/**
 * The three keys of K.
 *
 * @param {CryptoKey} hkdfKey  K, for HKDF with deriveKey
 * @returns {Promise<CardKeys>}
 */
export async function deriveKeys(hkdfKey) {
	const keys = ['response', 'live', 'challenge'].map((name) => crypto.subtle.deriveKey(
		{ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: join(LABEL + name) },
		hkdfKey, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']));
	const [response, live, challenge] = await Promise.all(keys);
	return { response, live, challenge };
}

/** @param {CryptoKey} key @param {...(Uint8Array | string)} parts */
async function hmac(key, ...parts) {
	return new Uint8Array(await crypto.subtle.sign('HMAC', key, join(...parts)));
}

/**
 * The first code: live where the credential's policy is, and then K_live is needed.
 *
 * @param {CardPublic} card
 * @param {Pick<CardKeys, 'live'> | null} keys  null only for a static card
 * @param {number} unixS
 */
export async function firstCode(card, keys, unixS) {
	let body = card.staticBody.slice();
	if (card.live) {
		if (!keys) throw new Error('no key');
		body[1] = 1;
		const mac = await hmac(keys.live, LABEL + 'live', body, u64(liveStep(unixS)));
		body = join(body, mac.subarray(0, 8));
	}
	return codeText(card.issuer.host, 'C', body);
}

/**
 * The second code: for a whole challenge, for a number and an amount, or for a number alone.
 *
 * @param {CardPublic} card
 * @param {Pick<CardKeys, 'response'>} keys
 * @param {{number?: string, amount?: bigint | number, currency?: string, challenge?: Challenge,
 *	unixS: number}} answer
 */
export async function secondCode(card, keys, { number, amount, currency, challenge, unixS }) {
	const digits = challenge?.number ?? number ?? '';
	if (!/^\d+$/.test(digits) || digits.length !== card.digits) throw new Error('wrong number');
	const data = challenge ? challenge.body.subarray(0, -TAG)
		: amount ? join(u64(amount), currency ?? '') : new Uint8Array();
	const binding = challenge ? 2 : amount ? 1 : 0;
	if (binding === 1 && !/^[A-Z]{3}$/.test(currency ?? '')) throw new Error('wrong currency');
	const session = await crypto.subtle.digest('SHA-512',
		join(LABEL + 'session', card.staticBody, data));
	const mac = await hmac(keys.response, SUITE + (card.live ? '-T30S\0' : '\0'),
		digits.padEnd(128, '\0'), new Uint8Array(session),
		card.live ? u64(liveStep(unixS)) : '');
	const head = Uint8Array.of(1, card.live ? binding | 4 : binding);
	return codeText(card.issuer.host, 'R', join(head, unhex(card.id.slice(0, 16)), mac));
}

/**
 * May this challenge be answered with this card? In the order of these words.
 *
 * @param {CardPublic} card
 * @param {Pick<CardKeys, 'challenge'>} keys
 * @param {Challenge} challenge
 * @param {number} unixS
 * @returns {Promise<'ok' | 'other-card' | 'forged' | 'expired'>}
 */
export async function challengeOpen(card, keys, challenge, unixS) {
	if (!card.id.startsWith(hex(challenge.credentialShort))) return 'other-card';
	const { body } = challenge;
	const mac = await hmac(keys.challenge, LABEL + 'challenge', body.subarray(0, -TAG));
	if (!same(mac.subarray(0, TAG), body.subarray(-TAG))) return 'forged';
	if (challenge.digits !== card.digits) return 'forged';
	return unixS < challenge.expires ? 'ok' : 'expired';
}

/**
 * Is the static body what the card says, and signed by its issuer? An engine without Ed25519 can
 * look only at the form; the terminal is the judge of the signature anyway.
 *
 * @param {CardPublic} card
 * @returns {Promise<'signed' | 'form' | ''>} empty: it is wrong
 */
export async function staticBodyRight({ id, generation, notAfter, issuer, staticBody }) {
	const raw = unhex(issuer.key);
	const keyId = new Uint8Array(await crypto.subtle.digest('SHA-256', raw)).subarray(0, 4);
	const head = new Uint8Array(28);
	const view = new DataView(head.buffer);
	head.set([1, 0, ...keyId, ...unhex(id)]);
	view.setUint16(22, generation);
	view.setUint32(24, notAfter);
	if (staticBody.length !== 92 || !same(head, staticBody.subarray(0, 28))) return '';
	let key;
	try {
		key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
	} catch (error) {
		const unknown = /** @type {Error} */ (error).name === 'NotSupportedError';
		return unknown ? 'form' : '';
	}
	return await crypto.subtle.verify('Ed25519', key, staticBody.subarray(28),
		join(LABEL + 'credential', head)) ? 'signed' : '';
}
