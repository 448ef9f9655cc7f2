/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets come from files of mode 0600 or from standard input, never from the command line.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "wallet/holder/command.h"

/* Byte by byte, so that what follows the line stays for the next reader. */
static enum err_code line_from_fd(struct bytes *out, int fd, const char *what, struct err *err)
{
	for (;;) {
		uint8_t c;
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_os(err, ERR_IO, errno,
				"the %s cannot be read from standard input", what);
		if (n == 0 || c == '\n')
			break;
		bytes_add_u8(out, c);
		if (out->full)
			return err_set(err, ERR_TOO_LARGE, "the %s is longer than %zu bytes", what,
				out->max);
	}
	return ERR_OK;
}

static enum err_code line_from_file(struct bytes *out, const char *path, struct err *err)
{
	const uint8_t *end;
	enum err_code rc = file_read(out, path, true, err);

	if (rc)
		return rc;
	end = memchr(out->data, '\n', out->len);
	if (end)
		out->len = (size_t)(end - out->data);
	return ERR_OK;
}

enum err_code secret_line_read(struct secret **out, const char *what, const char *file,
	bool from_stdin, size_t len_max, struct err *err)
{
	struct secret *room = NULL;
	struct bytes line;
	enum err_code rc;

	*out = NULL;
	if (!file == !from_stdin)
		return err_set(err, ERR_USAGE, "give the %s with one of --%s-file and --%s-stdin",
			what, what, what);
	rc = secret_new(&room, len_max + 2);
	if (rc)
		return err_set(err, rc, "no locked memory for the %s", what);
	bytes_init_fixed(&line, room->data, len_max + 2);
	rc = file ? line_from_file(&line, file, err) : line_from_fd(&line, STDIN_FILENO, what, err);
	if (rc)
		goto out;
	while (line.len && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
		line.len--;
	if (line.len == 0 || line.len > len_max) {
		rc = err_set(err, ERR_INVALID, line.len ? "the %s is too long" : "the %s is empty",
			what);
		goto out;
	}
	rc = secret_new(out, line.len);
	if (!rc)
		memcpy((*out)->data, line.data, line.len);
out:
	secret_free(&room);
	return rc;
}

enum err_code passcode_check(const struct secret *passcode, struct err *err)
{
	if (passcode->len < WALLET_PASSCODE_MIN)
		return err_set(err, ERR_INVALID, "a passcode has at least %d characters",
			WALLET_PASSCODE_MIN);
	return ERR_OK;
}
