// SPDX-License-Identifier: Apache-2.0
//
// Debian's Chromium as a phone: its size, its touch, its camera out of a file, and a map that leads
// the issuer's host to a bank on this machine, whose certificate it trusts by its key. Everything
// that a page says to the console is kept, and every request that it makes.
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../wallet/web/package.json', import.meta.url));

/** The first program of these names in PATH, or null. */
export function program(...names) {
	for (const folder of (process.env.PATH ?? '').split(':')) {
		for (const name of names) {
			try {
				accessSync(join(folder, name), constants.X_OK);
				return join(folder, name);
			} catch { /* not in this one */ }
		}
	}
	return null;
}

export const chromium = () => program('chromium');

/** A module that only tests use, of wallet/web/node_modules. */
export const tool = (name) => require(name);
/** The same of one that node 18 cannot require: it is an ES module. */
export const toolModule = (name) => import(pathToFileURL(require.resolve(name)).href);

const PHONE = {
	viewport: { width: 390, height: 844 },
	deviceScaleFactor: 3,
	isMobile: true,
	hasTouch: true,
	locale: 'en-GB',
	timezoneId: 'UTC',
};
const WAIT_MS = 60000; // for anything that a page shows, on a busy machine

/**
 * Options: bank (tests/lib/bank.mjs), or origin, port and spki of some other server; camera: a Y4M
 * file (tests/lib/fake_camera.mjs), there before the browser is; profile: a folder that is kept,
 * else each phone() is a new one that knows nothing; args: more for the command line; more: options
 * of the context (locale, colorScheme, reducedMotion, forcedColors, viewport ...).
 */
export async function browser(options = {}) {
	const { origin, port, spki } = options.bank ?? options;
	const host = new URL(origin).host;
	const launch = {
		executablePath: chromium(),
		args: [
			'--disable-gpu', // there is none, and a stand-in costs
			`--host-resolver-rules=MAP ${host}:443 127.0.0.1:${port}`,
			`--ignore-certificate-errors-spki-list=${spki}`,
			'--use-fake-device-for-media-stream',
			...(options.args ?? []),
		],
	};
	if (options.camera) launch.args.push(`--use-file-for-fake-video-capture=${options.camera}`);
	const engine = tool('playwright-core').chromium;
	if (!options.profile) return new Browser(origin, await engine.launch(launch), null);
	const context = await engine.launchPersistentContext(options.profile,
		{ ...PHONE, ...options.more, ...launch });
	return new Browser(origin, null, context);
}

export class Browser {
	constructor(origin, engine, context) {
		this.origin = origin;
		this.engine = engine;
		this.context = context; // of the profile; null = each phone has its own
	}

	/** A phone: a context of its own, unless there is a profile. more: as above. */
	async phone(more = {}) {
		const context = this.context
			?? await this.engine.newContext({ ...PHONE, ...more });
		const allowed = more.camera === false ? [] : ['camera', 'screen-wake-lock'];
		await context.grantPermissions(allowed, { origin: this.origin });
		return new Phone(this.origin, context, !this.context);
	}

	async close() {
		await (this.engine ?? this.context).close();
	}
}

export class Phone {
	constructor(origin, context, owned) {
		this.origin = origin;
		this.context = context;
		this.owned = owned;
		this.messages = []; // "type: text", of pages and service workers
		this.requests = []; // URLs
		context.setDefaultTimeout(WAIT_MS);
		context.on('console', (m) => this.messages.push(`${m.type()}: ${m.text()}`));
		context.on('weberror', (e) => this.messages.push(`uncaught: ${e.error()}`));
		context.on('request', (r) => this.requests.push(r.url()));
	}

	/** Opens a page of the wallet: path is '/', '/C/...', '/#CODE' ... */
	async open(path = '/') {
		const page = await this.context.newPage();
		await page.goto(this.origin + path);
		return page;
	}

	/**
	 * What the pages themselves said to the console. Chromium writes a line of its own for each
	 * request that fails or that the server refuses; a page cannot keep it from that.
	 */
	complaints() {
		return this.messages.filter((m) => !/^error: Failed to load resource: /.test(m));
	}

	/** Requests to anybody else than the issuer's host. */
	strangers() {
		return this.requests.filter((url) => new URL(url).origin !== this.origin);
	}

	async close() {
		if (this.owned) await this.context.close();
		else await Promise.all(this.context.pages().map((page) => page.close()));
	}
}

// ---- of one page; none of these goes through the page's own CSP ----

/** Waits until the page of this name is shown (<main data-page=NAME>). */
export async function shows(page, name) {
	await page.locator(`main[data-page="${name}"]`).waitFor();
}

/** What tests press and read: data-test="NAME". */
export const of = (page, name) => page.locator(`[data-test="${name}"]`);

/** A slower processor: 4 or 6 stand in for a slow phone, 1 is this machine. */
export async function slow(page, rate) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('Emulation.setCPUThrottlingRate', { rate });
}

/** What axe has to say against the page as it is now, a line each. */
export async function axe(page, options = {}) {
	await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
	const found = await page.evaluate((o) => globalThis.axe.run(document, o), options);
	return found.violations.flatMap((violation) => violation.nodes
		.map((node) => `${violation.id}: ${node.target.join(' ')}`));
}

/** An authenticator of the phone itself, for device unlock; its PRF gives 32 stable bytes. */
export async function authenticator(page, more = {}) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('WebAuthn.enable');
	await cdp.send('WebAuthn.addVirtualAuthenticator', {
		options: {
			protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal',
			hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
			hasPrf: true, ...more,
		},
	});
	return cdp;
}

/** A folder for one run, away when the process ends. */
export function scratch() {
	const folder = mkdtempSync(join(tmpdir(), 'countersign-test.'));
	process.on('exit', () => {
		try {
			rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
		} catch { /* somebody who is ending still writes there: not what is tested */ }
	});
	return folder;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
