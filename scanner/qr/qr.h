/* SPDX-License-Identifier: Apache-2.0
 *
 * Our own reading of QR codes, in three steps that know nothing of each other's insides:
 *
 *   grey picture --qr_find()--> finder patterns --qr_places()--> symbols that may be there
 *                --qr_sample()--> modules --qr_symbol_read()--> bytes
 *
 * No step allocates, none keeps anything between calls, all are bounded by the limits below, so the
 * same picture always gives the same result. Coordinates are pixels of the picture that was given,
 * the centre of the upper left pixel is (0.5, 0.5). Source of layouts and tables: ISO/IEC 18004.
 */
#ifndef SCANNER_QR_QR_H
#define SCANNER_QR_QR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/grey.h"

#define QR_SIDE_MIN 21  /* modules: version 1 */
#define QR_SIDE_MAX 177 /* version 40 */
#define QR_TEXT_MAX 7089 /* bytes: version 40-L holds 7089 digits, 4296 letters, 2953 bytes */
#define QR_FINDERS_MAX 48
#define QR_PLACES_MAX 8

struct qr_box {
	int left, top, right, bottom; /* pixels; right and bottom are outside */
};

/* ---- finder patterns ---- */

struct qr_finder {
	float x, y;    /* centre */
	float module;  /* mean size of its modules, pixels */
	float quality; /* 0 .. 1: how well the whole pattern fits */
	bool inverted; /* light pattern on a dark ground */
};

struct qr_finders {
	long work; /* that it took: nanoseconds, more or less, counted and not measured */
	unsigned count; /* best first */
	struct qr_finder at[QR_FINDERS_MAX];
};

struct qr_find_options {
	const struct qr_box *where; /* only there; NULL = the whole picture */
	int step;    /* every so many rows: 1 finds the smallest, 2 modules of 2 pixels, 4 of 4 */
	bool smooth; /* mean of three rows and columns first: noise, a screen's own pixels */
	long work_max; /* then it stops, with what was seen all over the picture; 0 = no limit */
};
/* Finder patterns of both polarities. Work is bounded: in a picture full of stripes or of finder
 * patterns not all of them are looked at, but everywhere in the picture some are.
 *
 * Out:  out  always filled; count may be 0
 * In:   how  NULL = whole picture, step 2, not smooth
 */
void qr_find(struct qr_finders *out, const struct scan_grey *g,
	const struct qr_find_options *how);

/* ---- symbols ---- */

/* Three finder patterns that may be one symbol, and where its modules are. */
#define QR_BEND_NODES 17 /* of the mesh, along one side, at most */
#define QR_BEND_LARGE 45 /* modules: fewer nodes would be too far apart to follow a bend */

struct qr_place {
	struct qr_finder finder[3]; /* upper left, upper right, lower left */
	int side;        /* modules, as measured; the symbol's own word is better */
	double map[9];   /* row-major homography: module coordinates (0 .. side) to pixels */
	bool inverted;
	bool bent;       /* paper or lens: bend[][] holds */
	int nodes;       /* of the mesh along one side, of QR_BEND_NODES */
	float bend[QR_BEND_NODES][QR_BEND_NODES][2]; /* modules to add to x, y before map: nodes
				* spread evenly over the symbol, first row, then column */
	double score;    /* larger is more likely; only for comparing; qr_fit() makes it 0 .. 1 */
};

/* Symbols that may be there, the likeliest first, by finder patterns alone (a few microseconds).
 * Their maps are rough: qr_fit() before qr_sample(). Returns how many.
 */
unsigned qr_places(struct qr_place out[static QR_PLACES_MAX], const struct scan_grey *g,
	const struct qr_finders *finders);

/* Makes the map of a place exact by what every symbol has: edges of its finder, timing and
 * alignment patterns; its side may be wrong by a version. Also for a place of the last frame
 * (tracking) when it moved by less than a module or so.
 * True: the fixed patterns are there (score says how well); false: no symbol is here.
 */
bool qr_fit(struct qr_place *p, const struct scan_grey *g);

/* Bends the map to the symbol's own module edges, growing from the finder patterns: curved paper,
 * wide lenses, large symbols. For a place that qr_fit() refused (before it was changed: qr_fit()
 * leaves a refused place as it was) or whose flat map did not read. Takes some milliseconds.
 * True and false as qr_fit().
 */
bool qr_bend(struct qr_place *p, const struct scan_grey *g);

/* Memory for qr_sample(): contents mean nothing between two calls. */
struct qr_work {
	float plane[7][QR_SIDE_MAX * QR_SIDE_MAX]; /* one number for each module */
};

struct qr_matrix;
/* Ways to measure modules, the cheapest and most often successful first. */
enum qr_sampling {
	QR_SAMPLE_MEAN,  /* mean of each module's middle, against dark and light around it */
	QR_SAMPLE_EQUAL, /* blur undone by a filter learned from the modules that are known */
	QR_SAMPLE_CORE,  /* over-exposure and dots: the very middle, biased to dark */
	QR_SAMPLINGS
};
/* Always fills out; modules outside the picture, blown out or without contrast are 128. */
void qr_sample(struct qr_matrix *out, const struct scan_grey *g, const struct qr_place *p,
	enum qr_sampling how, struct qr_work *w);

/* Modules with doubt: 0 = light for certain .. 255 = dark for certain, 128 = nobody knows (hidden
 * by glare, outside the picture).
 */
struct qr_matrix {
	int side; /* modules, QR_SIDE_MIN .. QR_SIDE_MAX, 17 + 4 * version */
	uint8_t dark[QR_SIDE_MAX * QR_SIDE_MAX]; /* row after row, side * side of them */
};

/* ---- texts ---- */

struct qr_text {
	size_t len;
	uint8_t bytes[QR_TEXT_MAX]; /* as in the symbol: no guess at a character set */
	int version;      /* 1 .. 40 */
	char level;       /* 'L', 'M', 'Q', 'H' */
	int mask;         /* 0 .. 7 */
	bool mirrored;    /* the matrix was transposed */
	unsigned errors;  /* codewords that were corrected */
	unsigned erased;  /* of them, given up beforehand as unreadable */
};

/* Reads a matrix. A symbol is believed only when the error correction leaves a margin: a text that
 * is not in the symbol must never come out, whatever the modules are.
 *
 * Returns: ERR_OK      out is filled
 *          ERR_FORMAT  no format word, too many errors, or data that break the rules
 * On error out->len is 0.
 */
ERR_MUST_CHECK enum err_code qr_symbol_read(struct qr_text *out, const struct qr_matrix *m);

/* The modules of every symbol of a version that do not depend on its text: finder patterns and
 * their separators, timing patterns, alignment patterns, the dark module.
 * Returns 1 = dark, 0 = light, -1 = depends on the text (also format and version words).
 */
int qr_fixed_module(int side, int x, int y);
/* Centres of the alignment patterns along one axis (row 6 and column 6 included); how many. 0 for
 * version 1.
 */
unsigned qr_alignment_centres(int side, int centre[static 7]);

#endif
