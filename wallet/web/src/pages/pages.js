// SPDX-License-Identifier: Apache-2.0
//
// Every page of the wallet by its name. Those that showing and answering do not need are a script
// of their own.
import { answerPage } from './answer.js';
import { cardsPage } from './cards.js';
import { challengePage } from './challenge.js';
import { homePage } from './home.js';
import { scanPage } from './scan.js';
import { secondPage } from './second.js';
import { unlockPage } from './unlock.js';

/** @typedef {import('../app.js').PageOpener} PageOpener */

/** @param {keyof typeof import('./later.js')} name @returns {PageOpener} */
const later = (name) => async (app, args) => (await import('./later.js'))[name](app, args);

/** @type {Record<string, PageOpener>} */
export const pages = {
	answer: answerPage,
	cards: cardsPage,
	challenge: challengePage,
	change: later('changePage'),
	closed: later('closedPage'),
	explained: later('explainedPage'),
	history: later('historyPage'),
	home: homePage,
	lost: later('lostPage'),
	offer: later('offerPage'),
	passcode: later('passcodePage'),
	receipt: later('receiptPage'),
	renew: later('renewPage'),
	scan: scanPage,
	second: secondPage,
	settings: later('settingsPage'),
	unlock: unlockPage,
};
