// SPDX-License-Identifier: Apache-2.0
//
// A code that some camera app opened, or that is of no use where it was scanned: what it is.
// Nothing of it is sent, nothing in it says who somebody is.
import { h } from '../dom.js';
import { button, notice, top } from '../parts.js';
import { t } from '../words/words.js';

/** @param {import('../types').Code} code */
function words(code) {
	if (code.kind === 'foreign')
		return t(`explained.${code.foreign === 'damaged' ? 'damaged' : 'foreign'}`);
	if (code.kind === 'A') return t('offer.host', { host: code.host });
	return t(`explained.${'CQRX'.includes(code.kind) ? code.kind : 'other'}`);
}

/** @type {import('../app.js').PageOpener}
 *  args: code: Code; cardId?: a challenge for this card of this phone */
export function explainedPage(app, { code, cardId }) {
	const title = t('explained.title');
	const answer = () => app.go('unlock',
		{ then: 'challenge', args: { cardId, challenge: code.challenge } });
	return { title, element: h('div', { class: 'stack' }, top(app, title, 'home'),
		h('p', { class: 'lead', 'data-test': 'kind' }, words(code)),
		h('p', { class: 'muted' }, code.host),
		notice('', h('p', {}, t('explained.privacy'))),
		h('div', { class: 'actions' },
			cardId && button(t('home.unlock'), answer, 'primary big', 'answer'),
			button(t('offer.home'), () => app.go('home'), 'big', 'home'),
			button(t('home.lost'), () => app.go('lost'), 'quiet', 'lost'))) };
}
