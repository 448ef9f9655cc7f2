// SPDX-License-Identifier: Apache-2.0
//
// node build.mjs FOLDER: the wallet page as the server hands it out: the page, its scripts (the one
// that it begins with, and those that it loads when they are wanted), one style sheet, the service
// worker, the manifest and the icons. The same source gives the same bytes.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] && resolve(process.argv[2]);
if (!out) {
	console.error('usage: node build.mjs FOLDER');
	process.exit(2);
}

const common = {
	bundle: true,
	minify: true,
	charset: 'utf8',
	legalComments: 'none',
	target: ['chrome116', 'firefox128', 'safari17'],
	logLevel: 'warning',
};

/** One entry point into one file. */
async function bundle(from, to, more = {}) {
	const outfile = join(out, to);
	await build({ ...common, ...more, entryPoints: [join(here, from)], outfile });
}

/** The page's script, and those that it loads when they are wanted: a language, the QR reader. */
async function appScripts() {
	const made = await build({ ...common, entryPoints: { app: join(here, 'src/main.js') },
		outdir: out, format: 'esm', splitting: true, chunkNames: '[name]-[hash]',
		absWorkingDir: here, metafile: true });
	return Object.keys(made.metafile.outputs).map((path) => basename(path));
}

await rm(out, { recursive: true, force: true });
await mkdir(join(out, 'icons'), { recursive: true });
const scripts = await appScripts();
await bundle('style.css', 'app.css');
for (const name of ['index.html', 'manifest.webmanifest'])
	await copyFile(join(here, name), join(out, name));
const icons = (await readdir(join(here, 'icons'))).filter((name) => /\.(png|svg)$/.test(name));
for (const name of icons)
	await copyFile(join(here, 'icons', name), join(out, 'icons', name));

// What the service worker keeps, and the name of this version: a digest of all of it.
const kept = ['app.css', 'index.html', 'manifest.webmanifest', ...scripts,
	...icons.map((name) => `icons/${name}`)].sort();
const digest = createHash('sha256');
for (const name of kept)
	digest.update(`${name}\0`).update(await readFile(join(out, name)));
await bundle('sw.js', 'sw.js', {
	format: 'iife',
	define: {
		SITE_VERSION: JSON.stringify(digest.digest('hex').slice(0, 12)),
		SITE_FILES: JSON.stringify(kept.filter((name) => name !== 'index.html')),
	},
});
await writeFile(join(out, 'files'), [...kept, 'sw.js'].sort().join('\n') + '\n');
