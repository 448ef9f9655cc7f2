/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_ROOM (1 << 20) /* asked for, so that a whole frame fits; the kernel may refuse */

enum err_code scan_reader_new(struct scan_reader **out, int fd, size_t max, struct err *err)
{
	struct stat st;
	*out = NULL;
	if (fstat(fd, &st)) {
		int e = errno;
		close(fd);
		return err_set_os(err, ERR_IO, e, "cannot look at the source");
	}
	struct scan_reader *r = calloc(1, sizeof *r);
	if (!r) {
		close(fd);
		return err_set(err, ERR_NO_MEMORY, "no memory for reading the source");
	}
	*r = (struct scan_reader){.fd = fd, .regular = S_ISREG(st.st_mode), .max = max};
	if (S_ISFIFO(st.st_mode))
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_ROOM); /* only for speed */
	*out = r;
	return ERR_OK;
}

void scan_reader_free(struct scan_reader **r)
{
	if (!*r)
		return;
	close((*r)->fd);
	free((*r)->data);
	free(*r);
	*r = NULL;
}

/* Room for one more piece behind the unread bytes. */
static enum reader_result make_room(struct scan_reader *r, struct err *err)
{
	if (r->pos) {
		memmove(r->data, r->data + r->pos, r->len - r->pos);
		r->len -= r->pos;
		r->pos = 0;
	}
	if (r->len >= r->max)
		return READER_FULL;
	if (r->cap - r->len >= READER_PIECE)
		return READER_MORE;
	size_t cap = r->cap ? r->cap * 2 : (size_t)2 * READER_PIECE;
	uint8_t *data = realloc(r->data, cap);
	if (!data) {
		ERR_IGNORE(err_set(err, ERR_NO_MEMORY, "no memory for reading the source"));
		return READER_FAILED;
	}
	r->data = data;
	r->cap = cap;
	return READER_MORE;
}

/* True when read() will not block. A FIFO that nobody has opened for writing yet reads as ended,
 * but poll() does not call it hung up.
 */
static bool is_ready(const struct scan_reader *r)
{
	if (r->regular)
		return true;
	struct pollfd p = {.fd = r->fd, .events = POLLIN};
	return poll(&p, 1, 0) > 0;
}

enum reader_result scan_reader_fill(struct scan_reader *r, struct err *err)
{
	if (r->ended)
		return READER_END;
	enum reader_result room = make_room(r, err);
	if (room != READER_MORE)
		return room;
	if (!is_ready(r))
		return READER_WAIT;
	ssize_t n = read(r->fd, r->data + r->len, READER_PIECE);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return READER_WAIT;
	if (n < 0) {
		ERR_IGNORE(err_set_os(err, ERR_IO, errno, "cannot read the source"));
		return READER_FAILED;
	}
	if (n == 0) {
		r->ended = true;
		return READER_END;
	}
	r->len += (size_t)n;
	return READER_MORE;
}

struct span scan_reader_bytes(const struct scan_reader *r)
{
	return SPAN(r->data ? r->data + r->pos : NULL, r->len - r->pos);
}

void scan_reader_eat(struct scan_reader *r, size_t n)
{
	ASSERT(n <= r->len - r->pos);
	r->pos += n;
}

bool scan_reader_rewind(struct scan_reader *r)
{
	if (!r->regular || lseek(r->fd, 0, SEEK_SET) != 0)
		return false;
	r->pos = 0;
	r->len = 0;
	r->ended = false;
	return true;
}
