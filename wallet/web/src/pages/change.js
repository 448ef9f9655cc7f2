// SPDX-License-Identifier: Apache-2.0
//
// Another passcode in place of the one of now.
import { h } from '../dom.js';
import { top } from '../parts.js';
import { passcodeClean } from '../store/passcode.js';
import { vaultLook } from '../store/vault.js';
import { t } from '../words/words.js';
import { newFault, passField, passForm } from './passField.js';

/** @type {import('../app.js').PageOpener} */
export async function changePage(app) {
	const { vault } = app;
	if (!vault) return { go: 'unlock', args: { then: 'change' } };
	const next = passField(t('passcode.first'), 'next');
	const again = passField(t('passcode.second'), 'again');
	let wanted = '';
	const form = passForm(app, {
		label: t('change.now'), submit: t('change.title'), more: [next, again],
		stand: await vaultLook(),
		before() {
			wanted = passcodeClean(next.input.value);
			const same = wanted === passcodeClean(again.input.value);
			return newFault(wanted) || (same ? '' : t('passcode.differ'));
		},
		work: (passcode) => vault.passcodeChange(passcode, wanted),
		done: () => app.go('settings', { said: t('change.done') }),
	});
	return {
		title: t('change.title'), focus: form.input, close: form.close,
		element: h('div', { class: 'stack' },
			top(app, t('change.title'), 'settings'), form.element),
	};
}
