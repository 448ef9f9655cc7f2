/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of countersign-scanner-faulty: fault n is made by signal SIGRTMIN + n.
 */
#ifndef TESTS_LIB_SCANNER_FAULTS_H
#define TESTS_LIB_SCANNER_FAULTS_H

#define FAULT_BOMB_WENT_OFF 77 /* exit status: it got a gigabyte */

enum scanner_fault {
	FAULT_SEGV,
	FAULT_LOOP,
	FAULT_LOOP_ALIVE,    /* and says all the time that it lives */
	FAULT_BOMB,
	FAULT_SYSCALL,
	FAULT_NONSENSE,      /* bytes that are no message */
	FAULT_STORM_PREVIEW, /* messages that are fine, without end */
	FAULT_STORM_WORDS,
	FAULT_FORGERY,       /* an event on standard error */
	FAULT_COUNT
};

#endif
