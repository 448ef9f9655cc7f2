// SPDX-License-Identifier: Apache-2.0
//
// The service worker: begun without waiting for it, and a new version of the page is announced. It
// is taken when the person says so, or when the wallet is opened the next time.
import { announce, h } from './dom.js';
import { button, notice } from './parts.js';
import { t } from './words/words.js';

const SCRIPT = '/sw.js';
const LOOK_MS = 3600000; // a wallet that stays open looks for a new version so often

/** The one address that may become a script, where the engine asks. */
function scriptUrl() {
	const types = /** @type {any} */ (window).trustedTypes;
	if (!types) return SCRIPT;
	const policy = types.createPolicy('wallet-sw', { createScriptURL: () => SCRIPT });
	return policy.createScriptURL('');
}

/** The newest that waits is taken, whichever it is then. @param {ServiceWorkerRegistration} of */
function announceUpdate(of) {
	const box = notice('', h('p', {}, t('app.update')), button(t('app.updateNow'),
		() => of.waiting?.postMessage('now'), 'primary', 'update'));
	box.id = 'update';
	document.getElementById('update')?.remove();
	document.getElementById('strip')?.prepend(box);
	announce(t('app.update'));
}

export async function startServiceWorker() {
	const workers = navigator.serviceWorker;
	if (!workers) return;
	let first = !workers.controller;
	workers.addEventListener('controllerchange', () => {
		if (!first) location.reload();
		first = false;
	});
	try {
		const registration = await workers.register(scriptUrl());
		const look = () => {
			if (registration.waiting && workers.controller)
				announceUpdate(registration);
		};
		const come = () =>
			registration.installing?.addEventListener('statechange', look);
		registration.addEventListener('updatefound', come);
		come(); // the browser may have found it before
		look();
		setInterval(() => registration.update().catch(() => {}), LOOK_MS);
	} catch { /* a browser that keeps nothing: the page works while there is network */ }
}
