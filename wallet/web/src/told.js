// SPDX-License-Identifier: Apache-2.0
//
// What the backend told while the wallet is open, said on every page until it is put away.
import { announce, away, h } from './dom.js';
import { news } from './net/events.js';
import { iconButton, notice } from './parts.js';
import { amountText, t, timeText } from './words/words.js';

/** It is over, or was seen to. */
export function putAway() {
	document.getElementById('told')?.remove();
}

/** @param {boolean} good @param {...(string | 0 | undefined)} parts */
function say(good, ...parts) {
	const text = parts.filter(Boolean).join(' · ');
	const box = notice(good ? 'good' : 'warn', h('div', {
		class: 'spread', 'data-test': 'told' }, h('p', { class: 'grow' }, text),
		iconButton('close', t('told.close'), () => away(box), 'told-close')));
	box.id = 'told';
	putAway();
	document.getElementById('strip')?.append(box);
	announce(text);
}

/** @param {import('./app.js').App} app */
export function startTelling(app) {
	const on = (/** @type {string} */ kind, /** @type {(detail: any) => void} */ what) =>
		news.addEventListener(kind, (/** @type {any} */ event) => what(event.detail));
	on('lock', putAway);
	on('history', ({ state, merchant, amount, currency }) =>
		say(['accepted', 'authorised'].includes(state), t(`history.${state}`), merchant,
			amount && amountText(amount, currency ?? 'XXX')));
	on('card', ({ id, status: { word, until }, fresh }) => {
		const card = app.vault?.cards().find((one) => one.id === id);
		const words = until ? t('cards.until', { time: timeText(until) })
			: fresh ? t('told.fresh')
				: word === 'active' ? t('told.active') : t(`cards.${word}`);
		say(word === 'active', words, card?.purpose);
		const page = document.getElementById('page')?.dataset.page ?? '';
		if (fresh && ['cards', 'offer', 'renew'].includes(page)) // it was waited for
			void app.go('cards', { cardId: id });
	});
}
