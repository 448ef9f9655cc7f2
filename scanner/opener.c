/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/confine.h"

#define HIGH_FD 64 /* above all that is open by then */

struct answer {
	uint32_t index;
	uint32_t is_file; /* 0: it is something else */
	int32_t os_errno; /* 0: a descriptor comes with it */
};

/* Room for one descriptor beside a message. */
union room {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* ---- in the opener ---- */

static int open_one(const struct scan_opener_job *job, int dir_fd, struct answer *a)
{
	struct stat st;
	int fd = -1;
	if (a->index >= job->count) {
		a->os_errno = EINVAL;
		return -1;
	}
	fd = openat(dir_fd, job->names[a->index], job->flags, 0600);
	if (fd < 0 || fstat(fd, &st)) {
		a->os_errno = errno;
	} else if (S_ISREG(st.st_mode)) {
		a->is_file = 1;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool reply(int socket_fd, const struct answer *a, int fd)
{
	union room room;
	struct answer out = *a;
	struct iovec v = {.iov_base = &out, .iov_len = sizeof out};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	memset(&room, 0, sizeof room);
	if (fd >= 0) {
		m.msg_control = &room;
		m.msg_controllen = sizeof room;
		room.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&room.head), &fd, sizeof fd);
	}
	return sendmsg(socket_fd, &m, MSG_NOSIGNAL) == (ssize_t)sizeof out;
}

/* Nothing of what the asker holds: its socket to the terminal, its camera, its screen. */
static bool keep_two(int *socket_fd, int *dir_fd)
{
	int s = fcntl(*socket_fd, F_DUPFD, HIGH_FD), d = fcntl(*dir_fd, F_DUPFD, HIGH_FD);
	if (s < 0 || d < 0)
		return false;
	int low = s < d ? s : d, high = s < d ? d : s;
	*socket_fd = s;
	*dir_fd = d;
	return !close_range(0, (unsigned)low - 1, 0) && !close_range((unsigned)high + 1, ~0u, 0) &&
		(high == low + 1 || !close_range((unsigned)low + 1, (unsigned)high - 1, 0));
}

static _Noreturn void serve(const struct scan_opener_job *job, int socket_fd, pid_t asker)
{
	int dir_fd = job->dir_fd;
	struct answer a;
	uint32_t index;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != asker || !keep_two(&socket_fd, &dir_fd) ||
		scan_confine_opener(dir_fd, job->names, job->count, job->flags, NULL))
		_exit(1);
	/* MSG_TRUNC: a question that is longer is none. */
	while (recv(socket_fd, &index, sizeof index, MSG_TRUNC) == (ssize_t)sizeof index) {
		a = (struct answer){.index = index};
		int fd = open_one(job, dir_fd, &a);
		bool sent = reply(socket_fd, &a, fd);
		if (fd >= 0)
			close(fd);
		if (!sent)
			break;
	}
	_exit(0);
}

/* ---- in the asker ---- */

enum err_code scan_opener_start(int *fd, const struct scan_opener_job *job, struct err *err)
{
	int pair[2];
	pid_t self = getpid();
	*fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return err_set_os(err, ERR_IO, errno, "cannot connect what opens files");
	pid_t child = fork();
	if (child == 0)
		serve(job, pair[1], self);
	int e = errno;
	close(pair[1]);
	if (child < 0) {
		close(pair[0]);
		return err_set_os(err, ERR_IO, e, "cannot start what opens files");
	}
	*fd = pair[0];
	return ERR_OK;
}

static bool receive(int fd, struct answer *a, int *out)
{
	union room room;
	struct iovec v = {.iov_base = a, .iov_len = sizeof *a};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &room,
		.msg_controllen = sizeof room};
	ssize_t n;
	do {
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	*out = -1;
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		c->cmsg_len == CMSG_LEN(sizeof *out))
		memcpy(out, CMSG_DATA(c), sizeof *out);
	return n == (ssize_t)sizeof *a;
}

enum err_code scan_opener_open(int fd, int *out, uint32_t index, struct err *err)
{
	struct answer a = {.index = 0};
	*out = -1;
	if (send(fd, &index, sizeof index, MSG_NOSIGNAL) != (ssize_t)sizeof index ||
		!receive(fd, &a, out))
		return err_set(err, ERR_IO, "the process that opens files has gone");
	if (a.os_errno)
		return err_set_os(err, ERR_IO, a.os_errno, "cannot be opened");
	if (!a.is_file)
		return err_set(err, ERR_FORMAT, "not a file");
	if (*out < 0)
		return err_set(err, ERR_IO, "too many open files");
	return ERR_OK;
}
