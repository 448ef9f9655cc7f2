// SPDX-License-Identifier: Apache-2.0
//
// An activation token becomes a credential. Everything that the backend answers is looked at as the
// C holder does (wallet/holder/activation.c): nothing is stored unless all of it fits together.
import { hex, unhex } from '../code/bytes.js';
import { staticBodyRight } from '../code/formula.js';
import { parseCode } from '../code/parse.js';
import { LABEL_MAX, TOKEN_MAX } from '../limits.js';
import { Refused, askFor } from './api.js';

/** @param {string} what @returns {never} */
function unbelievable(what) {
	throw new Refused('bad-answer', { what });
}

/** An object with exactly these members.
 *  @param {any} value @param {string} names @param {string} what */
function exactly(value, names, what) {
	const have = value && typeof value === 'object' ? Object.keys(value).sort().join(' ') : '';
	if (have !== names) unbelievable(what);
	return value;
}

/** @param {any} value @param {number} min @param {number} max @param {string} what
 *  @returns {number} */
function whole(value, min, max, what) {
	if (!Number.isSafeInteger(value) || value < min || value > max) unbelievable(what);
	return value;
}

/** @param {any} value @param {RegExp} form @param {string} what @returns {string} */
function text(value, form, what) {
	if (typeof value !== 'string' || !form.test(value)) unbelievable(what);
	return value;
}

/** What is shown: no control, format, private or unassigned characters.
 *  @param {any} value @param {string} what */
export function label(value, what) {
	const shown = text(value, /^[^\p{C}\p{Zl}\p{Zp}]*$/u, what);
	if (new TextEncoder().encode(shown).length > LABEL_MAX) unbelievable(what);
	return shown;
}

const ID = /^[0-9a-f]{32}$/;
const KEY = /^[0-9a-f]{64}$/;
const HOST = /^[A-Z0-9.:-]{1,64}$/;

/** The credential's public part, with the first code that says the same.
 *  @param {any} answer @returns {import('../types.d.ts').CardPublic} */
function cardOf(answer) {
	const c = exactly(answer.credential,
		'digits face_value generation holder id not_after policy purpose', 'credential');
	const i = exactly(answer.issuer, 'host key name', 'issuer');
	const card = {
		id: text(c.id, ID, 'id'),
		generation: whole(c.generation, 1, 0xffff, 'generation'),
		notAfter: whole(c.not_after, 0, 0xffffffff, 'not_after'),
		live: text(c.policy, /^(live|static)$/, 'policy') === 'live',
		digits: whole(c.digits, 6, 10, 'digits'),
		purpose: label(c.purpose, 'purpose'),
		faceValue: label(c.face_value, 'face_value'),
		issuer: {
			name: label(i.name, 'name'),
			host: text(i.host, HOST, 'host'),
			key: text(i.key, KEY, 'key'),
		},
	};
	const code = parseCode(text(answer.first_code, /^/, 'first_code'));
	if (code.kind !== 'C' || code.live) unbelievable('first_code');
	if (code.host !== card.issuer.host) unbelievable('first_code host');
	const status = /** @type {const} */ ({ word: 'active', asOf: 0 });
	return { ...card, staticBody: code.body, status, quick: false };
}

/** @param {any} answer  of POST /v1/activations
 *  @returns {Promise<import('../types.d.ts').Activation>} */
async function activationParse(answer) {
	exactly(answer, 'credential first_code issuer secret token', 'answer');
	const secret = unhex(text(answer.secret, KEY, 'secret'));
	try {
		const card = cardOf(answer);
		const token = text(answer.token, /^[\x21-\x7e]+$/, 'token');
		if (token.length > TOKEN_MAX) unbelievable('token');
		// the first code names the issuer's key, says the same, and that key signed it
		if (!await staticBodyRight(card)) unbelievable('signature');
		return { card, holder: label(answer.credential.holder, 'holder'), secret, token };
	} catch (fault) {
		secret.fill(0);
		throw fault;
	}
}

/** What waits behind a token, without using it up.
 *
 *  @param {string} token  the short code, or the text of an A code
 *  @returns {Promise<{issuer: string, host: string, purpose: string, faceValue: string,
 *  	expiresAt: number, notAfter: number}>} */
export async function activationLook(token) {
	const body = await askFor(200, 'POST', '/v1/activations/look', { body: { token } });
	return {
		issuer: label(body.issuer?.name, 'name'),
		host: text(body.issuer?.host, HOST, 'host'),
		purpose: label(body.purpose, 'purpose'),
		faceValue: label(body.face_value, 'face_value'),
		expiresAt: whole(body.expires_at, 0, 0xffffffff, 'expires_at'),
		notAfter: whole(body.ends_at, 0, 0xffffffff, 'ends_at'),
	};
}

/** Uses the token up. The same token with the same claim, asked again soon, gets it again: so a
 *  lost reply is no lost credential.
 *
 *  @param {string} token @param {string} claim  32 hex digits, see claimNew()
 *  @param {() => void} [came]  the answer is there, and is looked at now */
export async function activationTake(token, claim, came) {
	const answer = await askFor(201, 'POST', '/v1/activations', { body: { token, claim } });
	came?.();
	return activationParse(answer);
}

export function claimNew() {
	return hex(crypto.getRandomValues(new Uint8Array(16)));
}
