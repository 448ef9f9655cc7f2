// SPDX-License-Identifier: Apache-2.0
//
// One page at a time. A page is a function of what the app knows and of what it was opened with; it
// gives its element, and a way to stop what it began. What happens goes one way: a page acts on the
// store or the net, then says where to go.
import { fill, h } from './dom.js';
import { t } from './words/words.js';

/**
 * @typedef {object} Page
 * @property {HTMLElement} element
 * @property {string} title               of the window, and said when the page opens
 * @property {boolean} [secret]           shows a code: blanked while the page is hidden
 * @property {() => void} [close]         timers, camera, locks of the screen
 *
 * @typedef {(app: App, args: any) => Page | Promise<Page>} PageOpener
 *
 * @typedef {object} App
 * @property {import('./store/vault.js').Vault | null} vault  open, or null: locked or none
 * @property {(name: string, args?: any) => Promise<void>} go
 * @property {() => void} lock             drops every key and goes to the first page
 */

/** @param {Record<string, PageOpener>} pages @returns {App} */
export function makeApp(pages) {
	/** @type {Page | null} */
	let shown = null;
	let turn = 0;
	const main = h('main', { id: 'page', tabindex: -1 });
	const root = /** @type {HTMLElement} */ (document.getElementById('app'));
	fill(root, main, h('div', { id: 'said', role: 'status', 'aria-live': 'polite' }));

	/** @type {App} */
	const app = {
		vault: null,
		async go(name, args = {}) {
			const mine = ++turn;
			const opener = pages[name];
			if (!opener) throw new Error(`no page ${name}`);
			const page = await opener(app, args);
			if (mine !== turn) { // somebody went elsewhere meanwhile
				page.close?.();
				return;
			}
			shown?.close?.();
			shown = page;
			document.title = `${page.title} · ${t('app.name')}`;
			main.dataset.page = name;
			fill(main, page.element);
			main.focus({ preventScroll: true });
			window.scrollTo(0, 0);
		},
		lock() {
			app.vault?.lock();
			app.vault = null;
			void app.go('home');
		},
	};
	return app;
}
