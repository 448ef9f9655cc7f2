/* SPDX-License-Identifier: Apache-2.0
 *
 * How far two words are from one another: for "did you mean". Knows no languages.
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stdbool.h>
#include <stddef.h>

#define NEAR_WORD_MAX 64 /* bytes; a longer word is near to nothing */

/* Letters to put in, take away, change, or swap with their neighbour until one is the other.
 * Capitals are no difference, nor are '-' and '_'. NEAR_WORD_MAX for words that are too long.
 */
size_t near_distance(const char *one, const char *other);
/* A slip of the fingers: so few letters differ that the word is still to be recognised. */
bool near_is(size_t distance, const char *word);

#endif
