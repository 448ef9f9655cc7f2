/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/camera_calls.h"

#include <errno.h>
#include <libv4l2.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"

static int lib_attach(int fd)
{
	/* Its words go to standard error unless told otherwise; ours say the same to the user. */
	if (!v4l2_log_file)
		v4l2_log_file = fopen("/dev/null", "we");
	return v4l2_fd_open(fd, 0);
}

static int lib_ioctl(int fd, unsigned long request, void *arg)
{
	return v4l2_ioctl(fd, request, arg);
}

static void *lib_map(size_t len, int fd, int64_t offset)
{
	return v4l2_mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

static int64_t real_ms(void)
{
	struct clock clock;
	clock_init_real(&clock);
	return clock_mono_ms(&clock);
}

static short look(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

static void sleep_ms(int ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	nanosleep(&t, NULL); /* shorter after a signal, which does no harm */
}

const struct camera_calls camera_libv4l2 = {
	.attach = lib_attach,
	.close = v4l2_close,
	.ioctl = lib_ioctl,
	.map = lib_map,
	.unmap = v4l2_munmap,
	.poll = look,
	.now_ms = real_ms,
	.sleep_ms = sleep_ms,
};

int camera_ask(const struct camera_calls *calls, int fd, unsigned long request, void *arg)
{
	for (int i = 0; i < CAMERA_EINTR_MAX; i++) {
		errno = 0;
		if (calls->ioctl(fd, request, arg) >= 0)
			return 0;
		if (errno != EINTR)
			break;
	}
	return errno ? errno : EIO; /* a driver that fails without a reason */
}
