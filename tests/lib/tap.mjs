// SPDX-License-Identifier: Apache-2.0
//
// TAP out of node scripts, like tap.sh: test(name, fn) one after the other, then done(). A test
// passes when its function returns without throwing; ok, is and like throw.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';

// node 18 has it under another name
globalThis.crypto ??= /** @type {any} */ (webcrypto);

let count = 0;
let failed = 0;
/** @type {{name: string, fn: () => any}[]} */
const queue = [];

function comment(text) {
	for (const line of String(text).split('\n')) console.log(`#  ${line}`);
}

/** One test; it is run by done(), after those before it. must: without it, nothing else can be. */
export function test(name, fn, { must = false } = {}) {
	queue.push({ name, fn, must });
}

export function ok(value, words = 'not true') {
	assert.ok(value, words);
}

/** The same, also in depth. */
export function is(got, wanted, words) {
	assert.deepEqual(got, wanted,
		words && `${words}\n  got ${show(got)}\n  wanted ${show(wanted)}`);
}

export function like(got, pattern, words) {
	assert.match(String(got), pattern, words);
}

function show(value) {
	return JSON.stringify(value, (_, v) => typeof v === 'bigint' ? `${v}n` : v);
}

async function run({ name, fn }) {
	count++;
	try {
		await fn();
		console.log(`ok ${count} - ${name}`);
		return true;
	} catch (error) {
		failed++;
		console.log(`not ok ${count} - ${name}`);
		comment(error?.stack ?? error);
		return false;
	}
}

/** The whole file cannot run here: words say what is missing. */
export function skipAll(words) {
	console.log(`1..0 # SKIP ${words}`);
	process.exit(0);
}

/** Runs what was queued, then `end` whatever happened, and says how many there were. */
export async function done(end = async () => {}) {
	for (const one of queue) if (!await run(one) && one.must) break;
	try {
		await end();
	} catch (error) {
		failed++;
		comment(error?.stack ?? error);
	}
	console.log(`1..${count}`);
	process.exitCode = failed ? 1 : 0;
}
