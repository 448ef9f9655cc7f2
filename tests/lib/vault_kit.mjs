// SPDX-License-Identifier: Apache-2.0
//
// The wallet page on a server of its own, without a bank, and beside it /vault.html: the same store
// with its functions in the open (globalThis.store), so that a test can do what no page does.
// Localhost, because an authenticator works there without a certificate.
import { hkdfSync, createHmac, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { browser, chromium, scratch, tool } from './browser.mjs';
import { skipAll } from './tap.mjs';

const web = fileURLToPath(new URL('../../wallet/web/', import.meta.url));

/** A module of the page, in node. */
export const source = (path) => import(pathToFileURL(join(web, 'src', path)).href);

const FIELDS = {
	'Cache-Control': 'no-cache',
	'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; "
		+ "img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
		+ "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
		+ "require-trusted-types-for 'script'; trusted-types wallet-sw",
};
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css',
	'.svg': 'image/svg+xml', '.png': 'image/png' };

function storeScript() {
	const { outputFiles } = tool('esbuild').buildSync({
		stdin: {
			resolveDir: join(web, 'src'),
			contents: ['vault', 'database', 'tries']
				.map((name) => `export * from "./store/${name}.js";`).join(''),
		},
		bundle: true, format: 'iife', globalName: 'store', write: false,
	});
	return outputFiles[0].text;
}

/** {origin, port, close()}; folder: the page as build.mjs made it. */
export async function serveAlone(folder) {
	const made = {
		'/vault.js': storeScript(),
		'/vault.html': '<!doctype html><meta charset="utf-8"><title>store</title>'
			+ '<script src="/vault.js"></script>',
	};
	const server = createServer((request, response) => {
		const path = request.url === '/' ? '/index.html' : request.url.split('?')[0];
		let bytes = made[path];
		try {
			bytes ??= readFileSync(join(folder, join('/', path)));
		} catch {
			response.writeHead(404, FIELDS).end();
			return;
		}
		const type = TYPES[extname(path)] ?? 'application/json';
		response.writeHead(200, { ...FIELDS, 'Content-Type': type }).end(bytes);
	});
	await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
	const { port } = server.address();
	return { origin: `http://localhost:${port}`, port, close: () => server.close() };
}

export async function buildPage(folder) {
	const { execFileSync } = await import('node:child_process');
	execFileSync(process.execPath, [join(web, 'build.mjs'), folder]);
	return folder;
}

/** What an activation brings, as page.evaluate can carry it; K as hex. */
export function activation(more = {}) {
	const id = randomBytes(16).toString('hex');
	return {
		card: {
			id, generation: 1, notAfter: 4000000000, live: true, digits: 6,
			purpose: 'Debit card', faceValue: 'CNY 500',
			issuer: { name: 'Corner Bank', host: 'BANK.EXAMPLE', key: '07'.repeat(32) },
			status: { word: 'active', asOf: 0 }, quick: false, ...more,
		},
		body: randomBytes(92).toString('hex'),
		holder: `Holder ${randomBytes(6).toString('hex')}`,
		secret: randomBytes(32).toString('hex'),
		token: randomBytes(24).toString('base64url'),
	};
}

/** HMAC under one of the three keys of K, as another implementation has it. */
export function macOf(secret, name, text) {
	const key = hkdfSync('sha256', Buffer.from(secret, 'hex'), '', `countersign/1 ${name}`, 32);
	return createHmac('sha256', Buffer.from(key)).update(text).digest('hex');
}

/**
 * Put into each page before its own scripts: `activationOf`, `macBy`, a count of derivations from a
 * passcode with the rounds that were asked for, and fewer of them, as a test has no hour.
 */
export function inPage(few) {
	if (!globalThis.isSecureContext) return; // about:blank
	const derive = SubtleCrypto.prototype.deriveKey;
	globalThis.rounds = [];
	globalThis.stalled = false; // a derivation that never ends
	SubtleCrypto.prototype.deriveKey = function (how, ...rest) {
		if (how.name !== 'PBKDF2') return derive.call(this, how, ...rest);
		globalThis.rounds.push(how.iterations);
		if (globalThis.stalled) return new Promise(() => {});
		return derive.call(this, { ...how, iterations: few || how.iterations }, ...rest);
	};
	const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
	globalThis.activationOf = ({ card, body, secret, ...rest }) =>
		({ ...rest, secret: bytes(secret), card: { ...card, staticBody: bytes(body) } });
	globalThis.macBy = async (key, text) => Array.from(new Uint8Array(
		await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))),
	(byte) => byte.toString(16).padStart(2, '0')).join('');
	globalThis.word = (promise) =>
		promise.then(() => 'done', (error) => error.word ?? String(error));
}

/**
 * A browser at the store alone, and what tests do there; `right` is the passcode of its wallets.
 * A phone is a context of its own; time in its tabs goes on when the test says so.
 */
export async function storeWorld(right) {
	if (!chromium()) skipAll('no chromium');
	const site = await serveAlone(scratch());
	const launch = { origin: site.origin, port: site.port, spki: '' };
	const engine = await browser(launch);
	const phone = async (few = 1000) => {
		const one = await engine.phone({ camera: false });
		await one.context.addInitScript(inPage, few);
		return one;
	};
	const pages = []; // of the phone that tests share, as a tab costs more than a test
	let shared = null;
	const tab = async (one, place) => {
		const page = pages[place] ?? await one.context.newPage();
		if (!pages[place]) await page.clock.install();
		if (place !== undefined) pages[place] = page;
		await page.goto(`${site.origin}/vault.html`);
		return page;
	};
	const fill = async (page, cards) => page.evaluate(async ([passcode, given]) => {
		await store.vaultDestroy();
		globalThis.vault = await store.vaultMake(passcode);
		for (const each of given) await vault.add(activationOf(each));
		rounds.length = 0;
	}, [right, cards]);
	const look = (page) => page.evaluate(() => store.vaultLook());
	return {
		launch, look, origin: site.origin, phone,
		/** Another tab of it. */
		tab: (one) => tab(one, one.context === shared?.context ? 1 : undefined),
		/** A phone, a tab, in it an open wallet (globalThis.vault) with cards. */
		async wallet(...cards) {
			shared ??= await phone();
			const page = await tab(shared, 0);
			await fill(page, cards);
			const close = () => pages[1]?.goto('about:blank');
			return { one: { context: shared.context, close }, page };
		},
		/** The same on a phone that no other test sees. */
		async walletApart(...cards) {
			const one = await phone();
			const page = await tab(one);
			await fill(page, cards);
			return { one, page };
		},
		/** 'open 3', 'wrong 2', 'wait 2', 'closed 0' */
		open: (page, passcode) => page.evaluate(async (typed) => {
			const { vault: opened, why, left } = await store.vaultOpen(typed);
			if (opened) globalThis.vault = opened;
			return `${why || 'open'} ${left}`;
		}, passcode),
		state: async (page) => (await look(page)).state,
		/** Another card, or the word of the fault. */
		add: (page) => page.evaluate((given) =>
			word(vault.add(activationOf(given))), activation()),
		/** Passcodes that were tried. */
		rounds: (page) => page.evaluate(() => globalThis.rounds.length),
		/** Every name under which something is kept. */
		kept: (page) => page.evaluate(() => store.read((table) => new Promise((have) => {
			table.store.getAllKeys().onsuccess = ({ target }) => have(target.result);
		}))),
		async end() {
			await engine.close();
			site.close();
		},
	};
}

/** The main process of the browser that has this profile. */
export function browserOf(profile) {
	for (const name of readdirSync('/proc').filter((each) => /^[0-9]+$/.test(each))) {
		try {
			const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
			const ours = line.includes(`--user-data-dir=${profile}\0`);
			if (ours && !line.includes('--type=')) return Number(name);
		} catch { /* it ended */ }
	}
	throw new Error('no such browser');
}
