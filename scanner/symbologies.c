/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/symbologies.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "countersign-symbologies.so"
#define PATH_BYTES (PATH_MAX + 64)

/* ---- loading ---- */

/* Beside the program, as it is built, or where it is installed. */
static enum err_code find(char path[static PATH_BYTES], struct err *err)
{
	static const char *const places[] = {"/" LIBRARY, "/../lib/countersign/" LIBRARY};
	char dir[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);
	if (n < 0)
		return err_set_os(err, ERR_NOT_FOUND, errno, "cannot find the program's folder");
	dir[n] = '\0';
	char *slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		snprintf(path, PATH_BYTES, "%s%s", dir, places[i]);
		if (access(path, R_OK) == 0)
			return ERR_OK;
	}
	return err_set(err, ERR_NOT_FOUND, "--all-symbologies needs " LIBRARY ", which is neither "
		"in %.150s nor in ../lib/countersign beside it", dir);
}

enum err_code scan_symbologies_load(struct scan_symbologies *s, struct err *err)
{
	char path[PATH_BYTES];
	memset(s, 0, sizeof *s);
	enum err_code code = find(path, err);
	if (code)
		return code;
	/* All of it now: later there is no way to a file. It is never closed. */
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return err_set(err, ERR_UNSUPPORTED, "--all-symbologies: %s", dlerror());
	union { /* ISO C has no way from an object's pointer to a function's */
		void *object;
		symbologies_read_fn *read;
		symbologies_warm_fn *warm;
	} read = {.object = dlsym(library, SYMBOLOGIES_READ_NAME)},
	  warm = {.object = dlsym(library, SYMBOLOGIES_WARM_NAME)};
	if (!read.object || !warm.object || warm.warm())
		return err_set(err, ERR_UNSUPPORTED, "--all-symbologies: %.150s is of another "
			"version than this program, or does not work", path);
	s->read = read.read;
	return ERR_OK;
}

void scan_symbologies_done(struct scan_symbologies *s)
{
	scan_grey_done(&s->half);
	scan_grey_done(&s->quarter);
}

/* ---- looking ---- */

static void add(struct scan_found *found, const struct symbologies_symbol *symbol,
	const struct scan_grey *grey, int scale)
{
	double corner[4][2];
	uint8_t symbology = SCAN_OTHER;
	unsigned before = found->count;
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 2; k++)
			corner[i][k] = (double)symbol->corner[i][k] * scale;
	if (!scan_found_add(found, symbol->text, symbol->len, corner, grey->width, grey->height) ||
		!scan_symbology_of(&symbology, symbol->word, strlen(symbol->word)))
		symbology = SCAN_OTHER;
	if (found->count > before)
		found->codes[before].symbology = symbology;
}

/* In turn, each cheaper than a frame's budget: fine bars, which need every pixel; Data Matrix; and
 * more effort for a quarter of the pixels.
 */
static const struct turn {
	unsigned what;
	bool quarter;
} turns[] = {
	{SYMBOLOGIES_OTHERS, false},
	{SYMBOLOGIES_ALL | SYMBOLOGIES_HARDER, true},
	{SYMBOLOGIES_DATA_MATRIX, false},
};
#define TURNS (sizeof turns / sizeof turns[0])

/* grey and scale times grey are the frame. */
static void look(struct scan_symbologies *s, struct scan_found *found,
	const struct scan_grey *frame, const struct scan_grey *grey, unsigned what)
{
	int scale = frame->width / grey->width;
	unsigned n = s->read(s->symbol, SCAN_CODES_MAX, grey->pixels, grey->width, grey->height,
		what);
	for (unsigned i = 0; i < n && i < SCAN_CODES_MAX; i++)
		add(found, &s->symbol[i], frame, scale);
}

/* Small enough, or half of it; NULL: no memory, the frame counts as one without a code. */
static const struct scan_grey *smaller(struct scan_grey *room, const struct scan_grey *grey)
{
	return scan_grey_half(room, grey, NULL) ? NULL : room;
}

static void look_hard(struct scan_symbologies *s, struct scan_found *found,
	const struct scan_grey *frame, const struct scan_grey *full)
{
	const unsigned what = SYMBOLOGIES_ALL | SYMBOLOGIES_HARDER;
	look(s, found, frame, full, what);
	const struct scan_grey *quarter = found->count ? NULL : smaller(&s->quarter, full);
	if (quarter)
		look(s, found, frame, quarter, what);
}

/* What found something stays. */
static void look_in_turn(struct scan_symbologies *s, struct scan_found *found,
	const struct scan_grey *frame, const struct scan_grey *full)
{
	const struct turn *turn = &turns[s->next % TURNS];
	const struct scan_grey *grey = turn->quarter ? smaller(&s->quarter, full) : full;
	if (grey)
		look(s, found, frame, grey, turn->what);
	s->next += !found->count;
}

void scan_symbologies_look(struct scan_symbologies *s, struct scan_found *found,
	const struct scan_grey *grey, bool thorough, const struct scan_decoder *d)
{
	unsigned turn = s->frames++;
	const struct scan_grey *full = grey;
	if (!s->read || (!thorough && turn % SYMBOLOGIES_EVERY != 0))
		return;
	if (s->rest > 0 && !thorough) {
		s->rest--;
		return;
	}
	int64_t start = scan_cpu_us();
	if ((int64_t)grey->width * grey->height > SYMBOLOGIES_PIXELS_MAX)
		full = smaller(&s->half, grey);
	if (full && thorough)
		look_hard(s, found, grey, full);
	else if (full)
		look_in_turn(s, found, grey, full);
	int64_t budget_us = (int64_t)d->budget_ms * 1000;
	s->rest = d->live ? (scan_cpu_us() - start) / budget_us : 0;
}
