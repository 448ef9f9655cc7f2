// SPDX-License-Identifier: Apache-2.0
//
// Every page of the wallet by its name.
import { answerPage } from './answer.js';
import { cardsPage } from './cards.js';
import { challengePage } from './challenge.js';
import { changePage } from './change.js';
import { closedPage } from './closed.js';
import { explainedPage } from './explained.js';
import { historyPage } from './history.js';
import { homePage } from './home.js';
import { lostPage } from './lost.js';
import { offerPage } from './offer.js';
import { passcodePage } from './passcode.js';
import { receiptPage } from './receipt.js';
import { renewPage } from './renew.js';
import { scanPage } from './scan.js';
import { secondPage } from './second.js';
import { settingsPage } from './settings.js';
import { unlockPage } from './unlock.js';

/** @type {Record<string, import('../app.js').PageOpener>} */
export const pages = {
	answer: answerPage,
	cards: cardsPage,
	challenge: challengePage,
	change: changePage,
	closed: closedPage,
	explained: explainedPage,
	history: historyPage,
	home: homePage,
	lost: lostPage,
	offer: offerPage,
	passcode: passcodePage,
	receipt: receiptPage,
	renew: renewPage,
	scan: scanPage,
	second: secondPage,
	settings: settingsPage,
	unlock: unlockPage,
};
