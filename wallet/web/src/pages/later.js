// SPDX-License-Identifier: Apache-2.0
//
// The pages that are loaded when they are opened.
export { changePage } from './change.js';
export { closedPage } from './closed.js';
export { explainedPage } from './explained.js';
export { historyPage } from './history.js';
export { lostPage } from './lost.js';
export { offerPage } from './offer.js';
export { passcodePage } from './passcode.js';
export { receiptPage } from './receipt.js';
export { renewPage } from './renew.js';
export { settingsPage } from './settings.js';
