// SPDX-License-Identifier: Apache-2.0
//
// The service worker: the page works without network. One cache for each version, filled before the
// version is used; a new version waits until the person says so, and then the old cache goes.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE = `wallet-${SITE_VERSION}`;
const PAGE = '/';
/** What a phone's camera may open: a code of ours. The page itself looks whether it is one. */
const CODE = /^\/[A-Z]\/[A-Z2-7]+$/;

worker.addEventListener('install', (event) => event.waitUntil((async () => {
	const cache = await caches.open(CACHE);
	// from the server, not from the browser's own store: all files are of one version
	await cache.addAll([PAGE, ...SITE_FILES.map((name) => `/${name}`)]
		.map((path) => new Request(path, { cache: 'reload' })));
})()));

worker.addEventListener('activate', (event) => event.waitUntil((async () => {
	for (const name of await caches.keys()) {
		if (name !== CACHE) await caches.delete(name);
	}
	await worker.clients.claim();
})()));

worker.addEventListener('message', (event) => {
	if (event.data === 'now') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const { origin, pathname } = new URL(request.url);
	if (request.method !== 'GET' || origin !== location.origin) return;
	const page = request.mode === 'navigate' && (pathname === PAGE || CODE.test(pathname));
	const file = SITE_FILES.includes(pathname.slice(1));
	if (!page && !file) return; // the API, and what does not exist: the network's own answer
	event.respondWith((async () => {
		const cache = await caches.open(CACHE);
		return await cache.match(page ? PAGE : pathname) ?? fetch(request);
	})());
});
