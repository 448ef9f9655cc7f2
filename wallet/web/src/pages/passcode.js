// SPDX-License-Identifier: Apache-2.0
//
// The passcode of a new wallet, twice the same. The wallet is made when it is right.
import { h } from '../dom.js';
import { TRIES_MAX } from '../limits.js';
import { top } from '../parts.js';
import { passcodeClean } from '../store/passcode.js';
import { vaultMake } from '../store/vault.js';
import { t } from '../words/words.js';
import { newFault, passField, passForm } from './passField.js';

/** @type {import('../app.js').PageOpener} args: then, args: the page that goes on with it */
export function passcodePage(app, { then = 'home', args = {} } = {}) {
	const title = t('passcode.title');
	const stand = { left: TRIES_MAX, waitS: 0 };
	const again = passField(t('passcode.second'), 'again');
	const form = passForm(app, {
		label: t('passcode.first'), submit: title, more: [again], stand,
		before(passcode) {
			const same = passcode === passcodeClean(again.input.value);
			return newFault(passcode) || (same ? '' : t('passcode.differ'));
		},
		async work(passcode) {
			app.vault = await vaultMake(passcode);
			return { why: '', ...stand };
		},
		done: () => app.go(then, { ...args, made: true }),
	});
	return {
		title, focus: form.input, close: form.close,
		element: h('div', { class: 'stack' }, top(app, title, 'home'),
			h('p', {}, t('passcode.intro')), form.element),
	};
}
