// SPDX-License-Identifier: Apache-2.0
//
// What may be a passcode: digits, and not the ones that everybody tries first.
import { PASSCODE_MAX, PASSCODE_MIN } from '../limits.js';

/** As it was meant: full-width digits of a Chinese keyboard, spaces. @param {string} text */
export function passcodeClean(text) {
	return text.normalize('NFKC').replace(/\s/g, '');
}

/**
 * Why this cannot be a new passcode; empty: it can.
 *
 * @param {string} passcode  clean
 * @returns {'' | 'form' | 'weak'}
 */
export function passcodeFault(passcode) {
	if (!passcodeForm(passcode)) return 'form';
	const steps = [...passcode].slice(1).map((digit, i) => (+digit - +passcode[i] + 10) % 10);
	const run = steps.every((step) => step === steps[0]) && [0, 1, 9].includes(steps[0]);
	return run || new Set(passcode).size < 3 ? 'weak' : '';
}

/** Could it be one at all? What is not costs no try. @param {string} passcode  clean */
export function passcodeForm(passcode) {
	return /^[0-9]+$/.test(passcode) && passcode.length >= PASSCODE_MIN
		&& passcode.length <= PASSCODE_MAX;
}
