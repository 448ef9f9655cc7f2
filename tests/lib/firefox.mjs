// SPDX-License-Identifier: Apache-2.0
//
// Debian's Firefox, driven by Marionette: lines of "LENGTH:JSON" on a TCP port of this machine. The
// issuer's host leads to a bank on this machine, as in browser.mjs; there is no camera.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { program, scratch } from './browser.mjs';
import { until } from './bank.mjs';

export const firefox = () => program('firefox-esr', 'firefox');
const START_MS = 60000; // its first start makes a profile
const WAIT_MS = 60000;

/** Nothing but the pages is loaded, and nobody is asked anything. */
const preferences = (port) => ({
	'marionette.port': 0,
	'network.dns.forceResolve': '127.0.0.1',
	'network.socket.forcePort': `443=${port}`,
	'network.captive-portal-service.enabled': false,
	'network.connectivity-service.enabled': false,
	'app.update.auto': false,
	'browser.shell.checkDefaultBrowser': false,
	'browser.startup.homepage_override.mstone': 'ignore',
	'datareporting.policy.dataSubmissionEnabled': false,
	'toolkit.telemetry.reportingpolicy.firstRun': false,
	'services.settings.server': 'data:,',
	'extensions.getAddons.cache.enabled': false,
	'intl.accept_languages': 'en-GB',
	'layout.css.devPixelsPerPx': '2',
});

/** A Firefox that shows nothing on any screen. Options: bank. */
export async function openFirefox({ bank }) {
	const profile = join(scratch(), 'profile');
	const home = join(profile, 'home');
	mkdirSync(home, { recursive: true });
	writeFileSync(join(profile, 'user.js'), Object.entries(preferences(bank.port))
		.map((pair) => `user_pref(${JSON.stringify(pair).slice(1, -1)});\n`).join(''));
	const command = [firefox(), '--headless', '--marionette', '--no-remote',
		'--profile', profile];
	const env = { ...process.env, HOME: home, MOZ_CRASHREPORTER_DISABLE: '1' };
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command],
		{ stdio: 'ignore', env });
	process.on('exit', () => child.kill('SIGKILL'));
	const file = join(profile, 'MarionetteActivePort');
	const there = () => existsSync(file) && readFileSync(file, 'utf8').trim() !== '';
	if (!await until(() => there() || child.exitCode !== null, START_MS) || !there())
		throw new Error('Firefox does not start');
	const driver = new Firefox(child, bank.origin);
	await driver.dial(Number(readFileSync(file, 'utf8')));
	return driver;
}

export class Firefox {
	constructor(child, origin) {
		this.child = child;
		this.origin = origin;
		this.asked = new Map();
		this.last = 0;
		this.rest = Buffer.alloc(0);
	}

	async dial(port) {
		this.socket = connect(port, '127.0.0.1');
		this.socket.on('data', (part) => this.hear(part));
		this.socket.on('error', () => {}); // it has ended
		await new Promise((done) => this.asked.set('hello', done));
		await this.ask('WebDriver:NewSession', { acceptInsecureCerts: true });
	}

	hear(part) {
		this.rest = Buffer.concat([this.rest, part]);
		for (;;) {
			const colon = this.rest.indexOf(':');
			const length = Number(this.rest.subarray(0, Math.max(colon, 0)));
			if (colon < 0 || this.rest.length < colon + 1 + length) return;
			const end = colon + 1 + length;
			const message = JSON.parse(this.rest.subarray(colon + 1, end));
			this.rest = this.rest.subarray(end);
			const key = Array.isArray(message) ? message[1] : 'hello';
			this.asked.get(key)?.(message);
			this.asked.delete(key);
		}
	}

	/** One command; its value. */
	async ask(name, parameters = {}) {
		const id = ++this.last;
		const answer = new Promise((done) => this.asked.set(id, done));
		const text = Buffer.from(JSON.stringify([0, id, name, parameters]));
		this.socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
		const [, , error, value] = await answer;
		if (error) throw new Error(`${name}: ${error.error}: ${error.message}`);
		return value && 'value' in value ? value.value : value;
	}

	open(path) { return this.ask('WebDriver:Navigate', { url: this.origin + path }); }

	/** The body of a function of the page; what it returns. */
	run(script, ...args) { return this.ask('WebDriver:ExecuteScript', { script, args }); }

	/** The same, where it gives a promise. */
	async later(script, ...args) {
		const whole = `const done = arguments[arguments.length - 1];
			(async () => { ${script} })().then(done, (e) => done('failed: ' + e));`;
		return this.ask('WebDriver:ExecuteAsyncScript', { script: whole, args });
	}

	async element(selector) {
		const how = { using: 'css selector', value: selector };
		const find = () => this.ask('WebDriver:FindElement', how).catch(() => null);
		const found = await until(find, WAIT_MS);
		if (!found) throw new Error(`no ${selector} in:\n${await this.text()}`);
		return Object.values(found)[0];
	}

	text() { return this.run('return document.body.innerText'); }

	async shows(name) { await this.element(`main[data-page="${name}"]`); }

	async press(name) {
		const id = await this.element(`[data-test="${name}"]:not(:disabled)`);
		await this.ask('WebDriver:ElementClick', { id });
	}

	async type(name, text) {
		const id = await this.element(`[data-test="${name}"]`);
		await this.ask('WebDriver:ElementSendKeys', { id, text });
	}

	/** Waits until the element says this. */
	async says(name, words) {
		const ask = 'return document.querySelector(arguments[0])?.innerText';
		let text;
		await until(async () => {
			text = await this.run(ask, `[data-test="${name}"]`);
			return words.test(text);
		}, WAIT_MS);
		if (!words.test(text)) throw new Error(`${name}: not ${words}, but '${text}'`);
	}

	/** What is seen, as a PNG. */
	async screenshot() {
		const shot = await this.ask('WebDriver:TakeScreenshot', { full: false });
		return Buffer.from(shot, 'base64');
	}

	async close() {
		const gone = new Promise((done) => this.child.once('exit', done));
		await this.ask('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => {});
		const force = setTimeout(() => this.child.kill('SIGKILL'), 5000);
		await gone;
		clearTimeout(force);
		this.socket.destroy();
	}
}
