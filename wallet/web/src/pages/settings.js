// SPDX-License-Identifier: Apache-2.0
//
// What the holder decides: passcode, the phone's own lock, what is shown at once, language, and
// what goes. A locked wallet has only what needs no passcode.
import { fill, h } from '../dom.js';
import { faultText } from '../net/faults.js';
import { button, languageSwitch, notice, top } from '../parts.js';
import { deviceAble, vaultDestroy, vaultLook } from '../store/vault.js';
import { t } from '../words/words.js';
import { faultLine, passForm } from './passField.js';

/** @typedef {import('../app.js').App} App */
/** @typedef {import('../store/vault.js').Vault} Vault */

/** @param {string} title @param {...(Node | string | null | undefined | false)} children */
const part = (title, ...children) =>
	h('section', { class: 'stack tight' }, h('h2', {}, title), ...children);

/**
 * Asked once more before something goes for good.
 *
 * @param {string} text @param {string} question @param {string} test @param {() => any} work
 */
function sure(text, question, test, work) {
	const box = h('div');
	const closed = () => fill(box, button(text, open, 'danger', test));
	const open = () => {
		const no = button(t('app.cancel'), closed, '', `${test}-no`);
		fill(box, notice('warn', h('p', {}, question),
			h('div', { class: 'row' },
				button(text, work, 'danger', `${test}-yes`), no)));
		no.focus();
	};
	closed();
	return box;
}

/**
 * @param {string} label @param {boolean} on @param {string} test
 * @param {(on: boolean) => Promise<any>} work
 */
function check(label, on, test, work) {
	const { line, say } = faultLine(`${test}-fault`);
	const box = /** @type {HTMLInputElement} */ (h('input', { type: 'checkbox', checked: on,
		'data-test': test, onchange: async () => {
			say('');
			box.disabled = true;
			try {
				await work(box.checked);
			} catch (error) {
				box.checked = !box.checked;
				say(faultText(error));
			}
			box.disabled = false;
		} }));
	return h('div', {}, h('label', { class: 'check' }, box, h('span', {}, label)), line);
}

/** @param {App} app @param {Vault} vault */
async function lockPart(app, vault) {
	const ask = h('div');
	const stand = await vaultLook();
	const turn = async (/** @type {boolean} */ on) => {
		if (!on) {
			await vault.deviceSet(false);
			return fill(ask);
		}
		const form = passForm(app, {
			label: t('unlock.passcode'), submit: t('settings.deviceOn'), stand,
			work: (passcode) => vault.deviceSet(true, passcode),
			done: () => app.go('settings'),
		});
		fill(ask, form.element);
		form.input.focus();
	};
	const device = (vault.device || await deviceAble())
		&& check(t('settings.device'), vault.device, 'device', turn);
	return part(t('settings.lock'),
		button(t('change.title'), () => app.go('change'), '', 'change'),
		device, device && h('p', { class: 'hint' }, t('settings.deviceWhat')), ask);
}

/** @param {App} app @param {Vault} vault */
function cardsPart(app, vault) {
	const cards = vault.cards();
	return part(t('settings.quick'),
		cards.length > 0 && h('p', { class: 'hint' }, t('settings.quickWhat')),
		...cards.map(({ id, purpose, issuer: { name }, quick }) => {
			const remove = async () => {
				await vault.remove(id);
				await app.again();
			};
			return h('div', { class: 'card stack tight' },
				h('strong', {}, `${purpose} · ${name}`),
				check(t('settings.quickOn'), quick, 'quick',
					(on) => vault.quickSet(id, on)),
				sure(t('settings.remove'),
					t('settings.removeSure', { issuer: name }),
					'remove', remove));
		}), button(t('cards.add'), () => app.go('offer'), '', 'add'));
}

/** @type {import('../app.js').PageOpener} */
export async function settingsPage(app, { said } = {}) {
	const { vault } = app;
	const { state } = await vaultLook();
	const destroy = async () => {
		await vaultDestroy();
		await app.lock();
	};
	return {
		title: t('settings.title'),
		element: h('div', { class: 'stack' }, top(app, t('settings.title'), 'home'),
			said && notice('good', said),
			vault && await lockPart(app, vault),
			vault && cardsPart(app, vault),
			part(t('app.language'), languageSwitch(app)),
			button(t('settings.stolen'), () => app.go('lost'), '', 'lost'),
			state !== 'none' && part(t('settings.destroy'),
				!vault && h('p', { class: 'hint' }, t('settings.forgot')),
				sure(t('settings.everything'), t('settings.destroySure'),
					'destroy', destroy))),
	};
}
