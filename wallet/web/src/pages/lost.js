// SPDX-License-Identifier: Apache-2.0
//
// Lost phone: what to do, and what somebody who finds it can do. Honest, and without any data.
import { h } from '../dom.js';
import { notice, top } from '../parts.js';
import { t } from '../words/words.js';

/** @type {import('../app.js').PageOpener} */
export function lostPage(app) {
	const title = t('lost.title');
	return { title, element: h('div', { class: 'stack' }, top(app, title, 'home'),
		h('ol', { class: 'steps' }, ...['call', 'freeze', 'fresh'].map((what) =>
			h('li', {}, t(`lost.${what}`)))),
		h('p', {}, t('lost.back')),
		notice('warn', h('p', {}, t('lost.locked')),
			h('p', {}, t('lost.open')))) };
}
