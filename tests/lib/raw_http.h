/* SPDX-License-Identifier: Apache-2.0
 *
 * The other side of an HTTP test: a plain socket that sends what no client library would send, and
 * reads what came back. For test programs only.
 */
#ifndef TESTS_LIB_RAW_HTTP_H
#define TESTS_LIB_RAW_HTTP_H

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RAW_ANSWER_MAX 16384

struct raw_answer {
	int status;    /* 0 = no answer: closed or silent */
	bool closed;   /* the server has closed behind it */
	size_t len;    /* of everything */
	char *body;    /* in text */
	char text[RAW_ANSWER_MAX];
};

static inline int64_t raw_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline int raw_connect(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		perror("raw_connect");
		abort();
	}
	return fd;
}

/* What could not be sent because the server closed is not a fault of the test. */
static inline void raw_send(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static inline void raw_text(int fd, const char *text)
{
	raw_send(fd, text, strlen(text));
}

/* The header field of an answer; NULL when it is not there. `name` with its colon. */
static inline const char *raw_field(const struct raw_answer *a, const char *name)
{
	const char *end = strstr(a->text, "\r\n\r\n");
	const char *p = strcasestr(a->text, name);

	return p && end && p < end ? p + strlen(name) : NULL;
}

static inline bool raw_whole(struct raw_answer *a)
{
	char *end = strstr(a->text, "\r\n\r\n");
	const char *length;

	if (!end)
		return false;
	a->body = end + 4;
	length = raw_field(a, "\r\nContent-Length:");
	return !length || a->len >= (size_t)(a->body - a->text) + strtoul(length, NULL, 10);
}

/* One answer; with until_closed, everything until the server closes. Waits at most timeout_ms. */
static inline void raw_read(int fd, struct raw_answer *a, int timeout_ms, bool until_closed)
{
	int64_t end = raw_now_ms() + timeout_ms;

	memset(a, 0, sizeof(*a));
	a->body = a->text;
	while (a->len < sizeof(a->text) - 1 && (until_closed || !raw_whole(a))) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = end - raw_now_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			break;
		n = recv(fd, a->text + a->len, sizeof(a->text) - 1 - a->len, 0);
		if (n <= 0) {
			a->closed = true;
			break;
		}
		a->len += (size_t)n;
	}
	(void)raw_whole(a);
	if (strncmp(a->text, "HTTP/1.1 ", 9) == 0)
		a->status = (int)strtol(a->text + 9, NULL, 10);
}

/* Connect, send, shut the sending side, read everything. */
static inline void raw_once(int port, struct raw_answer *a, const void *data, size_t len)
{
	int fd = raw_connect(port);

	raw_send(fd, data, len);
	(void)shutdown(fd, SHUT_WR);
	raw_read(fd, a, 5000, true);
	close(fd);
}

#endif
