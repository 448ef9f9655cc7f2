/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/engine.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/decode.h"
#include "tests/bench/measure.h"

const char *const engine_words[ENGINE_COUNT] = {
#define ENGINE_WORD(name, word, what) word,
	ENGINE_LIST(ENGINE_WORD)
#undef ENGINE_WORD
};
const char *const engine_means[ENGINE_COUNT] = {
#define ENGINE_MEANS(name, word, what) what,
	ENGINE_LIST(ENGINE_MEANS)
#undef ENGINE_MEANS
};

struct ours_steps ours_steps;

static struct scan_decoder video;

void reading_add(struct reading *out, const char *text, size_t len)
{
	if (out->count == READING_TEXTS_MAX)
		return;
	struct frame_text *t = &out->text[out->count++];

	t->len = len < SHOT_TEXT_MAX ? len : SHOT_TEXT_MAX;
	memcpy(t->bytes, text, t->len);
}

static void look(struct scan_decoder *d, struct reading *out, const struct frame *f, bool thorough)
{
	struct scan_grey g = {.pixels = f->grey, .width = f->width, .height = f->height};
	static struct scan_found found;

	g.cap = (size_t)f->width * (size_t)f->height;
	scan_decoder_begin(d, &found);
	while (scan_decoder_pass(d, &found, &g, thorough))
		;
	for (unsigned i = 0; i < found.count; i++)
		reading_add(out, found.codes[i].text, found.codes[i].text_len);
}

static double now_us(void)
{
	return measure_thread_cpu() * 1e6;
}

unsigned ours_step_count(void)
{
	_Static_assert(STEP_COUNT <= OURS_STEPS_MAX, "room for each step");
	return STEP_COUNT;
}

const char *ours_step_word(unsigned step)
{
	return scan_step_words[step];
}

const char *ours_step_means(unsigned step)
{
	return scan_step_means[step];
}

/* A terminal makes one decoder for all its frames, so the making is not counted. */
double ours_read(struct reading *out, const struct frame *f, bool thorough)
{
	struct scan_decoder d;

	scan_decoder_init(&d);
	double from = now_us();

	look(&d, out, f, thorough);
	double used = now_us() - from;

	for (unsigned i = 0; i < STEP_COUNT; i++)
		ours_steps.step[i] = (struct ours_step){.ran = d.count[i].runs > 0,
			.read = d.count[i].reads > 0,
			.ms = (float)d.count[i].cpu_us / 1000};
	scan_decoder_done(&d);
	return used;
}

double engine_read(enum engine e, struct reading *out, const struct frame *f)
{
	double from = now_us();

	out->count = 0;
	switch (e) {
	case ENGINE_OURS:
	case ENGINE_VIDEO:
		return ours_read(out, f, e == ENGINE_OURS);
	case ENGINE_ZBAR:
	case ENGINE_ZBAR_QR:
		peer_zbar_read(out, f, e == ENGINE_ZBAR_QR);
		break;
	case ENGINE_ZXING:
		peer_zxing_read(out, f);
		break;
	case ENGINE_COUNT:
		break;
	}
	return now_us() - from;
}

double engine_read_limited(enum engine e, struct reading *out, const struct frame *f)
{
	static const struct rlimit limit = {ENGINE_LIMIT_S, ENGINE_LIMIT_S};
	double us = ENGINE_LIMIT_S * 1e6;
	int ends[2];

	out->count = 0;
	if (pipe(ends))
		return us;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CPU, &limit);
		us = engine_read(e, out, f);
		bool told = write(ends[1], &us, sizeof us) == sizeof us &&
			    write(ends[1], out, sizeof *out) == sizeof *out;
		_exit(!told);
	}
	close(ends[1]);
	if (read(ends[0], &us, sizeof us) == sizeof us) {
		char *at = (char *)out;
		size_t have = 0;

		for (ssize_t n = 1; n > 0 && have < sizeof *out; have += (size_t)n)
			n = read(ends[0], at + have, sizeof *out - have);
	}
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return us;
}

void video_start(void)
{
	scan_decoder_init(&video);
}

double video_read(struct reading *out, const struct frame *f)
{
	double from = now_us();

	out->count = 0;
	look(&video, out, f, false);
	return now_us() - from;
}

void video_stop(void)
{
	scan_decoder_done(&video);
}
