// SPDX-License-Identifier: Apache-2.0
//
// RFC 4648 section 6, without padding. One text for one value: bits that belong to no byte are
// zero.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** @param {Uint8Array} bytes @returns {string} */
export function encode(bytes) {
	let text = '';
	let bits = 0;
	let count = 0;
	for (const byte of bytes) {
		bits = bits << 8 | byte;
		for (count += 8; count >= 5;) text += ALPHABET[bits >> (count -= 5) & 31];
	}
	return count ? text + ALPHABET[bits << (5 - count) & 31] : text;
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer> | null} null: not canonical */
export function decode(text) {
	const bytes = new Uint8Array(text.length * 5 >> 3);
	let at = 0;
	let bits = 0;
	let count = 0;
	for (const c of text) {
		const value = ALPHABET.indexOf(c);
		if (value < 0) return null;
		bits = bits << 5 | value;
		count += 5;
		if (count >= 8) bytes[at++] = bits >> (count -= 8);
	}
	return count < 5 && !(bits & (1 << count) - 1) ? bytes : null;
}
