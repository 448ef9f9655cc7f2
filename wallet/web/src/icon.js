// SPDX-License-Identifier: Apache-2.0
//
// Line drawings of 24 by 24, made as elements: nothing is fetched, nothing is parsed.

/** @type {Record<string, string>} the path of each drawing */
const PATHS = {
	back: 'M15 5l-7 7 7 7',
	next: 'M9 5l7 7-7 7',
	lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
	gear: 'M4 7h9m5 0h2M4 17h2m5 0h9'
		+ 'M13 7a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0'
		+ 'M6 17a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0',
	scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16',
	keys: 'M5 5h1v1H5zM11.5 5h1v1h-1zM18 5h1v1h-1zM5 11.5h1v1H5zM11.5 11.5h1v1h-1z'
		+ 'M18 11.5h1v1h-1zM11.5 18h1v1h-1z',
	close: 'M7 7l10 10M17 7L7 17',
	list: 'M12 7v5l3.5 2M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5',
	sun: 'M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2'
		+ 'M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
	info: 'M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 11v5.5M12 7.5h.1',
	good: 'M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8 12.2l2.8 2.8L16 9.5',
	warn: 'M12 4L2.5 20h19zM12 10v4.5M12 17h.1',
	bad: 'M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M9 9l6 6M15 9l-6 6',
};

/** @param {string} name */
export function icon(name) {
	const space = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS(space, 'svg');
	const path = document.createElementNS(space, 'path');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('aria-hidden', 'true');
	path.setAttribute('d', PATHS[name]);
	svg.append(path);
	return svg;
}
