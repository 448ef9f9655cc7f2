// SPDX-License-Identifier: Apache-2.0
//
// The real screen of a program in a window of tmux, as Screen.pm has it: what it shows, keys to it,
// and its cells as pixels, for a phone's camera.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './browser.mjs';
import { until } from './bank.mjs';

export const tmuxIsThere = () => program('tmux') !== null;
let servers = 0;

/** Runs a command line of a shell. Options: cols, rows, env. */
export class Window {
	constructor(command, options = {}) {
		this.name = `countersign-n${process.pid}-${++servers}`;
		this.tmux('new-session', '-d', '-x', String(options.cols ?? 100),
			'-y', String(options.rows ?? 30), `${command}; echo STATUS=$?; cat`);
		process.on('exit', () => this.close());
	}

	tmux(...words) {
		const env = { ...process.env, LANG: 'C.UTF-8' };
		const ran = spawnSync('tmux', ['-L', this.name, '-f', '/dev/null', ...words],
			{ env, encoding: 'utf8', timeout: 60000 });
		return ran.stdout;
	}

	text() { return this.tmux('capture-pane', '-p'); }

	keys(...keys) { this.tmux('send-keys', ...keys); }

	/** As a person types: a key when the last was seen; faster ones are a scanner's. */
	async types(text) {
		for (const key of text) {
			const before = this.text();
			this.tmux('send-keys', '-l', key);
			await until(() => this.text() !== before, 2000);
			await new Promise((next) => setTimeout(next, 70));
		}
	}

	/** Waits until the screen matches; what it matched. */
	async shows(what) {
		let text = '';
		await until(() => {
			text = this.text();
			return what.test(text) || /^STATUS=/m.test(text);
		});
		const match = what.exec(text);
		if (!match) throw new Error(`the screen does not show ${what}:\n${text}`);
		return match;
	}

	/** The window as a grey picture {width, height, pixels}; a cell is 8x16. */
	picture(folder) {
		const file = join(folder, 'window.pgm');
		const draw = 'local $/; pixels_draw(<STDIN>, $ARGV[0], 8, 16, [229, 0])';
		spawnSync('perl', ['-Itests/lib', '-MPixels', '-e', draw, file],
			{ input: this.tmux('capture-pane', '-e', '-N', '-p'), timeout: 60000 });
		const bytes = readFileSync(file);
		const head = /^P5\n(\d+) (\d+)\n255\n/.exec(bytes.toString('latin1', 0, 40));
		const [width, height] = [Number(head[1]), Number(head[2])];
		return { width, height, pixels: bytes.subarray(head[0].length) };
	}

	close() {
		if (!this.name) return;
		const socket = this.tmux('display-message', '-p', '#{socket_path}').trim();
		this.tmux('kill-server');
		if (socket) rmSync(socket, { force: true }); // tmux leaves it
		this.name = null;
	}
}

/** Part of a picture, as a camera that is held nearer. */
export function part(picture, left, top, width, height) {
	const pixels = Buffer.alloc(width * height);
	for (let y = 0; y < height; y++) {
		const from = (top + y) * picture.width + left;
		pixels.set(picture.pixels.subarray(from, from + width), y * width);
	}
	return { width, height, pixels };
}
