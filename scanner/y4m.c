/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/y4m.h"

#include <string.h>

#include "scanner/grey.h"
#include "scanner/scanner.h"

static const char magic[] = "YUV4MPEG2";

static bool is(struct span word, const char *text)
{
	return span_equal(word, span_text(text));
}

/* Decimal, at most six digits; -1 otherwise. */
static int number(struct span text)
{
	int v = 0;
	if (text.len < 1 || text.len > 6)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		v = v * 10 + (text.data[i] - '0');
	}
	return v;
}

/* N:D, both above zero; 0:0 means unknown. */
static bool ratio(struct y4m_head *h, struct span text)
{
	const uint8_t *colon = text.len ? memchr(text.data, ':', text.len) : NULL;
	if (!colon)
		return false;
	size_t n = (size_t)(colon - text.data);
	h->rate_num = number(SPAN(text.data, n));
	h->rate_den = number(SPAN(colon + 1, text.len - n - 1));
	return (h->rate_num > 0 && h->rate_den > 0) || (h->rate_num == 0 && h->rate_den == 0);
}

/* Bytes of a frame behind the luma plane, for the colour spaces of 8 bits a sample. */
static enum err_code colour(struct y4m_head *h, struct span space, struct err *err)
{
	size_t w = (size_t)h->width, rows = (size_t)h->height;
	if (is(space, "mono"))
		h->rest_len = 0;
	else if (is(space, "420") || is(space, "420jpeg") || is(space, "420mpeg2") ||
		is(space, "420paldv"))
		h->rest_len = 2 * ((w + 1) / 2) * ((rows + 1) / 2);
	else if (is(space, "411"))
		h->rest_len = 2 * ((w + 3) / 4) * rows;
	else if (is(space, "422"))
		h->rest_len = 2 * ((w + 1) / 2) * rows;
	else if (is(space, "444"))
		h->rest_len = 2 * w * rows;
	else if (is(space, "444alpha"))
		h->rest_len = 3 * w * rows;
	else
		return err_set(err, ERR_UNSUPPORTED, "y4m: colour space is not one of mono, 420, "
			"411, 422, 444 with 8 bits");
	h->luma_len = w * rows;
	return ERR_OK;
}

static bool take_word(struct span *line, struct span *word)
{
	while (line->len && line->data[0] == ' ')
		*line = SPAN(line->data + 1, line->len - 1);
	if (!line->len)
		return false;
	const uint8_t *end = memchr(line->data, ' ', line->len);
	*word = SPAN(line->data, end ? (size_t)(end - line->data) : line->len);
	*line = SPAN(line->data + word->len, line->len - word->len);
	return true;
}

enum err_code y4m_head_parse(struct y4m_head *out, struct span line, struct err *err)
{
	struct y4m_head h = {.width = -1, .height = -1};
	struct span space = span_text("420"), word = SPAN(NULL, 0);
	*out = (struct y4m_head){.width = 0};
	if (!take_word(&line, &word) || !is(word, magic))
		return err_set(err, ERR_FORMAT, "not a y4m stream");
	while (take_word(&line, &word)) {
		struct span value = SPAN(word.data + 1, word.len - 1);
		bool good = true;
		if (word.data[0] == 'W')
			good = (h.width = number(value)) >= 0;
		else if (word.data[0] == 'H')
			good = (h.height = number(value)) >= 0;
		else if (word.data[0] == 'F')
			good = ratio(&h, value);
		else if (word.data[0] == 'C')
			space = value;
		if (!good)
			return err_set(err, ERR_FORMAT, "y4m: header is damaged");
	}
	if (h.width < 0 || h.height < 0)
		return err_set(err, ERR_FORMAT, "y4m: header without width or height");
	enum err_code code = scan_geometry_check(h.width, h.height, err);
	if (code)
		return err_prefix(err, "y4m");
	code = colour(&h, space, err);
	if (!code)
		*out = h;
	return code;
}
