// SPDX-License-Identifier: Apache-2.0
//
// The same wallet in several tabs: what one did, the others hear.

/** @typedef {'gone' | 'changed'} TabWord  gone: closed or destroyed; changed: cards or history */

const channel = new BroadcastChannel('countersign');

/** To all other tabs. @param {TabWord} word */
export const tell = (word) => channel.postMessage(word);

/** @param {(word: TabWord) => void} listener @returns {() => void} stops it */
export function hear(listener) {
	const heard = (/** @type {MessageEvent} */ event) => listener(event.data);
	channel.addEventListener('message', heard);
	return () => channel.removeEventListener('message', heard);
}
