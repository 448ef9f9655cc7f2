/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/typed_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text_safe.h"
#include "scanner/devices.h"
#include "scanner/typed_hid.h"

#define PATH_BYTES 512
#define NAME_BYTES 256 /* also of the keys of a keyboard: twelve words of 16 digits */
#define NODE_BYTES 32 /* "hidraw12" */
#define LINE_BYTES 4096

struct reader_list {
	const char *root;
	bool (*print)(const struct bytes *line);
	unsigned usable;
	bool stopped;
};

struct entry {
	char node[NODE_BYTES]; /* under /dev, without folder */
	char path[PATH_BYTES];
	char by_id[PATH_BYTES];
	char name[NAME_BYTES];
	const char *driver;
	const char *bus;
};

/* ---- the kernel's files ---- */

/* What is in a small file; -1 when there is none. */
static ssize_t slurp(const struct reader_list *l, void *out, size_t cap, const char *folder,
	const char *node, const char *file)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof path, "%s%s/%s/%s", l->root, folder, node, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, out, cap);
	if (fd >= 0)
		close(fd);
	return n;
}

/* Its first line; "" when there is none. */
static void line_of(const struct reader_list *l, char out[static NAME_BYTES], const char *folder,
	const char *node, const char *file)
{
	ssize_t n = slurp(l, out, NAME_BYTES - 1, folder, node, file);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static int compare(const void *a, const void *b)
{
	return strverscmp(a, b);
}

/* Names in a folder that begin with prefix, in order of their numbers. */
static unsigned nodes_of(const struct reader_list *l, char node[TYPED_LIST_MAX][NODE_BYTES],
	const char *folder, const char *prefix)
{
	char path[PATH_BYTES];
	unsigned count = 0;
	const struct dirent *e;
	snprintf(path, sizeof path, "%s%s", l->root, folder);
	DIR *d = opendir(path);
	while (d && count < TYPED_LIST_MAX && (e = readdir(d)))
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
			strlen(e->d_name) < NODE_BYTES)
			memcpy(node[count++], e->d_name, strlen(e->d_name) + 1);
	if (d)
		closedir(d);
	qsort(node, count, NODE_BYTES, compare);
	return count;
}

/* The link in `folder` that leads to the node. */
static void find_by_id(const struct reader_list *l, struct entry *out, const char *folder)
{
	char path[PATH_BYTES], to[PATH_BYTES];
	const struct dirent *e;
	snprintf(path, sizeof path, "%s%s", l->root, folder);
	DIR *d = opendir(path);
	while (d && !out->by_id[0] && (e = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, to, sizeof to - 1);
		if (n < 0)
			continue;
		to[n] = '\0';
		const char *last = strrchr(to, '/');
		if (strcmp(last ? last + 1 : to, out->node) == 0)
			snprintf(out->by_id, sizeof out->by_id, "%s/%.*s", folder, 255,
				e->d_name);
	}
	if (d)
		closedir(d);
}

/* ---- one device ---- */

static void put(struct reader_list *l, const struct entry *e)
{
	char path[2 * PATH_BYTES], source[PATH_BYTES + 16], safe[NAME_BYTES];
	uint8_t room[LINE_BYTES];
	struct bytes line;
	struct json_out w;
	snprintf(path, sizeof path, "%s%s", l->root, e->path);
	bool may = access(path, R_OK) == 0;
	snprintf(source, sizeof source, "reader:%s", e->by_id[0] ? e->by_id : e->path);
	text_safe(safe, sizeof safe, span_text(e->name));
	bytes_init_fixed(&line, room, sizeof room);
	json_out_init(&w, &line);
	json_out_begin(&w, NULL);
	json_out_text(&w, "kind", "reader");
	json_out_text(&w, "path", e->path);
	if (e->by_id[0])
		json_out_text(&w, "by_id", e->by_id);
	json_out_text(&w, "name", safe);
	json_out_text(&w, "driver", e->driver);
	json_out_text(&w, "bus", e->bus);
	json_out_text(&w, "source", source);
	json_out_text(&w, "state", may ? "usable" : "forbidden");
	if (!may)
		json_out_text(&w, "why", errno == ENOENT ? "its device file is not there"
			: "docs/readers.md has the rule that lets you");
	json_out_end(&w);
	l->usable += may;
	l->stopped = !l->print(&line);
}

/* ---- kinds ---- */

static const char *bus_of(unsigned bustype)
{
	return bustype == BUS_USB ? "usb" : bustype == BUS_BLUETOOTH ? "bluetooth" : "other";
}

/* "fffffffe 7f..." : words of the kernel's size, the highest first. */
static bool has_key(const char *words, unsigned key)
{
	const unsigned bits = 8 * (unsigned)sizeof(unsigned long);
	const char *end = words + strlen(words);
	for (unsigned skip = key / bits;; skip--) {
		while (end > words && end[-1] == ' ')
			end--;
		const char *word = end;
		while (word > words && word[-1] != ' ')
			word--;
		if (word == end)
			return false;
		if (skip == 0)
			return strtoul(word, NULL, 16) >> (key % bits) & 1;
		end = word;
	}
}

static bool types(const char *words)
{
	static const unsigned wanted[] = {KEY_1, KEY_0, KEY_A, KEY_Z, KEY_ENTER, KEY_LEFTSHIFT};
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (!has_key(words, wanted[i]))
			return false;
	return true;
}

static void keyboard(struct reader_list *l, struct entry *e)
{
	static const char folder[] = "/sys/class/input";
	char keys[NAME_BYTES], bus[NAME_BYTES];
	line_of(l, keys, folder, e->node, "device/capabilities/key");
	line_of(l, bus, folder, e->node, "device/id/bustype");
	unsigned bustype = (unsigned)strtoul(bus, NULL, 16);
	if (!types(keys) || bustype == BUS_I8042 || bustype == BUS_HOST)
		return;
	line_of(l, e->name, folder, e->node, "device/name");
	snprintf(e->path, sizeof e->path, "/dev/input/%s", e->node);
	e->driver = "keyboard";
	e->bus = bus_of(bustype);
	find_by_id(l, e, "/dev/input/by-id");
	put(l, e);
}

static void hid_name(const struct reader_list *l, struct entry *e)
{
	static const char key[] = "HID_NAME=";
	char text[LINE_BYTES];
	ssize_t n = slurp(l, text, sizeof text - 1, "/sys/class/hidraw", e->node, "device/uevent");
	text[n > 0 ? n : 0] = '\0';
	const char *at = strstr(text, key);
	if (at)
		snprintf(e->name, sizeof e->name, "%.*s", (int)strcspn(at + 9, "\n"), at + 9);
}

static void reports(struct reader_list *l, struct entry *e)
{
	static uint8_t descriptor[TYPED_HID_DESCRIPTOR_MAX];
	static struct typed_hid hid;
	ssize_t n = slurp(l, descriptor, sizeof descriptor, "/sys/class/hidraw", e->node,
		"device/report_descriptor");
	if (n < 1 || typed_hid_parse(&hid, SPAN(descriptor, (size_t)n), NULL) || hid.keyboard)
		return;
	hid_name(l, e);
	snprintf(e->path, sizeof e->path, "/dev/%s", e->node);
	e->driver = "hid-pos";
	e->bus = "usb";
	put(l, e);
}

static void serial(struct reader_list *l, struct entry *e)
{
	line_of(l, e->name, "/sys/class/tty", e->node, "device/../product");
	if (!e->name[0])
		line_of(l, e->name, "/sys/class/tty", e->node, "device/../../product");
	snprintf(e->path, sizeof e->path, "/dev/%s", e->node);
	e->driver = "serial";
	e->bus = "usb";
	find_by_id(l, e, "/dev/serial/by-id");
	put(l, e);
}

unsigned typed_list(const char *root, bool (*print)(const struct bytes *line))
{
	static const struct {
		const char *folder, *prefix;
		void (*take)(struct reader_list *l, struct entry *e);
	} kinds[] = {{"/sys/class/input", "event", keyboard},
		{"/sys/class/hidraw", "hidraw", reports},
		{"/sys/class/tty", "ttyACM", serial}, {"/sys/class/tty", "ttyUSB", serial}};
	struct reader_list l = {.root = root, .print = print};
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		char node[TYPED_LIST_MAX][NODE_BYTES];
		unsigned count = nodes_of(&l, node, kinds[k].folder, kinds[k].prefix);
		for (unsigned i = 0; i < count && !l.stopped; i++) {
			struct entry e = {.name = ""};
			memcpy(e.node, node[i], NODE_BYTES);
			kinds[k].take(&l, &e);
		}
	}
	return l.usable;
}

unsigned typed_list_print(void)
{
	return typed_list("", devices_print);
}
