// SPDX-License-Identifier: Apache-2.0
//
// A counter: the real terminal in its window, and before its camera a phone that shows the last
// screenshot it was given, held in a hand (`show picture` of the simulator).
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin, PIN } from './bank.mjs';
import { part, Window } from './window.mjs';

const CELL = 8; // pixels; half of its height
const BLACK = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAA'
	+ 'AABJRU5ErkJggg=='; // one pixel

/** A terminal of this bank. words: its sale, as on the command line. */
export async function openCounter(bank, words, name = 'till') {
	const till = await bank.terminal(name);
	// the simulator has a wallet of its own, which shows nothing here
	const { token } = await bank.issue();
	const wallet = await bank.cWallet(`${name}.wallet`, token);
	const phone = join(bank.tmp, `${name}.png`);
	const scenario = join(bank.tmp, `${name}.scenario`);
	const counter = new Counter(bank.tmp, phone);
	counter.sees(Buffer.from(BLACK, 'base64'));
	// the whole phone in the picture
	writeFileSync(scenario, ['camera size 4', 'camera y -0.2', `show picture ${phone}`,
		'wait 600000', ''].join('\n'));
	const source = ['simulator:' + bin('holder'), 'simulate', ...wallet,
		'--size', '1280x720', '--fps', '10', '--scenario', scenario].join(' ');
	const command = ['XDG_STATE_HOME=' + bank.env.XDG_STATE_HOME, bin('countersign'),
		'--config', till.conf, '--no-bell', '--source', `'${source}'`, ...words].join(' ');
	Object.assign(counter, { wallet, ask: till.ask });
	counter.window = new Window(command);
	return counter;
}

class Counter {
	constructor(folder, file) {
		this.folder = folder;
		this.file = file;
	}

	/** A phone with this screen is held to the camera from now on. */
	sees(png) {
		this.held = png;
		writeFileSync(`${this.file}.new`, png);
		renameSync(`${this.file}.new`, this.file);
	}

	seesFile(png) { this.sees(readFileSync(png)); }

	shows(what) { return this.window.shows(what); }

	/** The number that the customer is to type; its code is shown as large as it can be. */
	async number() {
		for (;;) {
			const [said] = await this.shows(/types this number|has just been/);
			if (said.startsWith('types')) break;
			const phone = this.held; // the customer does as he is told
			this.sees(Buffer.from(BLACK, 'base64'));
			await this.shows(/holds the phone/);
			this.sees(phone);
		}
		this.window.keys('c');
		const [, number] = await this.shows(/^(\d[\d ]*\d)\s+\d+ s/m);
		return number;
	}

	/** The challenge code on the screen now, as a picture: a phone is held before it. */
	code() {
		const rows = this.window.text().split('\n');
		const begins = rows.map((row) => row.search(/[▀▄█]/)).filter((at) => at >= 0);
		const left = Math.min(...begins);
		const all = this.window.picture(this.folder);
		const x = Math.max(0, left - 3) * CELL;
		return part(all, x, 0, all.width - x, all.height);
	}

	async pin(pin = PIN) {
		await this.shows(/account PIN/);
		await this.window.types(pin);
		this.window.keys('Enter');
	}

	/** No phone is before the camera, and the terminal waits for the next one. */
	async next() {
		this.sees(Buffer.from(BLACK, 'base64'));
		if (/Next customer/.test(this.window.text())) this.window.keys('Enter');
		await this.shows(/Camera: ready/);
		await this.shows(/holds the phone/);
	}

	close() { this.window.close(); }
}
