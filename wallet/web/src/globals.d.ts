// SPDX-License-Identifier: Apache-2.0
//
// What build.mjs writes into the service worker.
declare const SITE_VERSION: string;
declare const SITE_FILES: string[];
