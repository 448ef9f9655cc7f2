// SPDX-License-Identifier: Apache-2.0
//
// The screen stays on while a code shows. The system takes that away when the page is hidden, so it
// is asked again. Where there is no such thing the phone's own time counts.

/** @returns {() => void} let it go dark again */
export function keepAwake() {
	/** @type {WakeLockSentinel | undefined} */
	let lock;
	let over = false;
	const ask = async () => {
		if (over || document.visibilityState !== 'visible') return;
		try {
			lock = await navigator.wakeLock?.request('screen');
			if (over) await lock?.release();
		} catch { /* battery saver, or not allowed: no more than a comfort is lost */ }
	};
	document.addEventListener('visibilitychange', ask);
	void ask();
	return () => {
		over = true;
		document.removeEventListener('visibilitychange', ask);
		lock?.release().catch(() => {});
	};
}
