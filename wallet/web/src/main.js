// SPDX-License-Identifier: Apache-2.0
//
// The start: language, pages, service worker, and where to go first.
import { makeApp } from './app.js';
import { pages } from './pages/pages.js';
import { remembered } from './remember.js';
import { startServiceWorker } from './update.js';
import { setLanguage } from './words/words.js';

await setLanguage(remembered('language'));
const app = makeApp(pages);
void app.go('home');
void startServiceWorker();
