// SPDX-License-Identifier: Apache-2.0
//
// A picture to the text of the QR code in it. The only file that reads with the QR library; a
// script of its own, because most pages never scan.
import { decodeQR } from 'qr/decode.js';

/** @param {ImageData} image @returns {string | undefined} */
export function readFrame(image) {
	try {
		return decodeQR(image);
	} catch {
		return undefined; // nothing to read in this one
	}
}
