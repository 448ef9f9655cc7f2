// SPDX-License-Identifier: Apache-2.0
//
// The code that a page of the wallet shows, as a camera has it: out of the pixels of its canvas.
import { until } from './bank.mjs';

const { readFrame } = await import(new URL('../../wallet/web/src/scan/read.js', import.meta.url));

/** The text; waits until something is drawn. `which`: a locator of the canvas. */
export async function shownCode(page, which = page.locator('canvas[data-code]')) {
	const seen = () => which.evaluate((canvas) => {
		const side = canvas.width;
		if (!side) return null;
		const copy = new OffscreenCanvas(side, side)
			.getContext('2d', { willReadFrequently: true });
		copy.drawImage(canvas, 0, 0);
		const { data } = copy.getImageData(0, 0, side, side);
		const white = (_, i) => data[4 * i] ? 1 : 0;
		return { side, white: Array.from({ length: side * side }, white).join('') };
	});
	const { side, white } = await until(seen);
	const data = new Uint8ClampedArray(side * side * 4).fill(255);
	for (let i = 0; i < white.length; i++)
		if (white[i] === '0') data.fill(0, 4 * i, 4 * i + 3);
	return readFrame({ width: side, height: side, data });
}
