// SPDX-License-Identifier: Apache-2.0
//
// Why something with the backend did not go, in words.
import { StoreFault } from '../store/fault.js';
import { t } from '../words/words.js';
import { Offline, Refused } from './api.js';

/** @type {Record<number, string>} */
const STATUS = { 404: 'gone', 429: 'many' };

/** @param {unknown} fault  what is not known here is thrown on */
export function faultText(fault) {
	if (fault instanceof Offline) return t('net.offline');
	if (fault instanceof StoreFault) return t(`store.${fault.word}`);
	if (!(fault instanceof Refused)) throw fault;
	if (fault.word === 'bad-answer') return t('net.bad', { what: fault.what });
	return t(`net.${STATUS[fault.status] ?? 'refused'}`);
}
