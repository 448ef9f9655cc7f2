// SPDX-License-Identifier: Apache-2.0
//
// The start: language, pages, service worker, and where to go first.
import { makeApp } from './app.js';
import { arrive } from './arrival.js';
import { pages } from './pages/pages.js';
import { remembered } from './remember.js';
import { startTelling } from './told.js';
import { startServiceWorker } from './update.js';
import { setLanguage } from './words/words.js';

await setLanguage(remembered('language'));
const app = makeApp(pages);
startTelling(app);
void arrive(app);
void startServiceWorker();
