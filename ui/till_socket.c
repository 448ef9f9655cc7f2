/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections of tills.
 */
#include "ui/till_socket.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define WAITING_MAX 8 /* connections that the kernel keeps until they are accepted */

void till_socket_init(struct till_socket *s)
{
	memset(s, 0, sizeof *s);
	s->fd = s->poll_fd = -1;
	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++)
		s->clients[i].fd = s->clients[i].input.fd = -1;
}

/* ---- opening ---- */

static enum err_code group_find(gid_t *out, const char *name, struct err *err)
{
	const struct group *g;

	*out = (gid_t)-1;
	if (name == NULL || name[0] == '\0')
		return ERR_OK;
	g = getgrnam(name);
	if (g == NULL)
		return err_set(err, ERR_INVALID, "[till] group: there is no group %s", name);
	*out = g->gr_gid;
	return ERR_OK;
}

/* One that a terminal left behind when it was killed refuses. */
static enum err_code place_look(bool *left, const char *path, const struct sockaddr_un *to,
	struct err *err)
{
	struct stat st;
	int fd;
	int answer;

	*left = false;
	if (lstat(path, &st) != 0)
		return ERR_OK;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_EXISTS, "%s: is there and is no socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set_os(err, ERR_IO, errno, "%s", path);
	answer = connect(fd, (const struct sockaddr *)to, sizeof *to) == 0 ? 0 : errno;
	close(fd);
	if (answer == 0 || answer == EAGAIN)
		return err_set(err, ERR_BUSY, "%s: another terminal listens there", path);
	if (answer != ECONNREFUSED)
		return err_set_os(err, ERR_PERMISSION, answer, "%s", path);
	*left = true;
	return ERR_OK;
}

static enum err_code place_clear(const char *path, const struct sockaddr_un *to, struct err *err)
{
	bool left;
	enum err_code rc = place_look(&left, path, to, err);

	if (rc == ERR_OK && left && unlink(path) != 0)
		return err_set_os(err, ERR_PERMISSION, errno, "%s: cannot be taken away", path);
	return rc;
}

static enum err_code address_make(struct sockaddr_un *to, const char *path, struct err *err)
{
	size_t len = strlen(path);

	_Static_assert(TILL_SOCKET_MAX == sizeof to->sun_path, "what the kernel takes");
	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len == 0 || len >= sizeof to->sun_path)
		return err_set(err, ERR_INVALID, "--socket: a path of 1 to %zu bytes",
			sizeof to->sun_path - 1);
	memcpy(to->sun_path, path, len + 1);
	return ERR_OK;
}

/* A group is given to what one owns by who is in it. */
static bool may_give(gid_t gid)
{
	gid_t groups[NGROUPS_MAX];
	int count = getgroups(NGROUPS_MAX, groups);

	if (gid == (gid_t)-1 || geteuid() == 0 || getegid() == gid)
		return true;
	for (int i = 0; i < count; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

enum err_code till_socket_check(const char *path, const char *group, struct err *err)
{
	char folder[TILL_SOCKET_MAX];
	struct sockaddr_un to;
	gid_t gid = (gid_t)-1;
	bool left;
	enum err_code rc = address_make(&to, path, err);

	if (rc == ERR_OK)
		rc = group_find(&gid, group, err);
	if (rc == ERR_OK && !may_give(gid))
		rc = err_set(err, ERR_PERMISSION, "[till] group: this user is not in %s", group);
	if (rc == ERR_OK)
		rc = place_look(&left, path, &to, err);
	if (rc != ERR_OK)
		return rc;
	text_copy(folder, sizeof folder, path);
	if (access(dirname(folder), W_OK | X_OK) != 0)
		return err_set_os(err, ERR_PERMISSION, errno, "%s", folder);
	return ERR_OK;
}

static enum err_code bind_private(struct till_socket *s, const struct sockaddr_un *to, gid_t group,
	struct err *err)
{
	mode_t before = umask(0177);
	int bound = bind(s->fd, (const struct sockaddr *)to, sizeof *to);
	int why = errno;
	struct stat st;

	umask(before);
	if (bound != 0)
		return err_set_os(err, ERR_PERMISSION, why, "%s", s->path);
	if (lstat(s->path, &st) == 0) {
		s->device = st.st_dev;
		s->inode = st.st_ino;
	}
	if (group != (gid_t)-1 && (chown(s->path, (uid_t)-1, group) != 0 ||
		chmod(s->path, 0660) != 0))
		return err_set_os(err, ERR_PERMISSION, errno, "%s: cannot be given to its group",
			s->path);
	return ERR_OK;
}

static enum err_code watch(const struct till_socket *s, int fd, uint64_t number, uint32_t events,
	int how)
{
	struct epoll_event ev = {.events = events, .data = {.u64 = number}};

	return epoll_ctl(s->poll_fd, how, fd, &ev) == 0 ? ERR_OK : ERR_IO;
}

enum err_code till_socket_open(struct till_socket *s, const char *path, const char *group,
	struct err *err)
{
	struct sockaddr_un to;
	gid_t gid = (gid_t)-1;
	enum err_code rc = address_make(&to, path, err);

	if (rc == ERR_OK)
		rc = group_find(&gid, group, err);
	if (rc == ERR_OK)
		rc = place_clear(path, &to, err);
	if (rc != ERR_OK)
		return rc;
	text_copy(s->path, sizeof s->path, path);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	s->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->fd < 0 || s->poll_fd < 0)
		rc = err_set_os(err, ERR_IO, errno, "%s", path);
	if (rc == ERR_OK)
		rc = bind_private(s, &to, gid, err);
	if (rc == ERR_OK && (listen(s->fd, WAITING_MAX) != 0 ||
		watch(s, s->fd, TILL_CLIENTS_MAX, EPOLLIN, EPOLL_CTL_ADD) != ERR_OK))
		rc = err_set_os(err, ERR_IO, errno, "%s", path);
	if (rc != ERR_OK)
		till_socket_close(s);
	return rc;
}

static void till_client_free(struct till_client *c)
{
	if (c->fd >= 0)
		close(c->fd); /* leaves the poll by itself */
	command_input_done(&c->input);
	sec_wipe(c->out, c->out_len);
	c->fd = -1;
	c->half = c->gone = c->more = c->asked = c->later = false;
	c->events = COMMAND_EVENTS_NONE;
	c->waits_for[0] = '\0';
	c->out_len = 0;
}

void till_socket_close(struct till_socket *s)
{
	struct stat st;

	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++)
		till_client_free(&s->clients[i]);
	if (s->inode != 0 && lstat(s->path, &st) == 0 && st.st_dev == s->device &&
		st.st_ino == s->inode)
		unlink(s->path);
	if (s->fd >= 0)
		close(s->fd);
	if (s->poll_fd >= 0)
		close(s->poll_fd);
	s->inode = 0;
	s->fd = s->poll_fd = -1;
}

/* ---- what goes out ---- */

/* What can be read or written next. */
static void client_watch(struct till_socket *s, struct till_client *c)
{
	uint32_t events = (c->half ? 0u : (uint32_t)EPOLLIN) |
			  (c->out_len > 0 ? (uint32_t)EPOLLOUT : 0u);

	if (watch(s, c->fd, (uint64_t)(c - s->clients), events, EPOLL_CTL_MOD) != ERR_OK)
		c->gone = true;
}

static void client_write(struct till_client *c)
{
	ssize_t n;

	if (c->out_len == 0)
		return;
	n = send(c->fd, c->out, c->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		c->gone = errno != EAGAIN && errno != EINTR;
		return;
	}
	memmove(c->out, c->out + n, c->out_len - (size_t)n);
	c->out_len -= (size_t)n;
}

void till_socket_send(struct till_socket *s, struct till_client *c, struct span line)
{
	if (c->fd < 0 || c->gone)
		return;
	if (line.len > sizeof c->out - c->out_len)
		client_write(c);
	if (line.len > sizeof c->out - c->out_len) {
		log_line(LOG_WARNING, "till", "a client does not read what it is told: let go");
		c->gone = true;
		return;
	}
	memcpy(c->out + c->out_len, line.data, line.len);
	c->out_len += line.len;
	client_write(c);
	client_watch(s, c);
}

/* ---- what comes in ---- */

static void refuse(const struct till_socket *s, int fd)
{
	struct span words = s->full(s->ctx);

	if (send(fd, words.data, words.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_line(LOG_DEBUG, "till", "a client left before it was refused");
	close(fd);
}

static void till_client_take(struct till_socket *s, struct till_client *c, int fd)
{
	struct err err = {0};

	c->fd = fd;
	if (command_input_init(&c->input, fd, &err) != ERR_OK ||
		watch(s, fd, (uint64_t)(c - s->clients), EPOLLIN, EPOLL_CTL_ADD) != ERR_OK) {
		log_line(LOG_ERROR, "till", "no room for a client: %s", err.text);
		till_client_free(c);
	}
}

static void clients_accept(struct till_socket *s)
{
	for (int n = 0; n < WAITING_MAX; n++) { /* more come in a later turn */
		int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		size_t i = 0;

		if (fd < 0)
			return;
		while (i < TILL_CLIENTS_MAX && s->clients[i].fd >= 0)
			i++;
		if (i == TILL_CLIENTS_MAX)
			refuse(s, fd);
		else
			till_client_take(s, &s->clients[i], fd);
	}
}

static void client_read(struct till_socket *s, struct till_client *c)
{
	struct span line;
	struct err err = {0};
	enum err_code rc;
	int taken = 0;

	command_input_fill(&c->input);
	c->more = false;
	while (!c->gone && !c->more &&
		(rc = command_input_line(&c->input, &line, &err)) != ERR_NOT_FOUND) {
		s->line(s->ctx, c, rc == ERR_OK ? line : SPAN(NULL, 0), rc != ERR_OK);
		c->more = ++taken == TILL_LINES_MAX;
	}
	if (c->input.fd < 0 && !c->more)
		c->half = true;
	if (!c->gone)
		client_watch(s, c);
}

/* Nobody can say anything to it any more, or it has heard all that it wanted. */
static bool client_is_over(const struct till_client *c)
{
	bool waits = c->waits_for[0] != '\0' && !c->later;

	return c->gone || (c->half && c->out_len == 0 && !c->asked && !waits);
}

void till_socket_turn(struct till_socket *s)
{
	struct epoll_event events[TILL_CLIENTS_MAX + 1];
	bool more[TILL_CLIENTS_MAX];
	int count;

	if (s->fd < 0)
		return;
	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++)
		more[i] = s->clients[i].fd >= 0 && s->clients[i].more;
	count = epoll_wait(s->poll_fd, events, TILL_CLIENTS_MAX + 1, 0);
	for (int i = 0; i < count; i++) {
		struct till_client *c;

		if (events[i].data.u64 == TILL_CLIENTS_MAX) {
			clients_accept(s);
			continue;
		}
		c = &s->clients[events[i].data.u64];
		if (c->fd >= 0 && !c->half && (events[i].events & EPOLLIN)) {
			client_read(s, c);
			more[c - s->clients] = false;
		}
		if (c->fd >= 0 && (events[i].events & EPOLLOUT)) {
			client_write(c);
			client_watch(s, c);
		}
		if (events[i].events & (EPOLLHUP | EPOLLERR))
			c->gone = c->half || !(events[i].events & EPOLLIN) || c->gone;
	}
	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++) {
		if (more[i] && !s->clients[i].gone)
			client_read(s, &s->clients[i]);
		if (s->clients[i].fd >= 0 && client_is_over(&s->clients[i]))
			till_client_free(&s->clients[i]);
	}
}

int till_socket_fd(const struct till_socket *s)
{
	return s->poll_fd;
}

bool till_socket_has_more(const struct till_socket *s)
{
	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++)
		if (s->clients[i].fd >= 0 && s->clients[i].more)
			return true;
	return false;
}

int till_socket_count(const struct till_socket *s)
{
	int count = 0;

	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++)
		count += s->clients[i].fd >= 0;
	return count;
}
