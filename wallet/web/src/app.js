// SPDX-License-Identifier: Apache-2.0
//
// One page at a time. A page is a function of what the app knows and of what it was opened with; it
// gives its element, and a way to stop what it began. What happens goes one way: a page acts on the
// store or the net, then says where to go.
import { fill, h } from './dom.js';
import { watchUse } from './idle.js';
import { watch } from './net/events.js';
import { notice } from './parts.js';
import { StoreFault } from './store/fault.js';
import { vaultWatch } from './store/vault.js';
import { t } from './words/words.js';

/**
 * @typedef {object} Page
 * @property {HTMLElement} element
 * @property {string} title               of the window, and said when the page opens
 * @property {boolean} [secret]           shows a code: not left standing when nobody is there
 * @property {HTMLElement | null} [focus] where typing goes at once; left out: the title
 * @property {() => void} [close]         timers, camera, locks of the screen
 *
 * @typedef {{go: string, args?: any}} Elsewhere  this page has nothing to show now: that one has
 *
 * @typedef {(app: App, args: any) => Page | Elsewhere | Promise<Page | Elsewhere>} PageOpener
 *
 * @typedef {object} App
 * @property {import('./store/vault.js').Vault | null} vault  open, or null: locked or none
 * @property {(name: string, args?: any) => Promise<void>} go
 * @property {() => Promise<void>} again   the same page anew, in the language of now
 * @property {(rest?: boolean) => Promise<void>} lock  drops every key; rest: no code by itself
 */

/** The pages that Back leaves the wallet from; from every other it goes to the first. */
const FIRST = ['home', 'cards', 'unlock']; // unlocking on the way to a page is not

/** The phone's own Back: one step in the browser's history for all that is not a first page. */
function backKey(/** @type {App} */ app) {
	let wanted = false;
	let mine = false;
	addEventListener('popstate', () => {
		if (!mine) {
			void app.go('home');
		} else if (wanted) { // already somewhere else again
			history.pushState({ deep: true }, '');
		}
		mine = false;
	});
	return (/** @type {string} */ name, /** @type {any} */ args) => {
		wanted = !FIRST.includes(name) || args?.then;
		const deep = history.state?.deep;
		if (wanted && !deep) {
			history.pushState({ deep: true }, '');
		} else if (!wanted && deep && !mine) {
			mine = true;
			history.back();
		}
	};
}

/** A page that could not be made: said in words, not a white screen. */
function faultPage(/** @type {unknown} */ fault) {
	const title = t('app.fault');
	return { title, element: h('div', { class: 'stack' },
		h('h1', { class: 'top', tabindex: -1 }, title),
		notice('bad', ...fault instanceof StoreFault ? [t(`store.${fault.word}`)]
			: [h('p', {}, t('app.faultWhat')), h('p', { class: 'small' }, `${fault}`)]),
		h('a', { class: 'button primary', href: '/' }, t('app.faultDo'))) };
}

/** @param {Record<string, PageOpener>} pages @returns {App} */
export function makeApp(pages) {
	/** @type {Page | null} */
	let shown = null;
	let turn = 0;
	let now = { name: 'home', args: {} };
	const main = h('main', { id: 'page', tabindex: -1 });
	const root = /** @type {HTMLElement} */ (document.getElementById('app'));
	const strip = h('aside', { id: 'strip' }); // a landmark of its own
	const said = h('div', { id: 'said', class: 'sr', role: 'status', 'aria-live': 'polite' });
	fill(root, strip, main, said);

	const show = (/** @type {Page} */ page) => {
		shown?.close?.();
		shown = page;
		document.title = `${page.title} · ${t('app.name')}`;
		main.dataset.page = now.name;
		fill(main, page.element);
		said.textContent = ''; // nothing of the page before, which may be locked now
		(page.focus ?? main.querySelector('h1') ?? main).focus({ preventScroll: true });
		window.scrollTo(0, 0);
	};

	/** @type {App} */
	const app = {
		vault: null,
		async go(name, args = {}) {
			const mine = ++turn;
			/** @type {Page | Elsewhere} */
			let page;
			try {
				page = await pages[name](app, args);
			} catch (fault) {
				page = faultPage(fault);
				name = 'fault';
			}
			if (mine !== turn) { // somebody went elsewhere meanwhile
				if ('close' in page) page.close?.();
				return;
			}
			if ('go' in page) return app.go(page.go, page.args);
			now = { name, args };
			show(page);
			watch(app);
			stepped(name, args);
		},
		again: () => app.go(now.name, now.args),
		lock(rest) {
			app.vault?.lock();
			app.vault = null;
			watch(app);
			return app.go('home', { rest });
		},
	};
	const stepped = backKey(app);
	watchUse(app, () => !!shown?.secret);
	vaultWatch((word) => { if (word === 'gone') void app.lock(); }); // in another tab
	return app;
}
