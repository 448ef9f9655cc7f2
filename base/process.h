/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program that holds keys, tokens or PINs does about itself when it starts.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/* No core file of this process and of those that it starts; no debugger of the same user reads
 * its memory. Under sanitizers a debugger may: finding leaks needs it.
 */
void process_guard(void);

#endif
