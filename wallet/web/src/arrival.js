// SPDX-License-Identifier: Apache-2.0
//
// How somebody comes to the page: by an activation link, by a code that the phone's camera opened,
// or by nothing special. What the address says is read once and taken out of it.
import { encode } from './code/base32.js';
import { hex, unhex } from './code/bytes.js';
import { parseCode } from './code/parse.js';
import { vaultLook } from './store/vault.js';

/** @typedef {{token: string} | {why: 'form' | 'host', host?: string}} Activating */

/** A code of this wallet's own issuer? Another's is never sent to this server.
 *  @param {string} host  of a code or a link */
const ours = (host) => host.toUpperCase() === location.host.toUpperCase();

/** The short code in any spelling: no 0, 1, 8 or 9 is in it, so two of them have one meaning.
 *  @param {string} text */
function shortCode(text) {
	const bare = text.toUpperCase().replace(/[\s\u2010-\u2015-]/g, '')
		.replaceAll('0', 'O').replaceAll('8', 'B');
	return /^[A-Z2-7]{16}$/.test(bare) ? bare : '';
}

/**
 * What was typed, pasted or scanned: a short code, a link with one, or an A code.
 *
 * @param {string} text
 * @returns {Activating}
 */
export function activationOf(text) {
	const bare = text.normalize('NFKC').trim();
	const [, host, code] = /^https:\/\/([^/#?]+)\/?#(.*)$/i.exec(bare) ?? [];
	if (host && !ours(host)) return { why: 'host', host };
	const token = shortCode(code ?? bare);
	if (token) return { token };
	const read = parseCode(bare);
	if (read.kind !== 'A') return { why: 'form' };
	return ours(read.host) ? { token: bare } : { why: 'host', host: read.host };
}

/** The short code as it is printed, also out of an A code. @param {string} token */
export function codeGrouped(token) {
	const code = parseCode(token);
	const short = code.kind === 'A' ? encode(unhex(code.codeId.slice(0, 20))) : token;
	return short.replace(/.{4}(?=.)/g, '$&-');
}

/**
 * @param {string} path  as location.pathname
 * @param {string} hash  as location.hash
 * @returns {Promise<[string, any] | null>} the page and what it is opened with
 */
async function placeOf(path, hash) {
	if (hash === '#lost') return ['lost', {}];
	if (hash.length > 1) {
		const found = activationOf(decodeURI(hash.slice(1)));
		if ('token' in found) return ['offer', found];
		return ['explained', { code: parseCode(hash) }];
	}
	if (!/^\/[A-Z]\/./.test(path)) return null;
	const text = `HTTPS://${location.host.toUpperCase()}${path}`;
	const code = parseCode(text);
	if (code.kind === 'A') return ['offer', { token: text }];
	// where nothing is kept, it is explained all the same
	const cards = code.kind === 'Q' && await vaultLook().then((look) => look.cards, () => []);
	const card = cards &&
		cards.find(({ id }) => id.startsWith(hex(code.challenge.credentialShort)));
	return ['explained', { code, ...(card && { cardId: card.id }) }];
}

/** Once, at the start; and again when a link is opened in the page that stands there.
 *  @param {import('./app.js').App} app */
export async function arrive(app) {
	addEventListener('hashchange', () => void enter(app));
	await enter(app);
}

/** @param {import('./app.js').App} app */
async function enter(app) {
	const { pathname, hash } = location;
	if (pathname + hash !== '/') history.replaceState(history.state, '', '/');
	const [page, args] = await placeOf(pathname, hash).catch(() => null) ?? ['home', {}];
	await app.go(page, args);
}
