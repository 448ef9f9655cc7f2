/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths, encodings and header fields of the wallet page.
 */
#include "backend/site.h"

#include <string.h>

#include "backend/query.h"
#include "base/base32.h"

/* Each time the page is opened the client asks whether it is still the same: what was withdrawn
 * must not live on in caches.
 */
#define CACHE "no-cache"

/* Nothing but what comes from here; no script that is not a file; no page around it. */
#define FIELDS                                                                                     \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "       \
	"img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "             \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "                            \
	"require-trusted-types-for 'script'; trusted-types wallet-sw\r\n"                          \
	"Permissions-Policy: camera=(self), screen-wake-lock=(self), "                             \
	"publickey-credentials-get=(self), publickey-credentials-create=(self), microphone=(), "   \
	"geolocation=()\r\n"                                                                       \
	"Referrer-Policy: no-referrer\r\n"                                                         \
	"Cross-Origin-Opener-Policy: same-origin\r\n"                                              \
	"Cross-Origin-Resource-Policy: same-origin\r\n"
#define FIELDS_TLS FIELDS "Strict-Transport-Security: max-age=31536000\r\n"

/* ---- paths ---- */

_Static_assert(3 + BASE32_TEXT_LEN(SITE_CODE_MAX) + 100 < HTTP_TARGET_MAX,
	"the path of a code is read, whatever a sender of links adds to it");

/* Whether it is one of ours the page says; here it only must have the form. */
static bool is_code(struct span path)
{
	uint8_t body[SITE_CODE_MAX];
	struct bytes out;

	if (path.len < 4 || path.data[0] != '/' || path.data[1] < 'A' || path.data[1] > 'Z' ||
		path.data[2] != '/')
		return false;
	bytes_init_fixed(&out, body, sizeof(body));
	return base32_decode(&out, SPAN(path.data + 3, path.len - 3)) == ERR_OK &&
		out.len >= SITE_CODE_MIN;
}

static const struct site_file *find_exact(const struct site *site, struct span path)
{
	for (size_t i = 0; i < site->count; i++)
		if (span_equal(path, span_text(site->files[i].path)))
			return &site->files[i];
	return NULL;
}

const struct site_file *site_find(const struct site *site, struct span target)
{
	struct span query;
	struct span path = query_split(target, &query);

	if (is_code(path))
		path = span_text("/");
	return find_exact(site, path.len == 1 ? path : target);
}

/* ---- answers ---- */

/* RFC 9110 section 13.1.2: a list, compared weakly (a proxy that packs answers marks them so). Our
 * tags have no comma in them.
 */
static bool is_same(struct span list, const char *etag)
{
	while (list.len > 0) {
		const uint8_t *comma = memchr(list.data, ',', list.len);
		size_t n = comma ? (size_t)(comma - list.data) : list.len;
		struct span tag = http_trim(SPAN(list.data, n));

		if (tag.len > 2 && memcmp(tag.data, "W/", 2) == 0)
			tag = SPAN(tag.data + 2, tag.len - 2);
		if (span_equal(tag, span_text("*")) || span_equal(tag, span_text(etag)))
			return true;
		n += comma ? 1 : 0;
		list = SPAN(list.data + n, list.len - n);
	}
	return false;
}

void site_answer(struct http_answer *out, const struct site_file *file,
	const struct http_head *head)
{
	bool gzip = head->gzip && file->gzip.len > 0;

	*out = (struct http_answer){.status = 200,
		.content_type = file->type,
		.gzip = gzip,
		.vary = file->gzip.len > 0,
		.etag = gzip ? file->gzip_etag : file->plain_etag,
		.cache = CACHE,
		.fields = head->tls ? FIELDS_TLS : FIELDS,
		.lasting = true,
		.body = gzip ? file->gzip : file->plain};
	if (is_same(head->none_match, out->etag)) {
		out->status = 304;
		out->body = SPAN(NULL, 0);
	}
}
