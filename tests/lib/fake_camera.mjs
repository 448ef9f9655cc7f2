// SPDX-License-Identifier: Apache-2.0
//
// What Chromium's fake camera sees: a Y4M file with one frame. It may be written anew at any time,
// also while the camera runs; so its size never changes, and it is written in place.
import { openSync, closeSync, existsSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { toolModule } from './browser.mjs';

const { default: qr } = await toolModule('qr');

export const WIDTH = 1280;
export const HEIGHT = 720;
const GROUND = 140; // grey of what is around
const HEAD = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F20:1 Ip A1:1 C420jpeg\nFRAME\n`);
const COLOUR = Buffer.alloc(WIDTH * HEIGHT / 2, 128); // none

/** A grey picture of exactly the camera's size. */
function put(file, grey) {
	const bytes = Buffer.concat([HEAD, grey, COLOUR]);
	if (!existsSync(file) || statSync(file).size !== bytes.length) {
		writeFileSync(file, bytes);
		return;
	}
	const open = openSync(file, 'r+');
	for (let done = 0; done < bytes.length;) done += writeSync(open, bytes, done);
	closeSync(open);
}

/** Nothing in view. */
export function cameraNothing(file) {
	put(file, Buffer.alloc(WIDTH * HEIGHT, GROUND));
}

/**
 * A grey picture {width, height, pixels}, in the middle, as large as fits in `part` of the view.
 * Each pixel is the mean of what it covers, as a sensor has it.
 */
export function cameraPicture(file, picture, part = 0.92) {
	const { width, height, pixels } = picture;
	const scale = Math.min(WIDTH / width, HEIGHT / height) * part;
	const [w, h] = [Math.floor(width * scale), Math.floor(height * scale)];
	const [left, top] = [(WIDTH - w) >> 1, (HEIGHT - h) >> 1];
	const grey = Buffer.alloc(WIDTH * HEIGHT, GROUND);
	for (let y = 0; y < h; y++) {
		const [y0, y1] = covered(y, scale, height);
		for (let x = 0; x < w; x++) {
			const [x0, x1] = covered(x, scale, width);
			let sum = 0;
			for (let j = y0; j < y1; j++)
				for (let i = x0; i < x1; i++) sum += pixels[j * width + i];
			grey[(top + y) * WIDTH + left + x] = sum / ((y1 - y0) * (x1 - x0));
		}
	}
	put(file, grey);
}

function covered(at, scale, end) {
	const from = Math.min(Math.floor(at / scale), end - 1);
	return [from, Math.min(Math.max(from + 1, Math.floor((at + 1) / scale)), end)];
}

/** Any text as a QR code. */
export function cameraText(file, text, part = 0.8) {
	const rows = qr(text, 'raw', { ecc: 'medium', border: 4 });
	const cell = 8;
	const size = rows.length * cell;
	const pixels = new Uint8Array(size * size);
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++)
			pixels[y * size + x] = rows[(y / cell) | 0][(x / cell) | 0] ? 20 : 235;
	cameraPicture(file, { width: size, height: size, pixels }, part);
}
