/* SPDX-License-Identifier: Apache-2.0
 *
 * The issuer's list of barred credentials, kept beside the journal.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "ui/offline_journal_private.h"

#define LIST_WORDS "countersign/1 offline list"
#define LIST_LEN (7 * 8 + OFFLINE_LIST_MAX * CODE_ID_SHORT_LEN)

enum err_code offline_journal_list_put(struct offline_journal *j, const struct offline_list *list,
	struct err *err)
{
	uint8_t plain[LIST_LEN], sealed[LIST_LEN + SEC_AEAD_OVERHEAD];
	char path[OFFLINE_PATH];
	struct bytes b;
	enum err_code rc;

	if (j->key == NULL || j->read_only)
		return err_set(err, ERR_PERMISSION, "no key to seal the list with");
	bytes_init_fixed(&b, plain, sizeof plain);
	bytes_add_be64(&b, (uint64_t)list->version);
	bytes_add_be64(&b, (uint64_t)list->at);
	bytes_add_be64(&b, (uint64_t)list->got_at);
	bytes_add_be64(&b, list->amount_max);
	bytes_add_be64(&b, list->complete);
	bytes_add_be64(&b, list->frozen_count);
	bytes_add_be64(&b, list->void_count);
	bytes_add(&b, list->frozen, list->frozen_count * CODE_ID_SHORT_LEN);
	bytes_add(&b, list->withdrawn, list->void_count * CODE_ID_SHORT_LEN);
	ASSERT(!b.full);
	rc = sec_aead_seal(sealed, offline_key(j), bytes_span(&b), span_text(LIST_WORDS), err);
	return rc != ERR_OK ? rc
			    : file_replace(offline_path(path, j, "list"),
				      SPAN(sealed, b.len + SEC_AEAD_OVERHEAD), 0600, err);
}

static void list_read(struct offline_list *out, const uint8_t *p, size_t len)
{
	uint64_t frozen = be64_get(p + 40), withdrawn = be64_get(p + 48);

	if (frozen > OFFLINE_LIST_MAX || withdrawn > OFFLINE_LIST_MAX ||
		len != 56 + (frozen + withdrawn) * CODE_ID_SHORT_LEN)
		return;
	out->version = (int64_t)be64_get(p);
	out->at = (int64_t)be64_get(p + 8);
	out->got_at = (int64_t)be64_get(p + 16);
	out->amount_max = be64_get(p + 24);
	out->complete = be64_get(p + 32) == 1;
	out->frozen_count = frozen;
	out->void_count = withdrawn;
	memcpy(out->frozen, p + 56, frozen * CODE_ID_SHORT_LEN);
	memcpy(out->withdrawn, p + 56 + frozen * CODE_ID_SHORT_LEN, withdrawn * CODE_ID_SHORT_LEN);
	out->known = true;
}

void offline_journal_list_get(const struct offline_journal *j, struct offline_list *out)
{
	uint8_t room[LIST_LEN + SEC_AEAD_OVERHEAD + 1], plain[LIST_LEN];
	char path[OFFLINE_PATH];
	struct bytes b;

	memset(out, 0, sizeof *out);
	bytes_init_fixed(&b, room, sizeof room);
	if (j->key == NULL || file_read(&b, offline_path(path, j, "list"), true, NULL) != ERR_OK)
		return;
	if (b.len < SEC_AEAD_OVERHEAD + 56 || b.len > LIST_LEN + SEC_AEAD_OVERHEAD ||
		sec_aead_open(plain, offline_key(j), bytes_span(&b), span_text(LIST_WORDS)))
		log_line(LOG_WARNING, "offline", "%s: changed; nothing is let pass by it", path);
	else
		list_read(out, plain, b.len - SEC_AEAD_OVERHEAD);
}

/* On the disk, too: whoever stopped the terminal does not want it back after a power cut. */
void offline_journal_list_forget(struct offline_journal *j)
{
	char path[OFFLINE_PATH];

	if (j->read_only)
		return;
	if (unlink(offline_path(path, j, "list")) == 0 ? file_sync_folder(path, NULL) != ERR_OK
						       : errno != ENOENT)
		log_line(LOG_WARNING, "offline", "%s cannot be removed", path);
}
