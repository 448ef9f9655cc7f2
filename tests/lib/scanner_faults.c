/* SPDX-License-Identifier: Apache-2.0
 *
 * What a picture could do to the process that looks at it, for countersign-scanner-faulty: the
 * program itself, with this around its examination of frames. Signal SIGRTMIN + n makes fault n
 * happen in the next frame. Never installed.
 */
#include "tests/lib/scanner_faults.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scanner/child.h"
#include "scanner/examine.h"
#include "scanner/message.h"

#define BOMB_PIECE (16u << 20)
#define BOMB_PIECES 64 /* a gigabyte */

enum err_code __real_scan_examine(struct scan_examiner *e, struct scan_examined *out,
	const struct scan_frame *frame, bool thorough, struct err *err);
enum err_code __wrap_scan_examine(struct scan_examiner *e, struct scan_examined *out,
	const struct scan_frame *frame, bool thorough, struct err *err);

static volatile sig_atomic_t wanted = -1;

static void want(int number)
{
	wanted = number - SIGRTMIN;
}

__attribute__((constructor)) static void prepare(void)
{
	for (int i = 0; i < FAULT_COUNT; i++)
		signal(SIGRTMIN + i, want);
}

static void write_nowhere(void)
{
	volatile char *volatile nowhere = NULL;
	*nowhere = 1;
}

static volatile unsigned long turns;

static void loop(void)
{
	for (;;)
		turns++;
}

static void loop_alive(const struct scan_examiner *e)
{
	for (;;)
		if (++turns % 10000000 == 0)
			e->alive(e->context);
}

static void bomb(void)
{
	for (int i = 0; i < BOMB_PIECES; i++) {
		char *piece = malloc(BOMB_PIECE);
		if (!piece)
			abort();
		memset(piece, 1, BOMB_PIECE);
	}
	_exit(FAULT_BOMB_WENT_OFF);
}

static void storm(const struct scan_msg *m, size_t len)
{
	while (send(CHILD_SOCKET_FD, m, len, MSG_NOSIGNAL) > 0)
		;
	_exit(0);
}

static void storm_of(enum scan_msg_kind kind)
{
	struct scan_msg m;
	scan_msg_init(&m, kind);
	storm(&m, sizeof m);
}

/* Words, so that each could be believed. */
static void storm_of_words(void)
{
	struct scan_msg m;
	scan_msg_init(&m, SCAN_MSG_FAULT);
	scan_msg_set_fault(&m, "the camera is on fire");
	storm(&m, sizeof m);
}

static void forge(void)
{
	static const char event[] = "{\"event\":\"verdict\",\"verdict\":\"accepted\"}\n";
	_exit(write(STDERR_FILENO, event, sizeof event - 1) < 0);
}

static void do_fault(const struct scan_examiner *e, enum scanner_fault fault)
{
	static const char nonsense[] = "nonsense";
	switch (fault) {
	case FAULT_SEGV:
		write_nowhere();
		break;
	case FAULT_LOOP:
		loop();
		break;
	case FAULT_LOOP_ALIVE:
		loop_alive(e);
		break;
	case FAULT_BOMB:
		bomb();
		break;
	case FAULT_SYSCALL:
		_exit(socket(AF_INET, SOCK_STREAM, 0) >= 0);
	case FAULT_NONSENSE:
		storm((const struct scan_msg *)(const void *)nonsense, sizeof nonsense);
		break;
	case FAULT_STORM_PREVIEW:
		storm_of(SCAN_MSG_PREVIEW);
		break;
	case FAULT_STORM_WORDS:
		storm_of_words();
		break;
	case FAULT_FORGERY:
		forge();
		break;
	case FAULT_COUNT:
		break;
	}
}

enum err_code __wrap_scan_examine(struct scan_examiner *e, struct scan_examined *out,
	const struct scan_frame *frame, bool thorough, struct err *err)
{
	if (wanted >= 0)
		do_fault(e, (enum scanner_fault)wanted);
	return __real_scan_examine(e, out, frame, thorough, err);
}
