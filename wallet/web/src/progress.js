// SPDX-License-Identifier: Apache-2.0
//
// A card on its way to the phone: the person sees how far it is, and then that it is there.
import { announce, fill, h } from './dom.js';
import { apart, installHint } from './install.js';
import { watch } from './net/events.js';
import { button, notice } from './parts.js';
import { putAway } from './told.js';
import { t } from './words/words.js';

const STEPS = ['offer.looking', 'offer.checking', 'offer.storing'];

/**
 * @param {import('./app.js').App} app
 * @param {HTMLElement} box  is filled with it
 * @param {(step: (done: number) => void) => Promise<import('./types').CardPublic>} work
 */
export async function take(app, box, work) {
	const line = h('p', { class: 'busy' });
	const bar = h('progress', { max: STEPS.length, 'aria-label': t('offer.take') });
	const step = (/** @type {number} */ done) => {
		bar.setAttribute('value', String(done));
		line.textContent = t(STEPS[done]);
		announce(line.textContent);
	};
	fill(box, line, bar);
	step(0);
	const { id } = await work(step);
	watch(app);
	putAway(); // that the one before was replaced is no news any more
	const show = () => app.go('cards', { cardId: id });
	fill(box, notice('good', h('p', { 'data-test': 'done' }, t('offer.done'))),
		!apart() && installHint(), // there: in another store, too late
		h('div', { class: 'actions' },
			button(t('offer.show'), show, 'primary big', 'show')));
	announce(t('offer.done'));
}
