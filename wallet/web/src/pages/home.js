// SPDX-License-Identifier: Apache-2.0
//
// Where everything begins: sends on to the page that fits what is on this phone, or says what the
// wallet is to somebody who has none yet.
import { h } from '../dom.js';
import { icon } from '../icon.js';
import { installHint } from '../install.js';
import { button, languageSwitch, top } from '../parts.js';
import { vaultLook, vaultQuickCards } from '../store/vault.js';
import { t } from '../words/words.js';

/** @typedef {import('../app.js').App} App */

/** @param {App} app */
function welcome(app) {
	const lines = ['show', 'answer', 'safe'].map((name, i) => h('li', {},
		icon(['scan', 'keys', 'lock'][i]), h('span', {}, t(`home.${name}`))));
	return { title: t('home.title'), element: h('div', { class: 'stack' },
		h('div', { class: 'hello' },
			h('div', { class: 'spread' },
				h('img', { src: '/icons/icon.svg', alt: '', width: 64 }),
				languageSwitch(app)),
			h('h1', { tabindex: -1 }, t('home.title')),
			h('p', { class: 'lead muted' }, t('home.what'))),
		h('ul', { class: 'points' }, ...lines),
		installHint(),
		h('div', { class: 'actions' },
			button(t('home.get'), () => app.go('offer'), 'primary big', 'get'),
			button(t('home.lost'), () => app.go('lost'), 'quiet', 'lost'))) };
}

/** Nobody touched the phone for a while: a code comes only when somebody asks. @param {App} app */
function restPage(app) {
	return { title: t('home.rest'), element: h('div', { class: 'stack' },
		top(app, t('home.rest')),
		h('div', { class: 'actions' },
			button(t('home.quick'), () => app.go('cards'), 'primary big', 'quick'),
			button(t('home.unlock'), () => app.go('unlock'), 'big', 'unlock'))) };
}

/** @type {import('../app.js').PageOpener} */
export async function homePage(app, { rest } = {}) {
	if (app.vault) return { go: 'cards' };
	const { state } = await vaultLook();
	if (state === 'none') return welcome(app);
	if (state === 'closed') return { go: 'closed' };
	if (!(await vaultQuickCards()).length) return { go: 'unlock' };
	return rest ? restPage(app) : { go: 'cards' };
}
