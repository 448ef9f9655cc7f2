/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/camera_mode.h"

#include <stdio.h>
#include <string.h>

#include "scanner/scanner.h"

#define WORDS_MAX 150

int64_t camera_mode_rate(const struct camera_mode *m)
{
	if (!m->interval_num || !m->interval_den)
		return 0;
	return (int64_t)m->interval_den * 1000 / m->interval_num;
}

static int64_t size_points(const struct camera_mode *m)
{
	int64_t most = m->width > m->height ? m->width : m->height;
	int64_t least = m->width > m->height ? m->height : m->width;
	int64_t used_most = most < CAMERA_BEST_WIDTH ? most : CAMERA_BEST_WIDTH;
	int64_t used_least = least < CAMERA_BEST_HEIGHT ? least : CAMERA_BEST_HEIGHT;
	const int64_t best = CAMERA_BEST_WIDTH * CAMERA_BEST_HEIGHT;
	int64_t used = used_most * used_least, beyond = most * least - used;
	int64_t points = (1000 * used - 60 * beyond) / best;
	return points > 1 ? points : 1;
}

static int64_t kind_points(const struct camera_mode *m)
{
	return m->converted ? 0 : m->format->step ? 2 : 1;
}

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* The digits of one number, the most important first; each stays below what the next one up is
 * multiplied by.
 */
int64_t camera_mode_score(const struct camera_mode *m)
{
	if (scan_geometry_check(m->width, m->height, NULL))
		return 0;
	int64_t rate = camera_mode_rate(m), points = size_points(m);
	int64_t near = 999 - distance(rate ? rate / 1000 : CAMERA_RATE_BEST, CAMERA_RATE_BEST);
	int64_t speed = !rate || rate >= CAMERA_RATE_LEAST * 1000 ? CAMERA_RATE_LEAST * 1000 : rate;
	int64_t score = speed;
	score = score * 32 + (points + CAMERA_SIZE_STEP / 2) / CAMERA_SIZE_STEP;
	score = score * 4 + kind_points(m);
	score = score * 1024 + (near > 0 ? near : 0);
	score = score * 1024 + points;
	return score * 64 + (63 - m->format->cost);
}

/* ---- as configured ---- */

static bool fits_size(const struct camera_mode *m, const struct camera_settings *want)
{
	return !want->width || (m->width == want->width && m->height == want->height);
}

static bool fits_format(const struct camera_mode *m, const struct camera_settings *want)
{
	return !want->format[0] ||
		m->format->fourcc == camera_fourcc_parse(want->format, strlen(want->format));
}

/* Nearness to a rate that is set goes before everything else. */
static bool is_better(const struct camera_mode *m, const struct camera_mode *than,
	const struct camera_settings *want)
{
	if (!than)
		return true;
	if (want->rate) {
		int64_t a = distance(camera_mode_rate(m), want->rate * (int64_t)1000);
		int64_t b = distance(camera_mode_rate(than), want->rate * (int64_t)1000);
		if (!camera_mode_rate(m))
			a = 0; /* it does not say: it may */
		if (!camera_mode_rate(than))
			b = 0;
		if (a != b)
			return a < b;
	}
	return camera_mode_score(m) > camera_mode_score(than);
}

/* "YUYV 640x480, MJPG 1280x720, ..." as far as there is room; each once. */
static void list_words(char out[static WORDS_MAX], const struct camera_modes *all,
	const struct camera_settings *want)
{
	size_t len = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < all->count; i++) {
		const struct camera_mode *m = &all->at[i];
		char word[48], four[CAMERA_FOURCC_TEXT];
		bool some_format = false;
		for (unsigned k = 0; k < all->count && want->format[0]; k++)
			some_format = some_format || fits_format(&all->at[k], want);
		if (some_format && !fits_format(m, want))
			continue;
		int n = snprintf(word, sizeof word, "%s%s %dx%d", len ? ", " : "",
			camera_fourcc_text(four, m->format->fourcc), m->width, m->height);
		if (strstr(out, word + (len ? 2 : 0)))
			continue;
		if (len + (size_t)n + 6 > WORDS_MAX) {
			memcpy(out + len, ", ...", 6);
			return;
		}
		memcpy(out + len, word, (size_t)n + 1);
		len += (size_t)n;
	}
}

enum err_code camera_mode_choose(const struct camera_mode **out, const struct camera_modes *all,
	const struct camera_settings *want, struct err *err)
{
	const struct camera_mode *best = NULL;
	char words[WORDS_MAX];
	for (unsigned i = 0; i < all->count; i++) {
		const struct camera_mode *m = &all->at[i];
		if (!camera_mode_score(m) || !fits_size(m, want) || !fits_format(m, want))
			continue;
		if (is_better(m, best, want))
			best = m;
	}
	if (best) {
		*out = best;
		return ERR_OK;
	}
	list_words(words, all, want);
	if (!all->count)
		return err_set(err, ERR_UNSUPPORTED, "it has no picture format that can be read");
	if (want->width && want->format[0])
		return err_set(err, ERR_UNSUPPORTED, "it does not give %s in %dx%d; it has %s",
			want->format, want->width, want->height, words);
	if (want->width)
		return err_set(err, ERR_UNSUPPORTED, "it does not give %dx%d; it has %s",
			want->width, want->height, words);
	return err_set(err, ERR_UNSUPPORTED, "it does not give %s that can be read; it has %s",
		want->format[0] ? want->format : "a size", words);
}

/* ---- any size in steps ---- */

static int64_t onto_step(int64_t v, int64_t min, int64_t max, int64_t step)
{
	if (v <= min)
		return min;
	if (v > max)
		v = max;
	return step > 1 ? min + (v - min) / step * step : v;
}

static bool bounds_are_sane(const struct camera_steps *s)
{
	return s->min_width >= 1 && s->max_width >= s->min_width && s->step_width >= 0 &&
		s->min_height >= 1 && s->max_height >= s->min_height && s->step_height >= 0;
}

unsigned camera_step_sizes(int size[CAMERA_STEP_SIZES_MAX][2], const struct camera_steps *s,
	const struct camera_settings *want)
{
	const int like[][2] = {
		{want->width, want->height}, {CAMERA_BEST_WIDTH, CAMERA_BEST_HEIGHT}, {1280, 800},
		{1280, 960}, {1024, 768}, {800, 600}, {640, 480}, {640, 360}, {1920, 1080},
		{1, 1}, {SCAN_WIDTH_MAX, SCAN_HEIGHT_MAX},
	};
	unsigned count = 0;
	if (!bounds_are_sane(s))
		return 0;
	for (size_t i = 0; i < sizeof like / sizeof like[0]; i++) {
		if (!like[i][0])
			continue;
		int64_t w = onto_step(like[i][0], s->min_width, s->max_width, s->step_width);
		int64_t h = onto_step(like[i][1], s->min_height, s->max_height, s->step_height);
		bool known = w > SCAN_WIDTH_MAX || h > SCAN_HEIGHT_MAX;
		for (unsigned k = 0; k < count; k++)
			known = known || (size[k][0] == w && size[k][1] == h);
		if (known)
			continue;
		size[count][0] = (int)w;
		size[count++][1] = (int)h;
	}
	return count;
}
