// SPDX-License-Identifier: Apache-2.0
//
// The second code, for the terminal's camera. Once the issuer has told how it ended, that is shown.
import { keepAwake } from '../awake.js';
import { h } from '../dom.js';
import { news } from '../net/events.js';
import { button, top } from '../parts.js';
import { drawCode } from '../show/qr.js';
import { amountText, t } from '../words/words.js';

const HIGH = 0.75; // of the window, at most

/** @type {import('../app.js').PageOpener} args: text, entry: of the history */
export function secondPage(app, { text, entry }) {
	const { amount, currency, merchant, card, guess, id } = entry;
	const canvas = /** @type {HTMLCanvasElement} */ (h('canvas', { role: 'img',
		'data-code': true, 'aria-label': t('second.code') }));
	const zone = h('div', { class: 'code' }, canvas);
	const draw = () => drawCode(canvas, text, Math.min(zone.clientWidth, innerHeight * HIGH));
	const size = new ResizeObserver(draw);
	size.observe(zone);
	const awake = keepAwake();
	/** Of this answer. Of a typed number only one that was answered: what ran out or was
	 *  cancelled may have been asked before, and took this entry of the history for its own. */
	const own = (/** @type {any} */ { id: its, was, card: of, at, state }) =>
		its === id || guess && /^a|^r/.test(state)
		&& (was ? was === id : of === card && at >= entry.at);
	const ended = (/** @type {any} */ { detail }) => {
		if (own(detail)) void app.go('receipt', { id: detail.id });
	};
	news.addEventListener('history', ended);

	return { title: t('second.title'), secret: true,
		close() {
			size.disconnect();
			awake();
			news.removeEventListener('history', ended);
			canvas.width = canvas.height = 0;
		},
		element: h('div', { class: 'stack' },
			top(app, t('second.title'), 'cards', { cardId: card }), zone,
			amount && h('p', { class: 'center' }, merchant && `${merchant} · `,
				amountText(amount, currency)),
			h('p', { class: 'muted center' }, t('second.once')),
			h('div', { class: 'actions' },
				button(t('second.done'), () => app.go('cards', { cardId: card }),
					'primary big', 'done'),
				// of a terminal that wants more than the number
				guess && button(t('answer.scan'),
					() => app.go('scan', { for: 'challenge' }),
					'quiet', 'scan'))) };
}
