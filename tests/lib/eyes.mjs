// SPDX-License-Identifier: Apache-2.0
//
// What a camera reads off a screenshot: zbarimg, which is neither our reader nor our generator.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, scratch } from './browser.mjs';
import { until } from './bank.mjs';

export const eyesAreThere = () => program('zbarimg') !== null;
let folder;

/** The text of the QR code in a PNG, '' when there is none. */
export function read(png) {
	folder ??= scratch();
	const file = join(folder, 'seen.png');
	writeFileSync(file, png);
	const ran = spawnSync('zbarimg', ['-q', '--raw', '-Sdisable', '-Sqrcode.enable', file],
		{ encoding: 'utf8', timeout: 60000, stdio: ['ignore', 'pipe', 'ignore'] });
	return (ran.stdout ?? '').trim();
}

/** A screenshot with such a code in it, {png, text}; throws when none comes. */
export async function seen(page, what = /./) {
	let png, text;
	await until(async () => {
		png = await page.screenshot();
		text = read(png);
		return what.test(text);
	});
	if (!what.test(text)) throw new Error(`no code ${what} on the page, but '${text}'`);
	return { png, text };
}
