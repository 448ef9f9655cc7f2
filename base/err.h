/* SPDX-License-Identifier: Apache-2.0
 *
 * Error codes, error detail, assertions. Knows nothing of the rest.
 * A verdict is never an error: see verifier/flow.h.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

/* One list, so that codes and words cannot drift apart. */
#define ERR_LIST(X)                                                                                \
	X(ERR_OK, "no error")                                                                      \
	X(ERR_INVALID, "invalid value")                                                            \
	X(ERR_FORMAT, "malformed input")                                                           \
	X(ERR_RANGE, "value out of range")                                                         \
	X(ERR_TOO_LARGE, "too large")                                                              \
	X(ERR_NO_MEMORY, "out of memory")                                                          \
	X(ERR_IO, "input or output failed")                                                        \
	X(ERR_NOT_FOUND, "not found")                                                              \
	X(ERR_EXISTS, "exists already")                                                            \
	X(ERR_PERMISSION, "not permitted")                                                         \
	X(ERR_BUSY, "busy")                                                                        \
	X(ERR_TIMEOUT, "timed out")                                                                \
	X(ERR_CLOSED, "ended or closed by the other side")                                         \
	X(ERR_CRYPTO, "cryptographic operation failed")                                            \
	X(ERR_FORGED, "signature or tag is wrong")                                                 \
	X(ERR_STORE, "database failed")                                                            \
	X(ERR_UNCERTAIN, "outcome of the write is unknown")                                        \
	X(ERR_CORRUPT, "stored data is damaged")                                                   \
	X(ERR_PROTOCOL, "answer does not follow the protocol")                                     \
	X(ERR_UNSUPPORTED, "not supported")                                                        \
	X(ERR_NETWORK, "network failed")                                                           \
	X(ERR_USAGE, "wrong usage")                                                                \
	X(ERR_INTERNAL, "internal fault")

enum err_code {
#define ERR_ENUM(name, words) name,
	ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
	ERR_CODE_COUNT
};

#define ERR_TEXT_MAX 256

/* Detail of one failure, filled where the cause was seen. Carries no secret. */
struct err {
	enum err_code code;
	int os_errno;            /* 0 when no system call was involved */
	char text[ERR_TEXT_MAX]; /* UTF-8, one line, NUL-terminated, cut when longer */
};

#define ERR_MUST_CHECK __attribute__((warn_unused_result))
#define ERR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Give up a result on purpose; a comment beside the call says why that is right. */
#define ERR_IGNORE(call)                                                                           \
	do {                                                                                       \
		if (call) {                                                                        \
		}                                                                                  \
	} while (0)

/* The words of a code; never NULL, also for a number outside the list. */
const char *err_words(enum err_code code);

/* Fill detail and return the code, so that a function can end in `return err_set(...)`.
 * e may be NULL: then only the code is returned.
 */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...) ERR_PRINTF(3, 4);

/* The same with errno's number and words appended after a colon. */
enum err_code err_set_os(struct err *e, enum err_code code, int os_errno, const char *fmt, ...)
	ERR_PRINTF(4, 5);

/* Put "words: " before the text that is there already. */
enum err_code err_prefix(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3);

/* Programmer errors only; on in release. Anything from outside is checked and returns an error. */
#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))

/* Runs once before the process aborts, so that the screen is given back. NULL to clear. */
void assert_set_hook(void (*hook)(void));

_Noreturn void assert_failed(const char *cond, const char *file, int line);

#endif
