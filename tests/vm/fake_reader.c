/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_reader <LINES
 * fake_reader --grab DEVICE
 *
 * A hand-held reader that types, made by uinput: each line of standard input is typed as a code,
 * with Enter, as a keyboard of the United States would. The reader is unplugged when this ends.
 * --grab: status 1 when somebody has the device for himself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "tests/vm/feed.h"

static const struct {
	char plain, shifted;
	uint16_t key;
} keys[] = {
	{'1', '!', KEY_1}, {'2', '@', KEY_2}, {'3', '#', KEY_3}, {'4', '$', KEY_4},
	{'5', '%', KEY_5}, {'6', '^', KEY_6}, {'7', '&', KEY_7}, {'8', '*', KEY_8},
	{'9', '(', KEY_9}, {'0', ')', KEY_0}, {'-', '_', KEY_MINUS}, {'=', '+', KEY_EQUAL},
	{'/', '?', KEY_SLASH}, {'.', '>', KEY_DOT}, {',', '<', KEY_COMMA},
	{';', ':', KEY_SEMICOLON}, {' ', ' ', KEY_SPACE}, {'a', 'A', KEY_A}, {'b', 'B', KEY_B},
	{'c', 'C', KEY_C}, {'d', 'D', KEY_D}, {'e', 'E', KEY_E}, {'f', 'F', KEY_F},
	{'g', 'G', KEY_G}, {'h', 'H', KEY_H}, {'i', 'I', KEY_I}, {'j', 'J', KEY_J},
	{'k', 'K', KEY_K}, {'l', 'L', KEY_L}, {'m', 'M', KEY_M}, {'n', 'N', KEY_N},
	{'o', 'O', KEY_O}, {'p', 'P', KEY_P}, {'q', 'Q', KEY_Q}, {'r', 'R', KEY_R},
	{'s', 'S', KEY_S}, {'t', 'T', KEY_T}, {'u', 'U', KEY_U}, {'v', 'V', KEY_V},
	{'w', 'W', KEY_W}, {'x', 'X', KEY_X}, {'y', 'Y', KEY_Y}, {'z', 'Z', KEY_Z},
};
#define KEYS (sizeof keys / sizeof keys[0])

static void put(int fd, uint16_t type, uint16_t code, int value)
{
	struct input_event e = {.type = type, .code = code, .value = value};
	if (write(fd, &e, sizeof e) != sizeof e)
		die("uinput: %s", strerror(errno));
}

static void press(int fd, uint16_t key, int down)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	put(fd, EV_KEY, key, down);
	put(fd, EV_SYN, SYN_REPORT, 0);
	nanosleep(&pause, NULL);
}

static void type(int fd, char c)
{
	for (size_t i = 0; i < KEYS; i++) {
		bool shift = c != keys[i].plain;
		if (shift && c != keys[i].shifted)
			continue;
		if (shift)
			press(fd, KEY_LEFTSHIFT, 1);
		press(fd, keys[i].key, 1);
		press(fd, keys[i].key, 0);
		if (shift)
			press(fd, KEY_LEFTSHIFT, 0);
		return;
	}
	die("no key for '%c'", c);
}

/* Can it be had for oneself? It is given back at once. */
static int try_grab(const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", device, strerror(errno));
	return ioctl(fd, EVIOCGRAB, 1) ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--grab") == 0)
		return try_grab(argv[2]);
	char line[HEAD_MAX];
	struct uinput_setup setup = {.id = {.bustype = BUS_USB, .vendor = 0x1234, .product = 1},
		.name = "reader of the counter"};
	int fd = open("/dev/uinput", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, UI_SET_EVBIT, EV_KEY) || ioctl(fd, UI_SET_KEYBIT, KEY_LEFTSHIFT) ||
		ioctl(fd, UI_SET_KEYBIT, KEY_ENTER))
		die("/dev/uinput: %s", strerror(errno));
	for (size_t i = 0; i < KEYS; i++)
		(void)ioctl(fd, UI_SET_KEYBIT, keys[i].key);
	if (ioctl(fd, UI_DEV_SETUP, &setup) || ioctl(fd, UI_DEV_CREATE))
		die("/dev/uinput: %s", strerror(errno));
	while (feed_line(line, stdin)) {
		for (const char *c = line; *c; c++)
			type(fd, *c);
		press(fd, KEY_ENTER, 1);
		press(fd, KEY_ENTER, 0);
	}
	return 0;
}
