/* SPDX-License-Identifier: Apache-2.0
 *
 * From measures to the cause in one frame, and from the causes of several frames to what is told.
 */
#include "scanner/guide.h"
#include "scanner/source.h"

#include <string.h>

#define PX(n) ((int)((n) * 16)) /* lengths of measures */

/* All of these were measured: tests/bench/bench_guide.c prints how often the answer is right. */
#define DIM_LIGHT 100       /* grey of the light modules of a screen that is too dark */
#define PANEL_LIGHT 80      /* grey of a screen of which nothing else is seen ... */
#define PANEL_OVER 14       /* ... so much lighter at least than twice the room ... */
#define PANEL_NOISE 5       /* ... because of noise of this sigma and more */
#define FLAT_CONTRAST 45    /* grey levels between light and dark that are too few */
#define SEEN_CONTRAST 36    /* in the dark fewer may be anything, without a finder pattern */
#define BLOWN_WHITE 52      /* per cent: light has run over the dark modules ... */
#define BLOWN_INK 20        /* ... and that much of them is left at most ... */
#define BLOWN_DARK_MIN 60   /* ... and as light: a printed letter is darker ... */
#define BLOWN_DARK_MAX 200  /* ... and what is lighter is no code */
#define CONTRAST_MIN 50     /* of a code without finder patterns */
#define RING_MIN 40         /* per cent */
#define RING_DARK 60
#define AREA_MAX 70
#define FINDERS_MAX 8
#define INK_MIN 20          /* per cent: text on a page has less, a code more */
#define INK_SMALL 8         /* of a small patch, half of which is beside the code */
#define INK_MAX 80
#define SHARP_EDGE PX(4.2)  /* an edge that is wider is blurred */
#define CRISP_EDGE PX(3)    /* one that is narrower did not move */
#define BARS_EDGE PX(3.2)
#define MODULE_MIN PX(2.4)  /* smaller modules are not read */
#define MODULE_SMALL PX(3.6)
#define RUN_MIN PX(7)       /* edges of a code are about two modules apart */
#define RUN_SMALL PX(14)    /* in a small patch */
#define RUN_MAX PX(60)
#define PATCH_MIN PX(48)    /* in the dark a smaller one may be anything */
#define PATCH_SMALL PX(100) /* a code of ours has 37 modules and more on a side */
#define LEAN_MOVED 33       /* per cent */
#define LEAN_BARS 80        /* of a bar code, when it is sharp */
#define LEAN_LINE 92        /* of one edge */
#define HIDDEN_MIN 6        /* per cent */
#define LAMP_MIN 10
#define LAMP_SURE 30
#define LAMP_ALONE 60       /* beside one finder pattern or two */
#define PAPER_MIN 50

/* ---- the cause in one frame ---- */

/* A code is on something plain, a screen or a sheet; a carpet and a keyboard are not. */
static bool stands_out(const struct guide_measures *m)
{
	return m->ring >= RING_MIN && m->area <= AREA_MAX;
}

/* Finder patterns are certain when there are two, but not when they are all over a carpet. */
static bool has_finders(const struct guide_measures *m)
{
	return m->finders && m->finders <= FINDERS_MAX && (m->finders > 1 || stands_out(m));
}

static bool is_small(const struct guide_measures *m)
{
	return m->square <= PATCH_SMALL && m->edge < SHARP_EDGE;
}

/* The lines of text above a small code may seem a part of it. */
static bool is_square(const struct guide_measures *m)
{
	int wide = m->box.right - m->box.left, high = m->box.bottom - m->box.top;

	return 4 * wide <= 7 * high && 4 * high <= 7 * wide;
}

static bool is_dim(const struct guide_measures *m)
{
	int contrast = m->light - m->dark - 2 * m->noise;
	bool seen = has_finders(m) || (contrast >= SEEN_CONTRAST && m->square >= PATCH_MIN &&
					      m->ring >= RING_DARK);

	return seen && m->light - m->noise < DIM_LIGHT;
}

/* In noise and the dark nothing is left of a code but the screen that it is on. */
static bool is_dim_panel(const struct guide_measures *m)
{
	return m->noise >= PANEL_NOISE && m->brightest < PANEL_LIGHT &&
		m->brightest >= 2 * m->usual + PANEL_OVER;
}

/* One or two finder patterns that are left whole tell of a lamp rather. */
static bool is_blown_out(const struct guide_measures *m)
{
	if (m->white < BLOWN_WHITE || m->ink > BLOWN_INK || m->run > RUN_MAX)
		return false;
	return m->finders > 2 || (!m->finders && m->filled >= 60 && m->dark >= BLOWN_DARK_MIN &&
					 m->dark < BLOWN_DARK_MAX);
}

/* Bars, text, a pattern on a shirt: busy, but no code. Finder patterns outweigh it. */
static bool is_other(const struct guide_measures *m)
{
	if (m->lean > LEAN_LINE || (m->lean > LEAN_BARS && m->edge < BARS_EDGE))
		return true;
	if (has_finders(m))
		return false;
	if (!stands_out(m) || m->light - m->dark < CONTRAST_MIN || !m->run)
		return true;
	if (m->hidden >= 2 * HIDDEN_MIN)
		return false;
	if (m->ink > INK_MAX || m->ink < INK_SMALL)
		return true;
	if (is_small(m))
		return !is_square(m);
	if (m->lean >= LEAN_MOVED)
		return m->edge < CRISP_EDGE;
	return m->ink < INK_MIN && m->edge < SHARP_EDGE;
}

static bool is_far(const struct guide_measures *m)
{
	if (m->finders)
		return m->module < MODULE_MIN ||
			(is_small(m) && m->module < MODULE_SMALL && m->hidden < HIDDEN_MIN);
	return m->run < RUN_MIN || (is_small(m) && m->run < RUN_SMALL && m->lamp < LAMP_MIN);
}

/* What a lamp hides is whiter than a screen; where the screen is as white, what is hidden leaves a
 * gap in the code. The rest of it is sharp.
 */
static bool has_glare(const struct guide_measures *m)
{
	if (m->edge >= SHARP_EDGE)
		return false;
	if (m->finders && m->finders < 3 && m->lamp >= LAMP_ALONE)
		return true;
	if (m->hidden >= 2 * HIDDEN_MIN || (m->lamp >= LAMP_SURE && m->paper >= PAPER_MIN))
		return true;
	if (m->lean >= LEAN_MOVED)
		return false;
	if (m->hidden >= HIDDEN_MIN || (m->finders && m->white >= LAMP_SURE && m->filled < 80))
		return true;
	return m->white >= LAMP_MIN && (m->paper >= PAPER_MIN || (m->lamp >= LAMP_MIN && m->paper));
}

/* In the order that helps: first what makes every other measure doubtful (light), then where the
 * phone is, then how it is held.
 */
enum scan_hint guide_cause(const struct guide_measures *m)
{
	if (m->near)
		return SCAN_HINT_CUT;
	if (!m->found)
		return is_dim_panel(m) ? SCAN_HINT_DARK : SCAN_HINT_NOTHING;
	if (is_dim(m))
		return SCAN_HINT_DARK;
	if (is_blown_out(m))
		return SCAN_HINT_BRIGHT;
	if (is_other(m))
		return is_dim_panel(m) ? SCAN_HINT_DARK : SCAN_HINT_NOTHING;
	if (m->cut)
		return SCAN_HINT_CUT;
	if (m->finders && has_glare(m))
		return SCAN_HINT_GLARE;
	if (is_far(m))
		return SCAN_HINT_FAR;
	if (has_glare(m))
		return SCAN_HINT_GLARE;
	if (m->lean >= LEAN_MOVED && m->edge >= CRISP_EDGE)
		return SCAN_HINT_MOVING;
	if (m->edge >= SHARP_EDGE)
		return SCAN_HINT_BLURRED;
	if (m->light - m->dark < FLAT_CONTRAST)
		return SCAN_HINT_DARK;
	return m->finders ? SCAN_HINT_NONE : SCAN_HINT_NOTHING;
}

/* ---- what is told ---- */

void scan_guide_init(struct scan_guide *g)
{
	memset(g, 0, sizeof *g);
}

enum scan_hint scan_guide_read(struct scan_guide *g)
{
	g->next = g->frames = 0;
	g->told = SCAN_HINT_NONE;
	g->quiet = GUIDE_QUIET_FRAMES;
	g->doubt = g->plain = 0;
	return SCAN_HINT_NONE;
}

static bool is_plain(enum scan_hint cause)
{
	return cause == SCAN_HINT_NOTHING || cause == SCAN_HINT_NONE;
}

/* What looks like a code for a long time and never shows a finder pattern is furniture. It is
 * believed again when it went away or showed one.
 */
static enum scan_hint doubted(struct scan_guide *g, enum scan_hint cause)
{
	bool plain = is_plain(cause);

	g->plain = plain ? g->plain + 1 : 0;
	if (g->seen.finders || g->plain >= GUIDE_HOLD_FRAMES)
		g->doubt = 0;
	else if (!plain && g->doubt < GUIDE_DOUBT_FRAMES)
		g->doubt++;
	return g->doubt < GUIDE_DOUBT_FRAMES || plain ? cause : SCAN_HINT_NOTHING;
}

/* What a person was told stays long enough to be read and followed, and while there are frames
 * with a cause between those without.
 */
static void tell(struct scan_guide *g, enum scan_hint cause)
{
	bool early = g->now_ms - g->told_ms < GUIDE_SHOWN_MS;
	bool there = is_plain(cause) && g->now_ms - g->cause_ms < GUIDE_AWAY_MS;

	if (cause == g->told || (!is_plain(g->told) && (early || there)))
		return;
	g->told = cause;
	g->told_ms = g->now_ms;
}

/* More than half of the window is one cause at most, so changes do not flicker. */
static void vote(struct scan_guide *g, enum scan_hint cause)
{
	unsigned votes = 0;

	if (!is_plain(cause))
		g->cause_ms = g->now_ms;
	g->cause[g->next] = (uint8_t)cause;
	g->next = (g->next + 1) % GUIDE_WINDOW_FRAMES;
	if (g->frames < GUIDE_WINDOW_FRAMES)
		g->frames++;
	for (unsigned i = 0; i < g->frames; i++)
		votes += g->cause[i] == cause;
	if (votes >= GUIDE_HOLD_FRAMES)
		tell(g, cause);
}

/* Time never falls, whatever the frames say. */
static void time_take(struct scan_guide *g, int64_t at_ms)
{
	g->now_ms = at_ms >= g->now_ms ? at_ms : g->now_ms + 1000 / SCAN_FPS_DEFAULT;
}

enum scan_hint scan_guide_frame(struct scan_guide *g, int64_t at_ms,
	const struct scan_grey *frame, const struct qr_finders *finders)
{
	time_take(g, at_ms);
	if (g->quiet) {
		g->quiet--;
		return SCAN_HINT_NONE;
	}
	guide_measure(g, frame, finders);
	vote(g, doubted(g, guide_cause(&g->seen)));
	return g->told;
}

enum scan_hint scan_guide_picture(struct scan_guide *g, const struct scan_grey *picture,
	const struct qr_finders *finders)
{
	memset(g->still, 0, sizeof g->still);
	guide_measure(g, picture, finders);
	return guide_cause(&g->seen);
}
