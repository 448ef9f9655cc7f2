/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the terminal's side of the scanner: one struct, six files.
 *   process.c            the calls of scanner.h
 *   process_life.c       start, death, restart, watchdog of countersign-scanner
 *   process_device.c     cameras and readers that come and go
 *   process_source.c     what a source specification means
 *   process_simulator.c  the simulator's process and pipes
 *   process_spawn.c      fork and exec
 */
#ifndef SCANNER_PROCESS_H
#define SCANNER_PROCESS_H

#include "scanner/message.h"
#include "scanner/preview.h"
#include "scanner/scanner.h"
#include "scanner/typed_port.h"

#define SCAN_START_TIMEOUT_MS 10000  /* until the first life says HELLO */
#define SCAN_SAME_FRAME_DEATHS 2     /* a frame of a file that killed so often is passed over */
#define SCAN_START_FAILURES 5        /* lives without HELLO, one after another: a file gives up */
#define SCAN_SYMBOLOGIES_DEATHS 3    /* so often within ... */
#define SCAN_SYMBOLOGIES_MS 60000    /* ... and it goes on without codes other than QR */
#define SCAN_LOST_STEP_MS 3000       /* stepped pipe after a death: the frame was half read */
#define SCAN_STOPPED_MS 3000         /* between two calls: the terminal itself was stopped */
#define SCAN_QUEUE_MAX 4
#define SCAN_OPEN_TIMEOUT_MS 1400 /* CPU time until the source is open, beside that of a frame */
#define SCAN_TIMEOUT_BUDGETS 20   /* budgets, or times of slow frames before: a frame hangs */
#define SCAN_FRAME_TIMEOUT_MAX_MS 4000 /* but no longer than this, however slow they were */
#define SCAN_LOOK_AGAIN_MS 50     /* at a process that is silent and does not hang yet */
#define SCAN_SANITIZED_SLOWER 4
#define SCAN_PICTURE_TOTAL_MS 5000  /* CPU time of one picture of a file, which gets every effort */
#define SCAN_MESSAGES_MAX 10000     /* in a burst; then it is no scanner any more */
#define SCAN_MESSAGES_A_MS 5        /* that may come on end: 1000 frames a second and some */
#define SCAN_MESSAGES_A_STEP 8      /* and for each step that was asked for */
#define SCAN_FAULTS_MAX 50          /* faults told on end, of a source that is not stepped */
#define SCAN_FAULTS_EVERY_MS 1000   /* and then one in this time; the others are left out */
#define SCAN_DEVICE_RETRY_MS 500      /* to open a device that is not there or is in use */
#define SCAN_DEVICE_RETRY_MAX_MS 2000 /* the same with a process that must find out */

enum scan_source_kind {
	SCAN_KIND_FILE,   /* read again after a death */
	SCAN_KIND_PIPE,   /* goes on after a death; simulators too */
	SCAN_KIND_DEVICE  /* a camera or a reader: comes and goes */
};

/* The simulator: our child, beside the scanner. */
struct scan_simulator {
	pid_t pid;       /* 0 = none; leader of its process group */
	int stdin_fd;    /* socket to its standard input; -1 = closed */
	int stderr_fd;
	char rest[8192]; /* of a line that went out in part */
	size_t rest_len;
	char words[SCAN_FAULT_MAX]; /* its last line on standard error */
	size_t words_len;
	bool words_done; /* the line was complete: the next byte begins another */
};

struct scan_process {
	/* what was asked for */
	enum scan_source_kind kind;
	char *source;     /* as countersign-scanner is told */
	char *program;
	char *pipe_name;  /* of a named pipe, for its words; NULL = none */
	char *record_dir; /* NULL = none */
	int fps;
	bool stepped, loop;
	bool reader;      /* the device is a hand-held reader, no camera */
	struct typed_spec reader_spec;
	struct typed_port port; /* of a reader, kept over deaths; fd -1 = not open */
	char *camera;     /* settings; NULL = none */
	int budget_ms;    /* 0 = the scanner's own */
	bool all_symbologies; /* until the scanner dies of them */
	int preview_fd;   /* of the memory for all lives */
	const struct scan_preview_ring *ring;
	int frames_fd;    /* a pipe's reading end, kept over deaths; -1 = none */
	struct scan_simulator sim;

	/* this life */
	pid_t pid;        /* 0 = between two lives */
	int fd;
	bool hello;
	bool fatal;       /* it said that the source is of no use */
	bool in_work;     /* it has frame_next and has not answered */
	int64_t heard_ms; /* real monotonic time of its last message */
	int64_t heard_cpu_ms; /* its CPU time then */
	uint32_t slow_us;     /* a slow frame of this machine, as it says; 0 = none examined yet */
	int64_t work_cpu_ms;  /* its CPU time when it began the frame in work */
	int64_t messages;     /* more than may come; sinks with time */
	int64_t messages_ms;
	int64_t born_ms;
	int64_t faults_ms;    /* each fault that was told adds its time */

	/* all lives */
	uint32_t frame_next;
	unsigned steps;   /* sent and not answered */
	bool paused, preview;
	bool joined;      /* a byte of the pipe may have been read */
	char head[SCAN_FAULT_MAX];
	int64_t origin_ms;
	int64_t last_at_ms;
	bool ended;
	unsigned lives;
	unsigned failed_starts;
	uint32_t died_frame;
	unsigned died_count;
	unsigned deaths;      /* with all_symbologies, since deaths_ms */
	int64_t deaths_ms;
	int64_t pause_ms;
	int64_t restart_ms;   /* real time of the next start; only when pid is 0 */
	int64_t lost_step_ms; /* real time at which an unanswered step is lost; INT64_MAX = none */

	/* a device that does not work */
	char told[SCAN_FAULT_MAX]; /* what was told since the last good frame; "" = nothing */
	enum err_code told_code;
	bool told_fatal;           /* and it ended that life */
	unsigned refusals;         /* of opening, one after another */

	/* messages made here */
	struct scan_msg queue[SCAN_QUEUE_MAX];
	unsigned queue_len;

	/* the caller's clock against the real one */
	int64_t caller_ms, called_ms;
};

int64_t scan_real_ms(void);
int64_t scan_cpu_ms(pid_t pid); /* that the process has used; 0 when it is gone */

/* process_source.c. Fills kind, source, frames_fd; simulator: also the command to start. */
ERR_MUST_CHECK enum err_code scan_process_set_source(struct scan_process *p, const char *spec,
	const char **simulator, struct err *err);

/* process_life.c */
ERR_MUST_CHECK enum err_code scan_life_start(struct scan_process *p, struct err *err);
/* The process is gone or must go: kills, reaps, decides what comes after. */
void scan_life_end(struct scan_process *p, const char *why);
/* No message is waiting: restarts, kills a process that hangs. */
void scan_life_watch(struct scan_process *p);
int64_t scan_life_watch_ms(const struct scan_process *p);
void scan_life_send(struct scan_process *p, enum scan_command_kind kind, uint32_t value);
struct scan_msg *scan_queue_add(struct scan_process *p, enum scan_msg_kind kind);

/* process_device.c. For other sources than devices *fd is -1 and the rest does nothing. */
ERR_MUST_CHECK enum err_code scan_device_open(struct scan_process *p, int *fd, struct err *err);
void scan_device_passed(struct scan_process *p, int fd); /* the new process has it */
void scan_device_drop(struct scan_process *p);           /* it does not work: opened anew */
/* A fault of a device that may be mended without the terminal's help, by time or a plug. */
bool scan_device_may_come(const struct scan_process *p, enum err_code code);
/* Not told since the last good frame, or as what may pass by itself; it is now. */
bool scan_device_is_news(struct scan_process *p, const struct scan_msg *fault);
void scan_device_good(struct scan_process *p);
/* It cannot be opened: tells that, once, and when to try again. */
void scan_device_trouble(struct scan_process *p, const struct err *why);

/* process_spawn.c */
#define SCAN_SPAWN_FDS 6
struct scan_spawn {
	char *const *argv;
	char *const *envp;
	int fd[SCAN_SPAWN_FDS]; /* become 0, 1, ...; -1 = /dev/null, from 3 on none */
	bool own_group;
	int death_signal; /* when the terminal dies */
};
ERR_MUST_CHECK enum err_code scan_spawn(pid_t *pid, const struct scan_spawn *s, struct err *err);
/* Waits up to timeout_ms, then kills (the group, when it has its own). Returns the wait status. */
int scan_reap(pid_t pid, bool own_group, int timeout_ms);
/* The folder of the running program, with NUL. */
ERR_MUST_CHECK enum err_code scan_program_dir(char *out, size_t cap, struct err *err);

/* process_simulator.c */
ERR_MUST_CHECK enum err_code scan_simulator_start(struct scan_simulator *s, const char *command,
	int *frames_fd, struct err *err);
void scan_simulator_stop(struct scan_simulator *s);
/* Its words on standard error, read without waiting. */
void scan_simulator_listen(struct scan_simulator *s);
/* Waits for it to end after its frames have. False when it failed; err then says how. */
bool scan_simulator_ended_well(struct scan_simulator *s, struct err *err);
void scan_simulator_tell(struct scan_simulator *s, const char *line, size_t len);

#endif
