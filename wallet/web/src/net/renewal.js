// SPDX-License-Identifier: Apache-2.0
//
// After its end a credential is renewed with the wallet's own token: the same id, the next
// generation, a new K. The old one stays until the new one is stored.
import { TOKEN_MAX } from '../limits.js';
import { Refused, askFor } from './api.js';
import { activate } from './pending.js';

/** @param {import('../store/vault.js').Vault} vault @param {string} id  of the credential
 *  @param {(done: number) => void} [step]  as activate() */
export async function renew(vault, id, step) {
	const answer = await askFor(201, 'POST', `/v1/credentials/${id}/renewal`,
		{ token: await vault.token(id), body: {} });
	const token = answer.token;
	if (typeof token !== 'string' || !token || token.length > TOKEN_MAX)
		throw new Refused('bad-answer', { what: 'token' });
	return activate(vault, token, { card: id, step });
}
