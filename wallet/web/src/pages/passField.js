// SPDX-License-Identifier: Apache-2.0
//
// Where a passcode is typed, and what is said about a try: wrong, how many are left, how long to
// wait. The browser keeps nothing of it (a password field is not in its saved session, and a
// one-time code is not offered to its password manager).
import { announce, fill, h } from '../dom.js';
import { PASSCODE_MAX, PASSCODE_MIN, TRIES_MAX } from '../limits.js';
import { faultText } from '../net/faults.js';
import { button, field } from '../parts.js';
import { passcodeClean, passcodeFault, passcodeForm } from '../store/passcode.js';
import { t } from '../words/words.js';

/** @typedef {import('../store/tries.js').Outcome} Outcome */

const LENGTHS = { min: PASSCODE_MIN, max: PASSCODE_MAX };

/** Why this cannot be a new passcode, in words. @param {string} passcode  clean */
export function newFault(passcode) {
	const fault = passcodeFault(passcode);
	return fault && t(`passcode.${fault}`, LENGTHS);
}

/** @param {string} label @param {string} test @param {string} [hint] */
export function passField(label, test, hint) {
	const input = /** @type {HTMLInputElement} */ (h('input', {
		type: 'password', class: 'number', inputmode: 'numeric', enterkeyhint: 'go',
		autocomplete: 'one-time-code', 'data-test': test,
	}));
	return { element: field(label, input, hint), input };
}

/** A line that is empty until something is to be said. @param {string} [test] */
export function faultLine(test = 'fault') {
	const line = h('p', { class: 'error', role: 'alert', 'data-test': test });
	return { line, say: (/** @type {string} */ text) => { line.textContent = text; } };
}

/**
 * A form that costs a try.
 *
 * @param {import('../app.js').App} app
 * @param {object} options
 * @param {string} options.label     of the field
 * @param {string} options.submit    of the button
 * @param {ReturnType<typeof passField>[]} [options.more]  fields after the first
 * @param {{left: number, waitS: number}} options.stand    as vaultLook() says
 * @param {(passcode: string) => string} [options.before]  a fault in words: then no try is made
 * @param {(passcode: string) => Promise<Outcome>} options.work
 * @param {() => any} options.done
 */
export function passForm(app, { label, submit, more = [], stand, before, work, done }) {
	const first = passField(label, 'passcode');
	const { line, say } = faultLine();
	const wait = h('p', { class: 'muted', 'data-test': 'wait' });
	const press = button(submit, () => {}, 'primary big wide', 'open');
	press.setAttribute('type', 'submit');
	/** @type {ReturnType<typeof setInterval>} */
	let timer;

	const tell = (/** @type {{left: number, waitS: number}} */ { left, waitS }) => {
		clearInterval(timer);
		const end = performance.now() + waitS * 1000;
		const tick = () => {
			const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
			fill(wait, seconds ? t('unlock.wait', { seconds })
				: left < TRIES_MAX && t('unlock.left', { left }));
			press.toggleAttribute('disabled', seconds > 0);
			if (seconds) return;
			clearInterval(timer);
			if (waitS) announce(wait.textContent ?? ''); // it can be pressed again
		};
		tick();
		if (!waitS) return;
		timer = setInterval(tick, 250);
		announce(wait.textContent ?? '');
	};

	const after = (/** @type {Outcome} */ outcome) => {
		if (!outcome.why) return done();
		if (outcome.why === 'closed' || outcome.why === 'none') return app.lock();
		if (outcome.why === 'wrong') say(t('unlock.wrong', { left: outcome.left }));
		tell(outcome);
		first.input.focus();
	};

	const onsubmit = async (/** @type {Event} */ event) => {
		event.preventDefault();
		const passcode = passcodeClean(first.input.value);
		const fault = passcodeForm(passcode)
			? before?.(passcode) : t('passcode.form', LENGTHS);
		say(fault ?? '');
		if (fault) return;
		press.setAttribute('disabled', '');
		press.classList.add('busy');
		for (const { input } of [first, ...more]) input.value = '';
		try {
			after(await work(passcode));
		} catch (error) {
			say(faultText(error));
			tell({ ...stand, waitS: 0 });
		} finally {
			press.classList.remove('busy');
		}
	};
	const form = h('form', { class: 'stack', novalidate: true, onsubmit },
		h('input', { autocomplete: 'username', hidden: true }), // else Chromium complains
		first.element, ...more.map(({ element }) => element), line, wait, press);
	tell(stand);
	return { element: form, input: first.input, say, close: () => clearInterval(timer) };
}
