// SPDX-License-Identifier: Apache-2.0
//
// The phone's camera. What it reads is a code for this wallet, or is said in words; nothing is ever
// opened because it stood in a code.
import { activationOf } from '../arrival.js';
import { hex } from '../code/bytes.js';
import { parseCode } from '../code/parse.js';
import { h } from '../dom.js';
import { SCAN_FAR_MS } from '../limits.js';
import { button, notice, top } from '../parts.js';
import { cameraWords, scanLoop } from '../scan/scan.js';
import { t } from '../words/words.js';

/**
 * Goes where a code leads; or says why it leads nowhere.
 *
 * @param {import('../app.js').App} app
 * @param {string} text
 * @param {{for?: 'challenge' | 'activation' | 'any'}} wanted
 * @returns {string} empty: gone
 */
export function codeTaken(app, text, { for: wanted = 'challenge' }) {
	const found = wanted === 'challenge' ? null : activationOf(text);
	if (found && 'token' in found) {
		void app.go('offer', found);
		return '';
	}
	if (found?.host) return t('scan.otherIssuer', { host: found.host });
	const code = parseCode(text);
	if (code.kind === 'foreign')
		return t(code.foreign === 'damaged' ? 'scan.damaged' : 'scan.foreign');
	if (wanted === 'activation' || code.kind !== 'Q') return t('scan.other');
	const cards = app.vault?.cards() ?? [];
	const short = hex(code.challenge.credentialShort);
	const card = cards.find(({ id }) => id.startsWith(short));
	if (card) {
		void app.go('challenge', { cardId: card.id, challenge: code.challenge });
		return '';
	}
	const known = cards.some(({ issuer }) => issuer.host === code.host);
	return known ? t('scan.noCard') : t('scan.otherIssuer', { host: code.host });
}

/** @type {import('../app.js').PageOpener} args: for: 'challenge' | 'activation' | 'any', cardId? */
export function scanPage(app, args) {
	const { for: wanted, cardId } = args;
	const activation = wanted === 'activation';
	if (!app.vault && !activation) return { go: 'unlock', args: { then: 'scan', args } };
	const video = /** @type {HTMLVideoElement} */ (h('video',
		{ playsinline: true, 'data-test': 'video' }));
	video.muted = true;
	const said = h('p', { role: 'status', class: 'lead center', 'data-test': 'said' },
		t('scan.what'));
	const fault = h('div', { role: 'alert', 'data-test': 'camera-fault' });
	const foot = h('div', { class: 'actions' }, button(t('scan.type'),
		() => app.go(activation ? 'offer' : 'answer', { cardId }), 'big', 'type'));
	const stop = new AbortController();
	const far = setTimeout(() => { said.textContent = t('scan.far'); }, SCAN_FAR_MS);
	const close = () => {
		clearTimeout(far);
		stop.abort();
	};

	scanLoop(video, {
		signal: stop.signal,
		onText(text) {
			clearTimeout(far);
			const why = codeTaken(app, text, args);
			if (why && said.textContent !== why) said.textContent = why; // said once
			return !why;
		},
		onTorch(set) {
			let on = false;
			const torch = button(t('scan.light'), () => {
				on = !on;
				torch.setAttribute('aria-pressed', String(on));
				set(on).catch(() => torch.remove());
			}, 'big', 'torch');
			foot.prepend(torch);
		},
	}).catch((error) => {
		if (stop.signal.aborted) return;
		close();
		video.parentElement?.remove();
		said.remove();
		fault.append(notice('warn', h('p', {}, cameraWords(error))),
			button(t('scan.again'), () => app.go('scan', args), 'quiet', 'again'));
	});

	return { title: t('scan.title'), close, element: h('div', { class: 'stack' },
		top(app, t('scan.title'), activation ? 'offer' : 'cards', { cardId }),
		h('div', { class: 'camera' }, video), said, fault, foot) };
}
