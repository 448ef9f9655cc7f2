// SPDX-License-Identifier: Apache-2.0
//
// The words of the page: which language, and amounts and times as it writes them.
import { amountPlain, decimals } from '../code/amount.js';

const NO_END = 0xffffffff; // PROTOCOL.md section 4

/** Each is a script of its own: a phone needs one. */
const LANGUAGES = {
	en: () => import('./en.js'),
	'zh-CN': () => import('./zh.js'),
};

let language = 'en';
/** @type {Record<string, Record<string, string>>} */
let words = {};

/**
 * Before the first t().
 *
 * @param {string | null} wanted  null: what the phone is set to
 */
export async function setLanguage(wanted) {
	const list = wanted ? [wanted] : navigator.languages;
	const found = list.map((name) => name.slice(0, 2).toLowerCase())
		.find((name) => name === 'en' || name === 'zh');
	const next = found === 'zh' ? 'zh-CN' : 'en';
	words = (await LANGUAGES[next]()).default;
	language = next;
	document.documentElement.lang = language;
}

export function currentLanguage() {
	return language;
}

/**
 * t('section.name', {issuer: 'Corner Bank'}): {issuer} in the words is replaced.
 *
 * @param {string} key  section.name
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
	const [section, name] = key.split('.');
	const text = words[section]?.[name];
	if (text === undefined) throw new Error(`no words for ${key}`);
	return text.replace(/\{(\w+)\}/g, (_, what) => String(values[what] ?? ''));
}

/** @param {number | bigint} minor @param {string} currency ISO 4217 */
export function amountText(minor, currency) {
	const digits = decimals(currency);
	const format = new Intl.NumberFormat(language, {
		style: 'currency', currency, currencyDisplay: 'code',
		minimumFractionDigits: digits, maximumFractionDigits: digits,
	});
	const exact = /** @type {any} */ (amountPlain(minor, currency)); // a text is
	// a narrow phone breaks the line there, and not within the digits
	return format.format(exact).replace('\xa0', ' ');
}

/** @param {number} unixS */
function dateText(unixS) {
	return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(unixS * 1000);
}

/** Until when a card is good. @param {number} notAfter  as CardPublic's */
export function endText(notAfter) {
	return notAfter === NO_END ? t('cards.noEnd')
		: t('cards.validUntil', { date: dateText(notAfter) });
}

/** @param {number} unixS */
export function timeText(unixS) {
	return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
		.format(unixS * 1000);
}
