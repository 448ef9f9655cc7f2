// SPDX-License-Identifier: Apache-2.0
//
// Unlocking with what unlocks the phone: a passkey of this page whose PRF gives 32 bytes that only
// this phone's authenticator can make, after its own question (finger, face, screen lock).
import { StoreFault } from './fault.js';
import { authenticatorKey, random } from './seal.js';

/** @returns {Promise<boolean>} does it pay to offer it? */
export const deviceAble = async () => !!await globalThis.PublicKeyCredential
	?.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);

/** @param {any} credential @returns {BufferSource | undefined} */
const result = (credential) => credential?.getClientExtensionResults().prf?.results?.first;

/** @param {BufferSource | undefined} bytes */
function key(bytes) {
	if (!bytes) throw new StoreFault('device');
	return authenticatorKey(bytes);
}

/** @param {() => Promise<any>} ask  the person may say no */
async function asked(ask) {
	try {
		return await ask();
	} catch {
		throw new StoreFault('device');
	}
}

/**
 * @param {BufferSource} id @param {Uint8Array<ArrayBuffer>} salt
 * @returns {Promise<CryptoKey>}
 */
export async function deviceKey(id, salt) {
	return key(result(await asked(() => navigator.credentials.get({ publicKey: {
		challenge: random(32), // nobody checks the signature: the PRF is what opens
		allowCredentials: [{ id, type: 'public-key' }],
		userVerification: 'required',
		extensions: { prf: { eval: { first: salt } } },
	} }))));
}

/** @param {string} name  how the phone lists it */
export async function deviceMake(name) {
	const salt = random(32);
	const made = await asked(() => navigator.credentials.create({ publicKey: {
		rp: { name },
		user: { id: random(16), name, displayName: name },
		challenge: random(32),
		pubKeyCredParams: [-7, -257].map((alg) => ({ type: 'public-key', alg })),
		authenticatorSelection: {
			authenticatorAttachment: 'platform',
			residentKey: 'discouraged',
			userVerification: 'required',
		},
		extensions: { prf: { eval: { first: salt } } },
	} }));
	if (!made?.getClientExtensionResults().prf?.enabled) throw new StoreFault('device');
	const id = /** @type {ArrayBuffer} */ (made.rawId);
	const first = result(made); // some engines give it only when asked afterwards
	return { id, salt, key: first ? await key(first) : await deviceKey(id, salt) };
}
