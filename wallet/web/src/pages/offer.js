// SPDX-License-Identifier: Apache-2.0
//
// A card that waits: its code is typed or came with a link, the issuer says what it is, the holder
// says yes or no. Nothing is used up and nothing is kept before the yes.
import { activationOf, codeGrouped } from '../arrival.js';
import { announce, fill, h } from '../dom.js';
import { apart, installHint } from '../install.js';
import { activationLook } from '../net/activation.js';
import { Offline, Refused } from '../net/api.js';
import { watch } from '../net/events.js';
import { faultText } from '../net/faults.js';
import { activate } from '../net/pending.js';
import { button, field, notice, top } from '../parts.js';
import { take } from '../progress.js';
import { vaultDestroy, vaultLook } from '../store/vault.js';
import { endText, t, timeText } from '../words/words.js';

/** @typedef {import('../app.js').App} App */

/** @type {import('../app.js').PageOpener} args: token?; agreed, made: said yes, and for it a wallet
 *  was made */
export function offerPage(app, { token = '', agreed, made } = {}) {
	const title = t('offer.title');
	const box = h('div', { class: 'stack grow' });

	const scan = () => app.go('scan', { for: 'activation' });
	const home = () => app.go('home');

	function enter() {
		const input = /** @type {HTMLInputElement} */ (h('input', { 'data-test': 'code',
			autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false' }));
		const error = h('p', { class: 'error', role: 'alert', 'data-test': 'error' });
		const onsubmit = (/** @type {Event} */ event) => {
			event.preventDefault();
			const found = activationOf(input.value);
			if ('token' in found) {
				({ token } = found);
				void look();
				return;
			}
			error.textContent = t(`offer.${found.why}`, { host: found.host ?? '' });
			input.setAttribute('aria-invalid', 'true');
			input.focus();
		};
		fill(box, h('form', { class: 'stack grow', onsubmit },
			h('p', { class: 'lead' }, t('offer.intro')), installHint(),
			field(t('offer.code'), input), error,
			h('div', { class: 'actions' },
				h('button', { class: 'primary big', 'data-test': 'next' },
					t('offer.next')),
				button(t('cards.scan'), scan, 'big', 'scan'))));
	}

	async function look() {
		fill(box, h('p', { class: 'busy' }, t('offer.looking')));
		try {
			const found = await activationLook(token);
			ask(found);
		} catch (fault) {
			failed(fault, look);
		}
	}

	function ask(/** @type {Awaited<ReturnType<typeof activationLook>>} */ found) {
		const first = apart(); // then the card, in the app
		fill(box, installHint(), first && h('p', { class: 'number center',
			'data-test': 'typed' }, codeGrouped(token)),
			h('h2', { 'data-test': 'question' }, t('offer.question')),
			h('div', { class: 'card stack tight', 'data-test': 'offered' },
				h('p', { class: 'muted' }, found.issuer),
				h('p', { class: 'lead' }, found.purpose),
				h('p', { class: 'amount' }, found.faceValue),
				h('p', {}, endText(found.notAfter))),
			h('p', {}, t('offer.good', { time: timeText(found.expiresAt) })),
			h('div', { class: 'actions' },
				button(t('offer.take'), yes, first ? 'big' : 'primary big', 'take'),
				button(t('offer.refuse'), no, 'big', 'refuse')));
		announce(t('offer.question'));
	}

	function no() {
		fill(box, notice('good', h('p', { 'data-test': 'refused' }, t('offer.refused'))),
			h('div', { class: 'actions' },
				button(t('offer.home'), home, 'big', 'home')));
		announce(t('offer.refused'));
	}

	/** First a wallet to put it into. @returns {Promise<void>} */
	async function yes() {
		const { vault } = app;
		try {
			if (vault) {
				await take(app, box, (step) => activate(vault, token, { step }));
				return;
			}
			const { state } = await vaultLook();
			await app.go(state === 'locked' ? 'unlock' : 'passcode',
				{ then: 'offer', args: { token, agreed: true } });
		} catch (fault) {
			if (made && vault && fault instanceof Refused && !vault.cards().length) {
				vault.lock(); // as it was before
				app.vault = null;
				await vaultDestroy();
			}
			failed(fault, yes);
		}
	}

	function failed(/** @type {unknown} */ fault, /** @type {() => void} */ again) {
		fill(box, h('div', { role: 'alert', 'data-test': 'fault' },
			notice('bad', h('p', {}, faultText(fault)))),
		h('div', { class: 'actions' },
			!(fault instanceof Refused) &&
				button(t('offer.again'), again, 'primary big', 'again'),
			button(t('offer.other'), enter, 'big', 'other')));
		if (fault instanceof Offline) watch(app); // goes on by itself when there is network
	}

	if (!token) enter();
	else void (agreed ? yes() : look());
	return { title, element: h('div', { class: 'stack' }, top(app, title, 'home'), box) };
}
