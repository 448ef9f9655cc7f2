/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/camera_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/camera_controls.h"
#include "scanner/devices.h"

#define DEV "/dev"
#define NAMES "/dev/v4l"
#define NODES_MAX 256 /* minor numbers that the kernel has for video */

struct listing {
	struct camera_settings none;
	struct camera_modes modes;
	struct camera_controls controls;
};

/* ---- parts of the object ---- */

/* Its link in /dev/v4l/by-id or by-path. */
static void put_link(struct json_out *w, const char *member, const char *names, const char *folder,
	dev_t device)
{
	char path[PATH_MAX];
	struct dirent *e;
	bool found = false;
	snprintf(path, sizeof path, "%s/%s", names, folder);
	DIR *dir = opendir(path);
	while (dir && !found && (e = readdir(dir))) {
		struct stat st;
		if (fstatat(dirfd(dir), e->d_name, &st, 0) || !S_ISCHR(st.st_mode))
			continue;
		found = st.st_rdev == device;
		if (found && snprintf(path, sizeof path, "%s/%s/%s", names, folder, e->d_name) <
				(int)sizeof path)
			json_out_text(w, member, path);
	}
	if (dir)
		closedir(dir);
}

static void put_rate(struct json_out *w, const char *name, const struct camera_mode *m)
{
	char text[32];
	int64_t rate = camera_mode_rate(m);
	if (rate % 1000 >= 10)
		snprintf(text, sizeof text, "%lld.%02lld", (long long)(rate / 1000),
			(long long)(rate % 1000 / 10));
	else
		snprintf(text, sizeof text, "%lld", (long long)(rate / 1000));
	size_t len = strlen(text);
	if (strchr(text, '.') && text[len - 1] == '0')
		text[len - 1] = '\0';
	json_out_text(w, name, text);
}

static void put_format_name(struct json_out *w, uint32_t fourcc)
{
	char four[CAMERA_FOURCC_TEXT];
	json_out_text(w, "format", camera_fourcc_text(four, fourcc));
}

/* The modes are in the order of formats, sizes, rates. */
static void put_format(struct json_out *w, const struct camera_modes *all, unsigned first)
{
	const struct camera_mode *m = &all->at[first];
	const struct camera_format *format = m->format;
	const struct camera_mode *end = all->at + all->count;
	json_out_begin(w, NULL);
	put_format_name(w, format->fourcc);
	json_out_bool(w, "read", true);
	json_out_array_begin(w, "sizes");
	while (m < end && m->format == format) {
		int width = m->width, height = m->height;
		json_out_begin(w, NULL);
		json_out_int(w, "width", width);
		json_out_int(w, "height", height);
		json_out_array_begin(w, "rates");
		for (; m < end && m->format == format && m->width == width && m->height == height;
			m++)
			if (m->interval_num)
				put_rate(w, NULL, m);
		json_out_array_end(w);
		json_out_end(w);
	}
	json_out_array_end(w);
	json_out_end(w);
}

static void put_other_formats(struct json_out *w, const struct camera *c)
{
	for (uint32_t i = 0; i < CAMERA_ENUM_MAX; i++) {
		struct v4l2_fmtdesc d;
		memset(&d, 0, sizeof d);
		d.index = i;
		d.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
		if (camera_ask(c->calls, c->fd, VIDIOC_ENUM_FMT, &d))
			return;
		if (camera_format_find(d.pixelformat) || d.flags & V4L2_FMT_FLAG_EMULATED)
			continue;
		json_out_begin(w, NULL);
		put_format_name(w, d.pixelformat);
		json_out_bool(w, "read", false);
		json_out_end(w);
	}
}

static void put_formats(struct json_out *w, const struct camera *c, const struct camera_modes *all)
{
	json_out_array_begin(w, "formats");
	for (unsigned i = 0; i < all->count; i++)
		if (i == 0 || all->at[i].format != all->at[i - 1].format)
			put_format(w, all, i);
	put_other_formats(w, c);
	json_out_array_end(w);
}

static void put_chosen(struct json_out *w, const struct camera_mode *m)
{
	json_out_begin(w, "chosen");
	put_format_name(w, m->format->fourcc);
	json_out_int(w, "width", m->width);
	json_out_int(w, "height", m->height);
	if (m->interval_num)
		put_rate(w, "rate", m);
	json_out_end(w);
}

static void put_control(struct json_out *w, const struct camera *c,
	const struct camera_control *control)
{
	static const char *const kinds[] = {
		[CAMERA_CONTROL_NUMBER] = "number",
		[CAMERA_CONTROL_SWITCH] = "switch",
		[CAMERA_CONTROL_MENU] = "menu",
		[CAMERA_CONTROL_BUTTON] = "button",
		[CAMERA_CONTROL_OTHER] = "other",
	};
	char entry[CAMERA_NAME_MAX];
	json_out_begin(w, NULL);
	json_out_text(w, "name", control->name);
	json_out_text(w, "kind", kinds[control->kind]);
	if (control->kind == CAMERA_CONTROL_NUMBER) {
		json_out_int(w, "min", control->min);
		json_out_int(w, "max", control->max);
		json_out_int(w, "step", control->step);
	}
	if (control->kind <= CAMERA_CONTROL_MENU) {
		json_out_int(w, "default", control->normal);
		json_out_int(w, "value", control->value);
	}
	if (control->kind == CAMERA_CONTROL_MENU) {
		json_out_array_begin(w, "entries");
		for (int32_t i = 0; i < CAMERA_MENU_MAX; i++) {
			if (!camera_control_entry(entry, c, control, i))
				continue;
			json_out_begin(w, NULL);
			json_out_int(w, "value", i);
			json_out_text(w, "name", entry);
			json_out_end(w);
		}
		json_out_array_end(w);
	}
	if (control->inactive)
		json_out_bool(w, "inactive", true);
	if (control->fixed)
		json_out_bool(w, "fixed", true);
	json_out_end(w);
}

/* ---- one camera ---- */

static enum camera_state state_of(enum err_code code)
{
	switch (code) {
	case ERR_PERMISSION:
		return CAMERA_FORBIDDEN;
	case ERR_BUSY:
		return CAMERA_BUSY;
	case ERR_UNSUPPORTED:
		return CAMERA_NO_CAMERA;
	default:
		return CAMERA_FAILED;
	}
}

static void put_state(struct json_out *w, enum camera_state state, const struct err *err)
{
	static const char *const words[] = {
		[CAMERA_USABLE] = "usable",
		[CAMERA_NO_CAMERA] = "none",
		[CAMERA_FORBIDDEN] = "forbidden",
		[CAMERA_BUSY] = "busy",
		[CAMERA_UNREADABLE] = "unreadable",
		[CAMERA_FAILED] = "failed",
	};
	json_out_text(w, "state", words[state]);
	if (state != CAMERA_USABLE)
		json_out_text(w, "why", err->text);
}

static void put_facts(struct json_out *w, const struct camera *c, struct listing *l)
{
	camera_controls_list(&l->controls, c);
	put_formats(w, c, &l->modes);
	json_out_array_begin(w, "controls");
	for (unsigned i = 0; i < l->controls.count; i++)
		put_control(w, c, &l->controls.at[i]);
	json_out_array_end(w);
}

/* An open camera. */
static enum camera_state put_camera(struct json_out *w, struct camera *c, struct listing *l)
{
	struct camera_identity identity;
	const struct camera_mode *best;
	struct err err = {.code = ERR_OK};
	enum camera_state state = CAMERA_USABLE;
	enum err_code code = camera_probe_device(&identity, c, &err);
	if (code)
		state = state_of(code);
	if (state == CAMERA_NO_CAMERA)
		return state;
	json_out_text(w, "name", identity.name);
	json_out_text(w, "driver", identity.driver);
	json_out_text(w, "bus", identity.bus);
	if (!code) {
		camera_probe_modes(&l->modes, c, &l->none);
		code = camera_mode_choose(&best, &l->modes, &l->none, &err);
		if (code)
			state = CAMERA_UNREADABLE;
		else
			put_chosen(w, best);
		put_facts(w, c, l);
	}
	if (!code && camera_is_free(c, &err))
		state = state_of(err.code) == CAMERA_BUSY ? CAMERA_BUSY : CAMERA_FAILED;
	put_state(w, state, &err);
	return state;
}

static enum camera_state put_device(struct json_out *w, struct camera *c, struct listing *l,
	int os_errno)
{
	struct err err = {.code = ERR_OK};
	if (c->fd >= 0 && c->calls->attach(c->fd) >= 0)
		return put_camera(w, c, l);
	enum camera_state state = state_of(camera_open_fault(c->path,
		c->fd >= 0 ? errno : os_errno, &err));
	if (state != CAMERA_NO_CAMERA)
		put_state(w, state, &err);
	return state;
}

enum camera_state camera_list_one(struct bytes *out, const struct camera_calls *calls,
	const char *path, const char *names, int fd, int os_errno)
{
	struct camera c = {.calls = calls, .fd = fd, .path = path, .held = -1};
	struct listing *l = calloc(1, sizeof *l);
	struct json_out w;
	struct stat st;
	enum camera_state state = CAMERA_NO_CAMERA;
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "kind", "camera");
	json_out_text(&w, "path", path);
	if (stat(path, &st) == 0 && S_ISCHR(st.st_mode)) {
		put_link(&w, "by_id", names, "by-id", st.st_rdev);
		put_link(&w, "by_path", names, "by-path", st.st_rdev);
	}
	if (l)
		state = put_device(&w, &c, l, os_errno);
	json_out_end(&w);
	if (fd >= 0)
		calls->close(fd);
	free(l);
	return state;
}

/* ---- all of them ---- */

static int compare(const void *a, const void *b)
{
	const int *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Numbers of /dev/videoN, in order. */
static unsigned find_nodes(int number[NODES_MAX])
{
	unsigned count = 0;
	struct dirent *e;
	DIR *dir = opendir(DEV);
	while (dir && count < NODES_MAX && (e = readdir(dir))) {
		char *end;
		if (strncmp(e->d_name, "video", 5) != 0 || e->d_name[5] < '0' || e->d_name[5] > '9')
			continue;
		long n = strtol(e->d_name + 5, &end, 10);
		if (!*end && n < 100000)
			number[count++] = (int)n;
	}
	if (dir)
		closedir(dir);
	qsort(number, count, sizeof number[0], compare);
	return count;
}

unsigned camera_list_print(void)
{
	int number[NODES_MAX];
	unsigned usable = 0, count = find_nodes(number);
	uint8_t *room = malloc(DEVICES_LINE_MAX);
	for (unsigned i = 0; room && i < count; i++) {
		char path[32];
		struct bytes line;
		bytes_init_fixed(&line, room, DEVICES_LINE_MAX);
		snprintf(path, sizeof path, DEV "/video%d", number[i]);
		int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		enum camera_state state = camera_list_one(&line, &camera_libv4l2, path, NAMES, fd,
			errno);
		if (state == CAMERA_NO_CAMERA || !devices_print(&line))
			continue;
		usable += state == CAMERA_USABLE;
	}
	free(room);
	return usable;
}
