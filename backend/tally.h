/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rules decided, counted beside them: one place on the store thread, moved into the
 * figures of /metrics after the commit and thrown away with a transaction that was lost. Kinds are
 * those of audit records; nothing about anybody.
 */
#ifndef BACKEND_TALLY_H
#define BACKEND_TALLY_H

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, "kind of audit record") */
#define TALLY_LIST(X)                                                                              \
	X(STARTED, "started")                                                                      \
	X(START_REFUSED, "start-refused")                                                          \
	X(ACCEPTED, "accepted")                                                                    \
	X(AUTHORISED, "authorised")                                                                \
	X(REJECTED, "rejected")                                                                    \
	X(EXPIRED, "expired")                                                                      \
	X(CANCELLED, "cancelled")                                                                  \
	X(ANSWER_REFUSED, "answer-refused")                                                        \
	X(WRONG_PIN, "wrong-pin")                                                                  \
	X(PIN_LOCKED, "pin-locked")                                                                \
	X(FROZEN, "frozen")                                                                        \
	X(VOID, "void")                                                                            \
	X(TERMINAL_STOPPED, "terminal-stopped")

enum tally_kind {
#define TALLY_NAME(name, word) TALLY_##name,
	TALLY_LIST(TALLY_NAME)
#undef TALLY_NAME
	TALLY_COUNT
};

struct tally {
	uint64_t count[TALLY_COUNT];
	uint64_t messages;  /* to holders, written */
	bool store_failed;  /* writing fails, or something is damaged */
	bool unswept;       /* rules_sweep() left something for the next one */
	bool keys_failed;   /* a rotated key cannot be read: see handle_health() */
};

extern const char *const tally_words[TALLY_COUNT];
/* Kinds that nobody counts are ignored; t may be NULL. */
void tally_add(struct tally *t, const char *kind);

#endif
