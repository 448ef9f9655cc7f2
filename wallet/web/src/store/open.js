// SPDX-License-Identifier: Apache-2.0
//
// The wallet while it is open: it holds the master key, and drops it when it is locked, or when the
// wallet is closed or taken away in another tab.
import { deriveKeys } from '../code/formula.js';
import { CARDS_MAX, PBKDF2_ROUNDS, TRIES_MAX } from '../limits.js';
import { cardName, cardRecords, cardsOf, liveSeal, sealCard, secretKey } from './card.js';
import { change, read } from './database.js';
import { deviceMake } from './device.js';
import { StoreFault, faultOf } from './fault.js';
import { Past } from './past.js';
import * as seals from './seal.js';
import { hear, tell } from './tabs.js';
import { still, tryPasscode } from './tries.js';

/** @typedef {import('../types').CardKeys} CardKeys */
/** @typedef {import('./card.js').CardRecord} CardRecord */
/** @typedef {import('./tries.js').Wallet} Wallet */
/** @typedef {import('./tries.js').Outcome} Outcome */

/** Open. Every call may fail with locked, and those that keep something with full. */
export class Vault {
	/** @type {CryptoKey | null} */
	#master;
	/** @type {Map<string, CardRecord>} */
	#cards = new Map();
	/** @type {Map<string, Promise<CardKeys>>} */
	#keys = new Map();
	#id;
	#deaf;
	/** @type {boolean} */
	#device;

	/** @param {CryptoKey} master @param {Wallet} wallet @param {CardRecord[]} records */
	constructor(master, wallet, records) {
		this.#master = master;
		this.#id = wallet.id;
		this.#device = !!wallet.unlock;
		this.#take(records);
		this.#deaf = hear((word) => {
			if (word === 'gone') this.lock();
			else void cardRecords().then((all) => this.#take(all), () => {});
		});
		this.past = new Past(this.#id, () => this.#open(), (work) => this.#change(work));
	}

	/** Drops every key. */
	lock() {
		this.#master = null;
		this.#take([]);
		this.#deaf();
	}

	get locked() {
		return !this.#master;
	}

	/** Does the phone's own lock open it too? */
	get device() {
		return this.#device;
	}

	/** @param {CardRecord[]} records */
	#take(records) {
		this.#keys.clear();
		this.#cards = new Map(this.#master
			? records.map((record) => [record.card.id, record]) : []);
	}

	/** Somebody closed it, or the browser swept it away. */
	#gone = (/** @type {StoreFault} */ error) => {
		if (error.word === 'locked') this.lock();
		throw error;
	};

	#wallet() {
		this.#open();
		return read((table) => still(table, this.#id)).catch(this.#gone);
	}

	#open() {
		if (!this.#master) throw new StoreFault('locked');
		return this.#master;
	}

	/**
	 * Only into the wallet that was opened.
	 *
	 * @template T
	 * @param {(table: import('./database.js').Table, wallet: Wallet) => T | Promise<T>} work
	 */
	async #change(work) {
		this.#open();
		const [result, records] = await change(async (table) => {
			const given = await work(table, await still(table, this.#id));
			return [given, await cardsOf(table)];
		}).catch(this.#gone);
		if (this.#master) this.#take(/** @type {CardRecord[]} */ (records));
		tell('changed');
		return /** @type {T} */ (result);
	}

	/** @param {string} id */
	#record(id) {
		this.#open();
		const record = this.#cards.get(id);
		if (!record) throw new StoreFault('locked');
		return record;
	}

	/** In the order in which they came. */
	cards() {
		return [...this.#cards.values()].map(({ card }) => card);
	}

	/** @param {string} id @returns {Promise<CardKeys>} */
	keys(id) {
		let keys = this.#keys.get(id);
		if (!keys) {
			keys = this.#secret(id).then(deriveKeys);
			keys.catch(() => this.#keys.delete(id));
			this.#keys.set(id, keys);
		}
		return keys;
	}

	/** @param {string} id */
	async #secret(id) {
		const { card, secret } = this.#record(id);
		return secretKey(this.#open(), this.#id, card, secret).catch((error) => {
			throw faultOf(error);
		});
	}

	/** @param {string} id @param {'token' | 'holder'} what @returns {Promise<string>} */
	async #text(id, what) {
		const record = this.#record(id);
		const name = cardName(what, this.#id, record.card);
		return seals.unsealJson(this.#open(), name, record[what]).catch((error) => {
			throw faultOf(error);
		});
	}

	/** @param {string} id */
	token(id) {
		return this.#text(id, 'token');
	}

	/** @param {string} id */
	holder(id) {
		return this.#text(id, 'holder');
	}

	/**
	 * A card, or its next generation in place of the one before; the secret is wiped.
	 *
	 * @param {import('../types').Activation} activation
	 */
	async add(activation) {
		const { id } = activation.card;
		try {
			const { device } = await this.#wallet();
			const quick = this.#cards.get(id)?.card.quick ?? false;
			const sealed =
				await sealCard(this.#open(), device, this.#id, activation, quick);
			await this.#change(async (table) => {
				const before = await table.get(`card/${id}`);
				if (!before && await table.count('card/') >= CARDS_MAX)
					throw new StoreFault('many');
				const order = before?.order ?? Date.now();
				table.put(`card/${id}`, { ...sealed, order });
			});
		} finally {
			activation.secret.fill(0);
		}
	}

	/** The card and everything that was done with it. @param {string} id */
	async remove(id) {
		const past = (await this.past.all()).filter((entry) => entry.card === id);
		await this.#change((table) => {
			table.remove(`card/${id}`);
			table.remove(`note/events ${id}`);
			for (const entry of past) table.remove(`past/${entry.id}`);
		});
	}

	/** @param {string} id @param {(record: CardRecord) => CardRecord} edit */
	#edit(id, edit) {
		return this.#change(async (table) => {
			const record = await table.get(`card/${id}`);
			if (record) table.put(`card/${id}`, edit(record));
		});
	}

	/** @param {string} id @param {import('../types').CardStatus} status */
	statusSet(id, status) {
		return this.#edit(id, (record) =>
			({ ...record, card: { ...record.card, status } }));
	}

	/**
	 * Its first code without the passcode, from now on or no more.
	 *
	 * @param {string} id @param {boolean} on
	 */
	async quickSet(id, on) {
		const { card } = this.#record(id);
		const { device } = await this.#wallet();
		const live = on && card.live ? await liveSeal(
			await this.#secret(id), device, this.#id, card) : undefined;
		return this.#edit(id, (record) =>
			({ ...record, live, card: { ...record.card, quick: on } }));
	}

	/**
	 * Costs a try, as opening does.
	 *
	 * @param {string} before @param {string} after  both clean
	 * @returns {Promise<Outcome>}  why: empty = changed
	 */
	async passcodeChange(before, after) {
		return this.#reseal(before, async (key, wallet) => {
			const salt = seals.random(16);
			const outer = await seals.passcodeKey(after, salt, PBKDF2_ROUNDS);
			const master = await seals.sealMaster(key, outer, wallet.device, wallet.id);
			return { salt, rounds: PBKDF2_ROUNDS, master };
		});
	}

	/**
	 * The phone's own lock opens it too. On costs a try, as opening does; off no passcode.
	 *
	 * @param {boolean} on @param {string} [passcode]
	 * @returns {Promise<Outcome>}
	 */
	async deviceSet(on, passcode = '') {
		if (!on) {
			await this.#change((table, wallet) =>
				table.put('wallet', { ...wallet, unlock: undefined }));
			this.#device = false;
			return { why: '', left: TRIES_MAX, waitS: 0 };
		}
		const outcome = await this.#reseal(passcode, async (key, wallet) => {
			const { id, salt, key: outer } = await deviceMake(location.host);
			const master = await seals.sealMaster(key, outer, wallet.device, wallet.id);
			return { unlock: { id, salt, master } };
		});
		this.#device ||= !outcome.why;
		return outcome;
	}

	/**
	 * @param {string} passcode
	 * @param {(key: CryptoKey, wallet: Wallet) => Promise<Partial<Wallet>>} make
	 */
	async #reseal(passcode, make) {
		this.#open();
		const { key, wallet, ...outcome } = await tryPasscode(passcode, true);
		if (outcome.why === 'closed') this.lock();
		if (key && wallet) {
			const parts = await make(key, wallet);
			await this.#change((table, now) =>
				table.put('wallet', { ...now, ...parts }));
		}
		return outcome;
	}

	/**
	 * Something small that must not be lost between two steps.
	 *
	 * @param {string} name @returns {Promise<any>} null: none
	 */
	async note(name) {
		const sealed = await read((table) => table.get(`note/${name}`));
		if (!sealed) return null;
		return seals.unsealJson(this.#open(), `note ${this.#id} ${name}`, sealed);
	}

	/** @param {string} name @param {any} value  null: it goes */
	async noteSet(name, value) {
		const sealed = value === null ? null
			: await seals.sealJson(this.#open(), `note ${this.#id} ${name}`, value);
		return this.#change((table) => sealed ? table.put(`note/${name}`, sealed)
			: table.remove(`note/${name}`));
	}

	history() {
		return this.past.all();
	}

	/** @param {import('../types').HistoryEntry} entry */
	historyPut(entry) {
		return this.past.put(entry);
	}

	/** @param {string} id */
	historyRemove(id) {
		return this.#change((table) => table.remove(`past/${id}`));
	}

	historyClear() {
		return this.#change((table) => table.remove('past/'));
	}
}
