/* SPDX-License-Identifier: Apache-2.0
 *
 * Error detail and assertions.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[ERR_CODE_COUNT] = {
#define ERR_WORDS(name, text) [name] = (text),
	ERR_LIST(ERR_WORDS)
#undef ERR_WORDS
};

static void (*assert_hook)(void); /* atomic access only */

const char *err_words(enum err_code code)
{
	if ((unsigned)code >= ERR_CODE_COUNT)
		return "unknown error";
	return words[code];
}

/* vsnprintf() cuts between bytes: take back a character of which only a part is left. */
static void cut_at_character(char *text, size_t len)
{
	size_t lead = len;

	while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead == 0)
		return;
	unsigned char first = (unsigned char)text[lead - 1];
	size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	if (len - (lead - 1) < want)
		text[lead - 1] = '\0';
}

/* Text is one line whatever was put into it; the rest of safety is text_safe()'s, at the screen. */
static void text_store(struct err *e, const char *text, bool was_cut)
{
	size_t len = strlen(text);

	if (len >= sizeof e->text)
		len = sizeof e->text - 1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		e->text[i] = text[i];
		if (c < 0x20 || c == 0x7f)
			e->text[i] = '?';
	}
	e->text[len] = '\0';
	if (was_cut || text[len] != '\0')
		cut_at_character(e->text, len);
}

ERR_PRINTF(2, 0)
static void text_format(struct err *e, const char *fmt, va_list args)
{
	char text[ERR_TEXT_MAX]; /* apart: an argument may be e->text itself */

	if (strchr(fmt, '%') == NULL) { /* most are fixed words, and "not found" is no rare one */
		text_store(e, fmt, strlen(fmt) >= ERR_TEXT_MAX);
		return;
	}
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): untrue from its second file on */
	int n = vsnprintf(text, sizeof text, fmt, args);

	if (n < 0)
		text[0] = '\0';
	text_store(e, text, n >= (int)sizeof text);
}

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list args;

	ASSERT(code != ERR_OK); /* `return err_set(...)` must never report success */
	if (e == NULL)
		return code;
	va_start(args, fmt);
	text_format(e, fmt, args);
	va_end(args);
	e->code = code;
	e->os_errno = 0;
	return code;
}

enum err_code err_set_os(struct err *e, enum err_code code, int os_errno, const char *fmt, ...)
{
	va_list args;
	char reason[96];
	char text[2 * ERR_TEXT_MAX];

	ASSERT(code != ERR_OK);
	if (e == NULL)
		return code;
	va_start(args, fmt);
	text_format(e, fmt, args);
	va_end(args);
	/* The GNU strerror_r(): thread-safe, may return a text of its own. */
	const char *why = strerror_r(os_errno, reason, sizeof reason);
	snprintf(text, sizeof text, "%s: %s (errno %d)", e->text, why, os_errno);
	text_store(e, text, false);
	e->code = code;
	e->os_errno = os_errno;
	return code;
}

enum err_code err_prefix(struct err *e, const char *fmt, ...)
{
	struct err before;
	va_list args;
	char text[2 * ERR_TEXT_MAX + 2];

	if (e == NULL)
		return ERR_INTERNAL; /* no code to hand on; never success */
	va_start(args, fmt);
	text_format(&before, fmt, args);
	va_end(args);
	snprintf(text, sizeof text, "%s: %s", before.text, e->text);
	text_store(e, text, false);
	return e->code;
}

void assert_set_hook(void (*hook)(void))
{
	__atomic_store_n(&assert_hook, hook, __ATOMIC_SEQ_CST);
}

void assert_failed(const char *cond, const char *file, int line)
{
	void (*hook)(void) = __atomic_exchange_n(&assert_hook, NULL, __ATOMIC_SEQ_CST);

	if (hook != NULL)
		hook(); /* was exchanged above: an assertion inside it does not come back here */
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, cond);
	abort();
}
