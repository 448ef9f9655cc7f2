/* SPDX-License-Identifier: Apache-2.0
 *
 * The service manager's protocols. Why not libsystemd: docs/decisions.md.
 */
#include "backend/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A decimal number and nothing else. */
static bool number(int64_t *out, const char *text)
{
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

/* Meant for this process, not for the shell that started it? */
static bool is_ours(const char *pid)
{
	int64_t said;

	return number(&said, pid) && said == (int64_t)getpid();
}

/* ---- telling ---- */

static enum err_code connect_to(struct daemon *d, const char *path, struct err *err)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || len < 2 || len >= sizeof(to.sun_path))
		return err_set(err, ERR_NETWORK, "NOTIFY_SOCKET is no address of a Unix socket");
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* abstract: its length counts, without a NUL */
	d->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->fd < 0)
		return err_set_os(err, ERR_NETWORK, errno, "cannot tell the service manager");
	if (connect(d->fd, (struct sockaddr *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) != 0) {
		int os = errno;

		daemon_close(d);
		return err_set_os(err, ERR_NETWORK, os, "cannot tell the service manager");
	}
	return ERR_OK;
}

enum err_code daemon_open(struct daemon *d, struct err *err)
{
	const char *path = getenv("NOTIFY_SOCKET"), *pid = getenv("WATCHDOG_PID");
	int64_t us = 0;
	enum err_code e = ERR_OK;

	*d = (struct daemon){.fd = -1};
	if (path && path[0])
		e = connect_to(d, path, err);
	if (d->fd >= 0 && number(&us, getenv("WATCHDOG_USEC")) && (!pid || is_ours(pid)))
		d->watchdog_ms = us / 1000;
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	return e;
}

void daemon_close(struct daemon *d)
{
	if (d->fd >= 0)
		(void)close(d->fd); /* nothing is buffered */
	d->fd = -1;
}

void daemon_tell(const struct daemon *d, const char *lines)
{
	if (d->fd >= 0)
		(void)!send(d->fd, lines, strlen(lines), MSG_NOSIGNAL);
}

void daemon_ready(const struct daemon *d, const char *status)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", status);
	daemon_tell(d, text);
}

/* systemd 253 and later (Type=notify-reload) compares the time with its own. */
void daemon_reloading(const struct daemon *d)
{
	struct timespec now = {0};
	char text[128];

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	daemon_tell(d, text);
}

void daemon_stopping(const struct daemon *d)
{
	daemon_tell(d, "STOPPING=1\nSTATUS=finishing what was begun");
}

void daemon_alive(const struct daemon *d)
{
	daemon_tell(d, "WATCHDOG=1");
}

/* ---- sockets ---- */

static int option(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) ? -1 : value;
}

static enum err_code check_socket(int fd, struct err *err)
{
	int domain = option(fd, SO_DOMAIN);
	int flags = fcntl(fd, F_GETFL);

	if (option(fd, SO_TYPE) != SOCK_STREAM || option(fd, SO_ACCEPTCONN) != 1 ||
		(domain != AF_INET && domain != AF_INET6) || flags < 0)
		return err_set(err, ERR_USAGE,
			"what the service manager handed over is not a listening TCP socket");
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return err_set_os(err, ERR_NETWORK, errno, "the socket handed over");
	return ERR_OK;
}

enum err_code daemon_listen_fd(int *fd, struct err *err)
{
	bool ours = is_ours(getenv("LISTEN_PID"));
	int64_t count = 0;
	bool some = ours && number(&count, getenv("LISTEN_FDS")) && count > 0;

	*fd = -1;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES"); /* there is one socket, whatever its name */
	if (!some)
		return ERR_OK;
	if (count != 1)
		return err_set(err, ERR_USAGE,
			"the service manager handed over %d sockets; one is served",
			count > 1000 ? 1000 : (int)count);
	*fd = DAEMON_LISTEN_FD;
	return check_socket(*fd, err);
}
