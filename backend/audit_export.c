/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain as JSON Lines, with what an outsider needs to compute every hash again.
 */
#include <string.h>

#include "backend/audit_private.h"
#include "base/json.h"

#define LINE_LEN_MAX (4 * AUDIT_DETAIL_MAX + 512)

static enum err_code export_line(const struct store_audit *r, audit_export_line *put, void *ctx,
	struct err *err)
{
	uint8_t storage[LINE_LEN_MAX];
	struct bytes line;
	struct json_out w;

	bytes_init_fixed(&line, storage, sizeof(storage));
	json_out_init(&w, &line);
	json_out_begin(&w, NULL);
	json_out_int(&w, "at", r->at);
	json_out_hex(&w, "credential", SPAN(r->credential, r->credential_len));
	json_out_text(&w, "detail", r->detail);
	json_out_hex(&w, "hash", SPAN(r->hash, AUDIT_HASH_LEN));
	json_out_text(&w, "kind", r->kind);
	json_out_hex(&w, "prev", SPAN(r->prev, AUDIT_HASH_LEN));
	json_out_int(&w, "seq", r->seq);
	json_out_hex(&w, "terminal", SPAN(r->terminal, r->terminal_len));
	json_out_hex(&w, "verification", SPAN(r->verification, r->verification_len));
	json_out_end(&w);
	bytes_add_text(&line, "\n");
	if (line.full)
		return err_set(err, ERR_CORRUPT, "record %lld of the audit chain is too long",
			(long long)r->seq);
	return put(ctx, bytes_span(&line), err);
}

static bool is_before(const struct store_audit *r, const struct audit_range *from)
{
	return r->seq < from->since_seq || r->at < from->since_at;
}

static bool is_after(const struct store_audit *r, const struct audit_range *to)
{
	return (to->until_seq && r->seq > to->until_seq) || (to->until_at && r->at >= to->until_at);
}

enum err_code audit_export(struct store *s, const struct audit_range *range, int64_t *count,
	audit_export_line *put, void *ctx, struct err *err)
{
	struct store_audit r = {.seq = range->since_seq > 0 ? range->since_seq - 1 : 0};
	enum err_code e;

	*count = 0;
	for (;;) {
		e = store_audit_next(s, &r, r.seq, err);
		if (e)
			return e == ERR_NOT_FOUND ? ERR_OK : e;
		/* once begun there is no gap, also where the clock was set back */
		if (!*count && is_before(&r, range))
			continue;
		if (is_after(&r, range))
			return ERR_OK;
		e = export_line(&r, put, ctx, err);
		if (e)
			return e;
		(*count)++;
	}
}
