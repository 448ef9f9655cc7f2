/* SPDX-License-Identifier: Apache-2.0
 *
 * The sealed journal of sales that were made while the backend was out of reach. Knows files and
 * records, nothing of policy, network or screens.
 *
 *   FOLDER/key           32 random bytes, mode 0600: what everything else is sealed with
 *   FOLDER/journal       a head line "countersign-offline-1 NUMBER PREV", then a line for each
 *                        record: hex of AES-256-GCM over its JSON. With it is sealed which number
 *                        it has and the hash of all before it, so no line can be changed, left
 *                        out, put in or moved
 *   FOLDER/journal.head  sealed: number and hash of the last record. Written after the record is
 *                        on the disk and before anybody is told of it; so a journal that ends
 *                        before it was cut, and what comes behind it was never told: a line that a
 *                        power cut tore, and the like, is dropped
 *   FOLDER/list          sealed: the issuer's last list of barred credentials
 *   FOLDER/lock          whoever writes holds it
 *
 * Whoever can read the key can write what he likes, and whoever puts back all files of a moment has
 * that moment: docs/threats.md.
 */
#ifndef UI_OFFLINE_JOURNAL_H
#define UI_OFFLINE_JOURNAL_H

#include "verifier/offline.h"

#define OFFLINE_ITEMS_MAX 256      /* sales without an answer, and conflicts not looked at */
#define OFFLINE_FILE_MAX 4194304   /* bytes of a journal; more are damage */
#define OFFLINE_FILE_SALES 2097152 /* no more sales are written from here on: answers need room */
#define OFFLINE_FILE_ANEW 32768    /* bytes from which on an empty one is begun anew */
#define OFFLINE_WHO_MAX FLOW_LABEL_MAX
#define OFFLINE_WORDS_MAX 160

enum offline_state {
	OFFLINE_OPEN = 0, /* written down, no answer yet */
	OFFLINE_CONFLICT  /* the backend has it, and did not accept it */
};
struct offline_item {
	struct offline_entry entry;
	enum offline_state state;
	char reason[FLOW_WORD_MAX]; /* of a conflict */
};

struct offline_journal; /* heap */

/* Makes the folder's files when there are none. A journal that was changed is no error of this
 * function: see offline_journal_damage(). ERR_BUSY: another program writes it.
 * read_only: takes no lock, makes and drops nothing; ERR_NOT_FOUND where there is none.
 */
ERR_MUST_CHECK enum err_code offline_journal_open(struct offline_journal **out, const char *folder,
	bool read_only, struct err *err);
void offline_journal_close(struct offline_journal **j); /* NULL-safe */
/* Anything of one, also where something else of it is missing. */
bool offline_journal_is_there(const char *folder);

/* What is wrong with it, by file and line; "" = nothing. Until somebody has looked, nothing is
 * written any more.
 */
const char *offline_journal_damage(const struct offline_journal *j);

size_t offline_journal_count(const struct offline_journal *j);
const struct offline_item *offline_journal_item(const struct offline_journal *j, size_t i);
/* For a decision about this code. */
void offline_journal_sum(const struct offline_journal *j, struct offline_open *out,
	const struct flow_code *code);
int offline_journal_conflicts(const struct offline_journal *j);

/* Each returns when it is on the disk; on an error nothing has changed, as far as anybody will ever
 * see: when that is not sure either, the journal counts as damaged.
 */
ERR_MUST_CHECK enum err_code offline_journal_add(struct offline_journal *j,
	const struct offline_entry *entry, struct err *err);
ERR_MUST_CHECK enum err_code offline_journal_answered(struct offline_journal *j,
	const struct offline_entry *entry, const struct offline_answer *answer, int64_t now_unix_s,
	struct err *err);
/* Somebody has looked at the conflicts; and, where it was changed: that journal is put aside under
 * another name, what could be read of it and has no answer is taken into a new one.
 */
ERR_MUST_CHECK enum err_code offline_journal_looked(struct offline_journal *j, const char *who,
	int64_t now_unix_s, struct err *err);

/* The list: in a file of its own. get: not known when there is none, or it was changed. */
ERR_MUST_CHECK enum err_code offline_journal_list_put(struct offline_journal *j,
	const struct offline_list *list, struct err *err);
void offline_journal_list_get(const struct offline_journal *j, struct offline_list *out);
/* This terminal was stopped or revoked: nothing is let pass before it gets another. */
void offline_journal_list_forget(struct offline_journal *j);

/* ---- private to offline_journal*.c and tests ---- */

#define OFFLINE_RECORD_MAX 2048 /* bytes of JSON */
#define OFFLINE_LINE_MAX (2 * (OFFLINE_RECORD_MAX + SEC_AEAD_OVERHEAD) + 2)

enum offline_record_kind {
	OFFLINE_RECORD_BEGIN,
	OFFLINE_RECORD_SALE,
	OFFLINE_RECORD_ANSWERED,
	OFFLINE_RECORD_LOOKED
};
struct offline_record {
	enum offline_record_kind kind;
	int64_t at;
	struct offline_entry entry;   /* SALE; of ANSWERED the id */
	struct offline_answer answer; /* ANSWERED */
	char who[OFFLINE_WHO_MAX];    /* LOOKED */
};
ERR_MUST_CHECK enum err_code offline_record_write(struct bytes *out,
	const struct offline_record *r);
ERR_MUST_CHECK enum err_code offline_record_read(struct offline_record *out, struct span json,
	struct err *err);

struct offline_chain { /* where the journal is */
	uint64_t number;              /* of the last record */
	uint8_t hash[SEC_SHA256_LEN]; /* of it and all before */
};
/* A line without its break, and the chain moved on. */
ERR_MUST_CHECK enum err_code offline_line_seal(struct bytes *out, struct offline_chain *chain,
	struct span key, const struct offline_record *r, struct err *err);
/* ERR_FORGED: not the next line of this chain, which stays where it is. */
ERR_MUST_CHECK enum err_code offline_line_open(struct offline_record *out,
	struct offline_chain *chain, struct span key, struct span line, struct err *err);

#endif
