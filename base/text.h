/* SPDX-License-Identifier: Apache-2.0
 *
 * Languages: gettext, English in the source, other languages in ui/po/.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <libintl.h>
#include <stdbool.h>

#define _(text) gettext(text)
#define N_(text) (text) /* marked for translation, looked up where it is shown */

/* language: "en", "zh_CN", "zh", ... or NULL/"" for the environment's. Works also where the C
 * library has no locale data for the language installed (falls back to C.UTF-8 with LANGUAGE).
 * The catalogue is searched beside the program first (build tree), then in the installed place.
 */
void text_init(const char *language);
/* Is it a language that there is, in one of its spellings? */
bool text_language_exists(const char *language);
/* "en" or "zh_CN": what is in force. */
const char *text_language(void);

#endif
