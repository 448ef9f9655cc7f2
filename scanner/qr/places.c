/* SPDX-License-Identifier: Apache-2.0
 *
 * Three finder patterns to a symbol that may be there. A leg of a symbol has two patterns of the
 * same kind, a whole number of modules apart, with a timing pattern between them.
 */
#include "scanner/qr/qr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/qr/line.h"
#include "scanner/qr/map.h"
#include "scanner/qr/pairs.h"

#define LEG_MIN 11.0f   /* modules between centres: 14 in version 1, less what was misjudged */
#define LEG_MAX 190.0f  /* 170 in version 40 */
#define ROUGH_MAX 24    /* triples that are measured */
#define PROFILE_MAX 1024 /* pixels along a line */
#define PROFILE_FLOOR 8
#define CONTRAST_PART 6
#define GOOD_COST 0.9f   /* of a triple of good patterns that needs no completing */

struct leg {
	float length;  /* pixels */
	float modules; /* from centre to centre; 0 = no leg */
	float module;  /* size along the leg at its start, pixels */
};

struct rough {
	uint8_t at[3]; /* upper left, upper right, lower left */
	float cost;    /* smaller is better */
};

struct search {
	const struct scan_grey *g;
	const struct qr_finders *f;
	struct leg leg[QR_FINDERS_MAX][QR_FINDERS_MAX];
	unsigned count;
	struct rough rough[ROUGH_MAX]; /* best first */
	struct qr_edges edges;
	struct qr_turns turns;
};

/* Grey values each pixel along a line; returns how many lie in the picture from the start on. */
static int profile(uint8_t out[static PROFILE_MAX], const struct scan_grey *g, struct qr_point from,
	struct qr_point step, int n)
{
	int i = 0;
	for (; i < n && i < PROFILE_MAX; i++) {
		float v = qr_grey_at(g, (struct qr_point){from.x + (float)i * step.x,
			from.y + (float)i * step.y});
		if (v < 0)
			break;
		out[i] = (uint8_t)(v + 0.5f);
	}
	return i;
}

/* Edges along a line that lies in a symbol: its own contrast tells what is none. */
static void edges_along(struct search *s, const uint8_t *line, int n)
{
	int low = 255, high = 0;
	for (int i = 0; i < n; i++) {
		low = line[i] < low ? line[i] : low;
		high = line[i] > high ? line[i] : high;
	}
	int part = (high - low) / CONTRAST_PART;
	qr_line_edges(&s->edges, &s->turns, line, n, part > PROFILE_FLOOR ? part : PROFILE_FLOOR);
}

/* Module size of finder i along the direction (ux, uy): 0 = the line shows no pattern. */
static float module_along(struct search *s, unsigned i, float ux, float uy)
{
	uint8_t line[PROFILE_MAX];
	const struct qr_finder *f = &s->f->at[i];
	float reach = f->module * 7.5f + 2;
	reach = reach > PROFILE_MAX / 2 - 1 ? PROFILE_MAX / 2 - 1 : reach;
	struct qr_point from = {f->x - ux * reach, f->y - uy * reach};
	while (reach > f->module * 4 && (from.x < 1 || from.y < 1 ||
		from.x > (float)s->g->width - 1 || from.y > (float)s->g->height - 1)) {
		reach -= 1;
		from = (struct qr_point){f->x - ux * reach, f->y - uy * reach};
	}
	int n = profile(line, s->g, from, (struct qr_point){ux, uy}, (int)(2 * reach) + 1);
	edges_along(s, line, n);
	for (int k = 0; k + 5 < s->edges.count; k++) {
		const float *e = s->edges.at + k;
		bool dark = s->edges.first_falls == ((k & 1) == 0);
		/* Value 0 is at the start, so value i is at i and not at i + 0.5. */
		if (dark == f->inverted || e[2] > reach + 0.5f || e[3] < reach + 0.5f)
			continue;
		return qr_line_finder(e, 1.7f);
	}
	return 0;
}

static bool may_pair(const struct qr_finder *a, const struct qr_finder *b)
{
	return a->inverted == b->inverted && a->module < b->module * 2.4f &&
		b->module < a->module * 2.4f;
}

/* Between two finder patterns; measured when it is first asked for. */
static const struct leg *leg_of(struct search *s, unsigned i, unsigned j)
{
	const struct qr_finder *a = &s->f->at[i], *b = &s->f->at[j];
	struct leg *leg = &s->leg[i][j], *back = &s->leg[j][i];
	if (leg->length > 0)
		return leg;
	float length = hypotf(b->x - a->x, b->y - a->y) + 0.001f;
	*leg = *back = (struct leg){length, 0, 0};
	float rough = length / sqrtf(a->module * b->module);
	if (!may_pair(a, b) || rough < LEG_MIN * 0.8f || rough > LEG_MAX * 1.2f)
		return leg;
	float ux = (b->x - a->x) / length, uy = (b->y - a->y) / length;
	leg->module = module_along(s, i, ux, uy);
	back->module = module_along(s, j, -ux, -uy);
	/* A pattern that is hidden in part: as large as the rows said. */
	leg->module = leg->module > 0 ? leg->module : a->module * 1.05f;
	back->module = back->module > 0 ? back->module : b->module * 1.05f;
	/* In perspective the geometric mean of the sizes at both ends is exact. */
	float modules = length / sqrtf(leg->module * back->module);
	leg->modules = back->modules = modules < LEG_MIN || modules > LEG_MAX ? 0 : modules;
	return leg;
}

static void offer(struct search *s, const struct rough *r)
{
	unsigned i = s->count;
	if (i == ROUGH_MAX && r->cost >= s->rough[i - 1].cost)
		return;
	if (i < ROUGH_MAX)
		s->count++;
	else
		i--;
	for (; i > 0 && s->rough[i - 1].cost > r->cost; i--)
		s->rough[i] = s->rough[i - 1];
	s->rough[i] = *r;
}

/* i is the corner between the legs to j and k. By the patterns' places and rough sizes alone. */
static void weigh(struct search *s, unsigned i, unsigned j, unsigned k)
{
	const struct qr_finder *o = &s->f->at[i], *a = &s->f->at[j], *b = &s->f->at[k];
	float ax = a->x - o->x, ay = a->y - o->y, bx = b->x - o->x, by = b->y - o->y;
	float pp = ax * ax + ay * ay, qq = bx * bx + by * by, dot = ax * bx + ay * by;
	/* Most are thrown out here, before a root is drawn. */
	if (pp > 9 * qq || qq > 9 * pp || dot * dot > 0.64f * pp * qq || !may_pair(o, a) ||
		!may_pair(o, b))
		return;
	float p = sqrtf(pp / (o->module * a->module)), q = sqrtf(qq / (o->module * b->module));
	float most = p > q ? p : q, uneven = fabsf(p - q) / most, longer = pp / qq + qq / pp - 2;
	if (most < LEG_MIN * 0.8f || most > LEG_MAX * 1.2f || uneven > 0.5f)
		return;
	/* Tilt makes angles of up to 30 degrees from upright and legs of 1:1.5; more is rare. */
	float cost = 1.5f * uneven + fabsf(dot) / sqrtf(pp * qq) + 0.1f * longer + 0.003f * most +
		0.8f * (3 - o->quality - a->quality - b->quality);
	/* y runs downwards: right, then below is a positive turn. */
	bool turn = ax * by - ay * bx > 0;
	struct rough r = {{(uint8_t)i, (uint8_t)(turn ? j : k), (uint8_t)(turn ? k : j)}, cost};
	offer(s, &r);
}

/* Side of the symbol by the timing pattern that runs beside the leg from finder a to finder b;
 * (vx, vy): one module at a towards the inside. 0 = it does not look like one.
 */
static int timing_side(struct search *s, unsigned a, unsigned b, float vx, float vy)
{
	uint8_t line[PROFILE_MAX];
	const struct qr_finder *p = &s->f->at[a], *q = &s->f->at[b];
	float grow = s->leg[b][a].module / s->leg[a][b].module;
	struct qr_point from = {p->x + 3 * vx, p->y + 3 * vy};
	struct qr_point to = {q->x + 3 * vx * grow, q->y + 3 * vy * grow};
	float length = hypotf(to.x - from.x, to.y - from.y);
	/* Half pixels where modules are small. */
	float step = length < PROFILE_MAX / 2 - 2 ? 0.5f : length / (PROFILE_MAX - 2);
	if (length < 8)
		return 0;
	struct qr_point by = {(to.x - from.x) / length * step, (to.y - from.y) / length * step};
	int n = profile(line, s->g, from, by, (int)(length / step) + 1);
	edges_along(s, line, n);
	int side = s->edges.count + 13;
	float expected = s->leg[a][b].modules + 7;
	if (s->edges.count < 8 || side % 4 != 1 ||
		fabsf((float)side - expected) > 0.1f * expected + 2)
		return 0;
	/* It starts on ink. */
	if (s->edges.first_falls != p->inverted)
		return 0;
	return side;
}

static int nearest_side(float modules)
{
	int version = (int)floorf((modules + 7 - 17) / 4 + 0.5f);
	version = version < 1 ? 1 : version > 40 ? 40 : version;
	return 17 + 4 * version;
}

static void build(struct qr_place *out, struct search *s, const struct rough *r, int side)
{
	const struct qr_finder *f[3];
	struct qr_point centre[3];
	for (int i = 0; i < 3; i++) {
		f[i] = &s->f->at[r->at[i]];
		out->finder[i] = *f[i];
		centre[i] = (struct qr_point){f[i]->x, f[i]->y};
	}
	const struct leg *right = &s->leg[r->at[0]][r->at[1]], *left = &s->leg[r->at[1]][r->at[0]];
	const struct leg *down = &s->leg[r->at[0]][r->at[2]], *up = &s->leg[r->at[2]][r->at[0]];
	/* Scale along a line changes with the square of the distance. */
	double near_right = sqrt((double)right->module / (double)left->module);
	double near_below = sqrt((double)down->module / (double)up->module);
	out->side = side;
	out->inverted = f[0]->inverted;
	out->bent = false;
	out->nodes = 0;
	memset(out->bend, 0, sizeof out->bend);
	qr_map_from_finders(out->map, centre, near_right, near_below, side);
}

/* Measures a triple. Returns 0: not a symbol, 1: may be one, 2: both timing patterns say the same
 * side, so it is one.
 */
static int size_up(struct search *s, struct rough *r, int *side)
{
	const struct qr_finder *o = &s->f->at[r->at[0]];
	const struct qr_finder *a = &s->f->at[r->at[1]], *b = &s->f->at[r->at[2]];
	const struct leg *p = leg_of(s, r->at[0], r->at[1]), *q = leg_of(s, r->at[0], r->at[2]);
	if (p->modules <= 0 || q->modules <= 0)
		return 0;
	float most = p->modules > q->modules ? p->modules : q->modules;
	float uneven = fabsf(p->modules - q->modules) / most;
	if (uneven > 0.35f)
		return 0;
	float along_px = p->module / p->length, down_px = q->module / q->length;
	float px = (a->x - o->x) * along_px, py = (a->y - o->y) * along_px;
	float qx = (b->x - o->x) * down_px, qy = (b->y - o->y) * down_px;
	int along = timing_side(s, r->at[0], r->at[1], qx, qy);
	int down = timing_side(s, r->at[0], r->at[2], px, py);
	int guess = nearest_side((p->modules + q->modules) / 2);
	bool sure = along && along == down;
	r->cost += 3 * uneven - (sure ? 1.5f : along || down ? 0.5f : 0);
	*side = along && (!down || abs(along - guess) <= abs(down - guess)) ? along :
		down ? down : guess;
	return sure ? 2 : 1;
}

struct chosen {
	unsigned count;
	bool sure; /* no need to look for hidden patterns */
	struct rough rough[ROUGH_MAX]; /* likeliest first */
	int side[ROUGH_MAX];
};

static void choose(struct chosen *out, struct search *s)
{
	const unsigned n = s->f->count;
	s->count = 0;
	memset(s->leg, 0, sizeof s->leg);
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++)
			for (unsigned k = j + 1; j != i && k < n; k++)
				if (k != i)
					weigh(s, i, j, k);
	out->count = 0;
	out->sure = false;
	for (unsigned m = 0; m < s->count; m++) {
		struct rough r = s->rough[m];
		int side;
		int is = size_up(s, &r, &side);
		if (is == 0)
			continue;
		bool good = r.cost < GOOD_COST;
		for (int k = 0; k < 3; k++)
			good = good && s->f->at[r.at[k]].quality >= QR_PAIRS_GOOD;
		out->sure |= good || is == 2;
		unsigned i = out->count++;
		for (; i > 0 && out->rough[i - 1].cost > r.cost; i--) {
			out->rough[i] = out->rough[i - 1];
			out->side[i] = out->side[i - 1];
		}
		out->rough[i] = r;
		out->side[i] = side;
	}
}

unsigned qr_places(struct qr_place out[static QR_PLACES_MAX], const struct scan_grey *g,
	const struct qr_finders *finders)
{
	struct search s;
	struct chosen c;
	struct qr_finders more = *finders;
	s.g = g;
	s.f = &more;
	choose(&c, &s);
	/* No symbol for certain: the third pattern of a good pair may be hidden. */
	if (!c.sure && qr_pairs_complete(&more, g))
		choose(&c, &s);
	unsigned made = 0;
	for (unsigned n = 0; n < c.count && made < QR_PLACES_MAX; n++, made++) {
		build(&out[made], &s, &c.rough[n], c.side[n]);
		out[made].score = -(double)c.rough[n].cost;
	}
	return made;
}
