// SPDX-License-Identifier: Apache-2.0
//
// A bank by the real programs: its folder, countersignd over TLS on a free port of this machine, a
// holder with an account, terminals. It dies with the test that opened it.
import { execFile, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { scratch } from './browser.mjs';

export const PIN = '2468';
const LIMIT_MS = 60000; // a busy machine

/** Where the programs are; COUNTERSIGN_BIN names another build. */
export const bin = (name) => join(process.env.COUNTERSIGN_BIN ?? 'build/gcc', name);

/** Runs a program; {status, out, err}. Options: input, env. */
export function run(command, options = {}) {
	return new Promise((done) => {
		const how = {
			timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 64 << 20,
			env: { ...process.env, ...options.env },
		};
		const child = execFile(command[0], command.slice(1), how, (error, out, err) =>
			done({ status: error ? error.code ?? error.signal : 0, out, err }));
		child.stdin.on('error', () => {}); // it did not want it
		child.stdin.end(options.input ?? '');
	});
}

/** Asks again until the answer is true; the last answer. */
export async function until(question, limitMs = LIMIT_MS) {
	const end = Date.now() + limitMs;
	for (;;) {
		const answer = await question();
		if (answer || Date.now() > end) return answer;
		await new Promise((next) => setTimeout(next, 20));
	}
}

/**
 * A bank that serves. Options: policy: {key: value} of [policy], settings: {section: {key: value}},
 * host: of the codes; name.
 */
export async function openBank(options = {}) {
	const bank = new Bank(options.in ?? scratch(), options.host ?? 'QR.EXAMPLE.COM');
	await bank.command('init', '--name', options.name ?? 'Corner Bank', '--host', bank.host);
	bank.set({ ...options.settings, policy: options.policy ?? {} });
	const pem = readFileSync(join(bank.dir, 'server.pem'));
	bank.ca = readFileSync(join(bank.dir, 'ca.pem'));
	const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
	bank.spki = createHash('sha256').update(key).digest('base64');
	writeFileSync(bank.pinFile, `${PIN}\n`, { mode: 0o600 });
	const { holder } = await bank.command('holder', 'add', '--phone', '+44 1',
		'--name', options.holder ?? 'Ada Lovelace');
	const { account } = await bank.command('account', 'add', '--holder', holder,
		'--number', '12345', '--pin-file', bank.pinFile);
	Object.assign(bank, { holder, account });
	await bank.start();
	return bank;
}

export class Bank {
	constructor(tmp, host) {
		this.tmp = tmp;
		this.host = host; // of the codes
		this.dir = join(tmp, 'backend');
		this.pinFile = join(tmp, 'pin');
		this.origin = `https://${host.toLowerCase()}`; // where a phone finds the wallet
		this.env = { XDG_STATE_HOME: join(tmp, 'state'), STATE_DIRECTORY: undefined };
		this.child = null;
		mkdirSync(this.env.XDG_STATE_HOME, { recursive: true });
		process.on('exit', () => this.child?.kill('SIGKILL'));
	}

	/** A command of administration; what it printed, as data. Throws when it fails. */
	async command(...words) {
		const command = [bin('countersignd'), '--dir', this.dir, ...words.map(String)];
		const ran = await run(command, { env: this.env });
		if (ran.status !== 0) throw new Error(`${command.join(' ')}: ${ran.err}`);
		return ran.out.trim() === '' ? {} : JSON.parse(ran.out);
	}

	/** Settings, {section: {key: value}}; read when the server starts. */
	set(sections) {
		const file = join(this.dir, 'countersignd.conf');
		let text = readFileSync(file, 'utf8');
		for (const [section, keys] of Object.entries(sections)) {
			const head = `[${section}]\n`;
			let more = head;
			for (const [key, value] of Object.entries(keys))
				more += `${key} = ${value}\n`;
			text = text.includes(head) ? text.replace(head, more) : text + more;
		}
		writeFileSync(file, text);
	}

	/** Issues a credential; {credential, token, ...}. Arguments: more options. */
	async issue(...options) {
		const usual = { '--holder': this.holder, '--account': this.account,
			'--purpose': 'Member card', '--face-value': 'Gold' };
		return this.command('credential', 'issue', ...Object.entries(usual)
			.filter(([name]) => !options.includes(name)).flat(), ...options);
	}

	/** Activates the C holder with it; its options --wallet and --passcode-file. */
	async cWallet(name, token) {
		const passcode = join(this.tmp, 'passcode');
		const words = ['--wallet', join(this.tmp, name), '--passcode-file', passcode];
		writeFileSync(passcode, 'correct horse battery\n', { mode: 0o600 });
		const activate = [bin('holder'), 'activate', '--url', this.url, '--token-stdin',
			'--ca', join(this.dir, 'ca.pem'), ...words];
		const ran = await run(activate, { input: `${token}\n` });
		if (ran.status !== 0) throw new Error(`holder activate: ${ran.err}`);
		return words;
	}

	/** A terminal by mutual TLS, as `countersign enrol` makes it. */
	async terminal(name) {
		const conf = join(this.tmp, `${name}.conf`);
		const { code } = await this.command('terminal', 'enrol', name);
		const enrol = [bin('countersign'), 'enrol', this.url, code, '--config', conf];
		const ran = await run(enrol, { env: this.env });
		if (ran.status !== 0) throw new Error(`countersign enrol: ${ran.err}`);
		const [cert, key] = ['pem', 'key']
			.map((end) => readFileSync(join(this.tmp, `${name}.${end}`)));
		const ask = (method, path, body) => this.ask(method, path, { body, cert, key });
		return { name, conf, ask };
	}

	/** One request; {status, headers, body}: body is data where it is JSON. */
	ask(method, path, { body: sent, token, cert, key } = {}) {
		return new Promise((done, failed) => {
			const call = request({
				host: '127.0.0.1', port: this.port, method, path, agent: false,
				ca: this.ca, cert, key, // who is who
				headers: {
					...(token ? { authorization: `Bearer ${token}` } : {}),
					...(sent ? { 'content-type': 'application/json' } : {}),
				},
				timeout: LIMIT_MS,
			}, (answer) => {
				const parts = [];
				answer.on('data', (part) => parts.push(part));
				answer.on('end', () => {
					const { statusCode: status, headers } = answer;
					const bytes = Buffer.concat(parts);
					const json = /json/.test(headers['content-type'] ?? '');
					const body = json ? JSON.parse(bytes) : bytes;
					done({ status, headers, body });
				});
			});
			call.on('timeout', () => call.destroy(new Error('no answer')));
			call.on('error', failed);
			call.end(sent ? JSON.stringify(sent) : undefined);
		});
	}

	/** Serves, on the port that it had before. */
	async start() {
		const file = join(this.tmp, 'port');
		rmSync(file, { force: true });
		let said = '';
		// if this process is killed, the server is, too
		const serve = [bin('countersignd'), '--dir', this.dir, 'serve',
			'--port', String(this.port ?? 0), '--port-file', file];
		this.child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...serve],
			{ stdio: ['ignore', 'ignore', 'pipe'] });
		this.child.stderr.on('data', (part) => { said += part; this.log = said; });
		const there = () => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n');
		const ended = () => this.child.exitCode !== null;
		await until(() => there() || ended());
		if (ended() || !there()) throw new Error(`no server: ${said}`);
		this.port = Number(readFileSync(file, 'utf8'));
		this.url = `https://127.0.0.1:${this.port}`;
	}

	/** No server any more; whoever asks is refused. */
	async stop() {
		const child = this.child;
		this.child = null;
		if (!child || child.exitCode !== null) return;
		const gone = new Promise((done) => child.once('exit', done));
		child.kill('SIGTERM');
		const force = setTimeout(() => child.kill('SIGKILL'), 10000);
		await gone;
		clearTimeout(force);
	}

	close() { return this.stop(); }
}
