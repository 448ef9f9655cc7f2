// SPDX-License-Identifier: Apache-2.0
//
// Where everything begins: sends on to the page that fits what is on this phone.
import { h } from '../dom.js';
import { t } from '../words/words.js';

/** @type {import('../app.js').PageOpener} */
export function homePage() {
	return { element: h('h1', {}, t('app.name')), title: t('app.name') };
}
