/* SPDX-License-Identifier: Apache-2.0
 *
 * Does the camera give pictures, and is there light enough? The scanner is started as for a
 * verification, looks at some pictures, and is stopped again. What codes say is not looked at.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/check.h"
#include "ui/check_parts.h"
#include "ui/words.h"

#define DARK_MEAN 40     /* of 255 */
#define DARK_BRIGHTEST 90 /* what is darker than this has no white paper or screen in it */
#define BRIGHT_LEVEL 250
#define LEVELS 256

struct seen {
	int pictures;
	int codes;
	uint16_t width, height;
	int64_t first_ms, last_ms; /* of pictures, on the machine's clock */
	bool reader_lives;
	unsigned hints[SCAN_HINT_COUNT];
	bool light_known;
	enum check_light light;
	enum err_code fault_code;
	char fault[SCAN_FAULT_MAX];
};

/* The level that this share of the pixels is below, in hundredths. */
static int level_at(const unsigned histogram[static LEVELS], size_t count, unsigned hundredths)
{
	size_t below = 0;
	int level = 0;

	while (level < LEVELS - 1 && (below += histogram[level]) * 100 < count * hundredths)
		level++;
	return level;
}

enum check_light check_light_of(const uint8_t *grey, size_t count)
{
	unsigned histogram[LEVELS] = {0};
	uint64_t sum = 0;
	int low, high;

	if (count == 0)
		return CHECK_LIGHT_COVERED;
	for (size_t i = 0; i < count; i++) {
		histogram[grey[i]]++;
		sum += grey[i];
	}
	low = level_at(histogram, count, 1);
	high = level_at(histogram, count, 99);
	if (high - low <= 4)
		return CHECK_LIGHT_COVERED;
	if (sum / count < DARK_MEAN && high < DARK_BRIGHTEST)
		return CHECK_LIGHT_DARK;
	return level_at(histogram, count, 40) >= BRIGHT_LEVEL ? CHECK_LIGHT_BRIGHT
							       : CHECK_LIGHT_GOOD;
}

/* ---- looking ---- */

static void message_take(struct seen *s, const struct scan_msg *m)
{
	switch (m->kind) {
	case SCAN_MSG_HELLO:
		s->reader_lives = true;
		break;
	case SCAN_MSG_FRAME:
		s->reader_lives = true;
		s->codes += m->code_count;
		if (m->hint < SCAN_HINT_COUNT)
			s->hints[m->hint]++;
		if (m->width == 0)
			break;
		s->width = m->width;
		s->height = m->height;
		s->last_ms = clock_machine_ms();
		if (s->pictures++ == 0)
			s->first_ms = s->last_ms;
		break;
	case SCAN_MSG_FAULT:
		s->fault_code = m->code != 0 ? (enum err_code)m->code : ERR_IO;
		snprintf(s->fault, sizeof s->fault, "%s", m->fault);
		break;
	default:
		break;
	}
}

static void preview_take(struct seen *s, const struct scan_process *p)
{
	static struct scan_preview preview;

	if (!scan_process_preview(p, &preview))
		return;
	s->light_known = true;
	s->light = check_light_of(&preview.grey[0][0],
		(size_t)SCAN_PREVIEW_ROWS * SCAN_PREVIEW_COLUMNS);
}

/* Messages until there were pictures enough, the source has ended, or time is up. */
static void watch(struct seen *s, struct scan_process *p)
{
	int64_t end_ms = clock_machine_ms() + CHECK_CAMERA_MS;
	bool reader = scan_process_is_reader(p);
	static struct scan_msg msg;

	while (clock_machine_ms() < end_ms) {
		struct pollfd poll_fd = {.fd = scan_process_fd(p), .events = POLLIN};
		bool got = true;

		while (got && scan_process_next(p, &msg, &got, clock_machine_ms(), NULL) == ERR_OK)
			if (got)
				message_take(s, &msg);
		preview_take(s, p);
		if (got) /* it has ended, or said something that is no message */
			return;
		if ((s->pictures >= CHECK_PICTURES && s->light_known) ||
			(reader && s->reader_lives) || s->fault_code == ERR_NOT_FOUND ||
			s->fault_code == ERR_PERMISSION || s->fault_code == ERR_BUSY)
			return;
		ERR_IGNORE(poll(&poll_fd, 1, 50) < 0); /* a signal is as good as nothing to read */
	}
}

/* ---- telling ---- */

static void fault_tell(struct check *c, enum err_code code, bool reader, const char *detail)
{
	const char *words = words_scanner(code, reader);
	const char *todo = words_scanner_do(code, reader);

	check_tell(c, "camera", CHECK_FAULT,
		todo[0] != '\0' ? todo
				: _("`countersign devices` lists what there is; say which with "
				    "source = in [terminal]."),
		"%s: %s%s%s", c->source, words, words[0] != '\0' ? " " : "", detail);
}

static void pictures_tell(struct check *c, const struct seen *s)
{
	int64_t took_ms = s->last_ms - s->first_ms;

	if (s->pictures > 1 && took_ms > 0)
		check_tell(c, "camera", CHECK_GOOD, NULL,
			_("%s: %d x %d, %.1f pictures a second"), c->source, s->width, s->height,
			(double)(s->pictures - 1) * 1000.0 / (double)took_ms);
	else
		check_tell(c, "camera", CHECK_GOOD, NULL, _("%s: %d x %d"), c->source, s->width,
			s->height);
}

static void light_tell(struct check *c, const struct seen *s)
{
	const char *todo = _("Turn on a lamp beside the camera, not behind the customer.");

	if (!s->light_known)
		check_tell(c, "light", CHECK_UNUSED, NULL, "%s", _("there was no picture"));
	else if (s->light == CHECK_LIGHT_COVERED)
		check_tell(c, "light", CHECK_WARNING,
			_("Take off the lid or what lies on the camera."), "%s",
			_("the whole picture has one colour"));
	else if (s->light == CHECK_LIGHT_DARK)
		check_tell(c, "light", CHECK_WARNING, todo, "%s", _("the picture is dark"));
	else if (s->light == CHECK_LIGHT_BRIGHT)
		check_tell(c, "light", CHECK_WARNING,
			_("Turn the camera away from lamp and window."), "%s",
			_("most of the picture is white"));
	else
		check_tell(c, "light", CHECK_GOOD, NULL, "%s", _("light enough"));
}

static void told(struct check *c, const struct seen *s, const struct scan_process *p)
{
	bool reader = scan_process_is_reader(p);

	if (s->pictures > 0) {
		pictures_tell(c, s);
		light_tell(c, s);
	} else if (reader && s->reader_lives && s->fault[0] == '\0') {
		check_tell(c, "camera", CHECK_GOOD, NULL,
			_("%s: a hand-held reader; scan any code to try it"), c->source);
		check_tell(c, "light", CHECK_UNUSED, NULL, "%s", _("a reader brings its own"));
	} else {
		fault_tell(c, s->fault_code, reader,
			s->fault[0] != '\0' ? s->fault : _("it gives no pictures"));
		light_tell(c, s);
	}
}

void check_camera(struct check *c)
{
	struct scan_process *p = NULL;
	struct seen s = {.pictures = 0};
	struct err err = {0};
	const struct scan_options opt = {
		.source = c->source,
		.camera = c->settings_there && c->settings.camera[0] != '\0' ? c->settings.camera
									      : NULL,
		.loop = true,
	};

	if (scan_process_new(&p, &opt, &err) != ERR_OK) {
		fault_tell(c, err.code, false, err.text);
		check_tell(c, "light", CHECK_UNUSED, NULL, "%s", _("there was no picture"));
		return;
	}
	scan_process_command(p, SCAN_CMD_PREVIEW, 1);
	watch(&s, p);
	told(c, &s, p);
	scan_process_free(&p);
}
