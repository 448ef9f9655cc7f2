/* SPDX-License-Identifier: Apache-2.0
 *
 * A server for tests that says exactly what a script says, whatever was asked: right answers, and
 * every wrong one. One thread, one connection after another, on a free loopback port.
 */
#ifndef TESTS_UNIT_SCRIPT_SERVER_H
#define TESTS_UNIT_SCRIPT_SERVER_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum script_after {
	SCRIPT_KEEP, /* wait for the next request on this connection */
	SCRIPT_CLOSE,
	SCRIPT_RESET,   /* close with RST */
	SCRIPT_ENDLESS, /* body bytes until the client goes away */
	SCRIPT_DRIP,    /* a byte every 20 ms until the client goes away */
	SCRIPT_SILENT   /* nothing more until the client goes away */
};

struct script_answer {
	const char *text; /* sent as it is; NULL = nothing */
	enum script_after after;
};

#define SCRIPT_ANSWERS_MAX 16
#define SCRIPT_REQUEST_MAX 16384

struct script_server {
	int listen_fd;
	int port;
	char url[64];
	pthread_t thread;
	struct script_answer answer[SCRIPT_ANSWERS_MAX];
	size_t answer_count;
	/* What came; read after script_server_stop(), or when an answer has come back. */
	char request[SCRIPT_ANSWERS_MAX][SCRIPT_REQUEST_MAX];
	size_t request_count;
	size_t connections;
	size_t sent; /* bytes of endless bodies */
};

static inline void script_sleep_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* Head and body by Content-Length. False when the client went away first. */
static inline bool script_request_read(int fd, char *out)
{
	size_t len = 0;

	while (len < SCRIPT_REQUEST_MAX - 1) {
		ssize_t n = recv(fd, out + len, SCRIPT_REQUEST_MAX - 1 - len, 0);
		const char *end;
		const char *field;

		if (n <= 0)
			return false;
		len += (size_t)n;
		out[len] = '\0';
		end = strstr(out, "\r\n\r\n");
		if (end == NULL)
			continue;
		field = strcasestr(out, "content-length:");
		if (len >=
			(size_t)(end + 4 - out) +
				(field != NULL && field < end ? strtoul(field + 15, NULL, 10) : 0))
			return true;
	}
	return false;
}

static inline void script_go_on(struct script_server *s, int fd, enum script_after after)
{
	static const char body[4096];
	struct linger linger = {.l_onoff = 1, .l_linger = 0};
	char byte;

	switch (after) {
	case SCRIPT_ENDLESS:
		for (ssize_t n = 1; n > 0;) {
			n = send(fd, body, sizeof body, MSG_NOSIGNAL);
			s->sent += n > 0 ? (size_t)n : 0;
		}
		break;
	case SCRIPT_DRIP:
		while (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
			script_sleep_ms(20);
		break;
	case SCRIPT_SILENT:
		while (recv(fd, &byte, 1, 0) == 1)
			;
		break;
	case SCRIPT_RESET:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
		break;
	default:
		break;
	}
}

static inline void *script_server_main(void *arg)
{
	struct script_server *s = arg;
	int fd;

	while ((fd = accept(s->listen_fd, NULL, NULL)) >= 0) {
		enum script_after after = SCRIPT_KEEP;

		s->connections++;
		while (after == SCRIPT_KEEP && s->request_count < SCRIPT_ANSWERS_MAX &&
			script_request_read(fd, s->request[s->request_count])) {
			/* The last answer is given again when there are more requests. */
			size_t i = s->request_count < s->answer_count ? s->request_count
								      : s->answer_count - 1;
			const char *text = s->answer[i].text;

			s->request_count++;
			after = s->answer[i].after;
			if (text != NULL)
				send(fd, text, strlen(text), MSG_NOSIGNAL);
			script_go_on(s, fd, after);
		}
		close(fd);
	}
	return NULL;
}

static inline void script_server_start(
	struct script_server *s, const struct script_answer *answers, size_t count)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;

	memset(s, 0, sizeof *s);
	memcpy(s->answer, answers, count * sizeof *answers);
	s->answer_count = count;
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->listen_fd >= 0);
	assert_int_equal(bind(s->listen_fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(s->listen_fd, 16), 0);
	assert_int_equal(getsockname(s->listen_fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", s->port);
	assert_int_equal(pthread_create(&s->thread, NULL, script_server_main, s), 0);
}

static inline void script_server_stop(struct script_server *s)
{
	shutdown(s->listen_fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listen_fd);
}

/* A whole answer with a right length. */
static inline const char *script_http(const char *status, const char *type, const char *body)
{
	static char out[4][8192];
	static unsigned turn;
	char *to = out[turn++ % 4];

	snprintf(to, sizeof out[0],
		"HTTP/1.1 %s\r\nDate: Mon, 21 Sep 2026 14:13:20 GMT\r\nContent-Type: %s\r\n"
		"Cache-Control: no-store\r\nContent-Length: %zu\r\n\r\n%s",
		status, type, strlen(body), body);
	return to;
}

#endif
