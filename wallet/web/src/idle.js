// SPDX-License-Identifier: Apache-2.0
//
// Nobody looks: what is on the screen is covered at once, and soon the wallet is locked. Nobody
// touches: locked too.
import { HIDDEN_LOCK_S, IDLE_LOCK_S } from './limits.js';

/**
 * @param {import('./app.js').App} app
 * @param {() => boolean} secret  a code is shown
 */
export function watchUse(app, secret) {
	let touched = Date.now();
	let left = 0;
	/** A clock that was set back gives no more time. */
	const over = (/** @type {number} */ since, /** @type {number} */ seconds) =>
		Date.now() < since || Date.now() - since >= seconds * 1000;
	const touch = () => { touched = Date.now(); };
	for (const name of ['pointerdown', 'keydown', 'input', 'scroll'])
		addEventListener(name, touch, { capture: true, passive: true });

	const cover = () => {
		left ||= Date.now();
		document.body.classList.add('blank');
	};
	addEventListener('pagehide', cover);
	addEventListener('pageshow', () => look());
	const look = () => {
		if (document.visibilityState === 'hidden') return cover();
		// not uncovered before it is locked: what was shown must not be seen for one moment
		const late = left && over(left, HIDDEN_LOCK_S) && app.vault;
		left = 0;
		void Promise.resolve(late ? app.lock() : null)
			.then(() => document.body.classList.remove('blank'));
	};
	document.addEventListener('visibilitychange', look);
	setInterval(() => {
		if (left) {
			if (over(left, HIDDEN_LOCK_S) && app.vault) void app.lock();
		} else if (over(touched, IDLE_LOCK_S) && (app.vault || secret())) {
			touch();
			void app.lock(true);
		}
	}, 1000);
}
