/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "wallet/holder/phone.h"

enum {
	BODY = 22, /* greys */
	GLASS = 10,
	PAPER = 250,
	LINE = 70,
	INK = 20,
	FAINT = 110,
	SCREEN_X = 26, /* places, in pixels */
	SCREEN_Y = 40,
	SCREEN_W = PHONE_WIDTH - 2 * SCREEN_X,
	SCREEN_H = PHONE_HEIGHT - 2 * SCREEN_Y,
	CARD_X = 40,
	CARD_Y = 150,
	CARD_W = PHONE_WIDTH - 2 * CARD_X,
	CARD_H = 730,
	BIG_CODE_SIDE = 480,
	BARS_PIXEL = 5
};

static void centred(struct picture *p, int y, const char *text, int scale, uint8_t grey)
{
	int width = (int)strlen(text) * FONT_CELL * scale;

	picture_text(p, (PHONE_WIDTH - width) / 2, y, text, scale, grey);
}

static void body_draw(struct picture *p, const struct phone_view *v)
{
	picture_fill(p, 0, 0, PHONE_WIDTH, PHONE_HEIGHT, BODY);
	picture_frame(p, 0, 0, PHONE_WIDTH, PHONE_HEIGHT, 4, LINE);
	picture_fill(p, PHONE_WIDTH / 2 - 50, SCREEN_Y / 2 - 4, 100, 8, GLASS); /* ear piece */
	picture_fill(
		p, SCREEN_X, SCREEN_Y, SCREEN_W, SCREEN_H, v->screen == PHONE_DARK ? GLASS : PAPER);
}

static void status_draw(struct picture *p, const struct phone_view *v)
{
	int right = SCREEN_X + SCREEN_W;

	picture_text(p, SCREEN_X + 24, SCREEN_Y + 20, v->clock, 3, INK);
	picture_frame(p, right - 80, SCREEN_Y + 20, 46, 22, 3, INK);
	picture_fill(p, right - 74, SCREEN_Y + 26, 26, 10, INK);
	picture_fill(p, right - 34, SCREEN_Y + 26, 5, 10, INK);
}

static enum err_code symbol_draw(
	struct picture *p, int x, int y, int side, const struct phone_view *v, struct err *err)
{
	static struct qr qr; /* 31 kB; the simulator has one thread */
	enum err_code rc = qr_encode(&qr, SPAN(v->code, v->code_len), v->alphanumeric, v->level);

	if (rc)
		return err_set(err, rc, "the phone cannot draw this text as a code");
	picture_qr(p, x, y, side, &qr);
	return ERR_OK;
}

static enum err_code card_draw(struct picture *p, const struct phone_view *v, struct err *err)
{
	int code_x = CARD_X + 12, code_y = CARD_Y + 12, right = code_x + PHONE_CODE_SIDE + 8;
	int y = code_y + PHONE_CODE_SIDE + 20;

	picture_frame(p, CARD_X, CARD_Y, CARD_W, CARD_H, 4, LINE);
	picture_text_lines(p, right, code_y + 24, v->issuer, 3, 11, 8);
	picture_text(p, right, code_y + PHONE_CODE_SIDE - 40, "SIMULATOR", 3, FAINT);
	picture_fill(p, code_x, y - 8, CARD_W - 24, 2, LINE);
	y = picture_text_lines(p, code_x + 12, y + 8, v->purpose, 4, 24, 2);
	y = picture_text_lines(p, code_x + 12, y + 12, v->face_value, 5, 19, 1);
	picture_text_lines(p, code_x + 12, y + 12, v->valid, 3, 32, 2);
	centred(p, CARD_Y + CARD_H + 40, "Hold this to the camera", 3, FAINT);
	return symbol_draw(p, code_x, code_y, PHONE_CODE_SIDE, v, err);
}

static enum err_code second_draw(struct picture *p, const struct phone_view *v, struct err *err)
{
	char line[32];

	picture_frame(p, CARD_X, CARD_Y, CARD_W, CARD_H, 4, LINE);
	snprintf(line, sizeof(line), "Answer to %s", v->number[0] ? v->number : "the challenge");
	centred(p, CARD_Y + BIG_CODE_SIDE + 50, line, 4, INK);
	centred(p, CARD_Y + BIG_CODE_SIDE + 110, "SIMULATOR", 3, FAINT);
	picture_text_lines(p, CARD_X + 24, CARD_Y + BIG_CODE_SIDE + 160, v->issuer, 3, 32, 2);
	centred(p, CARD_Y + CARD_H + 40, "Hold this to the camera", 3, FAINT);
	return symbol_draw(
		p, (PHONE_WIDTH - BIG_CODE_SIDE) / 2, CARD_Y + 24, BIG_CODE_SIDE, v, err);
}

static void keypad_draw(struct picture *p, int top)
{
	static const char keys[12][2] = {
		"1", "2", "3", "4", "5", "6", "7", "8", "9", "<", "0", ">"};

	for (int i = 0; i < 12; i++) {
		int x = 84 + i % 3 * 190, y = top + i / 3 * 130;

		picture_frame(p, x, y, 172, 112, 3, LINE);
		picture_text(p, x + 68, y + 28, keys[i], 7, INK);
	}
}

static void typing_draw(struct picture *p, const struct phone_view *v)
{
	int count = v->digits > 0 ? v->digits : CODE_DIGITS_MIN;
	int width = 560 / count, x = (PHONE_WIDTH - width * count) / 2;

	centred(p, 170, "Number on the terminal", 4, INK);
	for (int i = 0; i < count; i++) {
		char digit[2] = {0};

		picture_frame(p, x + i * width + 3, 240, width - 6, 90, 3, LINE);
		if (i < (int)strlen(v->number))
			digit[0] = v->number[i];
		picture_text(p, x + i * width + width / 2 - 15, 260, digit, 6, INK);
	}
	keypad_draw(p, 400);
	centred(p, 940, "SIMULATOR", 3, FAINT);
}

static enum err_code bars_draw(struct picture *p, const struct phone_view *v, struct err *err)
{
	bool bars[EAN13_MODULES];
	char digits[16] = {0};
	int x = (PHONE_WIDTH - EAN13_MODULES * BARS_PIXEL) / 2;

	if (v->code_len != 13)
		return err_set(err, ERR_INVALID, "EAN-13 has 13 digits");
	memcpy(digits, v->code, v->code_len);
	if (ean13_encode(bars, digits))
		return err_set(err, ERR_INVALID, "EAN-13: the check digit of %s is wrong", digits);
	for (int i = 0; i < EAN13_MODULES; i++)
		if (bars[i])
			picture_fill(p, x + i * BARS_PIXEL, 260, BARS_PIXEL, 280, 0);
	centred(p, 560, digits, 5, 0);
	return ERR_OK;
}

static enum err_code screen_draw(struct picture *p, const struct phone_view *v, struct err *err)
{
	switch (v->screen) {
	case PHONE_AWAY:
	case PHONE_DARK:
		return ERR_OK;
	case PHONE_CARD:
		return card_draw(p, v, err);
	case PHONE_SECOND:
		return second_draw(p, v, err);
	case PHONE_TYPING:
		typing_draw(p, v);
		return ERR_OK;
	case PHONE_POSTER:
		return symbol_draw(
			p, (PHONE_WIDTH - BIG_CODE_SIDE) / 2, CARD_Y + 24, BIG_CODE_SIDE, v, err);
	case PHONE_BARS:
		return bars_draw(p, v, err);
	case PHONE_PICTURE:
		picture_fill(p, SCREEN_X, SCREEN_Y, SCREEN_W, SCREEN_H, GLASS);
		picture_fit(p, SCREEN_X, SCREEN_Y, SCREEN_W, SCREEN_H, v->shown);
		return ERR_OK;
	}
	return err_set(err, ERR_INTERNAL, "no such screen");
}

enum err_code phone_draw(struct picture *p, const struct phone_view *v, struct err *err)
{
	enum err_code rc;

	ASSERT(p->width == PHONE_WIDTH && p->height == PHONE_HEIGHT);
	body_draw(p, v);
	if (v->screen == PHONE_DARK)
		return ERR_OK;
	if (v->screen != PHONE_PICTURE) /* that has all of the screen */
		status_draw(p, v);
	rc = screen_draw(p, v, err);
	if (v->inverted)
		picture_invert(p, SCREEN_X, SCREEN_Y, SCREEN_W, SCREEN_H);
	return rc;
}
