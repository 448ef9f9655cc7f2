// SPDX-License-Identifier: Apache-2.0
//
// The number of the terminal is typed or pasted; its last digit gives the second code at once. Who
// wants to can bind the answer to the amount.
import { answered } from '../answered.js';
import { amountParse } from '../code/amount.js';
import { h } from '../dom.js';
import { faultText } from '../net/faults.js';
import { button, field, top } from '../parts.js';
import { remember, remembered } from '../remember.js';
import { amountText, currentLanguage, t } from '../words/words.js';
import { cardState } from './pass.js';
import { codeTaken } from './scan.js';

/** @typedef {HTMLInputElement} Input */

/** In groups as the terminal shows them: ui/digits.h. @param {string} digits @param {number} n */
function grouped(digits, n) {
	const gap = (/** @type {number} */ i) => n % 3 === 0 ? i % 3 === 0
		: n === 7 ? i === 3 || i === 5 : i % 2 === 0;
	return digits.replace(/\d/g, (digit, i) => i && gap(i) ? ` ${digit}` : digit);
}

/** @param {string} text */
const digitsOf = (text) => text.normalize('NFKC').replace(/[^0-9]/g, '');

/** The caret stays behind the digit that it was behind. @param {Input} input @param {number} n */
function regroup(input, n) {
	const digits = digitsOf(input.value);
	const left = digitsOf(input.value.slice(0, input.selectionStart ?? undefined)).length;
	input.value = grouped(digits, n);
	const at = grouped(digits.slice(0, left), n).length;
	input.setSelectionRange(at, at);
	return digits;
}

/** Amount and currency, opened when somebody wants them. */
function amountFields() {
	const amount = /** @type {Input} */ (h('input', { type: 'text', inputmode: 'decimal',
		autocomplete: 'off', 'data-test': 'amount', enterkeyhint: 'done' }));
	const currency = /** @type {Input} */ (h('input', { type: 'text', maxlength: 3, size: 4,
		autocapitalize: 'characters', autocomplete: 'off', 'data-test': 'currency',
		value: remembered('currency') ?? (currentLanguage() === 'en' ? 'EUR' : 'CNY') }));
	const echo = h('p', { class: 'hint', 'data-test': 'echo' });
	const first = field(t('answer.amount'), amount);
	first.classList.add('grow');
	const code = () => currency.value.trim().toUpperCase();
	const read = () => /^[A-Z]{3}$/.test(code()) ? amountParse(amount.value, code()) : null;
	const element = h('div', { class: 'stack tight', oninput: () => {
		const minor = read();
		echo.textContent = minor === null ? '' : amountText(minor, code());
	} }, h('div', { class: 'row' }, first, field(t('answer.currency'), currency)), echo);
	return { element, amount, code, read };
}

/** @type {import('../app.js').PageOpener} args: cardId */
export function answerPage(app, { cardId } = {}) {
	const { vault } = app;
	if (!vault) return { go: 'unlock', args: { then: 'answer', args: { cardId } } };
	const cards = vault.cards();
	const card = cards.find(({ id }) => id === (cardId ?? (cards.length === 1 && id)));
	if (!card || cardState(card)) return { go: 'cards', args: { cardId } }; // says why
	vault.keys(card.id).catch(() => {}); // ready when the last digit comes
	const n = card.digits;
	const input = /** @type {Input} */ (h('input', { type: 'text', class: 'number',
		inputmode: 'numeric', autocomplete: 'off', enterkeyhint: 'done',
		'data-test': 'number', oninput: () => typed() }));
	const error = h('p', { class: 'error', role: 'alert', 'data-test': 'error' });
	/** @type {ReturnType<typeof amountFields> | undefined} */
	let more;
	let gone = false;

	/** @param {string} words @param {Input} [at] */
	const say = (words, at) => {
		error.textContent = words;
		input.setAttribute('aria-invalid', String(at === input));
		more?.amount.setAttribute('aria-invalid', String(at === more.amount));
		at?.focus();
	};
	const wrong = (/** @type {string} */ { length: got }) =>
		say(t('answer.digits', { n, got }), input);
	const done = async () => {
		const number = digitsOf(input.value);
		if (number.length !== n) return wrong(number);
		const amount = more?.read();
		if (more && !amount) return say(t('answer.badAmount'), more.amount);
		if (gone) return;
		gone = true;
		if (more) remember('currency', more.code());
		try {
			await answered(app, card, more && amount
				? { number, amount, currency: more.code() } : { number });
		} catch (fault) {
			gone = false;
			say(faultText(fault));
		}
	};
	const typed = () => {
		const { value } = input;
		if (value.includes('/')) return say(codeTaken(app, value.trim(), {}), input);
		const digits = regroup(input, n);
		if (digits.length > n) return wrong(digits);
		say('');
		if (digits.length === n && more && !more.amount.value) more.amount.focus();
		else if (digits.length === n) void done();
	};
	const open = button(t('answer.withAmount'), () => {
		more = amountFields();
		open.replaceWith(more.element,
			h('button', { class: 'primary', 'data-test': 'show' }, t('home.quick')));
		more.amount.focus();
	}, 'quiet', 'with-amount');

	return { title: t('answer.title'), focus: input, element: h('div', { class: 'stack' },
		top(app, t('answer.title'), 'cards', { cardId: card.id }),
		h('p', { class: 'muted' }, `${card.purpose} · ${card.issuer.name}`),
		h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
			event.preventDefault();
			void done();
		} }, field(t('answer.number'), input, t('answer.hint', { n })), error, open),
		h('div', { class: 'actions' },
			button(t('answer.scan'),
				() => app.go('scan', { for: 'challenge', cardId: card.id }),
				'big', 'scan'))) };
}
