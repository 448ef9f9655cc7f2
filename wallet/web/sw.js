// SPDX-License-Identifier: Apache-2.0
//
// The service worker: the page works without network. One cache for each version; a new version
// waits until the person says so.
