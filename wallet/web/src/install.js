// SPDX-License-Identifier: Apache-2.0
//
// On the home screen the wallet has a place of its own, and the browser does not clear it away. On
// iPhones that place is another store than the browser's: install first, then take credentials.
import { h } from './dom.js';
import { button, notice } from './parts.js';
import { t } from './words/words.js';

/** @type {any} the browser's own question, kept until somebody wants it */
let question = null;
addEventListener('beforeinstallprompt', (event) => {
	event.preventDefault();
	question = event;
	document.dispatchEvent(new Event('installable'));
});

const installed = () => matchMedia('(display-mode: standalone)').matches
	|| /** @type {any} */ (navigator).standalone;
/** iPads say that they are Macs, but have a touch screen. */
const isApple = () => /iPhone|iPad|iPod/.test(navigator.userAgent)
	|| (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

/** What is taken here is not in the app of the home screen. */
export const apart = () => isApple() && !installed();

/** A button or words, or nothing where there is nothing to do. */
export function installHint() {
	if (apart()) return notice('', h('p', {}, t('app.installApple')));
	if (installed()) return null;
	const box = h('div', {}, button(t('app.install'), async () => {
		const answer = await question.prompt();
		if (answer?.outcome === 'accepted') box.hidden = true;
	}, 'wide', 'install'));
	box.hidden = !question;
	document.addEventListener('installable', () => { box.hidden = false; }, { once: true });
	return box;
}
