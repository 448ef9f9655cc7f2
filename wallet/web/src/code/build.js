// SPDX-License-Identifier: Apache-2.0
//
// The text around a body, PROTOCOL.md section 2.
import { encode } from './base32.js';

/** @param {string} host @param {string} kind @param {Uint8Array} body */
export function codeText(host, kind, body) {
	return `HTTPS://${host}/${kind}/${encode(body)}`;
}
