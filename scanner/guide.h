/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a frame was not read, as measured in its pixels: what the person in front of the camera can
 * change. Knows nothing of what codes say, and nothing of words on a screen.
 *
 * Only frames without a code come here, by scan_guide_frame(); one with a code is told by
 * scan_guide_read() and costs nothing. What is told is the cause of several frames together, so
 * that it does not flicker. No allocation; a function of the frames and their times.
 */
#ifndef SCANNER_GUIDE_H
#define SCANNER_GUIDE_H

#include "scanner/qr/qr.h"
#include "scanner/scanner.h"

/* Limits, also in docs/limits.md. */
#define GUIDE_WINDOW_FRAMES 10 /* of the last so many frames without a code */
#define GUIDE_HOLD_FRAMES 6    /* so many must have the same cause before it is told */
#define GUIDE_QUIET_FRAMES 15  /* after a code was read nothing is told for so long */
#define GUIDE_DOUBT_FRAMES 150 /* without a finder pattern no cause is told for longer */
#define GUIDE_SHOWN_MS 1500    /* a hint stays so long, unless a code is read ... */
#define GUIDE_AWAY_MS 1000     /* ... and until no frame had any cause for so long */
#define GUIDE_STILL_FRAMES 150 /* what did not change for so long is furniture */

#define GUIDE_COLUMNS 160 /* the frame is looked at in so many points at most */
#define GUIDE_ROWS 120
#define GUIDE_TILE 4      /* points on each side of a tile */
#define GUIDE_TILE_COLUMNS (GUIDE_COLUMNS / GUIDE_TILE)
#define GUIDE_TILE_ROWS (GUIDE_ROWS / GUIDE_TILE)

/* What was measured in one frame. Lengths are in 1/16 of a pixel, shares are per cent. */
struct guide_measures {
	int noise;         /* grey levels, sigma */
	int brightest;     /* grey of the lightest part of the frame, 3 per cent of it ... */
	int usual;         /* ... and of half of it at most */
	bool found;        /* something like a code is there: all the rest is about it */
	struct qr_box box; /* where, pixels of the frame */
	int square;        /* side of its largest part without gaps, 1/16 pixel too; 0 = none */
	int filled;        /* share of the box that is like a code */
	unsigned finders;  /* finder patterns that belong to it */
	int module;        /* size of one, from finder patterns; 0 = there are none */
	int run;           /* mean distance from one edge to the next */
	int edge;          /* width of edges, along the direction in which they are sharpest */
	int lean;          /* share: how much the edges prefer one direction */
	int light, dark;   /* grey of what is light and what is dark in it */
	int ink;           /* share that is dark */
	int white;         /* share that is as light as the sensor can tell */
	int hidden;        /* share of its area that is white where modules should be */
	int lamp;          /* white without edges, in it and around it, as share of its area */
	int paper;         /* the same of what is light, but not white */
	int ring;          /* share of what is around it that is plain */
	int area;          /* share of the frame that its box takes */
	bool cut;          /* it goes on beyond the frame */
	bool near;         /* it is so near that its modules are as large as tiles, and cut */
};

struct guide_tile {
	uint8_t low, high, mean; /* grey */
	uint8_t fine;            /* mean step from one pixel to the next: noise, or sharp edges */
	uint8_t step;            /* mean step from one point to the next */
	bool busy;               /* may be a part of a code */
};

struct scan_guide {
	struct guide_measures seen; /* in the frame that was looked at last */
	uint8_t cause[GUIDE_WINDOW_FRAMES]; /* of the frames before, a ring */
	unsigned next;                      /* place of the oldest */
	unsigned frames;                    /* how many are in it */
	enum scan_hint told;
	int64_t now_ms, told_ms, cause_ms; /* of this frame, of what is told, of the last cause */
	unsigned quiet; /* frames until something may be told */
	unsigned doubt; /* frames with a cause, and none with a finder pattern among them */
	unsigned plain; /* frames in a row that showed nothing */
	uint8_t still[GUIDE_TILE_ROWS][GUIDE_TILE_COLUMNS]; /* frames without a change ... */
	uint8_t still_mean[GUIDE_TILE_ROWS][GUIDE_TILE_COLUMNS]; /* ... from this grey */

	/* Scratch: the frame in points and tiles. */
	int step; /* pixels between two points */
	int columns, rows, tile_columns, tile_rows;
	uint8_t point[GUIDE_ROWS][GUIDE_COLUMNS];
	uint16_t fine[GUIDE_TILE_ROWS][GUIDE_TILE_COLUMNS];
	struct guide_tile tile[GUIDE_TILE_ROWS][GUIDE_TILE_COLUMNS];
	uint16_t sum[GUIDE_TILE_ROWS + 1][GUIDE_TILE_COLUMNS + 1]; /* busy tiles above and left */
	uint8_t patch[GUIDE_TILE_ROWS][GUIDE_TILE_COLUMNS]; /* of what was found; 0 = not of it */
};

void scan_guide_init(struct scan_guide *g);
/* A code was read: whatever was told is over. Returns SCAN_HINT_NONE. */
enum scan_hint scan_guide_read(struct scan_guide *g);
/* A frame without a code. finders: what the decoder saw of them in this frame, in its pixels; NULL
 * = it did not look. at_ms: its time; -1 = not known: as if frames came SCAN_FPS_DEFAULT times a
 * second. Returns what is to be told now.
 */
enum scan_hint scan_guide_frame(struct scan_guide *g, int64_t at_ms,
	const struct scan_grey *frame, const struct qr_finders *finders);

/* A picture that has nothing to do with the ones before: the cause in it alone. */
enum scan_hint scan_guide_picture(struct scan_guide *g, const struct scan_grey *picture,
	const struct qr_finders *finders);

/* Its two steps, for tests and the benchmark: pixels to measures, measures to the cause in this one
 * frame.
 */
void guide_measure(struct scan_guide *g, const struct scan_grey *frame,
	const struct qr_finders *finders);
enum scan_hint guide_cause(const struct guide_measures *m);

#endif
