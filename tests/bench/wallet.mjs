// SPDX-License-Identifier: Apache-2.0
//
// node tests/bench/wallet.mjs SITE: the wallet page beside its goals. What it weighs; then Chromium
// with a slower processor, which stands in for a slow phone: from the last digit to the second
// code, from the tap on "scan" to the second code, from an address to a page without any server.
// Each time is taken in the page, until the frame after the one with the picture.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openBank } from '../lib/bank.mjs';
import { browser, of, shows, slow } from '../lib/browser.mjs';
import { cameraNothing, cameraText } from '../lib/fake_camera.mjs';
import { seen } from '../lib/eyes.mjs';
import { PASSCODE, takeCard } from '../lib/wallet.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 15);
const site = process.argv[2];
if (!site) {
	console.error('usage: node tests/bench/wallet.mjs SITE');
	process.exit(2);
}

/** Runs in the page: milliseconds from now, or from its start, until a test of it is true. */
const watch = `(wanted, fromStart) => new Promise((done) => {
	const begin = fromStart ? 0 : performance.now();
	const look = () => {
		if (!wanted()) return void requestAnimationFrame(look);
		requestAnimationFrame(() => done(performance.now() - begin));
	};
	look();
})`;
const heard = `(name, event) => new Promise((done) => document
	.querySelector('[data-test=' + name + ']')
	.addEventListener(event, done, { once: true, capture: true }))`;
const drawn = (name) => `() => document.querySelector('main')?.dataset.page === '${name}'
	&& document.querySelector('canvas[data-code]')?.width > 0`;
const there = (name) => `() => document.querySelector('main')?.dataset.page === '${name}'`;

function line(what, figures, unit, goal) {
	const sorted = [...figures].sort((a, b) => a - b);
	const median = sorted[sorted.length >> 1];
	const more = sorted.length > 1 ? `(max ${sorted.at(-1).toFixed(0)})` : '';
	const word = median <= goal ? 'met' : 'MISSED';
	const verdict = goal === undefined ? '' : `goal ${goal} ${word}`;
	console.log(`${what.padEnd(52)}${median.toFixed(0).padStart(7)} ${unit.padEnd(3)}`
		+ ` ${more.padEnd(12)} ${verdict}`);
}

function weight() {
	const names = readdirSync(site).filter((name) => /\.(html|js|css|webmanifest)$/.test(name));
	const zipped = (name) => gzipSync(readFileSync(join(site, name)), { level: 9 }).length;
	const sum = (list) => list.map(zipped).reduce((a, b) => a + b);
	const first = names.filter((name) => !/^(?:read|zh|later)-/.test(name));
	line('loaded to show codes, gzip -9', [sum(first)], 'B', 35 * 1024);
	line('with the QR reader and the other language', [sum(names)], 'B', 35 * 1024);
}

async function times(rounds, one) {
	const figures = [];
	for (let i = 0; i < rounds; i++) figures.push(await one(i));
	return figures;
}

/** The last digit is the change of the field that the page hears; nothing of the driver counts. */
async function typing(page, rate) {
	await slow(page, rate);
	const figures = await times(ROUNDS, async () => {
		await of(page, 'answer').click();
		await of(page, 'number').pressSequentially('12345');
		const time = page.evaluate(`(async () => {
			await (${heard})('number', 'input');
			return (${watch})(${drawn('second')});
		})()`);
		await of(page, 'number').press('6');
		const figure = await time;
		await of(page, 'done').click();
		await shows(page, 'cards');
		return figure;
	});
	line(`last digit to second code, processor ${rate}x slower`, figures, 'ms',
		rate === 6 ? 100 : undefined);
}

async function scanning(page, rate, ask, camera) {
	await slow(page, rate);
	const figures = await times(ROUNDS, async () => {
		cameraText(camera, await ask());
		const figure = await page.evaluate(`(async () => {
			const begin = performance.now();
			document.querySelector('[data-test=scan]').click();
			await (${watch})(() => document.querySelector('[data-test=confirm]'));
			document.querySelector('[data-test=confirm]').click();
			await (${watch})(${drawn('second')});
			return performance.now() - begin;
		})()`);
		cameraNothing(camera);
		await of(page, 'done').click();
		await shows(page, 'cards');
		return figure;
	});
	line(`tap on scan to second code, processor ${rate}x slower`, figures, 'ms', 1500);
}

async function loading(phone, rate) {
	const unlocks = [];
	const loads = await times(ROUNDS, async () => {
		const page = await phone.context.newPage();
		await slow(page, rate);
		await page.goto(phone.origin, { waitUntil: 'commit' });
		const figure = await page.evaluate(`(${watch})(${there('unlock')}, true)`);
		await of(page, 'passcode').fill(PASSCODE);
		const time = page.evaluate(`(async () => {
			await (${heard})('open', 'click');
			return (${watch})(${drawn('cards')});
		})()`);
		await of(page, 'open').click();
		unlocks.push(await time);
		await page.close();
		return figure;
	});
	line(`no server: address to usable page, processor ${rate}x slower`, loads, 'ms', 1000);
	line(`passcode to first code, processor ${rate}x slower`, unlocks, 'ms', 1000);
}

console.log(`${cpus().length} processors, ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}, `
	+ `${ROUNDS} rounds, medians`);
weight();
const wide = { starts_per_tag: 100, starts_hour: 10000, starts_day: 10000, start_delay_after: 10000,
	number_lifetime_s: 600 };
const bank = await openBank({ policy: wide });
const camera = join(bank.tmp, 'camera.y4m');
cameraNothing(camera);
const chrome = await browser({ bank, camera });
try {
	const phone = await chrome.phone();
	const till = await bank.terminal('till');
	const { token } = await bank.issue();
	const page = await phone.open(`/#${token}`);
	await takeCard(page);
	const ask = async () => {
		const { text } = await seen(page, /\/C\//);
		const sale = { code: text, amount: 1280, currency: 'EUR' };
		const { status, body } = await till.ask('POST', '/v1/verifications', sale);
		if (status !== 201) throw new Error(body.detail);
		return body.challenge_code;
	};
	for (const rate of [1, 6]) await typing(page, rate);
	await scanning(page, 4, ask, camera);
	await bank.stop();
	await page.close();
	await loading(phone, 4);
} finally {
	await chrome.close();
	await bank.close();
}
