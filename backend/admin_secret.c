/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/admin_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/crypto.h"

/* Byte by byte, so that what follows the line stays for the next reader. */
static bool read_line(struct bytes *out, int fd)
{
	uint8_t c = 0;
	ssize_t n;

	do {
		n = read(fd, &c, 1);
		if (n == 1 && c != '\n')
			bytes_add_u8(out, c);
	} while ((n < 0 && errno == EINTR) || (n == 1 && c != '\n'));
	return n >= 0;
}

static bool read_file(struct bytes *out, const char *path, struct err *err)
{
	const uint8_t *end;

	if (file_read(out, path, true, err))
		return false;
	end = memchr(out->data, '\n', out->len);
	if (end)
		out->len = (size_t)(end - out->data);
	return true;
}

/* ---- typed ---- */

static bool ask(struct bytes *out, int tty, const char *what, const char *more)
{
	struct termios shown, hidden;
	char prompt[80];
	int n = snprintf(prompt, sizeof(prompt), "%s%s: ", what, more);
	bool done;

	if (tcgetattr(tty, &shown))
		return false;
	hidden = shown;
	hidden.c_lflag &= (tcflag_t) ~(tcflag_t)ECHO;
	if (tcsetattr(tty, TCSAFLUSH, &hidden))
		return false;
	done = write(tty, prompt, (size_t)n) == n && read_line(out, tty);
	done = write(tty, "\n", 1) == 1 && done;
	return !tcsetattr(tty, TCSAFLUSH, &shown) && done;
}

static enum err_code type_it(struct bytes *out, const struct admin_secret *from, struct err *err)
{
	uint8_t room[512];
	struct bytes again;
	bool done, same = true;
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (tty < 0)
		return err_set(err, ERR_USAGE,
			"there is no terminal to type the %s at: use --%s-file or --%s-stdin",
			from->what, from->what, from->what);
	bytes_init_fixed(&again, room, sizeof(room));
	done = ask(out, tty, from->what, "");
	if (done && from->twice) {
		done = ask(&again, tty, from->what, " once more");
		same = !again.full && span_equal(bytes_span(out), bytes_span(&again));
	}
	sec_wipe(room, sizeof(room));
	(void)close(tty); /* everything was read */
	if (!done)
		return err_set(err, ERR_USAGE, "the %s could not be read", from->what);
	return same ? ERR_OK : err_set(err, ERR_USAGE, "that was not the same %s", from->what);
}

enum err_code admin_secret_read(struct bytes *out, const struct admin_secret *from,
	struct err *err)
{
	enum err_code e = ERR_OK;

	if (from->file && from->from_stdin)
		return err_set(err, ERR_USAGE, "--%s-file or --%s-stdin, not both", from->what,
			from->what);
	if (from->file && !read_file(out, from->file, err))
		return err ? (err->code = ERR_USAGE) : ERR_USAGE;
	if (from->from_stdin && !read_line(out, STDIN_FILENO))
		return err_set(err, ERR_USAGE, "the %s could not be read", from->what);
	if (!from->file && !from->from_stdin)
		e = type_it(out, from, err);
	if (e)
		return e;
	if (out->len > 0 && out->data[out->len - 1] == '\r')
		out->len--;
	if (out->full)
		return err_set(err, ERR_USAGE, "the %s is too long", from->what);
	return out->len ? ERR_OK : err_set(err, ERR_USAGE, "the %s is empty", from->what);
}
