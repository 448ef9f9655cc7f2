/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls: a list of what is allowed, and death for the rest. Names that a machine does not
 * have (poll on aarch64) are left out by libseccomp.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "scanner/confine.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define REQUEST_BITS 0xffffffffu /* the kernel looks at no more; callers with int extend the sign */

/* With any arguments. */
static const int allowed[] = {
	/* what is open */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(close), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(recvfrom),
	/* memory; see also add_memory() */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* time, and what the C library asks about the machine */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom), SCMP_SYS(sysinfo), SCMP_SYS(getrusage),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(futex),
	/* the end, and signals on the way to it */
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* what some of these are called on 32-bit machines */
	SCMP_SYS(_llseek), SCMP_SYS(fstat64), SCMP_SYS(recv), SCMP_SYS(send), SCMP_SYS(sigreturn),
	SCMP_SYS(clock_gettime64), SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(futex_time64),
	SCMP_SYS(ppoll_time64),
};

/* Libraries try these on the way and do without: stdio's look at its descriptor (fstat() of a newer
 * C library), and the character sets that zbar asks for, of which a code can name any: a picture
 * must not be able to end the process by naming one.
 */
static const int refused[] = {SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(fcntl64),
	SCMP_SYS(statx), SCMP_SYS(fcntl),
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat)};

static const unsigned long camera_requests[] = {VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_G_FMT,
	VIDIOC_S_FMT, VIDIOC_TRY_FMT, VIDIOC_REQBUFS, VIDIOC_QUERYBUF, VIDIOC_QBUF, VIDIOC_DQBUF,
	VIDIOC_STREAMON, VIDIOC_STREAMOFF, VIDIOC_G_PARM, VIDIOC_S_PARM, VIDIOC_G_CTRL,
	VIDIOC_S_CTRL, VIDIOC_QUERYCTRL, VIDIOC_QUERY_EXT_CTRL, VIDIOC_QUERYMENU,
	VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_ENUM_FRAMESIZES,
	VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_INPUT, VIDIOC_ENUMINPUT, VIDIOC_DQEVENT};

/* To give a serial line back; all else was asked before. Not EVIOCGRAB: who lets go of a keyboard
 * has the next code typed into the terminal, where a PIN may be wanted.
 */
static const unsigned long reader_requests[] = {TCGETS, TCSETS, TIOCNXCL};

/* ---- rules ---- */

static int add_list(scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t count)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = seccomp_rule_add(ctx, action, calls[i], 0);
	return r;
}

/* Memory may be got, but never such as can be run. */
static int add_memory(scmp_filter_ctx ctx)
{
	static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)};
	int r = 0;
	for (size_t i = 0; r == 0 && i < COUNT(calls); i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return r;
}

static int add_requests(scmp_filter_ctx ctx, const unsigned long *requests, size_t count)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, REQUEST_BITS, requests[i] & REQUEST_BITS));
	return r;
}

/* stdio asks whether standard output is a terminal: it is none. */
static int add_ioctl(scmp_filter_ctx ctx, enum scan_confine_device device)
{
	int r = 0;
	if (device == CONFINE_CAMERA)
		r = add_requests(ctx, camera_requests, COUNT(camera_requests));
	else if (device == CONFINE_READER)
		r = add_requests(ctx, reader_requests, COUNT(reader_requests));
	if (r == 0 && device != CONFINE_READER)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, REQUEST_BITS, TCGETS));
	return r;
}

static int add_rules(scmp_filter_ctx ctx, const struct scan_confine *c)
{
	static const int truncates[] = {SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64)};
	int r = add_list(ctx, SCMP_ACT_ALLOW, allowed, COUNT(allowed));
	if (r == 0)
		r = add_list(ctx, SCMP_ACT_ERRNO(EPERM), refused, COUNT(refused));
	if (r == 0)
		r = add_memory(ctx);
	if (r == 0)
		r = add_ioctl(ctx, c->device);
	if (r == 0) /* to the other end of what is connected, to no address */
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
			SCMP_A4(SCMP_CMP_EQ, 0, 0));
	if (r == 0) /* abort() */
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	if (r == 0 && c->spare_fds)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 0);
	if (r == 0 && c->writes)
		r = add_list(ctx, SCMP_ACT_ALLOW, truncates, COUNT(truncates));
	return r;
}

/* The build with sanitizers: what no sanitizer needs is forbidden, the rest is allowed. */
static int add_denials(scmp_filter_ctx ctx)
{
	static const int denied[] = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(socket),
		SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
		SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(creat), SCMP_SYS(openat2),
		SCMP_SYS(open_by_handle_at), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
		SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link),
		SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(mkdir),
		SCMP_SYS(mkdirat), SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(chmod),
		SCMP_SYS(fchmodat), SCMP_SYS(mount), SCMP_SYS(unshare), SCMP_SYS(setns),
		SCMP_SYS(bpf), SCMP_SYS(io_uring_setup), SCMP_SYS(process_vm_writev),
		SCMP_SYS(keyctl), SCMP_SYS(personality), SCMP_SYS(perf_event_open)};
	int r = add_list(ctx, SCMP_ACT_KILL_PROCESS, denied, COUNT(denied));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, REQUEST_BITS, TIOCSTI));
	for (int mode = O_WRONLY; r == 0 && mode <= O_RDWR; mode++) {
		r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, SCMP_SYS(open), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, O_ACCMODE, (scmp_datum_t)mode));
		if (r == 0)
			r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, (scmp_datum_t)mode));
	}
	return r;
}

/* Opening with the given flags, sending what was opened, and the end. */
static int add_opener_rules(scmp_filter_ctx ctx, int flags)
{
	static const int calls[] = {SCMP_SYS(read), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg),
		SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(recv),
		SCMP_SYS(fstat64), SCMP_SYS(fstatat64), SCMP_SYS(statx), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(sigreturn),
		SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
		SCMP_SYS(sigaltstack) /* a sanitizer before the end */};
	int r = add_list(ctx, SCMP_ACT_ALLOW, calls, COUNT(calls));
	return r ? r : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, REQUEST_BITS, (scmp_datum_t)flags));
}

/* ---- entering ---- */

static enum err_code load(scmp_filter_ctx ctx, int r, struct err *err)
{
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	if (r == 0)
		return ERR_OK;
	return err_set_os(err, ERR_UNSUPPORTED, -r,
		"no picture is looked at without a sandbox, and this kernel makes none (seccomp)");
}

static enum err_code no_filter(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "no memory for the sandbox");
}

enum err_code scan_sandbox_enter(const struct scan_confine *c, struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCAN_SANITIZED ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
	if (!ctx)
		return no_filter(err);
	return load(ctx, SCAN_SANITIZED ? add_denials(ctx) : add_rules(ctx, c), err);
}

enum err_code scan_sandbox_enter_opener(int flags, struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	return ctx ? load(ctx, add_opener_rules(ctx, flags), err) : no_filter(err);
}

enum err_code scan_sandbox_write(const struct scan_confine *c, const char *machine, int fd,
	struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	uint32_t arch = seccomp_arch_resolve_name(machine);
	if (!ctx)
		return no_filter(err);
	int r = arch ? 0 : -EINVAL;
	if (r == 0 && arch != seccomp_arch_native()) {
		r = seccomp_arch_add(ctx, arch);
		if (r == 0)
			r = seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
	}
	if (r == 0)
		r = add_rules(ctx, c);
	if (r == 0)
		r = seccomp_export_bpf(ctx, fd);
	seccomp_release(ctx);
	return r ? err_set_os(err, ERR_UNSUPPORTED, -r, "no sandbox for %s", machine) : ERR_OK;
}
