// SPDX-License-Identifier: Apache-2.0
//
// IndexedDB as one table of names and values. Everything that belongs together is done in one
// transaction, which another tab cannot come into, and which is on the disk when it is told done.
import { StoreFault, faultOf } from './fault.js';

const NAME = 'countersign';
const VERSION = 1;
const TABLE = 'kept';

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

function open() {
	return new Promise((/** @type {(db: IDBDatabase) => void} */ resolve, reject) => {
		const ask = indexedDB.open(NAME, VERSION);
		ask.onupgradeneeded = () => ask.result.createObjectStore(TABLE);
		ask.onsuccess = () => {
			const db = ask.result;
			const forget = () => { opened = null; };
			db.onversionchange = () => { // a newer page wants its turn
				db.close();
				forget();
			};
			db.onclose = forget; // the browser took the data away
			resolve(db);
		};
		ask.onerror = () => reject(ask.error);
	});
}

/**
 * What a transaction may do. Between two of these nothing else may be awaited: the engine ends a
 * transaction that asks for nothing.
 */
export class Table {
	/** @param {IDBObjectStore} store */
	constructor(store) {
		this.store = store;
	}

	/** @param {string} name @returns {Promise<any>} undefined: there is none */
	get(name) {
		return answer(this.store.get(name));
	}

	/** Everything below a name, as 'card/'. @param {string} below @returns {Promise<any[]>} */
	all(below) {
		return answer(this.store.getAll(range(below)));
	}

	/** @param {string} below @returns {Promise<number>} */
	count(below) {
		return answer(this.store.count(range(below)));
	}

	/** @param {string} name @param {any} value */
	put(name, value) {
		this.store.put(value, name);
	}

	/** One, or with a slash at the end all below it. @param {string} name */
	remove(name) {
		this.store.delete(name.endsWith('/') ? range(name) : name);
	}

	clear() {
		this.store.clear();
	}
}

/** @param {string} below */
const range = (below) => IDBKeyRange.bound(below, below + '\uffff');

/** @param {IDBRequest} ask @returns {Promise<any>} */
function answer(ask) {
	return new Promise((resolve, reject) => {
		ask.onsuccess = () => resolve(ask.result);
		ask.onerror = () => reject(ask.error);
	});
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(table: Table) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
async function transact(mode, work) {
	try {
		const db = await (opened ??= open().catch((error) => {
			opened = null;
			throw error;
		}));
		return await new Promise((resolve, reject) => {
			const now = db.transaction(TABLE, mode, { durability: 'strict' });
			/** @type {any} */
			let result;
			/** @type {any} */
			let why;
			now.oncomplete = () => resolve(result);
			now.onabort = () =>
				reject(why instanceof StoreFault ? why : now.error ?? why);
			(async () => work(new Table(now.objectStore(TABLE))))().then((given) => {
				result = given;
			}, (error) => {
				why = error;
				try { now.abort(); } catch { /* it did so itself */ }
			});
		});
	} catch (error) {
		throw faultOf(error);
	}
}

/**
 * All of it or nothing, and alone: what `work` throws undoes what it did.
 *
 * @template T
 * @param {(table: Table) => T | Promise<T>} work
 */
export const change = (work) => transact('readwrite', work);

/**
 * @template T
 * @param {(table: Table) => T | Promise<T>} work
 */
export const read = (work) => transact('readonly', work);
