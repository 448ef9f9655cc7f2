/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of hand-held readers, from a /sys and a /dev of the test's own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/typed_list.h"
#include "tests/lib/folder.h"
#include "tests/lib/reader_kit.h"

static const char *const root = folder_path;
static char printed[8][1024];
static unsigned count;

/* Of a keyboard that a reader says it is, and of a power button. */
#define KEYS_ALL "e080ffdf01cfffff fffffffffffffffe"
#define KEYS_POWER "8000 10000000000000 0"

static int set_up(void **state)
{
	count = 0;
	return folder_set_up(state);
}

static void path_of(char out[static 512], const char *path)
{
	snprintf(out, 512, "%s%s", root, path);
	for (char *p = out + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(out, 0700) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void file(const char *path, const void *data, size_t len)
{
	char name[512];
	path_of(name, path);
	FILE *f = fopen(name, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
}

static void text(const char *path, const char *words)
{
	file(path, words, strlen(words));
}

#define KEYS_MORE "ffffffffffffffff "

static void link_to(const char *path, const char *to)
{
	char name[512];
	path_of(name, path);
	assert_int_equal(symlink(to, name), 0);
}

static void input(unsigned n, const char *name, const char *bus, const char *keys)
{
	char path[128];
	snprintf(path, sizeof path, "/sys/class/input/event%u/device/name", n);
	text(path, name);
	snprintf(path, sizeof path, "/sys/class/input/event%u/device/id/bustype", n);
	text(path, bus);
	snprintf(path, sizeof path, "/sys/class/input/event%u/device/capabilities/key", n);
	text(path, keys);
	snprintf(path, sizeof path, "/dev/input/event%u", n);
	text(path, "");
}

static bool keep(const struct bytes *line)
{
	assert_false(line->full);
	assert_true(count < 8 && line->len < sizeof printed[0]);
	memcpy(printed[count], line->data, line->len);
	printed[count++][line->len] = '\0';
	return true;
}

static void lists_what_types_and_is_plugged_in(void **state)
{
	(void)state;
	input(0, "AT keyboard\n", "0011\n", KEYS_ALL "\n");
	input(1, "Power Button\n", "0019\n", KEYS_POWER "\n");
	input(10, "Acme Imager\n", "0003\n", KEYS_ALL "\n");
	/* Every key that there is: the longest line. */
	input(9, "Cordless\x01\n", "0005\n", KEYS_MORE KEYS_MORE KEYS_MORE KEYS_MORE KEYS_MORE
		KEYS_MORE KEYS_MORE KEYS_MORE KEYS_ALL "\n");
	input(3, "Remote\n", "0003\n", KEYS_POWER "\n");
	link_to("/dev/input/by-id/usb-Acme-event-kbd", "../event10");
	assert_int_equal(typed_list(root, keep), 2);
	assert_int_equal(count, 2);
	assert_string_equal(printed[0], "{\"kind\":\"reader\",\"path\":\"/dev/input/event9\","
		"\"name\":\"Cordless\xef\xbf\xbd\",\"driver\":\"keyboard\",\"bus\":\"bluetooth\","
		"\"source\":\"reader:/dev/input/event9\",\"state\":\"usable\"}");
	assert_string_equal(printed[1], "{\"kind\":\"reader\",\"path\":\"/dev/input/event10\","
		"\"by_id\":\"/dev/input/by-id/usb-Acme-event-kbd\",\"name\":\"Acme Imager\","
		"\"driver\":\"keyboard\",\"bus\":\"usb\","
		"\"source\":\"reader:/dev/input/by-id/usb-Acme-event-kbd\",\"state\":\"usable\"}");
}

static void lists_what_reports_bar_codes(void **state)
{
	(void)state;
	file("/sys/class/hidraw/hidraw0/device/report_descriptor", keyboard_descriptor,
		sizeof keyboard_descriptor);
	file("/sys/class/hidraw/hidraw1/device/report_descriptor", reader_descriptor,
		sizeof reader_descriptor);
	text("/sys/class/hidraw/hidraw1/device/uevent", "DRIVER=x\nHID_NAME=Acme POS\nHID_X=1\n");
	assert_int_equal(typed_list(root, keep), 0);
	assert_int_equal(count, 1);
	assert_non_null(strstr(printed[0], "\"path\":\"/dev/hidraw1\",\"name\":\"Acme POS\","
		"\"driver\":\"hid-pos\""));
	assert_non_null(strstr(printed[0], "\"state\":\"forbidden\",\"why\":\"its device file"));
}

static void lists_serial_lines_over_usb(void **state)
{
	(void)state;
	text("/sys/class/tty/ttyACM0/device/bInterfaceNumber", "00");
	text("/sys/class/tty/ttyACM0/product", "Acme CDC\n"); /* beside `device` */
	text("/sys/class/tty/ttyS0/type", "0");
	text("/dev/ttyACM0", "");
	link_to("/dev/serial/by-id/usb-Acme-if00", "../../ttyACM0");
	assert_int_equal(typed_list(root, keep), 1);
	assert_int_equal(count, 1);
	assert_non_null(strstr(printed[0], "\"path\":\"/dev/ttyACM0\","
		"\"by_id\":\"/dev/serial/by-id/usb-Acme-if00\",\"name\":\"Acme CDC\","
		"\"driver\":\"serial\""));
}

static void a_machine_without_any_has_none(void **state)
{
	(void)state;
	assert_int_equal(typed_list(root, keep), 0);
	assert_int_equal(count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(lists_what_types_and_is_plugged_in),
		CASE(lists_what_reports_bar_codes),
		CASE(lists_serial_lines_over_usb),
		CASE(a_machine_without_any_has_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scan_reader_list", tests, NULL, NULL);
}
