// SPDX-License-Identifier: Apache-2.0
//
// The parts that every page is made of; how they look is in style/.
import { h } from './dom.js';
import { icon } from './icon.js';
import { remember } from './remember.js';
import { currentLanguage, setLanguage, t } from './words/words.js';

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * The head of a page: a way back, and the page's only h1.
 *
 * @param {import('./app.js').App} app
 * @param {string} title
 * @param {string} [back]  name of the page; left out: no way back
 * @param {any} [args]
 */
export function top(app, title, back, args) {
	return h('header', { class: 'top' },
		back && iconButton('back', t('app.back'), () => app.go(back, args), 'back'),
		h('h1', { tabindex: -1 }, title));
}

/** @param {string} name @param {string} label @param {() => void} onclick @param {string} test */
export function iconButton(name, label, onclick, test) {
	return h('button', { type: 'button', 'aria-label': label, 'data-test': test, onclick },
		icon(name));
}

/**
 * @param {Child} text
 * @param {(event: Event) => void} onclick
 * @param {string} kind   classes
 * @param {string} test   data-test
 */
export function button(text, onclick, kind, test) {
	return h('button', { type: 'button', class: kind, 'data-test': test, onclick }, text);
}

/** @param {'' | 'good' | 'warn' | 'bad'} kind @param {...Child} children */
export function notice(kind, ...children) {
	return h('div', { class: `notice ${kind}` }, icon(kind || 'info'),
		h('div', { class: 'stack tight' }, ...children));
}

let fields = 0;

/**
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [hint]
 */
export function field(label, input, hint) {
	const id = `field${++fields}`;
	input.id = id;
	if (hint) input.setAttribute('aria-describedby', `${id}h`);
	return h('div', { class: 'field' }, h('label', { for: id }, label), input,
		hint && h('p', { class: 'hint', id: `${id}h` }, hint));
}

/** @param {import('./app.js').App} app */
export function languageSwitch(app) {
	const choice = (/** @type {string} */ code, /** @type {string} */ name) =>
		h('button', { type: 'button', class: 'quiet', lang: code,
			'data-test': `language-${code}`,
			'aria-pressed': `${currentLanguage() === code}`,
			onclick: async () => {
				await setLanguage(code);
				remember('language', code);
				void app.again();
			} }, name);
	return h('div', { class: 'row middle', role: 'group', 'aria-label': t('app.language') },
		choice('en', 'English'), choice('zh-CN', '简体中文'));
}
