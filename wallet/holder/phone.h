/* SPDX-License-Identifier: Apache-2.0
 *
 * What the simulated phone shows: a picture of its front, body and screen. Knows nothing of
 * cameras, keys or time; the texts come ready.
 *
 * The card is the one of the patent: code at the upper left, issuer at the upper right, purpose,
 * face value and validity below, in a border. It says that it is a simulator.
 */
#ifndef WALLET_HOLDER_PHONE_H
#define WALLET_HOLDER_PHONE_H

#include "verifier/code.h"
#include "wallet/holder/picture.h"

#define PHONE_WIDTH  720 /* pixels of the drawn phone, body included */
#define PHONE_HEIGHT 1440
#define PHONE_CORNER 60  /* radius of the body's corners */
#define PHONE_AIM_X  330 /* what the camera looks at: the middle of the part that matters */
#define PHONE_AIM_Y  420
#define PHONE_CODE_SIDE                                                                            \
	400               /* box of the first code; 41 modules and quiet zone: 8 pixels a module */
#define PHONE_MODULE    8 /* pixels of one module of a 41-module code */
#define PHONE_LABEL_MAX 96

enum phone_screen {
	PHONE_AWAY = 0, /* not in the camera's view */
	PHONE_DARK,     /* in view, screen off */
	PHONE_CARD,     /* first code on the card */
	PHONE_SECOND,   /* second code */
	PHONE_TYPING,   /* the digits typed so far */
	PHONE_POSTER,   /* any other QR code */
	PHONE_BARS,     /* an EAN-13 code */
	PHONE_PICTURE   /* of another wallet's screen */
};

struct phone_view {
	enum phone_screen screen;
	bool inverted; /* dark mode, the code too */
	enum qr_level level;
	bool alphanumeric; /* the code is one of ours */
	uint8_t code[CODE_FOREIGN_TEXT_MAX]; /* of PHONE_PICTURE the name of its file */
	size_t code_len;
	char issuer[PHONE_LABEL_MAX];
	char purpose[PHONE_LABEL_MAX];
	char face_value[PHONE_LABEL_MAX];
	char valid[PHONE_LABEL_MAX];
	char number[CODE_DIGITS_MAX + 1]; /* typed so far, or answered */
	int digits;                       /* boxes on the typing screen */
	char clock[8];                    /* "06:41" */
	const struct picture *shown;      /* of PHONE_PICTURE; borrowed */
	unsigned shown_turn;              /* another one whenever it changed */
};

/* p is PHONE_WIDTH x PHONE_HEIGHT. ERR_INVALID or ERR_TOO_LARGE when the code cannot be drawn. */
ERR_MUST_CHECK enum err_code phone_draw(
	struct picture *p, const struct phone_view *v, struct err *err);

#endif
