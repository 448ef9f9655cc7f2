// SPDX-License-Identifier: Apache-2.0
//
// Bytes, put together and taken apart. Integers are big-endian.

const UTF8 = new TextEncoder();

/** @param {Uint8Array} bytes */
export function hex(bytes) {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} text  hex digits, an even number of them */
export function unhex(text) {
	return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @param {bigint | number} value */
export function u64(value) {
	const bytes = new Uint8Array(8);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
	return bytes;
}

/** One after the other; text as UTF-8. @param {...(Uint8Array | string)} parts */
export function join(...parts) {
	const all = parts.map((part) => typeof part === 'string' ? UTF8.encode(part) : part);
	const out = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of all) {
		out.set(part, at);
		at += part.length;
	}
	return out;
}

/** @param {Uint8Array} a @param {Uint8Array} b  in a time that says nothing of where they differ */
export function same(a, b) {
	let differ = a.length ^ b.length;
	for (let i = 0; i < a.length; i++) differ |= a[i] ^ b[i];
	return !differ;
}
