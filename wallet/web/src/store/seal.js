// SPDX-License-Identifier: Apache-2.0
//
// AES-256-GCM over what is kept. The name of a sealed thing (what it is, whose) is bound into it:
// put in another's place it does not open. Keys go from seal to engine without being seen.
import { join } from '../code/bytes.js';

/** @typedef {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer}} Sealed */

const AES = { name: 'AES-GCM', length: 256 };
const engine = crypto.subtle;

/** @param {number} count */
export const random = (count) => crypto.getRandomValues(new Uint8Array(count));

/** @param {Uint8Array} iv @param {string} name */
const gcm = (iv, name) => ({ ...AES, iv, additionalData: join('countersign/1 sealed ' + name) });

/** @param {CryptoKey} key @param {string} name @param {Uint8Array | string} clear */
export async function seal(key, name, clear) {
	const iv = random(12);
	return { iv, data: await engine.encrypt(gcm(iv, name), key, join(clear)) };
}

/** @param {CryptoKey} key @param {string} name @param {Sealed} sealed */
async function unseal(key, name, { iv, data }) {
	return new Uint8Array(await engine.decrypt(gcm(iv, name), key, data));
}

/** @param {CryptoKey} key @param {string} name @param {any} value */
export const sealJson = (key, name, value) => seal(key, name, JSON.stringify(value));

/** @param {CryptoKey} key @param {string} name @param {Sealed} sealed */
export async function unsealJson(key, name, sealed) {
	return JSON.parse(new TextDecoder().decode(await unseal(key, name, sealed)));
}

/**
 * Straight into a key that cannot be read.
 *
 * @param {CryptoKey} key @param {string} name @param {Sealed} sealed
 * @param {any} algorithm @param {KeyUsage[]} usages @param {boolean} [extractable]
 */
export function unsealKey(key, name, { iv, data }, algorithm, usages, extractable = false) {
	return engine.unwrapKey('raw', data, key, gcm(iv, name), algorithm, extractable, usages);
}

/** A key that never leaves this browser's storage. */
export const makeKey = (extractable = false) => /** @type {Promise<CryptoKey>} */ (
	engine.generateKey(AES, extractable, ['encrypt', 'decrypt', 'unwrapKey']));

/** @param {string} passcode @param {Uint8Array<ArrayBuffer>} salt @param {number} rounds */
export async function passcodeKey(passcode, salt, rounds) {
	const base = await engine.importKey('raw', join(passcode), 'PBKDF2', false, ['deriveKey']);
	return engine.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, base,
		AES, false, ['wrapKey', 'unwrapKey']);
}

/** @param {BufferSource} bytes */
export async function authenticatorKey(bytes) {
	const base = await engine.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
	return engine.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(),
		info: join('countersign/1 device') }, base, AES, false, ['wrapKey', 'unwrapKey']);
}

/**
 * The master key, sealed under `outer` and again under the phone's own key.
 *
 * @param {CryptoKey} master  extractable, for this one moment
 * @param {CryptoKey} outer @param {CryptoKey} device @param {string} name
 * @returns {Promise<Sealed & {inside: Uint8Array<ArrayBuffer>}>}
 */
export async function sealMaster(master, outer, device, name) {
	const inside = random(12);
	const data = await engine.wrapKey('raw', master, outer, gcm(inside, name));
	return { inside, ...await seal(device, name, new Uint8Array(data)) };
}

/**
 * @param {CryptoKey} outer @param {CryptoKey} device @param {string} name
 * @param {Sealed & {inside: Uint8Array<ArrayBuffer>}} sealed
 * @param {boolean} [extractable]
 */
export async function unsealMaster(outer, device, name, sealed, extractable) {
	const data = (await unseal(device, name, sealed)).buffer;
	return unsealKey(outer, name, { iv: sealed.inside, data }, AES,
		['encrypt', 'decrypt', 'unwrapKey'], extractable);
}
