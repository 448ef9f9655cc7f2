/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/typed_port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <linux/major.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define NAME_MAX_BYTES 80
#define CONSOLES 64 /* minor numbers of TTY_MAJOR; serial lines come after them */
#define BITS(n) (((n) + 8) / 8)

static bool has_bit(const uint8_t *bits, unsigned n)
{
	return bits[n / 8] >> (n % 8) & 1;
}

static enum err_code open_failed(const char *path, int os_errno, struct err *err)
{
	switch (os_errno) {
	case EACCES:
	case EPERM:
		return err_set(err, ERR_PERMISSION, "cannot open the reader %s: not permitted; "
			"docs/readers.md has the rule that lets you", path);
	case EBUSY:
		return err_set(err, ERR_BUSY, "the reader %s is in use by another program", path);
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case ENOTDIR:
		return err_set(err, ERR_NOT_FOUND, "the reader %s is not there; is it plugged in?",
			path);
	default:
		return err_set_os(err, ERR_IO, os_errno, "cannot open the reader %s", path);
	}
}

static enum err_code open_device(int *fd, const char *path, struct err *err)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0)
		return open_failed(path, errno, err);
	if (fstat(*fd, &st) == 0 && S_ISCHR(st.st_mode))
		return ERR_OK;
	close(*fd);
	*fd = -1;
	return err_set(err, ERR_UNSUPPORTED, "%s is no device", path);
}

enum err_code typed_port_kind(enum typed_kind *out, int fd, struct err *err)
{
	int v;
	if (ioctl(fd, EVIOCGVERSION, &v) == 0)
		*out = TYPED_KEYS;
	else if (ioctl(fd, HIDIOCGRDESCSIZE, &v) == 0)
		*out = TYPED_HID;
	else if (isatty(fd))
		*out = TYPED_SERIAL;
	else
		return err_set(err, ERR_UNSUPPORTED, "a device that is neither /dev/input/eventN, "
			"/dev/hidrawN nor a serial line cannot be a reader");
	return ERR_OK;
}

/* Two of us at one reader would each get a part of its codes. */
static enum err_code lock(int fd, const char *path, struct err *err)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return ERR_OK;
	return err_set(err, ERR_BUSY, "the reader %s is in use by another program", path);
}

/* ---- keyboards ---- */

static bool types(int fd)
{
	static const unsigned wanted[] = {KEY_1, KEY_0, KEY_A, KEY_Z, KEY_ENTER, KEY_LEFTSHIFT};
	uint8_t keys[BITS(KEY_MAX)] = {0};
	if (ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys) < 0)
		return false;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (!has_bit(keys, wanted[i]))
			return false;
	return true;
}

static enum err_code take_keyboard(int fd, const char *path, struct err *err)
{
	char name[NAME_MAX_BYTES] = "";
	struct input_id id = {.bustype = 0};
	int clock = CLOCK_MONOTONIC;
	if (ioctl(fd, EVIOCGNAME(sizeof name - 1), name) < 0)
		name[0] = '\0';
	if (!types(fd))
		return err_set(err, ERR_UNSUPPORTED, "%s (%s) has no letters and digits to type: "
			"a reader often has several device files, try the one that ends in -kbd",
			path, name);
	/* Readers are plugged in; nobody wants to lose the keyboard of the machine itself. */
	if (ioctl(fd, EVIOCGID, &id) == 0 && (id.bustype == BUS_I8042 || id.bustype == BUS_HOST))
		return err_set(err, ERR_UNSUPPORTED,
			"%s (%s) is the machine's own keyboard, no hand-held reader", path, name);
	if (ioctl(fd, EVIOCGRAB, 1))
		return err_set(err, ERR_BUSY, "the reader %s (%s) cannot be had alone: another "
			"program has grabbed it; end that one", path, name);
	/* Without it times are of the wall clock, which may jump: then arrival counts. */
	(void)ioctl(fd, EVIOCSCLOCKID, &clock);
	return ERR_OK;
}

/* The first event device in one folder inputN; false when there is none. */
static bool event_in(char *path, size_t cap, const char *folder)
{
	bool found = false;
	DIR *d = opendir(folder);
	const struct dirent *e;
	while (d && !found && (e = readdir(d)))
		if (strncmp(e->d_name, "event", 5) == 0)
			found = snprintf(path, cap, "/dev/input/%.32s", e->d_name) < (int)cap;
	if (d)
		closedir(d);
	return found;
}

/* The keyboard that the kernel has made of a hidraw device. 1 = *path is its event device, 0 = it
 * has made none, -1 = it has, and the device cannot be opened.
 */
static int typing_sibling(char *path, size_t cap, int fd)
{
	char folder[64], one[128];
	struct stat st;
	int result = 0;
	if (fstat(fd, &st))
		return 0;
	snprintf(folder, sizeof folder, "/sys/dev/char/%u:%u/device/input", major(st.st_rdev),
		minor(st.st_rdev));
	DIR *d = opendir(folder);
	const struct dirent *e;
	while (d && result == 0 && (e = readdir(d))) {
		if (strncmp(e->d_name, "input", 5) != 0)
			continue;
		snprintf(one, sizeof one, "%s/%.32s", folder, e->d_name);
		if (!event_in(path, cap, one))
			continue;
		int event = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (event < 0)
			result = -1;
		else if (types(event))
			result = 1;
		if (event >= 0)
			close(event);
	}
	if (d)
		closedir(d);
	return result;
}

static enum err_code take_hid(struct typed_port *p, const char *path, struct err *err)
{
	char event[64];
	int typing = typing_sibling(event, sizeof event, p->fd);
	if (typing == 0)
		return lock(p->fd, path, err);
	close(p->fd);
	p->fd = -1;
	if (typing < 0)
		return err_set(err, ERR_PERMISSION, "the reader %s types as %s, which cannot be "
			"opened: its characters would go to every program; docs/readers.md has "
			"the rule that lets you", path, event);
	enum err_code code = open_device(&p->fd, event, err);
	p->kind = TYPED_KEYS;
	return code ? code : take_keyboard(p->fd, event, err);
}

bool typed_port_is_only_keyboard(void)
{
	char line[512];
	unsigned count = 0;
	FILE *f = fopen("/proc/bus/input/devices", "re");
	if (!f)
		return false;
	/* Keys that repeat: power buttons and the like do not. */
	while (fgets(line, sizeof line, f)) {
		unsigned long ev;
		if (sscanf(line, "B: EV=%lx", &ev) == 1)
			count += (ev >> EV_KEY & 1) && (ev >> EV_REP & 1);
	}
	fclose(f);
	return count == 1;
}

/* ---- serial lines ---- */

static speed_t speed_of(int baud)
{
	static const struct {
		int baud;
		speed_t speed;
	} table[] = {{1200, B1200}, {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200},
		{38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400},
		{460800, B460800}, {921600, B921600}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].baud == baud)
			return table[i].speed;
	return B9600;
}

static void make_raw(struct termios *t, const struct typed_spec *spec)
{
	cfmakeraw(t);
	/* A break or a character with a wrong parity becomes NUL, which no code has: damaged. */
	t->c_iflag = spec->parity == 'n' ? 0 : INPCK;
	t->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS);
	t->c_cflag |= CREAD | CLOCAL | (spec->data_bits == 7 ? CS7 : CS8);
	if (spec->parity != 'n')
		t->c_cflag |= PARENB;
	if (spec->parity == 'o')
		t->c_cflag |= PARODD;
	if (spec->stop_bits == 2)
		t->c_cflag |= CSTOPB;
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
	cfsetispeed(t, speed_of(spec->baud));
	cfsetospeed(t, speed_of(spec->baud));
}

/* Its keys and its screen would be taken from whoever sits in front of it. */
static bool is_of_a_person(int fd)
{
	struct stat st, ours;
	if (fstat(fd, &st))
		return false;
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (isatty(i) && fstat(i, &ours) == 0 && ours.st_rdev == st.st_rdev)
			return true;
	bool console = major(st.st_rdev) == TTY_MAJOR && minor(st.st_rdev) < CONSOLES;
	bool current = major(st.st_rdev) == TTYAUX_MAJOR && minor(st.st_rdev) < 2;
	return console || current; /* /dev/ttyN; /dev/tty and /dev/console */
}

static enum err_code take_line(struct typed_port *p, const struct typed_spec *spec,
	struct err *err)
{
	struct termios t;
	if (is_of_a_person(p->fd))
		return err_set(err, ERR_UNSUPPORTED, "%s is a terminal with a screen, no reader; "
			"`countersign devices` lists those that are", spec->path);
	enum err_code code = lock(p->fd, spec->path, err);
	if (code)
		return code;
	if (tcgetattr(p->fd, &p->before))
		return err_set_os(err, ERR_IO, errno, "cannot set up the reader %s", spec->path);
	p->kind = TYPED_SERIAL; /* from here on there is something to give back */
	t = p->before;
	make_raw(&t, spec);
	if (ioctl(p->fd, TIOCEXCL) || tcsetattr(p->fd, TCSANOW, &t))
		return err_set_os(err, ERR_IO, errno, "cannot set up the reader %s", spec->path);
	if (tcgetattr(p->fd, &t) || cfgetispeed(&t) != speed_of(spec->baud))
		return err_set(err, ERR_UNSUPPORTED, "the reader %s does not take %d bits a second",
			spec->path, spec->baud);
	(void)tcflush(p->fd, TCIFLUSH); /* what was sent to nobody */
	return ERR_OK;
}

/* ---- all ---- */

enum err_code typed_port_open(struct typed_port *out, const struct typed_spec *spec,
	struct err *err)
{
	enum typed_kind kind = TYPED_HID;
	*out = (struct typed_port){.fd = -1, .kind = TYPED_HID};
	enum err_code code = open_device(&out->fd, spec->path, err);
	if (!code && typed_port_kind(&kind, out->fd, NULL))
		code = err_set(err, ERR_UNSUPPORTED, "%s is no reader: neither /dev/input/eventN, "
			"/dev/hidrawN nor a serial line", spec->path);
	if (!code && kind == TYPED_SERIAL) {
		code = take_line(out, spec, err);
	} else if (!code && kind == TYPED_HID) {
		code = take_hid(out, spec->path, err);
	} else if (!code) {
		out->kind = kind;
		code = take_keyboard(out->fd, spec->path, err);
	}
	if (code)
		typed_port_close(out);
	return code;
}

void typed_port_close(struct typed_port *p)
{
	if (p->fd < 0)
		return;
	if (p->kind == TYPED_SERIAL) { /* may have been unplugged: nothing to do about it */
		(void)tcsetattr(p->fd, TCSANOW, &p->before);
		(void)ioctl(p->fd, TIOCNXCL);
	}
	close(p->fd); /* ends a grab, when the scanner has let go, too */
	p->fd = -1;
}
