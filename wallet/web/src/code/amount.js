// SPDX-License-Identifier: Apache-2.0
//
// Amounts in minor units of their currency: the same decimals as base/currency.h. An engine's own
// figures are not taken: some of them leave out the decimals that people no longer use.

const MINOR_MAX = 10n ** 15n; // AMOUNT_MAX of base/amount.h

/** @type {[number, string][]} the others have two; source: ISO 4217 */
const DECIMALS = [
	[0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
	[3, 'BHD IQD JOD KWD LYD OMR TND'],
	[4, 'CLF UYW'],
];

/** @param {string} currency  ISO 4217 */
export function decimals(currency) {
	return DECIMALS.find(([, list]) => list.includes(currency))?.[0] ?? 2;
}

/** "12.80" @param {bigint | number} minor @param {string} currency */
export function amountPlain(minor, currency) {
	const digits = decimals(currency);
	const text = String(minor).padStart(digits + 1, '0');
	const cut = text.length - digits;
	return digits ? `${text.slice(0, cut)}.${text.slice(cut)}` : text;
}

/**
 * What people write: 12.80, 12,8, 12. No signs, no separators of thousands, not more decimals than
 * the currency has.
 *
 * @param {string} text @param {string} currency
 * @returns {bigint | null} null: not an amount, or too large
 */
export function amountParse(text, currency) {
	const [, whole, part = ''] = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
	const digits = decimals(currency);
	if (!whole || part.length > digits) return null;
	const minor = BigInt(whole + part.padEnd(digits, '0'));
	return minor <= MINOR_MAX ? minor : null;
}
