/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges along one line of grey values, without a threshold: a value is an extreme when the line
 * turned away from it by more than the noise and a part of the contrast around, and an edge is
 * where the line crosses the middle between two extremes. So shadows, slopes of light and the
 * shallow bars of a blurred picture need no care.
 */
#ifndef SCANNER_QR_LINE_H
#define SCANNER_QR_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "scanner/grey.h"
#include "scanner/scanner.h"

#define QR_LINE_MAX (SCAN_WIDTH_MAX > SCAN_HEIGHT_MAX ? SCAN_WIDTH_MAX : SCAN_HEIGHT_MAX)

/* Where the line turned: cheap, and exact enough to see what cannot be a pattern. */
struct qr_turns {
	int count;
	bool first_falls; /* turns alternate: the first goes from light to dark */
	uint16_t at[QR_LINE_MAX + 1];   /* first value beyond the middle of the edge */
	uint8_t level[QR_LINE_MAX + 2]; /* extreme before turn i; [count] = after the last */
};

/* floor: smallest turn that counts, grey levels. n <= QR_LINE_MAX. */
void qr_line_turns(struct qr_turns *out, const uint8_t *value, int n, int floor);
/* The edge of turn i exactly: value i of the line is at i + 0.5. */
float qr_line_edge(const struct qr_turns *t, const uint8_t *value, int n, int i);
/* True for every six turns from t->at[i] on that may be a finder pattern, and for some others. */
bool qr_line_likely(const struct qr_turns *t, int i);

struct qr_edges {
	int count;
	bool first_falls;
	float at[QR_LINE_MAX + 1];
};
/* All of them. */
void qr_line_edges(struct qr_edges *out, struct qr_turns *turns, const uint8_t *value, int n,
	int floor);

/* Module size of a finder pattern crossed by the six edges; 0 = it is none. slack: 1 = strict.
 * Dark bars may be thin and light ones wide, or the other way round (bloom, print).
 */
float qr_line_finder(const float edge[static 6], float slack);

/* One row of the picture; smooth: mean of 3 x 3 pixels. Fills width values from x = left on. */
void qr_line_row(uint8_t *out, const struct scan_grey *g, int y, int left, int right, bool smooth);

/* Values at (x, y), (x + dx, y + dy), ...: nearest pixels. Stops at the edge of the picture;
 * returns how many there are.
 */
int qr_line_gather(uint8_t *out, const struct scan_grey *g, int x, int y, int dx, int dy, int n,
	bool smooth);

#endif
