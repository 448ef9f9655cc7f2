/* SPDX-License-Identifier: Apache-2.0
 *
 * The Unix socket of tills: who is connected, lines in, lines out. Knows nothing of what is said.
 *
 * Nobody can hold the counter: nothing here waits. Whoever does not read what it is told is let go
 * when TILL_OUT_MAX bytes of it wait; of whoever writes very much the rest comes in a later turn.
 */
#ifndef UI_TILL_SOCKET_H
#define UI_TILL_SOCKET_H

#include <sys/types.h>

#include "ui/command.h"

/* Limits, also in docs/limits.md. */
#define TILL_CLIENTS_MAX 8   /* connected at a time */
#define TILL_OUT_MAX 65536   /* bytes that wait for one of them */
#define TILL_LINES_MAX 4     /* of one of them in a turn: each may wait for the disk */
#define TILL_SOCKET_MAX 108  /* bytes of its path, with NUL: what the kernel takes */

struct till_client {
	int fd; /* -1 = free */
	bool half;  /* it will say nothing more, and may still listen */
	bool gone;  /* let go at the end of this turn */
	bool more;  /* lines of it were left for the next turn */
	bool asked; /* it chose what it is told: it stays when it is half closed */
	enum command_events events;
	char waits_for[COMMAND_ID_MAX + 1]; /* the sale that it started; "" = all of it was told */
	bool later; /* its verdict was told, and the backend may know more */
	struct command_input input;
	size_t out_len;
	uint8_t out[TILL_OUT_MAX];
};

struct till_socket {
	int fd; /* -1 = there is none */
	int poll_fd;
	char path[TILL_SOCKET_MAX];
	dev_t device; /* of our socket: only that one is taken away at the end */
	ino_t inode;
	/* One line, without its break; too_long: there was one that was left out. */
	void (*line)(void *ctx, struct till_client *c, struct span line, bool too_long);
	/* There is no room for one more; words: what it is told before it is let go. */
	struct span (*full)(void *ctx);
	void *ctx;
	struct till_client clients[TILL_CLIENTS_MAX];
};

void till_socket_init(struct till_socket *s); /* there is none */
/* Makes it: mode 0600, or 0660 and of a group. A socket of this name that nobody listens at any
 * more is taken away.
 *
 * Returns: ERR_OK; ERR_INVALID a name that is too long or none, or no such group; ERR_EXISTS
 *          something else has this name; ERR_BUSY somebody listens there; ERR_PERMISSION; ERR_IO
 */
ERR_MUST_CHECK enum err_code till_socket_open(struct till_socket *s, const char *path,
	const char *group, struct err *err);
void till_socket_close(struct till_socket *s);
/* Could it be made? Makes and takes away nothing. ERR_BUSY: somebody listens there now. */
ERR_MUST_CHECK enum err_code till_socket_check(const char *path, const char *group,
	struct err *err);

/* For poll(2), POLLIN: something can be done. -1 = there is no socket. */
int till_socket_fd(const struct till_socket *s);
/* Does it. */
void till_socket_turn(struct till_socket *s);
bool till_socket_has_more(const struct till_socket *s); /* another turn is due at once */
void till_socket_send(struct till_socket *s, struct till_client *c, struct span line);
int till_socket_count(const struct till_socket *s);

#endif
