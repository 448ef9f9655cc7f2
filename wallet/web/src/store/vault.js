// SPDX-License-Identifier: Apache-2.0
//
// What is kept on the phone, and who may open it.

/** @typedef {object} Vault @property {() => void} lock */
export {};
