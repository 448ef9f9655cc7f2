/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/camera_controls.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POSSIBLE_MAX 120 /* bytes of a list in a note */

void camera_note(struct camera_notes *n, const char *fmt, ...)
{
	va_list args;
	if (n->count == CAMERA_NOTES_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(n->text[n->count++], SCAN_FAULT_MAX, fmt, args);
	va_end(args);
}

/* ---- names ---- */

void camera_control_name(char *out, size_t cap, const char *words, size_t len)
{
	size_t n = 0;
	bool gap = false;
	for (size_t i = 0; i < len && words[i]; i++) {
		char c = words[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
			gap = n > 0;
			continue;
		}
		if (n + 2 + gap > cap)
			break;
		if (gap)
			out[n++] = '_';
		gap = false;
		out[n++] = c;
	}
	out[n] = '\0';
}

/* Names before and after Linux 5.19, which made the drivers' words the same as the standard's. */
static uint32_t id_of_other_name(const char *name)
{
	static const struct {
		const char *name;
		uint32_t id;
	} names[] = {
		{"exposure_auto", V4L2_CID_EXPOSURE_AUTO},
		{"auto_exposure", V4L2_CID_EXPOSURE_AUTO},
		{"exposure_absolute", V4L2_CID_EXPOSURE_ABSOLUTE},
		{"exposure_time_absolute", V4L2_CID_EXPOSURE_ABSOLUTE},
		{"exposure_auto_priority", V4L2_CID_EXPOSURE_AUTO_PRIORITY},
		{"exposure_dynamic_framerate", V4L2_CID_EXPOSURE_AUTO_PRIORITY},
		{"focus_auto", V4L2_CID_FOCUS_AUTO},
		{"focus_automatic_continuous", V4L2_CID_FOCUS_AUTO},
		{"white_balance_temperature_auto", V4L2_CID_AUTO_WHITE_BALANCE},
		{"white_balance_automatic", V4L2_CID_AUTO_WHITE_BALANCE},
		{"gain_auto", V4L2_CID_AUTOGAIN},
		{"gain_automatic", V4L2_CID_AUTOGAIN},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].id;
	return 0;
}

static const struct camera_control *find(const struct camera_controls *all, const char *name)
{
	uint32_t id = id_of_other_name(name);
	for (unsigned i = 0; i < all->count; i++)
		if (strcmp(all->at[i].name, name) == 0)
			return &all->at[i];
	for (unsigned i = 0; id && i < all->count; i++)
		if (all->at[i].id == id)
			return &all->at[i];
	return NULL;
}

/* ---- what there is ---- */

static enum camera_control_kind kind_of(uint32_t type)
{
	switch (type) {
	case V4L2_CTRL_TYPE_INTEGER:
		return CAMERA_CONTROL_NUMBER;
	case V4L2_CTRL_TYPE_BOOLEAN:
		return CAMERA_CONTROL_SWITCH;
	case V4L2_CTRL_TYPE_MENU:
	case V4L2_CTRL_TYPE_INTEGER_MENU:
		return CAMERA_CONTROL_MENU;
	case V4L2_CTRL_TYPE_BUTTON:
		return CAMERA_CONTROL_BUTTON;
	default:
		return CAMERA_CONTROL_OTHER;
	}
}

static void add_control(struct camera_controls *out, const struct camera *c,
	const struct v4l2_queryctrl *q)
{
	struct camera_control *to = &out->at[out->count];
	struct v4l2_control value = {.id = q->id};
	memset(to, 0, sizeof *to);
	to->id = q->id;
	to->kind = kind_of(q->type);
	to->number_menu = q->type == V4L2_CTRL_TYPE_INTEGER_MENU;
	camera_control_name(to->name, sizeof to->name, (const char *)q->name, sizeof q->name);
	if (!to->name[0])
		return;
	to->min = q->minimum;
	to->max = q->maximum;
	to->step = q->step > 0 ? q->step : 1;
	to->normal = q->default_value;
	to->fixed = q->flags & (V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_GRABBED);
	to->inactive = q->flags & V4L2_CTRL_FLAG_INACTIVE;
	if (!(q->flags & V4L2_CTRL_FLAG_WRITE_ONLY) && to->kind != CAMERA_CONTROL_BUTTON &&
		!camera_ask(c->calls, c->fd, VIDIOC_G_CTRL, &value))
		to->value = value.value;
	out->count++;
}

void camera_controls_list(struct camera_controls *out, const struct camera *c)
{
	uint32_t id = 0;
	out->count = 0;
	for (int i = 0; i < 4 * CAMERA_CONTROLS_LIST_MAX; i++) {
		struct v4l2_queryctrl q;
		memset(&q, 0, sizeof q);
		q.id = id | V4L2_CTRL_FLAG_NEXT_CTRL;
		if (camera_ask(c->calls, c->fd, VIDIOC_QUERYCTRL, &q) || q.id <= id)
			return;
		id = q.id;
		if (q.type != V4L2_CTRL_TYPE_CTRL_CLASS && !(q.flags & V4L2_CTRL_FLAG_DISABLED) &&
			out->count < CAMERA_CONTROLS_LIST_MAX)
			add_control(out, c, &q);
	}
}

bool camera_control_entry(char out[static CAMERA_NAME_MAX], const struct camera *c,
	const struct camera_control *control, int32_t index)
{
	struct v4l2_querymenu m;
	memset(&m, 0, sizeof m);
	m.id = control->id;
	m.index = (uint32_t)index;
	if (index < control->min || index > control->max || index < 0 ||
		camera_ask(c->calls, c->fd, VIDIOC_QUERYMENU, &m))
		return false;
	if (control->number_menu)
		snprintf(out, CAMERA_NAME_MAX, "%lld", (long long)m.value);
	else
		camera_control_name(out, CAMERA_NAME_MAX, (const char *)m.name, sizeof m.name);
	return true;
}

/* ---- values ---- */

static bool parse_number(const char *text, int32_t *out)
{
	char *end;
	errno = 0;
	long long v = strtoll(text, &end, 0);
	if (end == text || *end || errno || v < INT32_MIN || v > INT32_MAX)
		return false;
	*out = (int32_t)v;
	return true;
}

static bool parse_switch(const char *text, int32_t *out)
{
	static const char *const words[2][5] = {
		{"0", "off", "no", "false", "manual"}, {"1", "on", "yes", "true", "auto"}};
	for (int v = 0; v < 2; v++) {
		for (unsigned i = 0; i < 5; i++) {
			if (strcmp(words[v][i], text) == 0) {
				*out = v;
				return true;
			}
		}
	}
	return false;
}

/* Without the gaps: "50hz" is "50_hz". */
static void squeeze(char *out, const char *in)
{
	while (*in) {
		if (*in != '_' && *in != '-' && *in != '.')
			*out++ = *in;
		in++;
	}
	*out = '\0';
}

/* What people call entries that have other names. UVC cameras call their automatic exposure
 * "aperture priority": the aperture is fixed anyway.
 */
static const char *other_word(const struct camera_control *control, const char *word)
{
	if (control->id == V4L2_CID_POWER_LINE_FREQUENCY && strcmp(word, "off") == 0)
		return "disabled";
	if (control->id == V4L2_CID_EXPOSURE_AUTO && strcmp(word, "auto") == 0)
		return "aperturepriority";
	return word;
}

/* The entry of that name, else the only one that begins so; a number counts as an index. */
static bool parse_entry(const struct camera *c, const struct camera_control *control,
	const char *text, int32_t *out)
{
	char word[CAMERA_VALUE_MAX], entry[CAMERA_NAME_MAX], squeezed[CAMERA_NAME_MAX];
	const char *tries[2];
	squeeze(word, text);
	tries[0] = word;
	tries[1] = other_word(control, word);
	for (unsigned t = 0; t < 2; t++) {
		unsigned begin_so = 0;
		for (int32_t i = 0; i < CAMERA_MENU_MAX; i++) {
			if (!camera_control_entry(entry, c, control, i))
				continue;
			squeeze(squeezed, entry);
			if (strcmp(squeezed, tries[t]) == 0) {
				*out = i;
				return true;
			}
			if (strncmp(squeezed, tries[t], strlen(tries[t])) == 0 && begin_so++ == 0)
				*out = i;
		}
		if (begin_so == 1)
			return true;
	}
	return !control->number_menu && parse_number(text, out) &&
		camera_control_entry(entry, c, control, *out);
}

static bool parse_value(const struct camera *c, const struct camera_control *control,
	const char *text, int32_t *out)
{
	switch (control->kind) {
	case CAMERA_CONTROL_NUMBER:
		return parse_number(text, out) && *out >= control->min && *out <= control->max &&
			((int64_t)*out - control->min) % control->step == 0;
	case CAMERA_CONTROL_SWITCH:
		return parse_switch(text, out);
	case CAMERA_CONTROL_MENU:
		return parse_entry(c, control, text, out);
	case CAMERA_CONTROL_BUTTON:
		*out = 1;
		return true;
	case CAMERA_CONTROL_OTHER:
		break;
	}
	return false;
}

/* ---- words ---- */

struct list {
	char text[POSSIBLE_MAX];
	size_t len;
	bool full;
};

static void list_add(struct list *l, const char *word)
{
	size_t n = strlen(word), gap = l->len ? 2 : 0;
	if (l->full)
		return;
	if (l->len + gap + n + 6 > sizeof l->text) {
		l->full = true;
		memcpy(l->text + l->len, ", ...", 6);
		return;
	}
	memcpy(l->text + l->len, ", ", gap);
	memcpy(l->text + l->len + gap, word, n + 1);
	l->len += gap + n;
}

static void possible_values(struct list *l, const struct camera *c,
	const struct camera_control *control)
{
	char entry[CAMERA_NAME_MAX];
	*l = (struct list){.len = 0};
	if (control->kind == CAMERA_CONTROL_SWITCH) {
		list_add(l, "on or off");
	} else if (control->kind == CAMERA_CONTROL_MENU) {
		for (int32_t i = 0; i < CAMERA_MENU_MAX; i++)
			if (camera_control_entry(entry, c, control, i))
				list_add(l, entry);
	} else if (control->kind == CAMERA_CONTROL_NUMBER) {
		int n = snprintf(l->text, sizeof l->text, "%d to %d", control->min, control->max);
		if (control->step > 1)
			snprintf(l->text + n, sizeof l->text - (size_t)n, " in steps of %d",
				control->step);
	} else {
		list_add(l, "it cannot be set here");
	}
}

static void note_unknown(struct camera_notes *notes, const struct camera *c,
	const struct camera_controls *all, const char *name)
{
	struct list l = {.len = 0};
	for (unsigned i = 0; i < all->count; i++)
		list_add(&l, all->at[i].name);
	camera_note(notes, "%s: the camera has no control %s; it has %s", c->path, name,
		l.len ? l.text : "none");
}

/* ---- setting ---- */

static void set_one(const struct camera *c, const struct camera_control *control,
	const struct camera_control_setting *s, struct camera_notes *notes)
{
	struct list l;
	int32_t v;
	if (!parse_value(c, control, s->value, &v)) {
		possible_values(&l, c, control);
		camera_note(notes, "%s: %s=%s cannot be: %s", c->path, s->name, s->value, l.text);
		return;
	}
	struct v4l2_control set = {.id = control->id, .value = v};
	int e = control->fixed ? EACCES : camera_ask(c->calls, c->fd, VIDIOC_S_CTRL, &set);
	if (e)
		camera_note(notes, "%s: %s=%s was refused by the camera: %s", c->path, s->name,
			s->value, strerror(e));
	else if (set.value != v && control->kind != CAMERA_CONTROL_BUTTON)
		camera_note(notes, "%s: the camera made %s=%d of %s=%s", c->path, s->name,
			set.value, s->name, s->value);
	else if (control->inactive)
		camera_note(notes, "%s: %s=%s has no effect while an automatic of the camera is "
			"on; switch it off, too", c->path, s->name, s->value);
}

static void set_all(const struct camera *c, const struct camera_controls *all,
	const struct camera_settings *want, bool numbers, struct camera_notes *notes)
{
	for (unsigned i = 0; i < want->count; i++) {
		const struct camera_control *control = find(all, want->control[i].name);
		bool is_number = control && control->kind == CAMERA_CONTROL_NUMBER;
		if (control && is_number == numbers)
			set_one(c, control, &want->control[i], notes);
		else if (!control && !numbers)
			note_unknown(notes, c, all, want->control[i].name);
	}
}

void camera_controls_set(const struct camera *c, const struct camera_settings *want,
	struct camera_notes *notes)
{
	struct camera_controls *all = want->count ? malloc(sizeof *all) : NULL;
	if (!all)
		return; /* nothing to set; or no memory, and then the pictures have none either */
	camera_controls_list(all, c);
	set_all(c, all, want, false, notes);
	camera_controls_list(all, c); /* what has an effect changes with the automatics */
	set_all(c, all, want, true, notes);
	free(all);
}
