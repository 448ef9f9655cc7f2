/* SPDX-License-Identifier: Apache-2.0
 *
 * The few calls that lead to a camera's driver, in one table, so that a test can be the driver and
 * let any of them fail. Knows nothing of what is asked.
 */
#ifndef SCANNER_CAMERA_CALLS_H
#define SCANNER_CAMERA_CALLS_H

#include <stddef.h>
#include <stdint.h>

/* A signal may interrupt a call again and again, but not for ever. */
#define CAMERA_EINTR_MAX 100

/* As the C library's: -1 (or MAP_FAILED) and errno on failure. */
struct camera_calls {
	int (*attach)(int fd); /* an open device becomes one that libv4l2 knows */
	int (*close)(int fd);
	int (*ioctl)(int fd, unsigned long request, void *arg);
	void *(*map)(size_t len, int fd, int64_t offset);
	int (*unmap)(void *at, size_t len);
	short (*poll)(int fd);   /* POLLIN, POLLERR, POLLHUP ... that are there now; never waits */
	int64_t (*now_ms)(void); /* monotonic */
	void (*sleep_ms)(int ms);
};

/* libv4l2 and the real clock. What libv4l2 needs of files it opens in attach(): plugins, what the
 * kernel says of the device, shared memory for its own controls. After it nothing is opened, with
 * one exception: it would start a helper program for the formats OV511 and OV518, which it
 * cannot in the sandbox (those cameras give no frames then).
 */
extern const struct camera_calls camera_libv4l2;

/* ioctl, tried again when a signal came. Returns 0, or an errno. */
int camera_ask(const struct camera_calls *calls, int fd, unsigned long request, void *arg);

#endif
