/* SPDX-License-Identifier: Apache-2.0
 *
 * A sealed journal in a folder of its own: sales and answers into it, its files out and in again.
 */
#ifndef TESTS_LIB_OFFLINE_JOURNAL_H
#define TESTS_LIB_OFFLINE_JOURNAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tests/lib/folder.h"
#include "ui/offline_journal.h"

#define NOW 4000000000
#define FILE_MAX_LEN 131072

static struct offline_journal *journal;
static struct err err;

static inline void open_it(void)
{
	assert_int_equal(offline_journal_open(&journal, in_folder("offline"), false, &err), ERR_OK);
}

static inline void again(void)
{
	offline_journal_close(&journal);
	open_it();
}

static inline void wipe(void)
{
	static const char *const names[] = {"key", "journal", "journal.head", "list", "lock"};

	offline_journal_close(&journal);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[300];

		snprintf(path, sizeof path, "%s/%s", in_folder("offline"), names[i]);
		unlink(path);
	}
}

static inline const char *file(const char *name)
{
	static char paths[4][300];
	static unsigned next;
	char *out = paths[next++ % 4];

	snprintf(out, sizeof paths[0], "%s/%s", in_folder("offline"), name);
	return out;
}

struct content {
	uint8_t data[FILE_MAX_LEN];
	size_t len;
};

static inline void load(struct content *out, const char *name)
{
	struct bytes b;

	bytes_init_fixed(&b, out->data, sizeof out->data);
	assert_int_equal(file_read(&b, file(name), false, &err), ERR_OK);
	out->len = b.len;
}

static inline void save(const char *name, const void *data, size_t len)
{
	FILE *f = fopen(file(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static inline struct offline_entry sale_of(uint8_t n)
{
	struct offline_entry e = {.at = NOW + n,
		.sale = {.amount = 100u * n, .currency = "EUR", .reference = "r"}};

	e.id[0] = n;
	e.credential_id[0] = (uint8_t)(n / 2); /* two of a card */
	snprintf(e.code, sizeof e.code, "HTTPS://A/C/%d", n);
	return e;
}

static inline void sell(uint8_t n)
{
	struct offline_entry e = sale_of(n);

	assert_int_equal(offline_journal_add(journal, &e, &err), ERR_OK);
}

static inline void answer(uint8_t n, const char *reason)
{
	struct offline_entry e = sale_of(n);
	struct offline_answer a = {.accepted = reason[0] == '\0'};

	snprintf(a.reason, sizeof a.reason, "%s", reason);
	assert_int_equal(offline_journal_answered(journal, &e, &a, NOW + 100, &err), ERR_OK);
}

static inline int64_t journal_len(void)
{
	struct stat st;

	assert_int_equal(stat(file("journal"), &st), 0);
	return st.st_size;
}

/* Sales and answers, until a journal is long. */
static inline void trade(void)
{
	do {
		sell(2);
		answer(2, "");
	} while (journal_len() < OFFLINE_FILE_ANEW);
}

static inline bool has_damage(const char *words)
{
	return strstr(offline_journal_damage(journal), words) != NULL;
}

#endif
