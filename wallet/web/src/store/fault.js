// SPDX-License-Identifier: Apache-2.0
//
// What can go wrong with what the phone keeps; the word has its text in words/, section store.

/**
 * none     this window keeps nothing (private mode, storage switched off)
 * full     no room on the phone, nothing was changed
 * newer    a newer version of the page keeps its data otherwise: reload
 * locked   the vault was locked, or the wallet was closed or taken away in another tab
 * damaged  a sealed part does not open: it is not what was put there
 * device   this phone cannot, or the person did not, unlock with the device
 * many     no more cards
 * exists   there is a wallet already
 *
 * @typedef {'none' | 'full' | 'newer' | 'locked' | 'damaged' | 'device' | 'many' | 'exists'} Word
 */

export class StoreFault extends Error {
	/** @param {Word} word */
	constructor(word) {
		super(word);
		this.word = word;
	}
}

/** What the engine said, as one of ours. @param {any} error */
export function faultOf(error) {
	if (error instanceof StoreFault) return error;
	const name = error?.name;
	return new StoreFault(name === 'QuotaExceededError' ? 'full'
		: name === 'VersionError' ? 'newer'
			: name === 'OperationError' ? 'damaged' : 'none');
}
