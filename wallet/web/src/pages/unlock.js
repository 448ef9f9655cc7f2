// SPDX-License-Identifier: Apache-2.0
//
// The passcode, or the phone's own lock.
import { h } from '../dom.js';
import { faultText } from '../net/faults.js';
import { button, top } from '../parts.js';
import { vaultLook, vaultOpen, vaultOpenByDevice } from '../store/vault.js';
import { t } from '../words/words.js';
import { passForm } from './passField.js';

/** @type {import('../app.js').PageOpener} */
export async function unlockPage(app, { then, next, args } = {}) {
	const stand = await vaultLook();
	if (stand.state !== 'locked') return { go: stand.state === 'closed' ? 'closed' : 'home' };

	const enter = async (/** @type {ReturnType<typeof vaultOpen>} */ opening) => {
		const { vault, ...outcome } = await opening;
		app.vault = vault ?? app.vault;
		return outcome;
	};
	const done = () => app.go(then ?? next ?? 'cards', args);
	const form = passForm(app, { label: t('unlock.passcode'), submit: t('unlock.open'), stand,
		work: (passcode) => enter(vaultOpen(passcode)), done });
	const byDevice = async () => {
		try {
			const outcome = await enter(vaultOpenByDevice());
			await (outcome.why ? app.lock() : done());
		} catch (error) {
			form.say(faultText(error));
		}
	};
	return {
		title: t('unlock.title'),
		focus: stand.device ? undefined : form.input,
		close: form.close,
		element: h('div', { class: 'stack' }, top(app, t('unlock.title'),
			// else it would lead here again
			stand.cards.some(({ quick }) => quick) ? 'home' : ''),
			stand.device && button(t('unlock.device'), byDevice, 'big wide', 'device'),
			form.element,
			button(t('unlock.forgot'), () => app.go('settings'), 'quiet', 'forgot')),
	};
}
