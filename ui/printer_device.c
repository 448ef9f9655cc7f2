/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign print-to DEVICE [SPEED]`: standard input to a printer's device. A process of its
 * own, because a printer without paper lets whoever writes to it wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "ui/options.h"
#include "ui/printer.h"

static const struct {
	long bits;
	speed_t speed;
} speeds[] = {{1200, B1200}, {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200},
	{38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400}};

static bool speed_read(speed_t *out, const char *text)
{
	char *end;
	long bits = strtol(text, &end, 10);

	for (size_t i = 0; *end == '\0' && i < sizeof speeds / sizeof speeds[0]; i++) {
		if (speeds[i].bits == bits) {
			*out = speeds[i].speed;
			return true;
		}
	}
	return false;
}

/* Bytes go out as they are: no line feed becomes two characters, no tab eight. */
static enum err_code serial_set(int fd, const char *device, const char *speed_text,
	struct err *err)
{
	struct termios t;
	speed_t speed;

	if (!isatty(fd))
		return ERR_OK;
	if (tcgetattr(fd, &t) != 0)
		return err_set_os(err, ERR_IO, errno, "%s", device);
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL;
	t.c_cflag &= ~(tcflag_t)HUPCL; /* some printers start again when the line is hung up */
	if (speed_text != NULL) {
		if (!speed_read(&speed, speed_text))
			return err_set(err, ERR_USAGE,
				"%s: no speed of a serial line; 9600, 19200, 38400 and 115200 are "
				"usual",
				speed_text);
		cfsetospeed(&t, speed);
		cfsetispeed(&t, speed);
	}
	if (tcsetattr(fd, TCSANOW, &t) != 0)
		return err_set_os(err, ERR_IO, errno, "%s", device);
	return ERR_OK;
}

static enum err_code device_open(int *out, const char *device, struct err *err)
{
	struct stat st;
	/* O_NONBLOCK: a pipe that nobody reads is told, not waited for. */
	int fd = open(device, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENXIO)
		return err_set(err, ERR_IO, "%s: nobody is there to print", device);
	if (fd < 0)
		return err_set_os(err, ERR_IO, errno, "%s", device);
	/* A path that is mistyped must not become a file, or overwrite one. */
	if (fstat(fd, &st) != 0 || (!S_ISCHR(st.st_mode) && !S_ISFIFO(st.st_mode))) {
		close(fd);
		return err_set(err, ERR_INVALID, "%s: is no device", device);
	}
	*out = fd;
	return file_set_nonblocking(fd, false, err);
}

static enum err_code copy(const char *device, const char *speed, struct err *err)
{
	static char data[RECEIPT_TEXT_MAX];
	int fd = -1;
	ssize_t n = 0;
	enum err_code rc = device_open(&fd, device, err);

	if (rc == ERR_OK)
		rc = serial_set(fd, device, speed, err);
	while (rc == ERR_OK && (n = read(STDIN_FILENO, data, sizeof data)) > 0)
		rc = file_write_all(fd, SPAN(data, (size_t)n), err);
	if (rc == ERR_OK && n < 0)
		rc = err_set_os(err, ERR_IO, errno, "standard input");
	if (rc == ERR_OK && isatty(fd) && tcdrain(fd) != 0)
		rc = err_set_os(err, ERR_IO, errno, "%s", device);
	if (fd >= 0 && close(fd) != 0 && rc == ERR_OK)
		rc = err_set_os(err, ERR_IO, errno, "%s", device);
	return rc;
}

int printer_device_main(int argc, char **argv)
{
	struct err err = {0};

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "countersign: print-to DEVICE [SPEED]\n");
		return EXIT_USAGE;
	}
	/* A reader that goes away is told in words; and nobody ends this when the terminal is gone:
	 * it must not hold the device, nor print long after.
	 */
	signal(SIGPIPE, SIG_IGN);
	alarm(PRINTER_ALONE_S);
	if (copy(argv[1], argc == 3 ? argv[2] : NULL, &err) == ERR_OK)
		return EXIT_ACCEPTED;
	fprintf(stderr, "%s\n", err.text);
	return EXIT_REFUSED;
}
