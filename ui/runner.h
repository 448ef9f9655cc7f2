/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of the configuration: a sound, a voice, a receipt. They are started beside the loop and
 * never waited for; nothing that they do or leave undone changes what is decided at the counter.
 *
 * A command line is words; no shell reads it. Space and tab part words. Between single quotes every
 * character stands for itself; between double quotes, too, but for \" and \\; elsewhere a backslash
 * makes the next character an ordinary one. What only a shell could do is refused where it stands
 * in no quotes: | & ; < > $ `. The first word is the program: a name is looked for in $PATH, one
 * with a slash is taken as it is. {name} in a word is put in when it is one of the caller's names.
 *
 * A program runs in its own session, without this terminal, with the environment of this process;
 * its text is its standard input, its standard output is dropped, and of its standard error the
 * first line is told when it fails. One program of a runner runs at a time, the others wait in a
 * queue that is bounded. Whoever takes too long is ended together with what it started (SIGTERM,
 * RUNNER_KILL_MS later SIGKILL to its process group).
 */
#ifndef UI_RUNNER_H
#define UI_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/log.h"

/* Limits, also in docs/limits.md. */
#define RUNNER_LINE_MAX  200    /* bytes of a command line with NUL: what a configuration holds */
#define RUNNER_WORDS_MAX 24
#define RUNNER_NAMES_MAX 4      /* {names} of one caller */
#define RUNNER_VALUE_MAX 64     /* bytes of what is put in for one, with NUL */
#define RUNNER_TEXT_MAX  65536  /* bytes on standard input */
#define RUNNER_QUEUE_MAX 8      /* that wait while one runs */
#define RUNNER_LIMIT_MS_MAX 600000
#define RUNNER_KILL_MS   1000   /* from SIGTERM to SIGKILL */
#define RUNNER_WORDS_OF_FAULT_MAX 160

/* ---- a command line ---- */

struct runner_command { /* flat: may be copied */
	char words[RUNNER_LINE_MAX]; /* one after another, each with NUL */
	int count;                   /* 0 = none is configured */
};
/* names: the {names} that may be put in, NULL-terminated; NULL = none.
 * Returns: ERR_OK      "" gives no words
 *          ERR_FORMAT  err says what is wrong with the line and what to do
 */
ERR_MUST_CHECK enum err_code runner_command_parse(struct runner_command *out, const char *line,
	const char *const *names, struct err *err);
/* Is there such a program that may be run? For `countersign check`.
 * Returns: ERR_OK; ERR_NOT_FOUND; ERR_PERMISSION, with words
 */
ERR_MUST_CHECK enum err_code runner_command_check(const struct runner_command *c, struct err *err);
static inline bool runner_command_is_set(const struct runner_command *c)
{
	return c->count > 0;
}

/* ---- running ---- */

enum runner_ending {
	RUNNER_WELL,      /* it ended with status 0 */
	RUNNER_FAILED,    /* another status, a signal, or it could not be started */
	RUNNER_TOO_LONG,  /* it was ended by us */
	RUNNER_DROPPED    /* by runner_drop() or runner_done(), before or while it ran */
};

struct runner_end {
	uint32_t id;      /* of the job */
	enum runner_ending ending;
	const char *words; /* safe text: what was wrong; "" for WELL and DROPPED; for the call */
	const char *said;  /* likewise: what a FAILED one said itself; part of words */
};

struct runner_options {
	const char *area;  /* of the log and of messages: "sound"; static text */
	int64_t limit_ms;  /* that one program may take; 1 .. RUNNER_LIMIT_MS_MAX */
	bool outlives;     /* runner_done() lets the one that runs finish: a receipt, a sound */
	/* Called by runner_tick(), runner_drop() and runner_done() for every job that was taken
	 * (not for one that outlives us). May call runner_run(). NULL = nobody; faults are logged
	 * anyway, each once until one job goes well.
	 */
	void (*ended)(void *ctx, const struct runner_end *end);
	void *ctx;
};

struct runner_value {
	const char *name;  /* without braces */
	const char *value; /* one word's worth of text; no NUL inside, at most RUNNER_VALUE_MAX */
};

struct runner_job {
	const struct runner_command *command; /* outlives the job: it may wait in the queue */
	struct span text;  /* its standard input; copied; no secrets */
	struct runner_value values[RUNNER_NAMES_MAX]; /* unused: name NULL; copied */
	int64_t limit_ms;  /* 0 = that of the options */
};

struct runner_waiting { /* private */
	uint32_t id;
	const struct runner_command *command;
	int text_fd;
	char values[RUNNER_NAMES_MAX][RUNNER_VALUE_MAX];
	const char *names[RUNNER_NAMES_MAX];
	int64_t limit_ms;
};

struct runner {
	struct runner_options opt;
	struct runner_waiting queue[RUNNER_QUEUE_MAX];
	int count;         /* that wait */
	uint32_t last_id;
	/* the one that runs */
	pid_t pid;         /* 0 = none */
	uint32_t id;
	int words_fd;      /* its standard error */
	int64_t next_ms;   /* when it is ended, then when it is killed */
	bool told_to_end, too_long, dropped;
	struct log_fault fault;
};

void runner_init(struct runner *r, const struct runner_options *opt);
/* At the end of the program; a zeroed struct is fine. Waits for nothing longer than it takes the
 * kernel to end a process.
 */
void runner_done(struct runner *r);

/* Takes it: runner_tick() starts it, when those before it have ended. Never blocks.
 * Returns: ERR_OK        id (may be NULL) names the job; opt.ended will be told of it
 *          ERR_BUSY      the queue is full
 *          ERR_TOO_LARGE text or a value is too long
 *          others        no memory for the text
 * A program that cannot be started is no error here but a job that FAILED.
 */
ERR_MUST_CHECK enum err_code runner_run(struct runner *r, uint32_t *id,
	const struct runner_job *job, struct err *err);
/* Ends what runs and forgets what waits: what they were about is over. A job that is taken after
 * this starts when the one that ran has gone.
 */
void runner_drop(struct runner *r, int64_t now_ms);

/* After every wait of the loop: a SIGCHLD ends the wait, runner_next_ms() bounds it. Milliseconds
 * of the machine's monotonic clock.
 */
void runner_tick(struct runner *r, int64_t now_ms);
int64_t runner_next_ms(const struct runner *r); /* INT64_MAX = nothing is due by time */
bool runner_is_busy(const struct runner *r);    /* one runs or waits */

#endif
