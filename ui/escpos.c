/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes for ESC/POS printers. Source: Epson, ESC/POS Command Reference for TM printers.
 */
#include "ui/escpos.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/text_safe.h"

#define BYTES(to, ...) bytes_add(to, (const uint8_t[]){__VA_ARGS__}, \
	sizeof((const uint8_t[]){__VA_ARGS__}))

/* Of the code in dots. A receipt code is 53 modules wide with level M, 61 with its quiet zone; the
 * narrowest paper (58 mm) has 384 dots, others have 512 and more.
 */
#define QR_DOTS_NARROW 6
#define QR_DOTS        7
#define QR_LEVEL_M     49
#define COLS_NARROW    32

static const struct escpos_encoding encodings[] = {
	{"ascii", NULL, -1, false, false},
	{"cp437", "CP437", 0, false, false},
	{"cp850", "CP850", 2, false, false},
	{"windows-1252", "WINDOWS-1252", 16, false, false},
	{"cp866", "CP866", 17, false, false},
	{"cp852", "CP852", 18, false, false},
	{"cp858", "CP858", 19, false, false},
	{"gb18030", "GB18030", -1, true, false},
	{"utf-8", NULL, -1, false, true},
};

const struct escpos_encoding *escpos_encoding(const char *name)
{
	for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++)
		if (strcmp(name, encodings[i].name) == 0)
			return &encodings[i];
	return NULL;
}

static enum err_code converter_open(iconv_t *out, const struct escpos_encoding *e, struct err *err)
{
	*out = (iconv_t)-1;
	if (e->iconv == NULL)
		return ERR_OK;
	*out = iconv_open(e->iconv, "UTF-8");
	if (*out != (iconv_t)-1)
		return ERR_OK;
	return err_set(err, ERR_UNSUPPORTED,
		"%s: the C library of this machine cannot make it; choose another encoding",
		e->name);
}

enum err_code escpos_encoding_check(const struct escpos_encoding *e, struct err *err)
{
	iconv_t converter;
	enum err_code rc = converter_open(&converter, e, err);

	if (converter != (iconv_t)-1)
		iconv_close(converter);
	return rc;
}

/* ---- text ---- */

struct writer {
	struct bytes *out;
	const struct escpos_encoding *encoding;
	iconv_t converter;
	unsigned lost;
};

/* Asked for one character at a time: so one that the encoding has not costs no other. */
static bool convert(struct writer *w, char *utf8, size_t len)
{
	char to[8];
	char *in = utf8, *at = to;
	size_t room = sizeof to;

	if (w->encoding->utf8) {
		bytes_add(w->out, utf8, len);
		return true;
	}
	if (w->converter == (iconv_t)-1)
		return false;
	iconv(w->converter, NULL, NULL, NULL, NULL);
	if (iconv(w->converter, &in, &len, &at, &room) != 0 || len > 0)
		return false;
	/* No control byte gets through, whatever the library thinks of a character. */
	for (const char *c = to; c < at; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	bytes_add(w->out, to, (size_t)(at - to));
	return true;
}

/* Between the groups of an amount, in some places; few printers have them. */
static bool is_space(uint32_t c)
{
	return c == 0xa0 || c == 0x2009 || c == 0x202f;
}

static void cell_write(struct writer *w, const struct grid_cell *cell)
{
	char storage[8];
	struct bytes utf8;

	if (cell->columns == 0)
		return; /* right half of the one before */
	if (cell->code_point >= 0x20 && cell->code_point < 0x7f) {
		bytes_add_u8(w->out, (uint8_t)cell->code_point);
		return;
	}
	if (is_space(cell->code_point)) {
		bytes_add_u8(w->out, ' ');
		return;
	}
	bytes_init_fixed(&utf8, storage, sizeof storage);
	text_utf8_put(&utf8, cell->code_point);
	if (convert(w, storage, utf8.len))
		return;
	w->lost++;
	bytes_add(w->out, "??", cell->columns); /* what follows stays in its column */
}

static int row_end(const struct grid *g, int row)
{
	int end = g->cols;

	while (end > 0 && grid_at(g, end - 1, row)->code_point == ' ')
		end--;
	return end;
}

static void row_write(struct writer *w, const struct grid *g, int row)
{
	int end = row_end(g, row);
	enum grid_style style = RECEIPT_STYLE_PLAIN;

	for (int col = 0; col < end; col++)
		if (grid_at(g, col, row)->code_point != ' ')
			style = (enum grid_style)grid_at(g, col, row)->style;
	if (style == RECEIPT_STYLE_LARGE)
		BYTES(w->out, 0x1d, '!', 0x11);
	if (style != RECEIPT_STYLE_PLAIN)
		BYTES(w->out, 0x1b, 'E', 1);
	for (int col = 0; col < end; col++)
		cell_write(w, grid_at(g, col, row));
	if (style != RECEIPT_STYLE_PLAIN)
		BYTES(w->out, 0x1b, 'E', 0);
	if (style == RECEIPT_STYLE_LARGE)
		BYTES(w->out, 0x1d, '!', 0);
	bytes_add_u8(w->out, '\n');
}

/* ---- the whole ---- */

static void begin(struct writer *w)
{
	BYTES(w->out, 0x1b, '@');
	if (w->encoding->utf8) {
		BYTES(w->out, 0x1c, '(', 'C', 2, 0, 48, 2);     /* function 48: UTF-8 */
		/* 60: Chinese forms, not Japanese ones */
		BYTES(w->out, 0x1c, '(', 'C', 3, 0, 60, 1, 20);
	} else if (w->encoding->chinese) {
		BYTES(w->out, 0x1c, '&');
	} else {
		BYTES(w->out, 0x1c, '.'); /* else a Chinese printer takes two bytes for one */
	}
	if (w->encoding->table >= 0)
		BYTES(w->out, 0x1b, 't', (uint8_t)w->encoding->table);
}

static void code_write(struct bytes *out, const char *code, int cols)
{
	size_t len = strlen(code) + 3;
	uint8_t dots = cols <= COLS_NARROW ? QR_DOTS_NARROW : QR_DOTS;

	if (code[0] == '\0')
		return;
	BYTES(out, 0x1b, 'a', 1);
	BYTES(out, 0x1d, '(', 'k', 4, 0, 49, 65, 50, 0);     /* 165: model 2 */
	BYTES(out, 0x1d, '(', 'k', 3, 0, 49, 67, dots);      /* 167: size of a module */
	BYTES(out, 0x1d, '(', 'k', 3, 0, 49, 69, QR_LEVEL_M); /* 169: error correction */
	BYTES(out, 0x1d, '(', 'k', (uint8_t)(len & 0xff), (uint8_t)(len >> 8), 49, 80, 48);
	bytes_add_text(out, code);                           /* 180: what it says */
	BYTES(out, 0x1d, '(', 'k', 3, 0, 49, 81, 48);        /* 181: print it */
	BYTES(out, '\n', 0x1b, 'a', 0);
}

enum err_code escpos_receipt(struct bytes *out, unsigned *lost, const struct receipt *r,
	const struct escpos_options *opt, struct err *err)
{
	struct receipt large = *r;
	struct writer w = {.out = out, .encoding = opt->encoding};
	struct grid g;
	enum err_code rc = converter_open(&w.converter, opt->encoding, err);

	*lost = 0;
	if (rc != ERR_OK)
		return rc;
	large.large = true;
	rc = receipt_grid(&g, &large, opt->cols, err);
	if (rc == ERR_OK) {
		begin(&w);
		for (int row = 0; row < g.rows; row++)
			row_write(&w, &g, row);
		code_write(out, r->sale->receipt_code, opt->cols);
		if (opt->cut)
			BYTES(out, 0x1d, 'V', 66, 0);
		else
			BYTES(out, 0x1b, 'd', ESCPOS_FEED_LINES);
		*lost = w.lost;
	}
	grid_done(&g);
	if (w.converter != (iconv_t)-1)
		iconv_close(w.converter);
	if (rc == ERR_OK && out->full)
		rc = err_set(err, ERR_TOO_LARGE, "the receipt is too long");
	return rc;
}
