// SPDX-License-Identifier: Apache-2.0
//
// One transaction: what is known of it, and the code that proves its receipt.
import { h } from '../dom.js';
import { button, top } from '../parts.js';
import { drawCode } from '../show/qr.js';
import { t, timeText } from '../words/words.js';
import { onNews, outcome, removal } from './history.js';

/** What the backend calls it; others are clear from the state.
 *  @type {Record<string, string>} */
const REASONS = {
	'wrong-answer': 'receipt.answer', 'wrong-pin': 'receipt.pin', 'pin-timeout': 'receipt.late',
	'number-expired': 'receipt.late', frozen: 'cards.frozen', void: 'cards.void',
};

/** @param {string} text */
function proof(text) {
	const canvas = /** @type {HTMLCanvasElement} */ (h('canvas', {
		role: 'img', 'data-code': true, 'aria-label': t('receipt.code') }));
	const zone = h('div', { class: 'code' }, canvas);
	const size = new ResizeObserver(() => drawCode(canvas, text, zone.clientWidth));
	size.observe(zone);
	return { close: () => size.disconnect(),
		element: h('div', { class: 'stack tight' }, h('h2', {}, t('receipt.code')), zone) };
}

/** @type {import('../app.js').PageOpener} args: id */
export async function receiptPage(app, { id }) {
	const { vault } = app;
	if (!vault) return { go: 'unlock', args: { then: 'receipt', args: { id } } };
	const entry = (await vault.history()).find((one) => one.id === id);
	if (!entry) return { go: 'history' };
	const title = t('receipt.title');
	const card = vault.cards().find((one) => one.id === entry.card);
	const code = entry.receiptCode ? proof(entry.receiptCode) : null;
	const reason = REASONS[entry.reason ?? ''];
	const fact = (/** @type {string} */ name, /** @type {string | undefined} */ value) =>
		value ? [h('dt', {}, t(`receipt.${name}`)),
			h('dd', { 'data-test': name }, value)] : [];
	const off = onNews(() => app.go('receipt', { id }));
	return {
		title, close() {
			code?.close();
			off();
		},
		element: h('div', { class: 'stack' }, top(app, title, 'history'),
			h('div', { class: 'card stack tight' },
				entry.merchant
					&& h('h2', { 'data-test': 'merchant' }, entry.merchant),
				h('p', { class: 'lead' }, outcome(entry)),
				reason && h('p', { 'data-test': 'reason' }, t(reason)),
				h('p', { class: 'muted small' }, timeText(entry.at), h('br'),
					card && `${card.purpose} · ${card.issuer.name}`),
				h('dl', { class: 'facts' }, ...fact('number', entry.receipt),
					...fact('reference', entry.reference))),
			code?.element,
			removal(t('history.delete'), async () => {
				await vault.historyRemove(id);
				await app.go('history');
			}),
			h('div', { class: 'actions' }, button(t('second.done'),
				() => app.go('cards', { cardId: entry.card }), 'primary big',
				'done'))),
	};
}
