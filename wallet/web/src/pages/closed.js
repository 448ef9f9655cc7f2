// SPDX-License-Identifier: Apache-2.0
//
// After too many wrong passcodes: what happened, what it does not mean, and what to do.
import { h } from '../dom.js';
import { TRIES_MAX } from '../limits.js';
import { button, notice, top } from '../parts.js';
import { vaultDestroy, vaultLook } from '../store/vault.js';
import { t, timeText } from '../words/words.js';

/** @type {import('../app.js').PageOpener} */
export async function closedPage(app) {
	const { state, closedAt, issuers } = await vaultLook();
	if (state !== 'closed') return { go: 'home' };
	const issuer = issuers.join(', ') || t('closed.issuer');
	const forget = async () => {
		await vaultDestroy();
		await app.go('home');
	};
	return {
		title: t('closed.title'),
		element: h('div', { class: 'stack' }, top(app, t('closed.title')),
			notice('bad',
				t('closed.what', { time: timeText(closedAt), tries: TRIES_MAX })),
			h('ol', { class: 'steps' },
				h('li', {}, t('closed.ask', { issuer })),
				h('li', {}, t('closed.enter'))),
			h('p', { class: 'muted' }, t('closed.notYou', { issuer })),
			h('div', { class: 'actions' },
				button(t('closed.again'), () => app.go('offer'), 'primary', 'new'),
				button(t('closed.forget'), forget, 'quiet', 'forget'))),
	};
}
