// SPDX-License-Identifier: Apache-2.0
//
// Shapes that several modules of the wallet share. Only types: nothing of this is in the page.

/** What anybody who holds the phone may see of a credential; kept unsealed. */
export interface CardPublic {
	id: string; // 32 hex digits
	generation: number;
	notAfter: number; // Unix seconds, 0xffffffff = no end
	live: boolean;
	digits: number; // of a verification number
	purpose: string;
	faceValue: string;
	issuer: { name: string; host: string; key: string }; // key: 64 hex digits
	staticBody: Uint8Array<ArrayBuffer>; // 92 bytes, PROTOCOL.md section 4
	status: CardStatus;
	quick: boolean; // its first code may be shown without the passcode
}

export interface CardStatus {
	word: 'active' | 'frozen' | 'void' | 'expired' | 'superseded';
	until?: number; // of a freeze that ends, Unix seconds
	asOf: number; // when the issuer said so, Unix seconds; 0 = at activation
}

/** The answer of POST /v1/activations, checked. */
export interface Activation {
	card: CardPublic;
	holder: string;
	secret: Uint8Array<ArrayBuffer>; // K, 32 bytes; whoever takes it wipes it
	token: string;
}

/** The keys that come from K (PROTOCOL.md section 3): HMAC-SHA256, sign only, not extractable. */
export interface CardKeys {
	response: CryptoKey;
	live: CryptoKey;
	challenge: CryptoKey;
}

/** A challenge code that was read, PROTOCOL.md section 6. */
export interface Challenge {
	credentialShort: Uint8Array<ArrayBuffer>;
	verificationId: string; // 32 hex digits
	number: string; // all digits
	digits: number;
	expires: number; // Unix seconds
	amount: bigint; // minor units; 0n = none
	currency: string; // XXX = none
	merchant: string;
	reference: string;
	body: Uint8Array<ArrayBuffer>; // all of it, tag included
}

/** A text, taken apart; everything that is not ours in every respect is `foreign`. */
export type Code =
	| { kind: 'foreign'; foreign: 'text' | 'web' | 'damaged'; why?: string }
	| {
			kind: 'C';
			host: string;
			body: Uint8Array<ArrayBuffer>;
			live: boolean;
			credentialId: string;
			generation: number;
			notAfter: number;
	  }
	| { kind: 'Q'; host: string; challenge: Challenge }
	| { kind: 'R'; host: string; binding: number; timed: boolean }
	| {
			kind: 'A' | 'T' | 'S' | 'L' | 'D' | 'P' | 'X' | 'J';
			host: string;
			codeId: string;
			notAfter: number;
	  };

/** One transaction as the phone knows it; kept sealed. */
export interface HistoryEntry {
	id: string; // verification id where it is known, else random; 32 hex digits
	card: string; // id of the credential
	guess?: boolean; // the verification's id is not known: the next event of the card tells it
	at: number; // Unix seconds
	state: 'answered' | 'accepted' | 'authorised' | 'rejected' | 'expired' | 'cancelled';
	reason?: string;
	amount?: number;
	currency?: string;
	merchant?: string;
	reference?: string;
	receipt?: string;
	receiptCode?: string;
}
