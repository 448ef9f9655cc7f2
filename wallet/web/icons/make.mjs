// SPDX-License-Identifier: Apache-2.0
//
// node make.mjs: the PNG icons out of icon.svg, drawn by Chromium. They are committed; run this
// when the drawing changed. The maskable ones have colour to the edge and the drawing in the
// middle 80 %.
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const at = (name) => new URL(name, import.meta.url);
const svg = await readFile(at('icon.svg'), 'utf8');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });

/** @param {string} name @param {number} side @param {boolean} mask */
async function draw(name, side, mask) {
	const page = await browser.newPage({ viewport: { width: side, height: side } });
	const body = mask ? 'background:#14532d' : '';
	const scale = mask ? 0.8 : 1;
	await page.setContent(`<body style="margin:0;${body}"><div style="width:${side}px;
		transform:scale(${scale})">${svg}</div>`);
	await writeFile(at(name), await page.screenshot({ omitBackground: !mask }));
	await page.close();
}

await draw('icon-192.png', 192, false);
await draw('icon-512.png', 512, false);
await draw('icon-maskable-512.png', 512, true);
await draw('icon-apple-180.png', 180, true);
await browser.close();
