// SPDX-License-Identifier: Apache-2.0
//
// What was done with the cards of this phone, the newest first. All of it can be deleted.
import { fill, h } from '../dom.js';
import { news } from '../net/events.js';
import { button, top } from '../parts.js';
import { amountText, t, timeText } from '../words/words.js';

/** @typedef {import('../types').HistoryEntry} HistoryEntry */

/** @type {Record<string, string>} */
const KINDS = { accepted: 'good', authorised: 'good', rejected: 'bad' };

/** @param {HistoryEntry} entry  the amount, where there is one, and what became of it */
export function outcome({ amount, currency, state }) {
	const badge = { class: `badge ${KINDS[state] ?? ''}`, 'data-test': 'state' };
	return h('span', { class: 'row' }, !!amount && amountText(amount, currency ?? 'XXX'),
		h('span', badge, t(`history.${state}`)));
}

/** Asked once more, then done. @param {string} label @param {() => void} yes */
export function removal(label, yes) {
	const box = h('div', { class: 'stack tight' });
	const ask = () => {
		const no = button(t('app.cancel'), first, 'quiet', 'remove-no');
		fill(box, h('p', { role: 'alert' }, t('history.sure')),
			button(label, yes, 'danger', 'remove-yes'), no);
		no.focus();
	};
	const first = () => fill(box, button(label, ask, 'quiet', 'remove'));
	first();
	return box;
}

/** Drawn anew when something comes. @param {() => void} again @returns {() => void} */
export function onNews(again) {
	news.addEventListener('history', again);
	return () => news.removeEventListener('history', again);
}

/** @type {import('../app.js').PageOpener} */
export async function historyPage(app) {
	const { vault } = app;
	if (!vault) return { go: 'unlock', args: { then: 'history' } };
	const title = t('cards.history');
	const all = await vault.history();
	const row = (/** @type {HistoryEntry} */ entry) => h('li', {},
		button(h('span', { class: 'spread grow' },
			h('span', {}, entry.merchant, entry.merchant && h('br'),
				h('span', { class: 'muted small' }, timeText(entry.at))),
			outcome(entry)), () => app.go('receipt', { id: entry.id }), '', 'entry'));
	const clear = async () => {
		await vault.historyClear();
		await app.go('history');
	};
	return {
		title, close: onNews(() => app.go('history')),
		element: h('div', { class: 'stack' }, top(app, title, 'cards'),
			all.length ? h('ul', { class: 'list' }, ...all.map(row))
				: h('p', { 'data-test': 'empty' }, t('history.empty')),
			h('p', { class: 'muted small' }, t('history.where')),
			all.length > 0 && removal(t('history.all'), clear)),
	};
}
