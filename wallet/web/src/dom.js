// SPDX-License-Identifier: Apache-2.0
//
// Elements without innerHTML: text is always text.

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
	for (const child of children) if (child) element.append(child);
	return element;
}

/** @param {Element} element @param {...(Node | string | null | undefined | false)} children */
export function fill(element, ...children) {
	element.replaceChildren();
	for (const child of children) if (child) element.append(child);
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
