// SPDX-License-Identifier: Apache-2.0
//
// A card that has ended is renewed: the same card with a new secret, under the same passcode.
import { fill, h } from '../dom.js';
import { Offline, clockNow } from '../net/api.js';
import { watch } from '../net/events.js';
import { faultText } from '../net/faults.js';
import { renew } from '../net/renewal.js';
import { button, notice, top } from '../parts.js';
import { take } from '../progress.js';
import { endText, t } from '../words/words.js';

/** @type {import('../app.js').PageOpener} args: cardId */
export function renewPage(app, { cardId }) {
	const { vault } = app;
	if (!vault) return { go: 'unlock', args: { then: 'renew', args: { cardId } } };
	const card = vault.cards().find(({ id }) => id === cardId);
	if (!card) return { go: 'cards' };
	const title = t('cards.renew');
	const box = h('div', { class: 'stack grow' });
	const over = card.notAfter <= clockNow();
	const begin = over &&
		h('div', { class: 'actions' }, button(title, run, 'primary big', 'now'));

	async function run() {
		if (!vault) return;
		try {
			await take(app, box, (step) => renew(vault, cardId, step));
		} catch (fault) {
			fill(box, h('div', { role: 'alert', 'data-test': 'fault' },
				notice('bad', h('p', {}, faultText(fault)))), begin);
			if (fault instanceof Offline) watch(app); // goes on with network
		}
	}

	fill(box, h('p', { class: 'lead' }, `${card.purpose} · ${card.issuer.name}`),
		h('p', {}, endText(card.notAfter)),
		h('p', { 'data-test': 'what' }, t(over ? 'renew.what' : 'renew.early')), begin);
	return { title,
		element: h('div', { class: 'stack' }, top(app, title, 'cards', { cardId }), box) };
}
