/* SPDX-License-Identifier: Apache-2.0
 *
 * The sandbox from inside: a child confines itself with the functions of the real process and then
 * does what it must not be able to do. Each deed is also done by a child that is not confined, so
 * that a deed which could never work proves nothing.
 */
#include "tests/lib/scan_pictures.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <linux/videodev2.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "scanner/confine.h"
#include "scanner/examine.h"

static const struct scan_confine classes[] = {{.device = CONFINE_NO_DEVICE},
	{.device = CONFINE_NO_DEVICE, .spare_fds = 1},
	{.device = CONFINE_NO_DEVICE, .spare_fds = 3, .writes = true},
	{.device = CONFINE_CAMERA},
	{.device = CONFINE_CAMERA, .spare_fds = 2, .writes = true},
	{.device = CONFINE_READER}};
#define CLASSES (sizeof classes / sizeof classes[0])

static char path[96];  /* a file that exists */
static char fresh[96]; /* one that does not */
static int held_fd;    /* opened for writing before confinement */
static pid_t parent;   /* who asks for it inside dies of asking */

/* ---- deeds: true = it worked ---- */

static bool did(long r)
{
	return r >= 0;
}
static bool opens_a_file(void)
{
	return did(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
}
static bool opens_a_path(void)
{
	return did(syscall(SYS_openat, AT_FDCWD, path, O_PATH));
}
static bool opens_by_a_newer_call(void)
{
	uint64_t how[3] = {O_RDONLY};
	return did(syscall(SYS_openat2, AT_FDCWD, path, how, sizeof how));
}
static bool makes_a_file(void)
{
	return did(syscall(SYS_openat, AT_FDCWD, fresh, O_WRONLY | O_CREAT, 0600));
}
static bool writes_a_file_that_was_not_open(void)
{
	return did(syscall(SYS_openat, AT_FDCWD, path, O_WRONLY));
}
static bool writes_a_file_that_was_open(void)
{
	return write(held_fd, "x", 1) == 1;
}
static bool removes_a_file(void)
{
	return did(syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
static bool renames_a_file(void)
{
	return did(syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, fresh, 0));
}
static bool links_a_file(void)
{
	return did(syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, fresh, 0));
}
static bool changes_a_mode(void)
{
	return did(syscall(SYS_fchmodat, AT_FDCWD, path, 0644));
}
static bool looks_at_a_file(void)
{
	struct stat st;
	return fstatat(AT_FDCWD, path, &st, 0) == 0;
}
static bool looks_at_a_folder(void)
{
	char where[200];
	return did(syscall(SYS_getcwd, where, sizeof where));
}
static bool makes_an_anonymous_file(void)
{
	return did(syscall(SYS_memfd_create, "x", 0));
}
static bool makes_a_tcp_socket(void)
{
	return did(socket(AF_INET, SOCK_STREAM, 0));
}
static bool makes_a_local_socket(void)
{
	return did(socket(AF_UNIX, SOCK_STREAM, 0));
}
static bool makes_a_socket_pair(void)
{
	int pair[2];
	return did(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}
static int pair_fd[2];
static bool listens(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	return did(bind(pair_fd[0], (struct sockaddr *)&a, sizeof a.sun_family));
}
static bool sends_to_an_address(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "x"};
	return sendto(pair_fd[0], "", 1, 0, (struct sockaddr *)&a, sizeof a) == 1;
}
static bool passes_a_descriptor(void)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} u = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
		       .cmsg_level = SOL_SOCKET,
		       .cmsg_type = SCM_RIGHTS}};
	char byte = 0;
	struct iovec v = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &u,
		.msg_controllen = sizeof u};
	memcpy(CMSG_DATA(&u.head), &held_fd, sizeof held_fd);
	return sendmsg(pair_fd[0], &m, 0) == 1;
}
static bool runs_a_program(void)
{
	char name[] = "/bin/true";
	char *const argv[] = {name, NULL}, *const envp[] = {NULL};
	pid_t pid = vfork();
	if (pid == 0) {
		execve(name, argv, envp);
		_exit(9);
	}
	int status = 9;
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
static bool becomes_a_program(void)
{
	char name[] = "/bin/true";
	char *const argv[] = {name, NULL}, *const envp[] = {NULL};
	execve(name, argv, envp);
	return false;
}
static bool forks(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return did(pid);
}
static bool forks_by_a_newer_call(void)
{
	uint64_t a[8] = {0, 0, 0, 0, SIGCHLD};
	long pid = syscall(SYS_clone3, a, sizeof a);
	if (pid == 0)
		_exit(0);
	return did(pid);
}
static bool traces_its_parent(void)
{
	return did(ptrace(PTRACE_SEIZE, parent, NULL, NULL));
}
static bool reads_its_parent(void)
{
	static char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};
	return did(syscall(SYS_process_vm_readv, parent, &here, 1, &there, 1, 0));
}
static bool signals_its_parent(void)
{
	return did(kill(parent, SIGCHLD));
}
static bool signals_a_thread_of_its_parent(void)
{
	return did(syscall(SYS_tgkill, parent, parent, SIGCHLD));
}
static bool maps_memory_that_runs(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0) != MAP_FAILED;
}
static bool makes_memory_run(void)
{
	static char page[8192] __attribute__((aligned(4096)));
	return did(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}
static bool gets_a_gigabyte(void)
{
	return mmap(NULL, 1u << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		MAP_FAILED;
}
static bool raises_a_limit(void)
{
	struct rlimit r;
	return getrlimit(RLIMIT_NOFILE, &r) == 0 && setrlimit(RLIMIT_NOFILE, &r) == 0;
}
static bool becomes_dumpable(void)
{
	return did(prctl(PR_SET_DUMPABLE, 1));
}
static bool outlives_its_parent(void)
{
	return did(prctl(PR_SET_PDEATHSIG, 0));
}
static bool sets_a_filter(void)
{
	uint32_t action = 0x7fff0000u; /* SECCOMP_RET_ALLOW: is that action known? */
	return did(syscall(SYS_seccomp, 2, 0, &action));
}
static bool changes_personality(void)
{
	return did(syscall(SYS_personality, 0xffffffffu));
}
static bool makes_a_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno == EFAULT;
}
static bool takes_a_descriptor(void)
{
	return did(dup(0));
}
/* These say ENOTTY when the kernel is asked: standard input is none of these devices. */
static bool asks(unsigned long request)
{
	char room[512] = {0};
	return ioctl(0, request, room) == 0 || errno == ENOTTY || errno == EINVAL || errno == EIO;
}
static bool types_into_a_terminal(void)
{
	return asks(TIOCSTI);
}
static bool asks_a_camera(void)
{
	return asks(VIDIOC_DQBUF);
}
static bool gives_a_line_back(void)
{
	return asks(TIOCNXCL);
}
static bool asks_a_reader(void)
{
	return asks(HIDIOCGRDESCSIZE);
}
static bool lets_go_of_a_keyboard(void)
{
	return asks(EVIOCGRAB);
}
static bool reconfigures_a_reader(void)
{
	return asks(HIDIOCSFEATURE(8));
}
static bool makes_a_name_space(void)
{
	return syscall(SYS_unshare, 0) == 0;
}
#ifdef __x86_64__
static bool calls_as_x32(void)
{
	return did(syscall(0x40000000 + SYS_getpid)) || errno == ENOSYS;
}
#endif

enum how {
	KILLED = 1,
	FAILS = 2, /* with an error, which is as good */
};

struct deed {
	const char *name;
	bool (*act)(void);
	enum how how;
	bool anyhow;   /* forbidden in a build with sanitizers, too */
	unsigned free; /* bit n: class n is allowed it */
};

#define ALL 0x3fu
static const struct deed deeds[] = {
	{"opens a file", opens_a_file, FAILS, false, 0},
	{"opens a path", opens_a_path, FAILS, false, 0},
	{"opens by openat2", opens_by_a_newer_call, KILLED, true, 0},
	{"makes a file", makes_a_file, FAILS | KILLED, true, 0},
	{"writes a file that was not open", writes_a_file_that_was_not_open, FAILS | KILLED, true,
		0},
	{"writes a file that was open", writes_a_file_that_was_open, FAILS, false, 0x14},
	{"removes a file", removes_a_file, KILLED, true, 0},
	{"renames a file", renames_a_file, KILLED, true, 0},
	{"links a file", links_a_file, KILLED, true, 0},
	{"changes a file's mode", changes_a_mode, KILLED, true, 0},
	{"looks at a file", looks_at_a_file, FAILS, false, 0},
	{"asks where it is", looks_at_a_folder, KILLED, false, 0},
	{"makes an anonymous file", makes_an_anonymous_file, KILLED, false, 0},
	{"makes a TCP socket", makes_a_tcp_socket, KILLED, true, 0},
	{"makes a local socket", makes_a_local_socket, KILLED, true, 0},
	{"makes a pair of sockets", makes_a_socket_pair, KILLED, true, 0},
	{"listens", listens, KILLED, true, 0},
	{"sends to an address", sends_to_an_address, KILLED, false, 0},
	{"passes a descriptor", passes_a_descriptor, KILLED, false, 0},
	{"runs a program", runs_a_program, KILLED | FAILS, true, 0},
	{"becomes a program", becomes_a_program, KILLED, true, 0},
	{"forks", forks, KILLED, false, 0},
	{"forks by clone3", forks_by_a_newer_call, KILLED, false, 0},
	{"traces its parent", traces_its_parent, KILLED, false, 0},
	{"reads its parent's memory", reads_its_parent, KILLED, false, 0},
	{"signals its parent", signals_its_parent, KILLED, false, 0},
	{"signals a thread of its parent", signals_a_thread_of_its_parent, KILLED, false, 0},
	{"maps memory that can be run", maps_memory_that_runs, KILLED, false, 0},
	{"makes memory such as can be run", makes_memory_run, KILLED, false, 0},
	{"gets a gigabyte", gets_a_gigabyte, FAILS, false, 0},
	{"raises a limit", raises_a_limit, KILLED, false, 0},
	{"becomes dumpable", becomes_dumpable, KILLED, false, 0},
	{"outlives its parent", outlives_its_parent, KILLED, false, 0},
	{"sets a filter", sets_a_filter, KILLED, false, 0},
	{"changes its personality", changes_personality, KILLED, true, 0},
	{"makes an io_uring", makes_a_ring, KILLED, true, 0},
	{"takes a descriptor", takes_a_descriptor, KILLED, false, 0},
	{"types into a terminal", types_into_a_terminal, KILLED, true, 0},
	{"asks a camera", asks_a_camera, KILLED, false, 0x18},
	{"gives a serial line back", gives_a_line_back, KILLED, false, 0x20},
	{"asks a reader", asks_a_reader, KILLED, false, 0},
	{"lets go of a keyboard", lets_go_of_a_keyboard, KILLED, false, 0},
	{"reconfigures a reader", reconfigures_a_reader, KILLED, false, 0},
	{"makes a name space", makes_a_name_space, KILLED, true, 0},
#ifdef __x86_64__
	{"calls as x32", calls_as_x32, KILLED, false, 0},
#endif
};
#define DEEDS (sizeof deeds / sizeof deeds[0])

/* ---- children ---- */

enum end {
	END_WORKED = 20,
	END_FAILED,
	END_NOT_CONFINED
};

/* becomes_a_program() that works ends with 0. */
static int end_of(const struct scan_confine *c, bool (*act)(void))
{
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		signal(SIGSEGV, SIG_DFL); /* cmocka's is not the scanner's */
		dup2(null, 0);
		dup2(null, 2); /* the words of a sanitizer build */
		if (c && (scan_confine_start(NULL) || scan_confine_open(c, NULL)))
			_exit(END_NOT_CONFINED);
		_exit(act() ? END_WORKED : END_FAILED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool worked(int status)
{
	return WIFEXITED(status) && (WEXITSTATUS(status) == END_WORKED || !WEXITSTATUS(status));
}

static bool is_as_told(int status, enum how how)
{
	if (WIFSIGNALED(status))
		return (how & KILLED) && WTERMSIG(status) == SIGSYS;
	return (how & FAILS) && WEXITSTATUS(status) == END_FAILED;
}

static void put_files(void)
{
	write_file(path, "w", span_text("x"));
	unlink(fresh);
}

static int begin(void **state)
{
	(void)state;
	const char *dir = test_dir();
	snprintf(path, sizeof path, "%s/there", dir);
	snprintf(fresh, sizeof fresh, "%s/fresh", dir);
	put_files();
	parent = getpid();
	held_fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	signal(SIGCHLD, SIG_DFL);
	return held_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair_fd);
}

static int end(void **state)
{
	(void)state;
	close(held_fd);
	close(pair_fd[0]);
	close(pair_fd[1]);
	*strrchr(path, '/') = '\0';
	remove_dir(path);
	return 0;
}

/* ---- tests ---- */

static void all_deeds_work_outside(void **state)
{
	(void)state;
	for (size_t i = 0; i < DEEDS; i++) {
		put_files();
		/* A kernel may forbid these to anybody. */
		if (deeds[i].act == traces_its_parent || deeds[i].act == reads_its_parent)
			continue;
		if (!worked(end_of(NULL, deeds[i].act)))
			fail_msg("outside the sandbox nobody %s", deeds[i].name);
	}
}

static void denies_every_deed_to_every_kind_of_source(void **state)
{
	(void)state;
	for (size_t k = 0; k < CLASSES; k++) {
		for (size_t i = 0; i < DEEDS; i++) {
			const struct deed *d = &deeds[i];
			if (SCAN_SANITIZED && !d->anyhow)
				continue;
			put_files();
			int status = end_of(&classes[k], d->act);
			bool fine = d->free & (1u << k) ? worked(status)
							: is_as_told(status, d->how);
			if (!fine)
				fail_msg("kind %zu %s: ended as %#x", k, d->name,
					(unsigned)status);
		}
	}
}

/* ---- what must still work ---- */

static struct scan_grey grey;

static bool does_its_work(void)
{
	static struct scan_examiner e;
	static struct scan_examined seen;
	static char text[] = "IN A BOX";
	char byte = 'a';
	struct span jpeg = make_jpeg(&grey, 80);
	struct scan_frame f = {.jpeg = jpeg};
	scan_examiner_init(&e);
	bool good = !scan_examine(&e, &seen, &f, true, NULL) && seen.found.count == 1 &&
		memcmp(seen.found.codes[0].text, text, sizeof text - 1) == 0;
	scan_examiner_done(&e);
	drop(jpeg);
	good = good && send(pair_fd[0], &byte, 1, MSG_NOSIGNAL) == 1 &&
		recv(pair_fd[1], &byte, 1, 0) == 1;
	void *large = malloc(100u << 20); /* the largest frame */
	good = good && large;
	free(large);
	return good;
}
static bool aborts(void)
{
	abort();
}
static bool breaks(void)
{
	raise(SIGSEGV);
	return true;
}

static void leaves_what_the_work_needs(void **state)
{
	(void)state;
	struct placed code = {.text = "IN A BOX", .x = 80, .y = 60, .module = 3, .dark = 10,
		.light = 240};
	grey_fill(&grey, 160, 120, 200);
	draw_code(&grey, &code);
	for (size_t k = 0; k < CLASSES; k++) {
		assert_int_equal(end_of(&classes[k], does_its_work), END_WORKED << 8);
		if (SCAN_SANITIZED)
			continue;
		int status = end_of(&classes[k], aborts);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
		status = end_of(&classes[k], breaks);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	}
	scan_grey_done(&grey);
}

/* ---- landlock alone, without the filter ---- */

static bool enters_landlock(void)
{
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !scan_landlock_nothing(NULL);
}
static bool landlock_denies_files(void)
{
	return enters_landlock() && !writes_a_file_that_was_not_open() &&
		errno == EACCES && !makes_a_file() && errno == EACCES &&
		(SCAN_SANITIZED || (!opens_a_file() && errno == EACCES));
}
static bool landlock_denies_tcp(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return enters_landlock() && connect(fd, (struct sockaddr *)&a, sizeof a) < 0 &&
		errno == EACCES && bind(fd, (struct sockaddr *)&a, sizeof a) < 0 && errno == EACCES;
}
static bool landlock_denies_signals(void)
{
	return enters_landlock() && !signals_its_parent() && errno == EPERM;
}

static void landlock_is_a_second_wall(void **state)
{
	(void)state;
	int version = scan_landlock_version();
	if (!version)
		return; /* this kernel or build has none */
	assert_int_equal(end_of(NULL, landlock_denies_files), END_WORKED << 8);
	if (version >= 4)
		assert_int_equal(end_of(NULL, landlock_denies_tcp), END_WORKED << 8);
	if (version >= 6 && !SCAN_SANITIZED)
		assert_int_equal(end_of(NULL, landlock_denies_signals), END_WORKED << 8);
}

/* ---- machines ---- */

static void can_be_made_for_the_machines_we_name(void **state)
{
	(void)state;
	static const char *const machines[] = {"x86_64", "aarch64", "arm", "riscv64"};
	for (size_t m = 0; m < sizeof machines / sizeof machines[0]; m++)
		for (size_t k = 0; k < CLASSES; k++) {
			int fd = open(path, O_RDWR | O_TRUNC | O_CLOEXEC);
			assert_int_equal(scan_sandbox_write(&classes[k], machines[m], fd, NULL),
				ERR_OK);
			assert_in_range(lseek(fd, 0, SEEK_END), 8 * 30, 8 * 400);
			close(fd);
		}
	assert_int_equal(scan_sandbox_write(&classes[0], "abacus", held_fd, NULL),
		ERR_UNSUPPORTED);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_deeds_work_outside),
		CASE(denies_every_deed_to_every_kind_of_source),
		CASE(leaves_what_the_work_needs),
		CASE(landlock_is_a_second_wall),
		CASE(can_be_made_for_the_machines_we_name),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
