// SPDX-License-Identifier: Apache-2.0
//
// What was done with the cards. Each entry is sealed under its own name; that there are so many of
// them is all that can be seen.
import { HISTORY_MAX } from '../limits.js';
import { read } from './database.js';
import { sealJson, unsealJson } from './seal.js';

/** @typedef {import('../types').HistoryEntry} HistoryEntry */

export class Past {
	/**
	 * @param {string} wallet @param {() => CryptoKey} key
	 * @param {(work: (table: import('./database.js').Table) => any) => Promise<any>} change
	 */
	constructor(wallet, key, change) {
		this.name = (/** @type {string} */ id) => `past ${wallet} ${id}`;
		this.key = key;
		this.change = change;
	}

	/** The newest first; what was altered is not shown. @returns {Promise<HistoryEntry[]>} */
	async all() {
		const key = this.key();
		const kept = await read((table) => table.all('past/'));
		const all = await Promise.all(kept.map(({ id, sealed }) =>
			unsealJson(key, this.name(id), sealed).catch(() => null)));
		return all.filter((entry) => entry).sort((a, b) => b.at - a.at);
	}

	/** New, or what is known of it now; the oldest make room. @param {HistoryEntry} entry */
	async put(entry) {
		const { id } = entry;
		const sealed = await sealJson(this.key(), this.name(id), entry);
		const count = await this.change((table) => {
			table.put(`past/${id}`, { id, sealed });
			return table.count('past/');
		});
		if (count <= HISTORY_MAX) return;
		const old = (await this.all()).slice(HISTORY_MAX);
		await this.change((table) => {
			for (const each of old) table.remove(`past/${each.id}`);
		});
	}
}
