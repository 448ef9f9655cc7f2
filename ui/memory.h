/* SPDX-License-Identifier: Apache-2.0
 *
 * Resident memory after start. The libraries that come with libcurl and OpenSSL run their
 * constructors once and are not used again, but what they touched stays resident; on a counter PC
 * with 512 MB that is memory for nothing.
 */
#ifndef UI_MEMORY_H
#define UI_MEMORY_H

/* Gives back the code pages of this process that are not in use, and the free end of the heap. What
 * is needed after all comes back from the page cache at a touch. Code only: pages that hold data or
 * were changed while loading are left alone. Says nothing when it cannot.
 */
void memory_trim(void);

#endif
