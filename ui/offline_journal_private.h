/* SPDX-License-Identifier: Apache-2.0
 *
 * Between offline_journal.c, which writes, offline_journal_open.c, which reads, and offline_list.c.
 */
#ifndef UI_OFFLINE_JOURNAL_PRIVATE_H
#define UI_OFFLINE_JOURNAL_PRIVATE_H

#include "ui/offline_journal.h"
#include "ui/state.h"

#define OFFLINE_MAGIC "countersign-offline-1"
#define OFFLINE_PATH (STATE_PATH_MAX + 64)

struct offline_journal {
	char folder[STATE_PATH_MAX];
	bool read_only;
	int lock_fd, fd;
	struct secret *key;
	struct offline_chain chain;
	int64_t len;       /* bytes of the journal that are good */
	int64_t newest_at; /* of what happened: the clock was there */
	char damage[OFFLINE_WORDS_MAX];
	size_t count;
	struct offline_item item[OFFLINE_ITEMS_MAX];
};

struct span offline_key(const struct offline_journal *j);
const char *offline_path(
	char out[static OFFLINE_PATH], const struct offline_journal *j, const char *name);
bool offline_has(const struct offline_journal *j, const char *name);
/* The first thing that is wrong is the one to look at. */
void offline_damaged(struct offline_journal *j, const char *words);
/* What a record means for what is open. */
void offline_apply(struct offline_journal *j, const struct offline_record *r);

/* journal.head */
ERR_MUST_CHECK enum err_code offline_head_write(struct offline_journal *j,
	const struct offline_chain *chain, struct err *err);
bool offline_head_read(struct offline_journal *j, struct offline_chain *out);

/* Reads head and journal, and opens the journal to be added to. */
void offline_journal_read(struct offline_journal *j);
/* A new journal behind `chain`, with the sales that are there; then its head. */
ERR_MUST_CHECK enum err_code offline_rewrite(struct offline_journal *j,
	struct offline_chain chain, int64_t now, const char *who, struct err *err);
/* The same without its past: none is open. On an error it is the old one still. */
ERR_MUST_CHECK enum err_code offline_begin_anew(struct offline_journal *j, int64_t now,
	struct err *err);
ERR_MUST_CHECK enum err_code offline_key_make(struct offline_journal *j, struct err *err);

#endif
