#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// QR symbols of the wallet page: as small as libqrencode makes them, drawn in whole pixels with
// their quiet zone, and read again from frames that are turned, far away, dim and noisy.
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

// node runs a .t as CommonJS, where modules are imported in a function: that is the whole file.
(async () => {
const root = join(__dirname, '../..');
const { test, ok, is, done } = await import('../lib/tap.mjs');
const { drawCode, qrVersion } = await import(join(root, 'wallet/web/src/show/qr.js'));
const { readFrame } = await import(join(root, 'wallet/web/src/scan/read.js'));

const oracle = join(root, process.env.COUNTERSIGN_BIN || 'build/gcc', 'code_oracle');
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
let seed = 1122;
const dice = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
const someText = (length) => Array.from({ length }, () => ALPHANUMERIC[dice(45)]).join('');

/** A canvas that keeps its pixels: 0 black, 255 white, 77 not drawn. */
function canvas() {
	const c = { width: 0, height: 0, style: {}, pixels: new Uint8Array(0) };
	c.getContext = () => {
		c.pixels = new Uint8Array(c.width * c.height).fill(77);
		return {
			fillStyle: '',
			fillRect(x, y, w, h) {
				const value = { '#fff': 255, '#000': 0 }[this.fillStyle];
				for (let j = y; j < y + h; j++)
					c.pixels.fill(value, j * c.width + x, j * c.width + x + w);
			},
		};
	};
	return c;
}

/** A frame of 960 x 960 that sees the drawn code: size, angle, grey of black and white, noise. */
function frame(drawn, { part = 0.7, angle = 0, black = 20, white = 235, noise = 0 }) {
	const side = 960;
	const data = new Uint8ClampedArray(side * side * 4).fill(255);
	const scale = drawn.width / (side * part);
	const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
	for (let y = 0; y < side; y++) {
		for (let x = 0; x < side; x++) {
			const [dx, dy] = [x - side / 2, y - side / 2];
			const px = Math.floor(dx * cos + dy * sin + drawn.width / 2);
			const py = Math.floor(dy * cos - dx * sin + drawn.width / 2);
			const inside = px >= 0 && py >= 0 && px < drawn.width && py < drawn.width;
			const light = inside && drawn.pixels[py * drawn.width + px];
			const grey = !inside ? 120 : light ? white : black;
			const value = grey + (noise ? dice(2 * noise) - noise : 0);
			data.fill(value, (y * side + x) * 4, (y * side + x) * 4 + 3);
		}
	}
	return { width: side, height: side, data };
}

test('every length gives the version that libqrencode chooses', () => {
	const texts = Array.from({ length: 420 }, (_, i) => someText(i + 1));
	const input = texts.map((text) => `qr M ${text}`).join('\n') + '\n';
	const run = spawnSync(oracle, { input, encoding: 'utf8' });
	if (run.error) throw new Error(`${run.error.message}: make ${oracle}`);
	const sides = run.stdout.trim().split('\n').map(Number);
	is(sides.length, texts.length);
	texts.forEach((text, i) => is(17 + 4 * qrVersion(text), sides[i], `${i + 1} characters`));
	is([qrVersion('A'.repeat(178)), qrVersion('A'.repeat(179))], [7, 8]);
});

test('a text that is not alphanumeric is not drawn', () => {
	for (const text of ['https://', 'HTTPS://A/C/a', 'Ä', '街', 'A\n', 'A_B'])
		try {
			qrVersion(text);
			ok(false, `drew ${text}`);
		} catch (error) {
			ok(error.code !== 'ERR_ASSERTION', error.message);
		}
});

test('modules are whole pixels, with four modules of white around', () => {
	const text = someText(185);
	const count = 17 + 4 * qrVersion(text) + 8;
	for (const [dpr, room] of [[1, 320], [2, 361.5], [2.625, 384], [3, 342], [3, 10]]) {
		globalThis.devicePixelRatio = dpr;
		const c = canvas();
		drawCode(c, text, room);
		is(c.width % count, 0);
		const cell = c.width / count;
		ok(cell === Math.max(1, Math.floor(room * dpr / count)), 'as large as fits');
		is(c.style.width, `${c.width / dpr}px`);
		ok(!c.pixels.includes(77), 'every pixel is drawn');
		const at = (x, y) => c.pixels[y * c.width + x];
		const end = c.width - 1;
		for (let i = 0; i <= end; i++)
			for (let j = 0; j < 4 * cell; j++)
				ok(at(i, j) && at(j, i) && at(i, end - j) && at(end - j, i),
					'the quiet zone is white');
		is(c.pixels[4 * cell * c.width + 4 * cell], 0, 'then the symbol begins');
	}
});

test('what was drawn is read again from frames', () => {
	globalThis.devicePixelRatio = 1;
	const how = [{}, { angle: 0.2 }, { angle: 1 }, { angle: 3 }, { part: 0.4 }, { noise: 40 },
		{ black: 90, white: 160 }, { part: 0.5, angle: -0.5, noise: 25, black: 60 }];
	for (const length of [84, 152, 210]) {
		const body = someText(length).replace(/[^A-Z2-7]/g, 'B');
		const text = `HTTPS://QR.EXAMPLE.COM/Q/${body}`;
		const drawn = canvas();
		drawCode(drawn, text, 900);
		for (const one of how)
			is(readFrame(frame(drawn, one)), text, `${length} ${JSON.stringify(one)}`);
	}
});

test('where there is nothing to read, nothing is', () => {
	const drawn = canvas();
	drawCode(drawn, someText(100), 900);
	is(readFrame(frame(drawn, { black: 128, white: 128 })), undefined);
	is(readFrame(frame(drawn, { part: 0.01 })), undefined);
	drawn.pixels.fill(0, drawn.pixels.length / 3);
	is(readFrame(frame(drawn, {})), undefined);
});

await done();
})();
