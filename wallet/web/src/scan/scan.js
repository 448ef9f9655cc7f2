// SPDX-License-Identifier: Apache-2.0
//
// Looks for QR codes with the phone's camera. What reads them is loaded when somebody scans.
import { SCAN_FRAME_MS, SCAN_MAX_MS, SCAN_SIDE_MAX } from '../limits.js';
import { t } from '../words/words.js';

const CAMERA = {
	audio: false,
	video: {
		facingMode: { ideal: 'environment' },
		width: { ideal: 1280 }, height: { ideal: 720 },
	},
};

/** The next frame, or a while. @param {HTMLVideoElement} video @returns {Promise<void>} */
function frame(video) {
	return new Promise((done) => {
		setTimeout(done, SCAN_FRAME_MS);
		video.requestVideoFrameCallback?.(() => done());
	});
}

/**
 * The square in the middle.
 *
 * @param {HTMLVideoElement} video
 * @param {CanvasRenderingContext2D} g
 * @param {(image: ImageData) => string | undefined} read
 */
function look(video, g, read) {
	const { videoWidth: w, videoHeight: h } = video;
	const cut = Math.min(w, h);
	const side = Math.min(cut, SCAN_SIDE_MAX);
	if (!side) return undefined;
	if (g.canvas.width !== side) g.canvas.width = g.canvas.height = side;
	g.drawImage(video, (w - cut) / 2, (h - cut) / 2, cut, cut, 0, 0, side, side);
	return read(g.getImageData(0, 0, side, side));
}

/**
 * Reads until onText says that it has what it wanted, or until it is stopped; then the camera is
 * off. Throws what the camera's failure was: cameraWords() says it.
 *
 * @param {HTMLVideoElement} video  with playsinline and muted
 * @param {object} how
 * @param {AbortSignal} how.signal
 * @param {(text: string) => boolean} how.onText  true: enough
 * @param {(set: (on: boolean) => Promise<void>) => void} [how.onTorch]  there is a light
 */
export async function scanLoop(video, { signal, onText, onTorch }) {
	if (!navigator.mediaDevices) throw new DOMException('no camera', 'NotFoundError');
	const reader = import('./read.js');
	reader.catch(() => {}); // where there is no camera, that is said first
	const stream = await navigator.mediaDevices.getUserMedia(CAMERA);
	try {
		const { readFrame } = await reader;
		if (signal.aborted) return;
		video.srcObject = stream;
		await video.play();
		const [track] = stream.getVideoTracks();
		if (/** @type {any} */ (track.getCapabilities?.())?.torch) onTorch?.((torch) =>
			track.applyConstraints({ advanced: [/** @type {any} */ ({ torch })] }));
		const g = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas')
			.getContext('2d', { willReadFrequently: true, alpha: false }));
		const end = performance.now() + SCAN_MAX_MS;
		while (!signal.aborted) {
			if (!stream.active || document.hidden || performance.now() > end)
				throw new DOMException('off', 'TimeoutError');
			const text = look(video, g, readFrame);
			if (text !== undefined && onText(text)) return;
			await frame(video);
		}
	} finally {
		for (const track of stream.getTracks()) track.stop();
		video.srcObject = null;
	}
}

/** What went wrong with the camera, and what to do. @param {unknown} error */
export function cameraWords(error) {
	switch (/** @type {Error} */ (error)?.name) {
	case 'NotAllowedError':
	case 'SecurityError':
		return t('scan.denied');
	case 'NotFoundError':
	case 'OverconstrainedError':
		return t('scan.none');
	case 'TimeoutError':
		return t('scan.off');
	default:
		return t('scan.busy');
	}
}
