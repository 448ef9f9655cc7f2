// SPDX-License-Identifier: Apache-2.0
//
// What the terminal's challenge code asks to agree to, large; or why it is not answered.
import { answered } from '../answered.js';
import { challengeOpen } from '../code/formula.js';
import { h } from '../dom.js';
import { clockNow } from '../net/api.js';
import { button, notice, top } from '../parts.js';
import { amountText, t } from '../words/words.js';

/** @typedef {import('../types').CardPublic} CardPublic */
/** @typedef {import('../types').Challenge} Challenge */

/** @param {import('../app.js').App} app @param {string} why */
function refused(app, why) {
	const title = t('challenge.refused');
	return { title, element: h('div', { class: 'stack' }, top(app, title, 'home'),
		h('div', { role: 'alert', 'data-test': 'refused' }, notice('bad', h('p', {}, why))),
		h('div', { class: 'actions' },
			button(t('scan.again'), () => app.go('scan', { for: 'challenge' }),
				'primary big', 'scan'),
			button(t('app.back'), () => app.go('home'), 'big', 'home'))) };
}

/** @type {import('../app.js').PageOpener} args: cardId, challenge */
export async function challengePage(app, args) {
	const { vault } = app;
	if (!vault) return { go: 'unlock', args: { then: 'challenge', args } };
	/** @type {Challenge} */
	const challenge = args.challenge;
	const card = vault.cards().find(({ id }) => id === args.cardId);
	if (!card) return refused(app, t('scan.noCard'));
	const word = await challengeOpen(card, await vault.keys(card.id), challenge, clockNow());
	if (word === 'other-card') return refused(app, t('scan.noCard'));
	if (word !== 'ok') return refused(app, t(`scan.${word}`, { issuer: card.issuer.name }));
	return question(app, card, challenge);
}

/** @param {import('../app.js').App} app @param {CardPublic} card @param {Challenge} challenge */
function question(app, card, challenge) {
	const { merchant, amount, currency, reference, number, expires } = challenge;
	const title = t(amount ? 'challenge.pay' : 'challenge.title');
	const left = h('dd', { 'data-test': 'left' });
	const again = () => app.go('challenge', { cardId: card.id, challenge });
	const tick = () => {
		const seconds = expires - clockNow();
		left.textContent = t('challenge.seconds', { seconds });
		if (seconds <= 0) void again(); // says that it has run out
	};
	const timer = setInterval(tick, 1000);
	tick();
	const confirm = button(t('challenge.confirm'), () => {
		if (expires <= clockNow()) return void again();
		confirm.setAttribute('disabled', '');
		answered(app, card, { challenge }).catch(again);
	}, 'primary big', 'confirm');
	/** @param {string} name @param {string | Node} value */
	const row = (name, value) => value ? [h('dt', {}, t(`challenge.${name}`)),
		value instanceof Node ? value : h('dd', {}, value)] : [];

	return { title, close: () => clearInterval(timer), element: h('div', { class: 'stack' },
		top(app, title, 'cards', { cardId: card.id }),
		h('div', { class: 'card stack tight center' },
			h('p', { class: 'lead', 'data-test': 'merchant' }, merchant),
			!!amount && h('p', { class: 'amount', 'data-test': 'amount' },
				amountText(amount, currency))),
		h('dl', { class: 'card facts' },
			...row('reference', reference), ...row('number', number),
			...row('card', `${card.purpose} · ${card.issuer.name}`),
			...row('left', left)),
		h('p', { class: 'muted' }, t('challenge.check')),
		h('div', { class: 'actions' }, confirm,
			button(t('app.cancel'), () => app.go('cards', { cardId: card.id }),
				'big', 'cancel'))) };
}
