// SPDX-License-Identifier: Apache-2.0
//
// Who copies a browser's profile: is this secret in one of its files, in any way that one writes
// bytes down?
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes) {
	let bits = '';
	for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
	return bits.match(/.{5}/g).map((five) => BASE32[parseInt(five, 2)]).join('');
}

/** The text of an encoding wherever the bytes begin in it: without the characters at its edges. */
function shifted(encode, bytes, group) {
	return Array.from({ length: group }, (_, before) => {
		const all = encode(Buffer.concat([Buffer.alloc(before), bytes])).replace(/=+$/, '');
		const skip = Math.ceil(all.length * before / (before + bytes.length));
		return all.slice(skip + 1, -1);
	});
}

/** Every way to write the bytes down: [name, needle]. */
export function writings(bytes) {
	const texts = [
		['hex', bytes.toString('hex')], ['HEX', bytes.toString('hex').toUpperCase()],
		['hex with colons', bytes.toString('hex').match(/../g).join(':')],
		['a list', [...bytes].join(',')], ['a spaced list', [...bytes].join(', ')],
	];
	const add = (name, group, encode) => {
		for (const text of shifted(encode, bytes, group)) texts.push([name, text]);
	};
	add('base64', 3, (each) => each.toString('base64'));
	add('base64url', 3, (each) => each.toString('base64url'));
	add('base32', 5, base32);
	add('small base32', 5, (each) => base32(each).toLowerCase());
	return [
		['raw', bytes], ['raw, from its end', Buffer.from(bytes).reverse()],
		['raw, one byte in two', Buffer.from(bytes.toString('latin1'), 'utf16le')],
		...texts.map(([name, text]) => [name, Buffer.from(text)]),
		...texts.map(([name, text]) => [`${name} in UTF-16`, Buffer.from(text, 'utf16le')]),
	];
}

function* filesOf(folder) {
	for (const name of readdirSync(folder)) {
		const path = join(folder, name);
		const stat = statSync(path, { throwIfNoEntry: false });
		if (stat?.isDirectory()) yield* filesOf(path);
		else if (stat?.isFile()) yield path;
	}
}

/**
 * Where the secrets {name: Buffer} are in the files of a folder: 'name as writing in file', sorted.
 */
export function searchProfile(folder, secrets) {
	const first = new Map(); // by the first four bytes
	for (const [name, bytes] of Object.entries(secrets)) {
		for (const [writing, needle] of writings(bytes)) {
			const key = needle.readUInt32LE(0);
			const one = { words: `${name} as ${writing}`, needle };
			first.set(key, [...first.get(key) ?? [], one]);
		}
	}
	const pairs = new Uint8Array(65536); // a quick no for nearly every place
	for (const key of first.keys()) pairs[key & 0xffff] = 1;
	const found = new Set();
	for (const path of filesOf(folder)) {
		const bytes = readFileSync(path);
		for (let at = 0; at + 4 <= bytes.length; at++) {
			if (!pairs[bytes[at] | bytes[at + 1] << 8]) continue;
			for (const { words, needle } of first.get(bytes.readUInt32LE(at)) ?? []) {
				if (bytes.subarray(at, at + needle.length).equals(needle))
					found.add(`${words} in ${path.slice(folder.length + 1)}`);
			}
		}
	}
	return [...found].sort();
}
