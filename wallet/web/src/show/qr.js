// SPDX-License-Identifier: Apache-2.0
//
// A code as a QR symbol on a canvas: black on white whatever the phone is set to, each module the
// same whole number of the screen's own pixels. The only file that draws with the QR library.
import { encodeQR } from 'qr';

const QUIET = 4; // modules of white on each side, ISO/IEC 18004

/**
 * Alphanumeric only, as PROTOCOL.md section 2 wants it: any other text throws.
 *
 * @param {string} text @param {number} border
 */
function modules(text, border) {
	return encodeQR(text, 'raw', { ecc: 'medium', encoding: 'alphanumeric', border });
}

/** @param {string} text  1 to 40, as libqrencode would choose */
export function qrVersion(text) {
	return (modules(text, QUIET).length - 2 * QUIET - 17) / 4;
}

/**
 * The largest that fits. Drawn anew it does not flicker: all of it is there before the next frame.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {string} text
 * @param {number} roomCssPx  of a side
 */
export function drawCode(canvas, text, roomCssPx) {
	const rows = modules(text, QUIET);
	const dpr = globalThis.devicePixelRatio || 1;
	const cell = Math.max(1, Math.floor(roomCssPx * dpr / rows.length));
	const side = cell * rows.length;
	canvas.width = canvas.height = side;
	canvas.style.width = canvas.style.height = `${side / dpr}px`;
	const g = canvas.getContext('2d', { alpha: false });
	if (!g) return;
	g.fillStyle = '#fff';
	g.fillRect(0, 0, side, side);
	g.fillStyle = '#000';
	rows.forEach((row, y) => {
		for (let x = 0, end; x < row.length; x = end + 1) {
			for (end = x; row[end];) end++; // what is black side by side, at once
			if (end > x) g.fillRect(x * cell, y * cell, (end - x) * cell, cell);
		}
	});
}
