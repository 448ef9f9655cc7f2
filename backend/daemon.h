/* SPDX-License-Identifier: Apache-2.0
 *
 * What a service manager is told and what it hands over, by the protocols that systemd documents as
 * stable: sd_notify(3) (datagrams to $NOTIFY_SOCKET) and sd_listen_fds(3) (sockets from descriptor
 * 3 on). Without one, every call does nothing.
 */
#ifndef BACKEND_DAEMON_H
#define BACKEND_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define DAEMON_LISTEN_FD 3 /* SD_LISTEN_FDS_START */

struct daemon {
	int fd;              /* -1: nobody wants to be told */
	int64_t watchdog_ms; /* between two signs of life that are wanted; 0 = none */
};

/* Reads and removes the variables, so that nothing started from here takes them for its own.
 * ERR_NETWORK: $NOTIFY_SOCKET cannot be used.
 */
ERR_MUST_CHECK enum err_code daemon_open(struct daemon *d, struct err *err);
void daemon_close(struct daemon *d);
/* Lines of NAME=VALUE. Nobody is the wiser when it fails: the manager has its own deadline. */
void daemon_tell(const struct daemon *d, const char *lines);
void daemon_ready(const struct daemon *d, const char *status);
void daemon_reloading(const struct daemon *d);
void daemon_stopping(const struct daemon *d);
void daemon_alive(const struct daemon *d);

/* The listening socket that was handed over, or -1: there is none. It becomes close-on-exec and
 * non-blocking. ERR_USAGE: there are several, or it is not a listening TCP socket.
 */
ERR_MUST_CHECK enum err_code daemon_listen_fd(int *fd, struct err *err);

#endif
