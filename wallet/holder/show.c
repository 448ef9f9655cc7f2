/* SPDX-License-Identifier: Apache-2.0
 *
 * A code as text, as a drawing in the terminal, or as a PNG picture.
 */
#include <stdio.h>

#include "wallet/holder/command.h"
#include "wallet/holder/picture.h"

#define PNG_MODULE 8 /* pixels */

static bool black_at(const struct qr *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->side && y < qr->side && qr->black[y][x];
}

/* Two rows of modules in one row of text; black on white is said with colours, because a terminal
 * may be dark, and most readers do not read inverted codes.
 */
static void terminal_draw(const struct qr *qr)
{
	static const char *const half[4] = {" ", "\u2584", "\u2580", "\u2588"}; /* upper, lower */

	for (int y = -QR_QUIET; y < qr->side + QR_QUIET; y += 2) {
		fputs("\033[30;107m", stdout);
		for (int x = -QR_QUIET; x < qr->side + QR_QUIET; x++)
			fputs(half[2 * black_at(qr, x, y) + black_at(qr, x, y + 1)], stdout);
		fputs("\033[0m\n", stdout);
	}
}

static enum err_code png_draw(const struct qr *qr, const char *path, struct err *err)
{
	int side = (qr->side + 2 * QR_QUIET) * PNG_MODULE;
	struct picture p;
	enum err_code rc = picture_new(&p, side, side);

	if (rc)
		return err_set(err, rc, "no memory for the picture");
	picture_qr(&p, 0, 0, side, qr);
	rc = png_write(path, &p, err);
	picture_free(&p);
	return rc;
}

enum err_code code_show(struct span text, const struct show_flags *f, struct err *err)
{
	static struct qr qr;
	enum err_code rc;

	if (f->text || (!f->terminal && !f->png))
		printf("%.*s\n", (int)text.len, (const char *)text.data);
	if (!f->terminal && !f->png)
		return ERR_OK;
	rc = qr_encode(&qr, text, true, QR_MEDIUM);
	if (rc)
		return err_set(err, rc, "the code cannot be drawn");
	if (f->terminal)
		terminal_draw(&qr);
	return f->png ? png_draw(&qr, f->png, err) : ERR_OK;
}
