// SPDX-License-Identifier: Apache-2.0
//
// Every page of the wallet by its name.
import { cardsPage } from './cards.js';
import { changePage } from './change.js';
import { closedPage } from './closed.js';
import { homePage } from './home.js';
import { settingsPage } from './settings.js';
import { unlockPage } from './unlock.js';
import { explainedPage } from './explained.js';
import { historyPage } from './history.js';
import { lostPage } from './lost.js';
import { offerPage } from './offer.js';
import { passcodePage } from './passcode.js';
import { receiptPage } from './receipt.js';
import { renewPage } from './renew.js';

/** @type {Record<string, import('../app.js').PageOpener>} */
export const pages = {
	cards: cardsPage,
	change: changePage,
	closed: closedPage,
	home: homePage,
	settings: settingsPage,
	unlock: unlockPage,
	explained: explainedPage,
	history: historyPage,
	lost: lostPage,
	offer: offerPage,
	passcode: passcodePage,
	receipt: receiptPage,
	renew: renewPage,
};
