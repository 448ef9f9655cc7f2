// SPDX-License-Identifier: Apache-2.0
//
// The QR library as the page needs it: matrices of alphanumeric text. Pictures, other texts and
// what its faults say are left out; what it draws stays as it is (tests/wallet/symbols.t compares).
// Each cut is known by what stands there: another version of the library is not cut, but refused.
import { readFile } from 'node:fs/promises';

const UNUSED = ['renderAscii', 'renderTerm', 'renderSvg', 'renderGif', 'gifDataUrl', 'detectType',
	'utf8Length', 'byteCapacity', '_isBytes'];

/** @type {[RegExp, number, string][]} what stands there, how often, what stands there instead */
const CUTS = [
	[new RegExp(`^((?:export )?function (?:${UNUSED.join('|')}))\\([^]*?^}$`, 'gm'),
		UNUSED.length, '$1() {}'],
	[/^ {4}if \(output === '(?!raw)[a-z-]+'\)\n.*\n/gm, 5, ''],
	[/opts\.encoding !== undefined \? opts\.encoding : detectType\(text\)/g, 1,
		"'alphanumeric'"],
	[/\bencoding === '(?:byte|numeric)'/g, 5, 'false'],
	[/\bencoding (?:!== 'byte'|=== 'alphanumeric')/g, 2, 'true'],
	[/((?:Error|\berr)\()(?:`[^`]*`|'[^']*')\)/g, 21, "$1'qr')"],
];

/** A plugin of esbuild. */
export const drawsLess = {
	name: 'draws-less',
	setup({ onLoad }) {
		onLoad({ filter: /\/qr\/index\.js$/ }, async ({ path }) => {
			let contents = await readFile(path, 'utf8');
			for (const [what, often, instead] of CUTS) {
				const found = contents.match(what)?.length;
				if (found !== often) throw new Error(`another QR library: ${what}`);
				contents = contents.replace(what, instead);
			}
			return { contents, loader: 'js' };
		});
	},
};
