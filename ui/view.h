/* SPDX-License-Identifier: Apache-2.0
 *
 * The screens of the terminal: a pure function from struct view_model to a grid of cells. Reads no
 * clock, keeps no state, allocates nothing; the language is gettext's. The program fills the model
 * again whenever something changed or view_next_ms() has come, draws, and gives the grid to
 * screen_draw().
 *
 *   phase                what is drawn
 *   -------------------  --------------------------------------------------------------------------
 *   WAITING              what the customer does, with the camera's picture
 *   STARTING, ANSWERING  the same place, "checking"
 *   NUMBER               the digits, the time that is left, what the customer does, whose code it
 *                        is
 *   PIN, PIN_SENT        masked digits, tries, "camera is off"
 *   UNCERTAIN            "do not hand anything out yet"
 *   RESULT               sign, word, reason, next step, receipt number
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "scanner/scanner.h"
#include "ui/grid.h"
#include "ui/offline.h"
#include "ui/qr_grid.h"
#include "verifier/flow.h"

#define VIEW_COLS_MIN 80
#define VIEW_ROWS_MIN 24
#define VIEW_PREVIEW_COLUMNS 192 /* pixels; the same figures as SCAN_PREVIEW_* */
#define VIEW_PREVIEW_ROWS 108
#define VIEW_PIN_LEN_MAX 12
#define VIEW_CLOCK_WRONG_S 20   /* a clock that far from the server's is told */
#define VIEW_UNTIL_MAX 96       /* bytes of "14:05" or "2026-11-22 14:05" with NUL */

enum view_scanner {
	VIEW_SCANNER_STARTING, /* no HELLO yet */
	VIEW_SCANNER_RUNNING,
	VIEW_SCANNER_PAUSED,   /* a PIN is typed */
	VIEW_SCANNER_RESTARTING,
	VIEW_SCANNER_ENDED,    /* the source ended */
	VIEW_SCANNER_FAULT     /* it cannot be used; scanner_words says why */
};

struct desk;

/* All texts are borrowed for the call; NULL and "" mean none. They need not be safe. */
struct view_model {
	const struct flow *flow;
	int64_t now_ms;            /* same clock as flow->deadline_ms */
	int64_t now_unix_s;        /* wall clock, for the corner; 0 = not shown */
	int32_t utc_offset_s;      /* seconds east of UTC, for every time of day that is shown */

	const char *amount;        /* formatted, "24.90" */
	const char *currency;      /* "EUR" */
	const char *reference;
	const char *operator_name;
	const char *terminal_name;
	const char *issuer_name;

	struct offline_view offline;
	const char *backend_fault; /* words of the fault that lasts; NULL = reachable */
	enum flow_reason barred;   /* why the backend takes nothing from this terminal; or NONE */
	enum view_scanner scanner;
	const char *scanner_words; /* of the last fault, for whoever mends it; NULL = none */
	enum err_code scanner_code; /* its kind, which has a sentence for the cashier */
	enum scan_hint hint;       /* why it does not read */
	bool symbologies_lost;     /* other codes than QR are not read any more */

	unsigned closed;           /* bits of enum counter_closed: why no card is taken */
	bool server_heard;         /* it is connected, and would tell what happens */
	bool clock_known;          /* the server said what time it is */
	int64_t clock_ahead_s;     /* of the server's; negative: behind */
	int today;                 /* verifications of the day; -1 = not counted */

	bool reader;               /* hand-held, in place of the camera */
	bool simulator;            /* said in the top bar of every screen */
	bool replay;               /* likewise */
	bool recording;
	const char *record_fault;  /* why the recording ended early; NULL or "" = it did not */
	int colours;               /* screen_colours() */

	const uint8_t (
		*preview)[VIEW_PREVIEW_COLUMNS]; /* VIEW_PREVIEW_ROWS rows of grey, or NULL */
	const int16_t (*marks)[4][2]; /* corners of codes in it: x, y in its pixels, clockwise */
	int marks_count;
	int pin_len;               /* digits typed so far, 0 .. VIEW_PIN_LEN_MAX */
	const struct desk *desk;   /* which page is open, and its state; NULL = the sale's, alone */
	bool pin_length_wrong;     /* the last key was Enter too early, or one digit too many */

	/* The challenge code as a picture, when the caller has one: side * side modules, 1 = dark,
	 * no quiet zone. Drawn beside the number where the window has room for it.
	 */
	const uint8_t *challenge;
	int challenge_side;        /* modules; 0 = none */
	struct qr_cell cell;       /* of the window; 0 x 0 = not known */
	bool display_lost;         /* there should be a customer's display, and is none */
	bool challenge_whole;      /* the code alone, as large as the window allows */
};

/* Draws the whole grid. */
void view_draw(struct grid *g, const struct view_model *m);

struct page_key;
/* The key of the bar that stands there; false: none does. */
bool view_key_at(const struct grid *g, const struct view_model *m, int col, int row,
	struct page_key *out);

/* When the picture changes by itself (countdown, clock); INT64_MAX when it does not. Between
 * m->now_ms + 1 and m->now_ms + 1000.
 */
int64_t view_next_ms(const struct view_model *m);

#endif
