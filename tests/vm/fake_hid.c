/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_hid pos|keyboard <LINES
 *
 * A hand-held reader on the bus, made by uhid: each line of standard input is a code. pos: reports
 * of the HID Point of Sale usages, as QR codes; keyboard: the reports of a boot keyboard, with
 * Enter. The reader is unplugged when this ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/uhid.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/reader_kit.h"
#include "tests/vm/feed.h"

static int uhid = -1;

static void put(const struct uhid_event *e)
{
	if (write(uhid, e, sizeof *e) < 0)
		die("/dev/uhid: %s", strerror(errno));
}

static void plug_in(const uint8_t *descriptor, size_t len)
{
	static struct uhid_event e;
	e.type = UHID_CREATE2;
	memcpy(e.u.create2.name, "Reader of the counter", sizeof "Reader of the counter");
	memcpy(e.u.create2.rd_data, descriptor, len);
	e.u.create2.rd_size = (uint16_t)len;
	e.u.create2.bus = BUS_USB;
	e.u.create2.vendor = 0x1234;
	e.u.create2.product = 2;
	put(&e);
}

static void report(const uint8_t *data, size_t len)
{
	static struct uhid_event e;
	e.type = UHID_INPUT2;
	memcpy(e.u.input2.data, data, len);
	e.u.input2.size = (uint16_t)len;
	put(&e);
}

static void send_code(const char *text)
{
	uint8_t r[READER_REPORT_LEN];
	size_t len = strlen(text);
	do {
		size_t n = len < READER_REPORT_DATA ? len : READER_REPORT_DATA;
		reader_report(r, "]Q1", text, n, len > n);
		report(r, sizeof r);
		text += n;
		len -= n;
	} while (len);
}

/* HID usages of what we type; Device Class Definition, keyboard page. */
static uint8_t usage_of(char c, bool *shift)
{
	static const char plain[] = "-=[]\\\1;'`,./", shifted[] = "_+{}|\1:\"~<>?";
	const char *at;
	*shift = c >= 'A' && c <= 'Z';
	if (*shift)
		return (uint8_t)(4 + c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(4 + c - 'a');
	if (c >= '1' && c <= '9')
		return (uint8_t)(0x1e + c - '1');
	if (c == '0')
		return 0x27;
	if (c == ' ')
		return 0x2c;
	if (c == '\n')
		return 0x28;
	if ((at = strchr(plain, c)))
		return (uint8_t)(0x2d + (at - plain));
	*shift = true;
	if ((at = strchr(shifted, c)))
		return (uint8_t)(0x2d + (at - shifted));
	die("no key for '%c'", c);
}

/* As often as a keyboard is asked over USB. */
static void type(const char *text)
{
	const struct timespec pause = {.tv_nsec = 8000000};
	uint8_t r[8];
	for (;; text++) {
		bool shift;
		memset(r, 0, sizeof r);
		r[2] = usage_of(*text ? *text : '\n', &shift);
		r[0] = shift ? 2 : 0;
		report(r, sizeof r);
		nanosleep(&pause, NULL);
		memset(r, 0, sizeof r);
		report(r, sizeof r);
		nanosleep(&pause, NULL);
		if (!*text)
			return;
	}
}

int main(int argc, char **argv)
{
	char line[HEAD_MAX];
	bool pos = argc == 2 && strcmp(argv[1], "pos") == 0;
	if (!pos && !(argc == 2 && strcmp(argv[1], "keyboard") == 0))
		die("pos or keyboard?");
	uhid = open("/dev/uhid", O_RDWR | O_CLOEXEC);
	if (uhid < 0)
		die("/dev/uhid: %s", strerror(errno));
	if (pos)
		plug_in(reader_descriptor, sizeof reader_descriptor);
	else
		plug_in(keyboard_descriptor, sizeof keyboard_descriptor);
	while (feed_line(line, stdin)) {
		if (pos)
			send_code(line);
		else
			type(line);
	}
	return 0;
}
