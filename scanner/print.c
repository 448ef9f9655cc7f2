/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner by hand: `countersign-scanner --print SOURCE`.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/json.h"
#include "scanner/child.h"
#include "scanner/examine.h"

#define LINE_BYTES 4096
#define WAIT_MS 500

struct summary {
	uint32_t frames, codes, unreadable, damaged;
	uint64_t cpu_us, dropped;
	enum scan_hint hint; /* of the last frame */
	bool bad_run;        /* frames of a video could not be read, and that was told */
};

static void put_line(struct bytes *line)
{
	bytes_add_u8(line, '\n');
	if (!line->full) /* a fault is seen by ferror() at the end */
		(void)fwrite(line->data, 1, line->len, stdout);
}

static void print_code(uint32_t frame, const struct scan_code *c)
{
	uint8_t room[LINE_BYTES];
	struct bytes line;
	struct json_out w;
	bytes_init_fixed(&line, room, sizeof room);
	json_out_init(&w, &line);
	json_out_begin(&w, NULL);
	json_out_int(&w, "frame", frame);
	json_out_text(&w, "symbology", scan_symbology_word(c->symbology));
	json_out_span(&w, "text", SPAN(c->text, c->text_len));
	json_out_bool(&w, "cut", c->cut);
	json_out_array_begin(&w, "corners");
	for (int i = 0; i < 4; i++) {
		json_out_int(&w, NULL, c->corner[i][0]);
		json_out_int(&w, NULL, c->corner[i][1]);
	}
	json_out_array_end(&w);
	json_out_end(&w);
	put_line(&line);
}

static void print_hint(uint32_t frame, enum scan_hint hint)
{
	uint8_t room[LINE_BYTES];
	struct bytes line;
	struct json_out w;
	bytes_init_fixed(&line, room, sizeof room);
	json_out_init(&w, &line);
	json_out_begin(&w, NULL);
	json_out_int(&w, "frame", frame);
	json_out_text(&w, "hint", scan_hint_word(hint));
	json_out_end(&w);
	put_line(&line);
}

static void print_summary(const struct summary *s)
{
	uint8_t room[LINE_BYTES];
	struct bytes line;
	struct json_out w;
	struct rusage use = {.ru_maxrss = 0};
	getrusage(RUSAGE_SELF, &use);
	bytes_init_fixed(&line, room, sizeof room);
	json_out_init(&w, &line);
	json_out_begin(&w, NULL);
	json_out_int(&w, "frames", s->frames);
	json_out_int(&w, "codes", s->codes);
	json_out_int(&w, "damaged", s->damaged);
	json_out_int(&w, "unreadable", s->unreadable);
	json_out_int(&w, "dropped", (int64_t)s->dropped); /* by a camera, or for a newer one */
	json_out_int(&w, "cpu_us_per_frame", s->frames ? (int64_t)(s->cpu_us / s->frames) : 0);
	json_out_int(&w, "rss_max_kib", use.ru_maxrss);
	json_out_end(&w);
	put_line(&line);
}

static void say(const char *what, uint32_t frame, const struct err *err)
{
	fprintf(stderr, "countersign-scanner: %s %u: %s\n", what, frame, err->text);
}

/* Of pictures each is told; of a video's frames the first and the end of such a run. */
static void tell_bad(struct summary *s, const struct scan_source *source, const char *what,
	const struct err *err)
{
	if (source->pictures || !s->bad_run)
		say(what, s->frames, err);
	s->bad_run = !source->pictures;
}

static void tell_good(struct summary *s)
{
	if (s->bad_run)
		fprintf(stderr, "countersign-scanner: from frame %u on they can be read again\n",
			s->frames);
	s->bad_run = false;
}

static void on_frame(struct summary *s, struct scan_examiner *e, struct scan_source *source,
	const struct scan_frame *f, bool quiet)
{
	struct scan_examined seen;
	struct err err;
	enum err_code code = scan_examine(e, &seen, f, source->pictures, &err);
	s->unreadable += code != ERR_OK;
	s->damaged += !code && seen.damaged;
	if (source->ops->judge)
		source->ops->judge(source, !code);
	if (code)
		tell_bad(s, source, "unreadable frame", &err);
	else if (seen.damaged)
		tell_bad(s, source, "damaged frame", &err);
	else
		tell_good(s);
	for (unsigned i = 0; i < seen.found.count && !quiet; i++)
		print_code(s->frames, &seen.found.codes[i]);
	/* Of a picture by itself always, in video where it changes. */
	bool news = source->pictures ? seen.hint != SCAN_HINT_NONE : seen.hint != s->hint;
	if (news && !quiet)
		print_hint(s->frames, seen.hint);
	s->hint = seen.hint;
	s->codes += seen.found.count;
	s->cpu_us += seen.cpu_us;
	s->frames++;
}

static int wait_ms(const struct scan_source *source)
{
	struct clock clock;
	if (!source->ops->due_ms)
		return WAIT_MS;
	clock_init_real(&clock);
	int64_t left = source->ops->due_ms(source) - clock_mono_ms(&clock);
	return left < 0 ? 0 : left < WAIT_MS ? (int)left : WAIT_MS;
}

static bool run(struct summary *s, struct scan_source *source, struct scan_examiner *e,
	const struct child_options *opt)
{
	while (!opt->frames || s->frames < opt->frames) {
		struct scan_frame f;
		struct err err;
		struct pollfd p = {.fd = source->ops->fd ? source->ops->fd(source) : -1,
			.events = POLLIN};
		switch (source->ops->next(source, &f, &err)) {
		case SOURCE_FRAME:
			on_frame(s, e, source, &f, opt->quiet);
			break;
		case SOURCE_BAD:
			tell_bad(s, source, "unreadable frame", &err);
			s->frames++;
			s->unreadable++;
			break;
		case SOURCE_NOTE:
			say("before frame", s->frames, &err);
			break;
		case SOURCE_WAIT:
			if (p.fd >= 0)
				(void)poll(&p, 1, wait_ms(source)); /* in any case look again */
			break;
		case SOURCE_END:
			return true;
		case SOURCE_FAILED:
			say("ended at frame", s->frames, &err);
			return false;
		}
	}
	return true;
}

/* Looks at what is open and at nothing else, as under the terminal. */
static enum err_code confine(const struct child_options *opt, const struct scan_source *source,
	struct err *err)
{
	struct scan_confine needs = child_needs(opt, source);
	needs.writes = true; /* standard output may be a file */
	enum err_code code = scan_confine_start(err);
	return code ? code : scan_confine_open(&needs, err);
}

int child_print(const struct child_options *opt)
{
	struct scan_source_options so = {.path = opt->source,
		.reader = opt->reader,
		.camera = opt->camera};
	struct scan_source *source;
	struct scan_examiner examiner;
	struct summary s = {.frames = 0};
	struct err err;
	if (scan_source_open(&source, &so, &err)) {
		fprintf(stderr, "countersign-scanner: %s\n", err.text);
		return 3;
	}
	scan_examiner_init(&examiner);
	if ((opt->all_symbologies && scan_symbologies_load(&examiner.symbologies, &err)) ||
		confine(opt, source, &err)) {
		fprintf(stderr, "countersign-scanner: %s\n", err.text);
		scan_source_close(&source);
		return 3;
	}
	if (source->class != SOURCE_FILE) /* what is in view is told while it is */
		(void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (opt->budget_ms)
		examiner.decoder.budget_ms = opt->budget_ms;
	bool good = run(&s, source, &examiner, opt), times_bad = source->times_bad;
	scan_examiner_done(&examiner);
	s.dropped = source->dropped;
	scan_source_close(&source);
	print_summary(&s);
	if (fflush(stdout) || ferror(stdout)) {
		fputs("countersign-scanner: cannot write to standard output\n", stderr);
		return 3;
	}
	if (times_bad)
		return 3;
	return good && s.codes ? 0 : 1;
}
