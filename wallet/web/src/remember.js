// SPDX-License-Identifier: Apache-2.0
//
// Small wishes that are no secret (language, hints that were read). Where the browser keeps
// nothing, nothing is kept.

/** @param {string} name @returns {string | null} */
export function remembered(name) {
	try {
		return localStorage.getItem(name);
	} catch {
		return null;
	}
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
	try {
		localStorage.setItem(name, value);
	} catch { /* then not */ }
}
