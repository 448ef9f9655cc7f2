/* SPDX-License-Identifier: Apache-2.0
 *
 * One descriptor, never blocking.
 */
#include "ui/customer_port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static const struct {
	int speed;
	speed_t code;
} SPEEDS[] = {
	{1200, B1200}, {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200},
	{38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400}, {460800, B460800},
	{921600, B921600},
};

static bool speed_find(speed_t *out, int speed)
{
	for (size_t i = 0; i < sizeof SPEEDS / sizeof SPEEDS[0]; i++)
		if (SPEEDS[i].speed == speed) {
			*out = SPEEDS[i].code;
			return true;
		}
	return false;
}

/* ---- which terminal ---- */

/* The real one behind /dev/tty and /dev/console, too. */
static bool terminal_of(unsigned *out, int fd)
{
	return isatty(fd) && ioctl(fd, TIOCGDEV, out) == 0;
}

/* Two programs that draw on one screen would show neither; and the customer must not see the
 * operator's.
 */
static bool is_our_own(int fd)
{
	unsigned device, own;

	if (!terminal_of(&device, fd))
		return false;
	for (int i = 0; i <= 2; i++)
		if (terminal_of(&own, i) && own == device)
			return true;
	return false;
}

static enum err_code check(int fd, const char *path, struct err *err)
{
	if (!isatty(fd))
		return err_set(err, ERR_USAGE,
			"customer display %s: this is no terminal; give one such as /dev/tty2",
			path);
	if (is_our_own(fd))
		return err_set(err, ERR_USAGE,
			"customer display %s: this is the terminal that the operator uses; give "
			"another one",
			path);
	return ERR_OK;
}

static enum err_code open_words(const char *path, int os_errno, struct err *err)
{
	if (os_errno == EACCES || os_errno == EPERM)
		return err_set(err, ERR_PERMISSION,
			"customer display %s: not permitted; the group that owns it (ls -l) may",
			path);
	if (os_errno == ENOENT || os_errno == ENXIO || os_errno == ENODEV)
		return err_set(err, ERR_NOT_FOUND, "customer display %s: not there", path);
	return err_set(err, ERR_IO, "customer display %s: %s", path, strerror(os_errno));
}

/* A file of another kind is not even opened: that alone can do something. */
static enum err_code open_checked(int *fd, const char *path, struct err *err)
{
	const int flags = O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	struct stat st;
	enum err_code rc;

	*fd = -1;
	if (stat(path, &st) != 0)
		return open_words(path, errno, err);
	if (!S_ISCHR(st.st_mode))
		return err_set(err, ERR_USAGE,
			"customer display %s: this is no terminal; give one such as /dev/tty2",
			path);
	*fd = open(path, O_RDWR | flags);
	if (*fd < 0 && errno == EACCES)
		*fd = open(path, O_WRONLY | flags); /* who may write to a console may not read it */
	if (*fd < 0)
		return open_words(path, errno, err);
	rc = check(*fd, path, err);
	if (rc != ERR_OK) {
		close(*fd);
		*fd = -1;
	}
	return rc;
}

enum err_code customer_port_init(struct customer_port *p, const char *path, int speed,
	struct err *err)
{
	speed_t code;
	int fd;
	enum err_code rc;

	memset(p, 0, sizeof *p);
	p->fd = -1;
	p->path = path;
	p->speed = speed;
	p->again_ms = INT64_MIN;
	bytes_init_fixed(&p->out, p->storage, sizeof p->storage);
	if (speed != 0 && !speed_find(&code, speed))
		return err_set(err, ERR_USAGE,
			"customer display: speed %d; there are 1200, 2400, 4800, ... 921600",
			speed);
	rc = open_checked(&fd, path, err);
	if (fd >= 0)
		close(fd);
	return rc == ERR_USAGE ? rc : ERR_OK;
}

/* ---- there or not ---- */

/* What is typed there comes back to nobody's screen, stops nothing and ends nothing. */
static bool make_quiet(struct customer_port *p)
{
	struct termios t;
	speed_t code;

	if (tcgetattr(p->fd, &p->before) != 0)
		return false;
	t = p->before;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL;
	t.c_cflag &= ~(tcflag_t)HUPCL;
	if (p->speed != 0 && speed_find(&code, p->speed)) {
		cfsetispeed(&t, code);
		cfsetospeed(&t, code);
	}
	return tcsetattr(p->fd, TCSANOW, &t) == 0;
}

static void lost(struct customer_port *p, int64_t now_ms)
{
	tcflush(p->fd, TCIOFLUSH); /* close() would wait for what is not sent */
	close(p->fd);
	p->fd = -1;
	p->again_ms = now_ms + CUSTOMER_PORT_AGAIN_MS;
}

/* Nobody else may be told that it hung up: a library waits for it together with others. */
static bool hung_up(const struct customer_port *p)
{
	struct pollfd poll_fd = {.fd = p->fd, .events = 0};

	return poll(&poll_fd, 1, 0) > 0 &&
		(poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

enum err_code customer_port_look(struct customer_port *p, bool *opened, int64_t now_ms,
	struct err *err)
{
	enum err_code rc;

	*opened = false;
	if (p->fd >= 0 && hung_up(p))
		lost(p, now_ms);
	if (p->fd >= 0) {
		tcflush(p->fd, TCIFLUSH);
		return ERR_OK;
	}
	if (now_ms < p->again_ms)
		return err_set(err, ERR_NOT_FOUND, "customer display %s: not there", p->path);
	p->again_ms = now_ms + CUSTOMER_PORT_AGAIN_MS;
	rc = open_checked(&p->fd, p->path, err);
	if (rc != ERR_OK)
		return rc;
	if (!make_quiet(p) || hung_up(p)) {
		lost(p, now_ms);
		return err_set(err, ERR_IO, "customer display %s: cannot be set up", p->path);
	}
	bytes_clear(&p->out);
	p->sent = 0;
	*opened = true;
	return ERR_OK;
}

bool customer_port_size(const struct customer_port *p, int *cols, int *rows)
{
	struct winsize size = {.ws_row = 0};

	if (p->fd < 0 || ioctl(p->fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return false;
	*cols = size.ws_col;
	*rows = size.ws_row;
	return true;
}

void customer_port_cell(const struct customer_port *p, int *width, int *height)
{
	struct winsize size = {.ws_row = 0};

	*width = *height = 0;
	if (p->fd < 0 || ioctl(p->fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return;
	*width = size.ws_xpixel / size.ws_col;
	*height = size.ws_ypixel / size.ws_row;
}

/* ---- bytes ---- */

bool customer_port_is_sending(const struct customer_port *p)
{
	return p->fd >= 0 && p->sent < p->out.len;
}

bool customer_port_flush(struct customer_port *p, int64_t now_ms)
{
	while (customer_port_is_sending(p)) {
		ssize_t n = write(p->fd, p->out.data + p->sent, p->out.len - p->sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0) {
			lost(p, now_ms);
			return false;
		}
		p->sent += (size_t)n;
	}
	bytes_clear(&p->out);
	p->sent = 0;
	return p->fd >= 0;
}

void customer_port_close(struct customer_port *p)
{
	struct pollfd poll_fd = {.fd = p->fd, .events = POLLOUT};
	struct clock real;
	int64_t end_ms, left_ms;

	if (p->fd < 0)
		return;
	clock_init_real(&real);
	end_ms = clock_mono_ms(&real) + CUSTOMER_PORT_END_MS;
	while (customer_port_flush(p, 0) && customer_port_is_sending(p)) {
		left_ms = end_ms - clock_mono_ms(&real);
		if (left_ms <= 0 || poll(&poll_fd, 1, (int)left_ms) <= 0)
			break;
	}
	if (p->fd < 0)
		return;
	/* close() of a line that stands still would wait for it */
	tcflush(p->fd, customer_port_is_sending(p) ? TCIOFLUSH : TCIFLUSH);
	tcsetattr(p->fd, TCSANOW, &p->before);
	close(p->fd);
	p->fd = -1;
}
