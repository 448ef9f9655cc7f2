// SPDX-License-Identifier: Apache-2.0
//
// One credential as it is shown at a counter, after figure 3 of the patent: its code upper left,
// the issuer upper right, then purpose, face value and validity, with a border.
import { firstCode } from '../code/formula.js';
import { h } from '../dom.js';
import { icon } from '../icon.js';
import { clockNow } from '../net/api.js';
import { button } from '../parts.js';
import { endText, t, timeText } from '../words/words.js';
import { drawCode } from '../show/qr.js';

/** @typedef {import('../types').CardPublic} CardPublic */
/** @typedef {Pick<import('../types').CardKeys, 'live'>} LiveKey */

const STEP_MS = 30000; // a live code is of one step of half a minute

/** What is said of a card now; '' = it can be shown. @param {CardPublic} card */
export function cardState({ status, notAfter }) {
	if (status.word === 'frozen' && status.until && status.until <= clockNow()) return '';
	if (status.word !== 'active') return status.word;
	return notAfter <= clockNow() ? 'expired' : ''; // no end is a time that never comes
}

/** Instead of a code that no terminal would take: why, and what to do. */
function barred(/** @type {import('../app.js').App} */ app, /** @type {CardPublic} */ card,
	/** @type {string} */ state) {
	const until = state === 'frozen' && card.status.until;
	return h('div', { class: 'barred stack tight center', 'data-test': 'barred' },
		h('div', { class: state === 'expired' ? 'warn' : 'bad' },
			icon(state === 'frozen' ? 'lock' : 'warn')),
		h('p', { class: 'lead' }, until ? t('cards.until', { time: timeText(until) })
			: t(`cards.${state}`)),
		h('p', { class: 'muted' }, t(`cards.${state}Do`, { issuer: card.issuer.name })),
		state === 'expired' ? button(t('cards.renew'),
			() => app.go('renew', { cardId: card.id }), 'primary', 'renew')
			: state !== 'frozen' && button(t('cards.add'),
				() => app.go('offer'), 'primary', 'add'));
}

/**
 * @param {import('../app.js').App} app
 * @param {CardPublic} card
 * @param {() => Promise<LiveKey | null>} key
 * @returns {{element: HTMLElement, draw: () => Promise<void>, wipe: () => void,
 *	stale: () => boolean}}  stale: what it says of the card is over
 */
export function pass(app, card, key) {
	const state = cardState(card);
	const { purpose } = card;
	const label = t(card.live ? 'cards.live' : 'cards.fixed', { purpose });
	const canvas = /** @type {HTMLCanvasElement} */ (
		h('canvas', { role: 'img', 'data-code': true, 'aria-label': label }));
	const beat = h('div', { class: 'beat' });
	// how far the step of now is: the bar ends when the next code comes
	beat.style.animationDelay = `${-(clockNow() * 1000 % STEP_MS)}ms`;
	const zone = h('div', { class: 'code' }, canvas);
	const element = h('article', { class: 'pass', 'data-test': 'pass', 'aria-label': purpose },
		state ? barred(app, card, state) : zone,
		h('p', { class: 'issuer' }, h('span', {}, card.issuer.name)),
		h('div', { class: 'what' }, card.live && !state && beat,
			h('h2', {}, purpose),
			card.faceValue && h('p', { class: 'amount' }, card.faceValue),
			h('p', { class: 'small' }, endText(card.notAfter))));

	return {
		element,
		stale() { // also what another tab was told
			const now = app.vault?.cards().find(({ id }) => id === card.id);
			return cardState(now ?? card) !== state;
		},
		async draw() {
			if (state) return;
			const text = await firstCode(card, await key(), clockNow());
			drawCode(canvas, text, zone.clientWidth);
		},
		wipe() {
			canvas.width = canvas.height = 0;
		},
	};
}
