// SPDX-License-Identifier: Apache-2.0
//
// The words of the page: which language, and amounts and times as it writes them.
import { amountPlain, decimals } from '../code/amount.js';
import en from './en.js';
import zh from './zh.js';

/** @type {Record<string, Record<string, Record<string, string>>>} */
const LANGUAGES = { en, 'zh-CN': zh };

let language = 'en';

/** @param {string | null} wanted  null: what the phone is set to */
export function setLanguage(wanted) {
	const list = wanted ? [wanted] : navigator.languages;
	language = 'en';
	for (const name of list) {
		const found = name.toLowerCase().startsWith('zh') ? 'zh-CN'
			: name.toLowerCase().startsWith('en') ? 'en' : '';
		if (found) {
			language = found;
			break;
		}
	}
	document.documentElement.lang = language;
}

export function currentLanguage() {
	return language;
}

/**
 * t('answer.wrongIssuer', {issuer: 'Corner Bank'}): {issuer} in the words is replaced.
 *
 * @param {string} key  section.name
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
	const [section, name] = key.split('.');
	const words = LANGUAGES[language]?.[section]?.[name];
	if (words === undefined) throw new Error(`no words for ${key}`);
	return words.replace(/\{(\w+)\}/g, (_, what) => String(values[what] ?? ''));
}

/** @param {number | bigint} minor @param {string} currency ISO 4217 */
export function amountText(minor, currency) {
	const digits = decimals(currency);
	const format = new Intl.NumberFormat(language, { style: 'currency', currency,
		currencyDisplay: 'code', minimumFractionDigits: digits, maximumFractionDigits: digits });
	return format.format(/** @type {any} */ (amountPlain(minor, currency))); // a text is exact
}

/** @param {number} unixS */
export function dateText(unixS) {
	return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(unixS * 1000);
}

/** @param {number} unixS */
export function timeText(unixS) {
	return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
		.format(unixS * 1000);
}
