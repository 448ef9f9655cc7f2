// SPDX-License-Identifier: Apache-2.0
//
// English. A section for each part of the page; the other languages have the same names.
export default {
	app: {
		name: 'Wallet',
		back: 'Back',
		cancel: 'Cancel',
	},
};
