// SPDX-License-Identifier: Apache-2.0
//
// Elements without innerHTML: text is always text.

/** @param {any[]} children @returns {(Node | string)[]} */
const there = (children) => children.filter(Boolean);

/**
 * h('button', {class: 'big', onclick: f, disabled: true}, 'Text', child)
 * A member that begins with "on" is a listener, true and false are attributes that are there or
 * not, undefined and null are left out; children may be null.
 *
 * @param {string} tag
 * @param {Record<string, any>} [members]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function h(tag, members = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(members)) {
		if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
		else if (value === true) element.setAttribute(name, '');
		else if (value !== false && value !== undefined && value !== null)
			element.setAttribute(name, String(value));
	}
	element.append(...there(children));
	return element;
}

/**
 * Takes it away, and puts these there. Who was in it goes on at the page's heading, and is not left
 * nowhere: people who listen, or have no pointer, would have to begin at the top of everything.
 *
 * @param {Element} element @param {...(Node | string | null | undefined | false)} children
 */
export function fill(element, ...children) {
	const within = element.contains(document.activeElement);
	element.replaceChildren(...there(children));
	if (within) document.querySelector('h1')?.focus({ preventScroll: true });
}

/** @param {Element} element  is not needed any more */
export function away(element) {
	fill(element);
	element.remove();
}

/**
 * For people who listen: said once, politely. The region is in the page from the start.
 *
 * @param {string} text
 */
export function announce(text) {
	const region = document.getElementById('said');
	if (!region) return;
	region.textContent = '';
	// a screen reader says what changes, also the same words a second time
	setTimeout(() => { region.textContent = text; }, 50);
}
