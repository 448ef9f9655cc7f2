/* SPDX-License-Identifier: Apache-2.0
 *
 * The activation that the holder's phone is shown: pictures, the short code to type, the link.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/desk.h"
#include "ui/page_service.h"
#include "ui/qr.h"
#include "ui/qr_grid.h"
#include "ui/view_parts.h"

#define CODE_GAP_COLS 3
#define WORDS_COLS    24 /* beside the picture; with fewer there are none */

const struct message_renewed *page_service_code(const struct page_service *p)
{
	return p->code != NULL ? (const struct message_renewed *)(const void *)p->code->data : NULL;
}

static void picture_draw(struct service_picture *picture, const char *text)
{
	picture->side = text[0] != '\0'
		? qr_draw(picture->modules, SERVICE_CODE_SIDE_MAX, text) : 0;
}

void page_service_pictures_draw(struct page_service *p)
{
	const struct message_renewed *r = page_service_code(p);

	picture_draw(&p->code_picture, r->code);
	picture_draw(&p->link_picture, r->link);
}

void page_service_code_forget(struct page_service *p)
{
	secret_free(&p->code);
	sec_wipe(&p->code_picture, sizeof p->code_picture);
	sec_wipe(&p->link_picture, sizeof p->link_picture);
}

/* The signed code where it and the words have room, else the link, which has fewer modules: a phone
 * gets to the same place by both. NULL: neither fits.
 */
static const struct service_picture *fit_picture(struct qr_fit *fit, const struct page_service *p,
	const struct grid_box *box, struct qr_cell cell)
{
	const struct service_picture *code = &p->code_picture, *link = &p->link_picture;

	if (code->side > 0 &&
		qr_grid_fit(fit, code->side, cell, box->cols - CODE_GAP_COLS - WORDS_COLS - 1,
			box->rows, QR_GRID_QUIET_LEAST))
		return code;
	if (link->side > 0 &&
		qr_grid_fit(fit, link->side, cell, box->cols, box->rows, QR_GRID_QUIET_LEAST))
		return link;
	return NULL;
}

static void words_draw(struct grid *g, struct grid_box *box, const struct message_renewed *r,
	int seconds)
{
	char text[VIEW_SENTENCE_MAX];

	box->row += 1 + grid_wrapped(g, box, GRID_NORMAL,
		_("Scan this with the phone, or type the code into the wallet. It works once."));
	box->row += 1 + grid_wrapped(g, box, GRID_BOLD, r->token);
	snprintf(text, sizeof text, _("It disappears in %d s."), seconds);
	box->row += 1 + grid_wrapped(g, box, GRID_DIM, text);
	grid_wrapped(g, box, GRID_NORMAL, r->link);
}

/* For the holder, who looks at this screen: the code on one side, what to do on the other. It has
 * the rows of the title, too: a phone needs them more.
 */
void page_service_code_draw(struct grid *g, const struct grid_box *body,
	const struct view_model *m)
{
	const struct page_service *p = &m->desk->service;
	const struct message_renewed *r = page_service_code(p);
	int above = body->row - VIEW_ROWS_ABOVE;
	struct grid_box box = {body->col, VIEW_ROWS_ABOVE, body->cols, body->rows + above, false};
	const struct service_picture *picture;
	struct qr_fit fit;

	if (r == NULL)
		return;
	grid_fill(g, box.col, box.row, box.cols, above, ' ', GRID_NORMAL);
	picture = fit_picture(&fit, p, &box, m->cell);
	if (picture != NULL) {
		qr_grid_draw(g, box.col, box.row, &fit, picture->modules, picture->side);
		box.col += fit.cols + CODE_GAP_COLS;
		box.cols -= fit.cols + CODE_GAP_COLS;
	}
	if (box.cols > WORDS_COLS)
		words_draw(g, &box, r, view_left_s(m, p->code_until_ms));
}
