/* SPDX-License-Identifier: Apache-2.0
 *
 * Cameras and readers come and go. The terminal opens them, because the scanner process may open
 * nothing; what is wrong is told once and tried again until it is right.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text_safe.h"
#include "scanner/camera.h"
#include "scanner/process.h"

#define VIDEO_MAJOR 81 /* of every V4L2 device: Linux, admin-guide/devices.txt */
#define REFUSALS_MAX 2 /* a new device file is root's for a moment, until udev has looked at it */

static bool is_video(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) == VIDEO_MAJOR;
}

/* Looked at before and after: opening alone may do something to what is no camera. */
static enum err_code open_camera(const struct scan_process *p, int *fd, struct err *err)
{
	struct stat st;
	*fd = -1;
	if (stat(p->source, &st) == 0 && !is_video(&st))
		return camera_open_fault(p->source, ENOTTY, err);
	*fd = open(p->source, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0)
		return camera_open_fault(p->source, errno, err);
	if (fstat(*fd, &st) == 0 && is_video(&st))
		return ERR_OK;
	close(*fd);
	*fd = -1;
	return camera_open_fault(p->source, ENOTTY, err);
}

enum err_code scan_device_open(struct scan_process *p, int *fd, struct err *err)
{
	enum err_code code = ERR_OK;
	*fd = -1;
	if (p->kind != SCAN_KIND_DEVICE)
		return ERR_OK;
	if (!p->reader)
		return open_camera(p, fd, err);
	if (p->port.fd < 0)
		code = typed_port_open(&p->port, &p->reader_spec, err);
	*fd = p->port.fd;
	return code;
}

/* A descriptor that stays open would keep the device's name taken, and it would come back under
 * another. Of a reader it is kept, with what it holds back, until the device itself fails.
 */
void scan_device_passed(struct scan_process *p, int fd)
{
	if (fd >= 0 && !p->reader)
		close(fd);
}

void scan_device_drop(struct scan_process *p)
{
	if (p->reader)
		typed_port_close(&p->port);
}

bool scan_device_may_come(const struct scan_process *p, enum err_code code)
{
	switch (code) {
	case ERR_NOT_FOUND:
	case ERR_CLOSED:
	case ERR_PERMISSION:
	case ERR_BUSY:
	case ERR_IO:
	case ERR_PROTOCOL:
	case ERR_TIMEOUT:
	case ERR_NO_MEMORY:
		return p->kind == SCAN_KIND_DEVICE;
	default:
		return false;
	}
}

static bool is_gone(enum err_code code)
{
	return code == ERR_NOT_FOUND || code == ERR_CLOSED;
}

bool scan_device_is_news(struct scan_process *p, const struct scan_msg *fault)
{
	enum err_code code = (enum err_code)fault->code;
	if (!fault->fatal && code != ERR_TIMEOUT) /* what was left out of the settings, or passed */
		return code != ERR_INVALID || p->told_code != ERR_TIMEOUT;
	bool same = strcmp(p->told, fault->fault) == 0 || (is_gone(code) && is_gone(p->told_code));
	if (same && p->told_fatal >= fault->fatal)
		return false;
	p->told_code = code;
	p->told_fatal = fault->fatal;
	memcpy(p->told, fault->fault, sizeof p->told);
	return true;
}

void scan_device_good(struct scan_process *p)
{
	p->told[0] = '\0';
	p->told_code = ERR_OK;
	p->refusals = 0;
}

void scan_device_trouble(struct scan_process *p, const struct err *why)
{
	struct err words = *why;
	p->restart_ms = scan_real_ms() + SCAN_DEVICE_RETRY_MS;
	if (why->code == ERR_PERMISSION && p->lives && ++p->refusals < REFUSALS_MAX)
		return;
	if (why->code == ERR_NOT_FOUND && p->lives)
		ERR_IGNORE(err_set(&words, ERR_NOT_FOUND, "%s: the %s was unplugged; plug it in "
			"again", p->source, p->reader ? "reader" : "camera")); /* words only */
	struct scan_msg *m = scan_queue_add(p, SCAN_MSG_FAULT);
	m->fatal = 1;
	m->code = (uint16_t)words.code;
	scan_msg_set_fault(m, words.text);
	if (!scan_device_is_news(p, m))
		p->queue_len--;
}
