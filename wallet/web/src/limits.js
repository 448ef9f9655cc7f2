// SPDX-License-Identifier: Apache-2.0
//
// Every size, time and count of the wallet page, with its unit. Also in docs/limits.md.

export const PASSCODE_MIN = 6; // digits
export const PASSCODE_MAX = 12; // digits
export const TRIES_MAX = 3; // wrong passcodes in a row; then the wallet is closed
export const TRY_DELAYS_S = [0, 5, 30]; // waiting after so many wrong ones
export const TURN_S = 3; // a tab waits for a try of another one
export const PBKDF2_ROUNDS = 600000; // kept with the record
export const HIDDEN_LOCK_S = 15; // the page is not seen: then it locks
export const IDLE_LOCK_S = 120; // nobody touches it: then it locks
export const CARDS_MAX = 16;
export const HISTORY_MAX = 500; // entries kept; the oldest goes
export const REQUEST_TIMEOUT_MS = 15000;
export const EVENTS_WAIT_S = 25; // of one long poll
export const CLOCK_SKEW_S = 20; // the phone's clock is this wrong: it is said
export const ANSWER_MAX = 16384; // characters of an answer of the backend
export const LABEL_MAX = 64; // bytes of a name, purpose, face value
export const TOKEN_MAX = 128; // characters of a bearer token
export const CLAIM_S = 600; // how long a token is answered again to who took it
export const BACKOFF_MIN_MS = 1000; // pause before the backend is asked again
export const BACKOFF_MAX_MS = 60000; // it doubles up to this
export const SCAN_SIDE_MAX = 960; // pixels of the square in which a code is looked for
export const SCAN_FRAME_MS = 100; // an engine that does not say when there is a new frame
export const SCAN_FAR_MS = 8000; // nothing was read: then a hint
export const SCAN_MAX_MS = 120000; // a camera that was forgotten
