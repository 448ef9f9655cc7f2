/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures from files: the recorded sessions, and a folder of photographs with their texts.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "tests/bench/bench_parts.h"
#include "tests/bench/picture_in.h"

#define FILES_MAX 4000
#define PATH_LEN  400

struct file {
	char path[PATH_LEN];
};

static struct file files[FILES_MAX];
static unsigned file_count;

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool ends(const char *name, const char *end)
{
	size_t n = strlen(name), e = strlen(end);

	return n > e && !strcasecmp(name + n - e, end);
}

/* Files below dir whose names end in one of `ends_in`. */
static void collect(const char *dir, const char *const *ends_in)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char path[PATH_LEN];
		struct stat st;

		if (e->d_name[0] == '.' ||
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= (int)sizeof path ||
			stat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			collect(path, ends_in);
		for (const char *const *end = ends_in; *end; end++)
			if (S_ISREG(st.st_mode) && ends(path, *end) && file_count < FILES_MAX)
				memcpy(files[file_count++].path, path, sizeof path);
	}
	if (d)
		closedir(d);
}

/* ---- recorded sessions ---- */

#define SESSION_FRAMES_MAX 200
#define SESSION_TEXTS_MAX  16

struct said {
	struct frame_text text;
	unsigned engines; /* bits of families: ours, zbar, libzxing */
	unsigned times;   /* that it was said */
};

struct session {
	unsigned frames;
	unsigned texts;
	struct said text[SESSION_TEXTS_MAX];
	struct {
		float ms[ENGINE_COUNT];
		uint16_t said[ENGINE_COUNT]; /* bits of the session's texts */
	} frame[SESSION_FRAMES_MAX];
};

static unsigned family(int e)
{
	return e <= ENGINE_VIDEO ? 1 : e <= ENGINE_ZBAR_QR ? 2 : 4;
}

static uint16_t note(struct session *s, const struct reading *r, unsigned engine_family)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < r->count; i++) {
		unsigned k = 0;

		while (k < s->texts &&
			(s->text[k].text.len != r->text[i].len ||
				memcmp(s->text[k].text.bytes, r->text[i].bytes, r->text[i].len)))
			k++;
		if (k == SESSION_TEXTS_MAX)
			continue;
		if (k == s->texts)
			s->text[s->texts++].text = r->text[i];
		s->text[k].engines |= engine_family;
		s->text[k].times++;
		bits |= 1u << k;
	}
	return (uint16_t)bits;
}

static void session_frame(struct session *s, const uint8_t *jpeg, size_t len)
{
	static struct picture_in p;
	static struct frame f;
	static struct reading reading;

	if (s->frames == SESSION_FRAMES_MAX || !picture_in_read(&p, jpeg, len))
		return;
	picture_in_fit(&f, &p, SHOT_WIDTH_MAX, SHOT_HEIGHT_MAX);
	for (int e = 0; e < ENGINE_COUNT; e++) {
		s->frame[s->frames].ms[e] =
			(float)(engine_read((enum engine)e, &reading, &f) / 1000);
		s->frame[s->frames].said[e] = note(s, &reading, family(e));
	}
	s->frames++;
}

static void session_work(const void *context, unsigned index, void *out)
{
	size_t len, from = 0;
	uint8_t *all = file_bytes(files[index].path, &len);

	(void)context;
	for (size_t i = 2; all && i + 3 <= len; i++)
		if (i + 3 == len || !memcmp(all + i, "\xff\xd8\xff", 3)) {
			session_frame(out, all + from, (i + 3 == len ? len : i) - from);
			from = i;
		}
	free(all);
}

/* A text is right when two families of engines gave it somewhere in the session, or one of them
 * again and again: nobody else reads dark screens.
 */
#define AGAIN 6
static void session_add(
	struct score *sum, struct tally times[ENGINE_COUNT], const struct session *s)
{
	unsigned right = 0;

	for (unsigned k = 0; k < s->texts; k++)
		if (s->text[k].engines & (s->text[k].engines - 1) || s->text[k].times >= AGAIN)
			right |= 1u << k;
	for (unsigned i = 0; i < s->frames; i++) {
		bool any = false;

		for (int e = 0; e < ENGINE_COUNT; e++) {
			tally_add(&times[e], s->frame[i].ms[e]);
			any |= (s->frame[i].said[e] & right) != 0;
		}
		sum->frames += any;
		for (int e = 0; e < ENGINE_COUNT; e++) {
			sum->done[e] += any;
			sum->read[e] += (s->frame[i].said[e] & right) != 0;
			sum->wrong[e] += (s->frame[i].said[e] & ~right) != 0;
		}
	}
}

void bench_fixtures(const struct bench_options *o)
{
	static const char *const kinds[] = {".mjpeg", NULL};
	struct tally times[ENGINE_COUNT] = {{.at = NULL}};
	struct score sum = {.frames = 0};

	file_count = 0;
	collect("fixtures/sessions", kinds);
	qsort(files, file_count, sizeof *files, by_name);
	unsigned count = o->quick && file_count > 6 ? 6 : file_count;
	struct session *s = spread(o, "fixtures", count, sizeof *s, session_work, NULL);

	for (unsigned i = 0; i < count; i++)
		session_add(&sum, times, &s[i]);
	printf("\nframes of %u recorded sessions in which anybody reads a text that two agree on\n",
		count);
	score_heads("");
	score_row("reads", &sum);
	printf("%-32s", "texts of one alone");
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf(" %9u", sum.wrong[e]);
	printf("\n%-32s", "CPU ms, median of all frames");
	for (int e = 0; e < ENGINE_COUNT; e++) {
		printf(" %9.2f", tally_at(&times[e], 0.5));
		tally_done(&times[e]);
	}
	puts("");
	spread_done(s, count, sizeof *s);
}

/* ---- photographs ---- */

static const int photo_size[][2] = {{640, 480}, {1280, 720}, {1920, 1080}};

static void add_truth(struct frame *f, const uint8_t *text, size_t len)
{
	if (f->texts == SHOT_CODES_MAX || !len)
		return;
	struct frame_text *t = &f->text[f->texts++];

	t->len = len < SHOT_TEXT_MAX ? len : SHOT_TEXT_MAX;
	memcpy(t->bytes, text, t->len);
}

/* The .txt beside the picture: a text, or one for each code on lines of their own. The last line
 * end is not of the text.
 */
static void find_truth(struct frame *f, const char *path)
{
	char name[PATH_LEN + 4];
	size_t len, from = 0;

	snprintf(name, sizeof name, "%s", path);
	char *dot = strrchr(name, '.');

	if (!dot)
		return;
	snprintf(dot, 5, ".txt");
	uint8_t *text = file_bytes(name, &len);

	if (!text)
		return;
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	add_truth(f, text, len);
	for (size_t i = 0; i <= len; i++)
		if (i == len || text[i] == '\n') {
			size_t end = i && text[i - 1] == '\r' ? i - 1 : i;

			if (end - from < len)
				add_truth(f, text + from, end - from);
			from = i + 1;
		}
	free(text);
}

static void photo_work(const void *context, unsigned index, void *out)
{
	const struct bench_options *o = context;
	static struct picture_in p;
	static struct frame f;
	const char *path = files[index / 3].path;
	struct record *r = out;
	size_t len;
	uint8_t *bytes = file_bytes(path, &len);

	if (bytes && picture_in_read(&p, bytes, len)) {
		picture_in_fit(&f, &p, photo_size[index % 3][0], photo_size[index % 3][1]);
		find_truth(&f, path);
		record_fill(r, &f, ENGINES_ALL);
		r->at[0] = 1 + (f.texts == 0);
		r->large = index % 3 > 0;
		bool peer =
			r->read[ENGINE_ZBAR] || r->read[ENGINE_ZBAR_QR] || r->read[ENGINE_ZXING];

		if (o->misses && f.texts &&
			((!r->read[ENGINE_OURS] && peer) || r->wrong[ENGINE_OURS])) {
			char name[80];

			snprintf(name, sizeof name, "photo-%04u-%d", index / 3, f.width);
			frame_write(&f, o->misses, name);
		}
	}
	free(bytes);
}

void bench_photos(const struct bench_options *o)
{
	static const char *const kinds[] = {".jpg", ".jpeg", ".png", ".pgm", NULL};
	unsigned unknown = 0;

	file_count = 0;
	collect(o->photos, kinds);
	qsort(files, file_count, sizeof *files, by_name);
	if (o->misses)
		mkdir(o->misses, 0777);
	unsigned count = file_count * 3;
	struct record *r = spread(o, "photographs", count, sizeof *r, photo_work, o);

	printf("\nphotographs in %s: %u pictures, fitted to each size\n", o->photos, file_count);
	score_heads("size");
	for (unsigned size = 0; size < 3; size++) {
		struct score s = {.frames = 0};
		char what[24];

		for (unsigned i = size; i < count; i += 3)
			if (r[i].at[0] == 1)
				score_add(&s, &r[i]);
			else
				unknown += size == 0;
		snprintf(what, sizeof what, "%dx%d", photo_size[size][0], photo_size[size][1]);
		score_row(what, &s);
		printf("%-32s", "  wrong texts");
		for (int e = 0; e < ENGINE_COUNT; e++)
			printf(" %9u", s.wrong[e]);
		puts("");
	}
	printf("%u without a text beside them, or unreadable: not counted\n\n", unknown);
	print_times(r, count);
	puts("");
	print_steps(r, count);
	spread_done(r, count, sizeof *r);
}
