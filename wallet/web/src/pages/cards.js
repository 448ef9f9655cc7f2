// SPDX-License-Identifier: Apache-2.0
//
// The cards, one beside the other: swipe, tap or arrow key. Each shows its first code, made anew
// each half minute.
import { keepAwake } from '../awake.js';
import { liveStep } from '../code/formula.js';
import { announce, away, h } from '../dom.js';
import { icon } from '../icon.js';
import { clockNow, clockSkew } from '../net/api.js';
import { news } from '../net/events.js';
import { button, iconButton, notice, top } from '../parts.js';
import { remember, remembered } from '../remember.js';
import { cardState, pass } from './pass.js';
import { vaultQuickCards } from '../store/vault.js';
import { t } from '../words/words.js';

/** @typedef {import('../app.js').App} App */
/** @typedef {import('../types').CardPublic} CardPublic */

/** Where a locked wallet is opened first, then goes on. */
const opened = (/** @type {App} */ app, /** @type {string} */ then, /** @type {any} */ args) =>
	() => app.vault ? app.go(then, args) : app.go('unlock', { then, args });

/** @param {App} app */
function head(app) {
	const go = (/** @type {string} */ name, /** @type {string} */ drawing) =>
		iconButton(drawing, t(`cards.${name}`), opened(app, name, {}), name);
	const bar = top(app, t('app.name'));
	bar.append(go('history', 'list'), go('settings', 'gear'), app.vault
		? iconButton('lock', t('cards.lock'), () => app.lock(true), 'lock')
		: iconButton('lock', t('cards.unlock'), () => app.go('unlock'), 'unlock'));
	return bar;
}

/** Said until it was read once. */
function brightness() {
	if (remembered('bright')) return null;
	const line = h('button', { type: 'button', class: 'quiet small bright',
		'data-test': 'bright',
		onclick: () => {
			remember('bright', '1');
			away(line);
		} }, icon('sun'), h('span', {}, t('cards.bright')), icon('close'));
	return line;
}

/** @param {App} app */
function emptyPage(app) {
	return { title: t('app.name'), element: h('div', { class: 'stack' }, head(app),
		h('p', { class: 'lead' }, t('cards.none')),
		button(t('cards.add'), () => app.go('offer'), 'primary big', 'add')) };
}

/** @param {App} app @returns {Promise<{card: CardPublic, key: () => Promise<any>}[]>} */
async function cardsOf(app) {
	const { vault } = app;
	if (vault) return vault.cards().map((card) => ({ card, key: () => vault.keys(card.id) }));
	return (await vaultQuickCards()).map(({ card, keys }) => ({ card, key: async () => keys }));
}

/**
 * The passes side by side, and which one is in sight.
 *
 * @param {ReturnType<typeof pass>[]} passes
 * @param {CardPublic[]} cards
 * @param {number} first
 * @param {(at: number) => void} seen
 */
function turning(passes, cards, first, seen) {
	let at = first;
	const of = cards.length;
	const strip = h('div', { class: 'strip', 'data-test': 'strip' },
		...passes.map(({ element }) => element));
	const show = (/** @type {ScrollBehavior} */ behavior) =>
		passes[at].element.scrollIntoView({ block: 'nearest', inline: 'center', behavior });
	const move = (/** @type {number} */ by) => {
		if (!cards[at + by]) return;
		turned(at + by);
		show('auto');
	};
	const prev = iconButton('back', t('cards.prev'), () => move(-1), 'prev');
	const next = iconButton('next', t('cards.next'), () => move(1), 'next');
	const count = h('span', { class: 'muted small', 'data-test': 'count' });
	const turned = (/** @type {number} */ to) => {
		const words = t('cards.count', { at: to + 1, of });
		if (to !== at) announce(`${cards[to].purpose}. ${words}`);
		at = to;
		passes.forEach(({ element }, i) => { element.inert = i !== at; });
		// not `disabled`: that would lose the focus
		prev.setAttribute('aria-disabled', `${!at}`);
		next.setAttribute('aria-disabled', `${at === of - 1}`);
		count.textContent = words;
		seen(at);
	};
	// not while a finger moves it: what changes in the page then makes the engine snap back
	strip.addEventListener('onscrollend' in window ? 'scrollend' : 'scroll', () => {
		const to = Math.round(Math.abs(strip.scrollLeft) / strip.clientWidth);
		if (to !== at && cards[to]) turned(to);
	}, { passive: true });
	turned(first);
	const nav = of > 1
		&& h('nav', { class: 'turn', 'aria-label': t('cards.turn') }, prev, count, next);
	// the first one in sight: it has a place only when the page is in the document
	requestAnimationFrame(() => show('instant'));
	return { strip, nav, move };
}

/** @type {import('../app.js').PageOpener} */
export async function cardsPage(app, { cardId } = {}) {
	const held = await cardsOf(app);
	if (!held.length) return app.vault ? emptyPage(app) : { go: 'unlock' };
	const cards = held.map(({ card }) => card);
	const passes = held.map(({ card, key }) => pass(app, card, key));
	let now = cards[0];
	const scan = button('', () => opened(app, 'scan', { for: 'any', cardId: now.id })(),
		'big', 'scan');
	const answer = button('', () => opened(app, 'answer', { cardId: now.id })(),
		'primary big', 'answer');
	scan.append(icon('scan'), t('cards.scan'));
	answer.append(icon('keys'), t('cards.answer'));
	const first = Math.max(0, cards.findIndex(({ id }) => id === cardId));
	const { strip, nav, move } = turning(passes, cards, first, (at) => {
		now = cards[at];
		answer.toggleAttribute('disabled', !!cardState(now));
	});
	const skew = clockSkew();
	const element = h('div', { class: 'stack tight' }, head(app),
		skew !== 0 && notice('warn',
			h('p', {}, t('cards.clock', { seconds: Math.abs(skew) }))),
		strip, nav, brightness(), h('div', { class: 'actions two' }, scan, answer));
	const again = () => void app.go('cards', { cardId: now.id });
	return { title: t('app.name'), element, secret: true,
		close: live(passes, move, again, !!skew) };
}

/**
 * What goes on while the page is open: codes are drawn at each step of the live tag and at a new
 * size; a card that ends, ends here too.
 *
 * @param {ReturnType<typeof pass>[]} passes
 * @param {(by: number) => void} move
 * @param {() => void} again  a card has another status, or the clock
 * @param {boolean} skewed    it is said that the clock is wrong
 */
function live(passes, move, again, skewed) {
	let drawn = 0;
	const draw = () => {
		drawn = liveStep(clockNow());
		for (const p of passes) void p.draw();
	};
	const look = () => {
		if (document.visibilityState !== 'visible') return;
		if (!!clockSkew() !== skewed || passes.some(({ stale }) => stale())) again();
		else if (drawn !== liveStep(clockNow())) draw();
	};
	const timer = setInterval(look, 1000);
	const press = (/** @type {KeyboardEvent} */ { key, altKey, ctrlKey, metaKey }) => {
		if (altKey || ctrlKey || metaKey) return;
		if (key === 'ArrowLeft') move(-1);
		if (key === 'ArrowRight') move(1);
	};
	const size = new ResizeObserver(draw);
	for (const { element } of passes) size.observe(element);
	const awake = keepAwake();
	addEventListener('keydown', press);
	document.addEventListener('visibilitychange', look);
	news.addEventListener('card', again);
	return () => {
		clearInterval(timer);
		awake();
		size.disconnect();
		removeEventListener('keydown', press);
		document.removeEventListener('visibilitychange', look);
		news.removeEventListener('card', again);
		for (const { wipe } of passes) wipe();
	};
}
