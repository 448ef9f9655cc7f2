// SPDX-License-Identifier: Apache-2.0
//
// Every page of the wallet by its name.
import { homePage } from './home.js';

/** @type {Record<string, import('../app.js').PageOpener>} */
export const pages = {
	home: homePage,
};
