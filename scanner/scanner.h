/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames in, code texts out, in a process of its own (countersign-scanner). Knows nothing of
 * credentials: a code is a text here.
 *
 * The terminal uses scan_process_*: it starts the process, reads fixed-size messages from a
 * SOCK_SEQPACKET socket, sends fixed-size commands, and starts the process again when it dies.
 * Every message is checked as if a stranger had sent it.
 */
#ifndef SCANNER_SCANNER_H
#define SCANNER_SCANNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

/* Limits, also in docs/limits.md. */
#define SCAN_WIDTH_MAX 4096
#define SCAN_HEIGHT_MAX 4096
#define SCAN_SIDE_MIN 16
#define SCAN_TEXT_MAX 512          /* bytes of one code text; longer ones are cut and say so */
#define SCAN_CODES_MAX 4           /* of one frame */
#define SCAN_SOURCE_MAX 1024       /* bytes of a source specification */
#define SCAN_PREVIEW_COLUMNS 192   /* grey pixels of the small picture */
#define SCAN_PREVIEW_ROWS 108
#define SCAN_PREVIEW_EVERY_MS 100
#define SCAN_CAMERA_WORDS_MAX 512  /* bytes of a camera's settings */
#define SCAN_BUDGET_MS 25          /* of work for one frame, unless told otherwise */
#define SCAN_BUDGET_MS_MAX 1000
#define SCAN_READER_TICK_MS 1000   /* a hand-held reader that reads nothing says so as often */
#define SCAN_FAULT_MAX 200
#define SCAN_ALIVE_MS 500          /* the process says at least so often that it lives */
#define SCAN_FRAME_TIMEOUT_MS 500  /* so much CPU time without a message: it hangs; kill, restart.
				    * The budget of 20 frames; the terminal and a new process need
				    * the rest of a second */
#define SCAN_SILENCE_MAX_MS 5000   /* or so much time of any kind */
#define SCAN_RESTART_MIN_MS 100
#define SCAN_RESTART_MAX_MS 5000

/* ---- messages: scanner -> terminal ---- */

enum scan_msg_kind {
	SCAN_MSG_HELLO = 1, /* source is open: width, height; 0 x 0 when it does not say yet.
			     * Comes again after a restart and when the geometry becomes known;
			     * `fault` then holds the stream's header line */
	SCAN_MSG_FRAME,     /* one frame was examined (codes may be none). 0 x 0 without a code:
			     * unreadable; 0 x 0 with one: a hand-held reader gave it, there is no
			     * picture and its corners are 0. A reader's without a code comes each
			     * SCAN_READER_TICK_MS: time passes in its recordings, too */
	SCAN_MSG_PREVIEW,   /* scan_process_preview() has a new picture */
	SCAN_MSG_END,       /* the source ended */
	SCAN_MSG_FAULT,     /* something is wrong; `fatal` = the process ends now */
	SCAN_MSG_RECORD_FAULT, /* frames are no longer recorded, and why */
	SCAN_MSG_ALIVE /* never leaves scan_process_next(). code_count 1: `frame` is in work */
};

/* What kind of symbol a text came from. Only QR codes can be ours. X(enum, word). */
#define SCAN_SYMBOLOGY_LIST(X)                                                                     \
	X(SCAN_QR, "qr")                                                                           \
	X(SCAN_MICRO_QR, "micro-qr")                                                               \
	X(SCAN_EAN_8, "ean-8")                                                                     \
	X(SCAN_EAN_13, "ean-13")                                                                   \
	X(SCAN_UPC_A, "upc-a")                                                                     \
	X(SCAN_UPC_E, "upc-e")                                                                     \
	X(SCAN_CODE_39, "code-39")                                                                 \
	X(SCAN_CODE_93, "code-93")                                                                 \
	X(SCAN_CODE_128, "code-128")                                                               \
	X(SCAN_CODABAR, "codabar")                                                                 \
	X(SCAN_ITF, "itf")                                                                         \
	X(SCAN_DATABAR, "databar")                                                                 \
	X(SCAN_PDF417, "pdf417")                                                                   \
	X(SCAN_DATA_MATRIX, "data-matrix")                                                         \
	X(SCAN_AZTEC, "aztec")                                                                     \
	X(SCAN_MAXICODE, "maxicode")                                                               \
	X(SCAN_OTHER, "other")                                                                     \
	X(SCAN_UNTOLD, "untold") /* by a hand-held reader that does not say */

enum scan_symbology {
#define SCAN_SYMBOLOGY_ENUM(name, word) name,
	SCAN_SYMBOLOGY_LIST(SCAN_SYMBOLOGY_ENUM)
#undef SCAN_SYMBOLOGY_ENUM
	SCAN_SYMBOLOGY_COUNT
};
const char *scan_symbology_word(unsigned symbology); /* "other" for a number outside the list */
bool scan_symbology_of(uint8_t *out, const char *word, size_t len); /* false: no such word */
/* A QR code, or nobody knows. */
bool scan_symbology_may_be_ours(unsigned symbology);

/* Why frames without a code hold none, as measured. X(enum, word). */
#define SCAN_HINT_LIST(X)                                                                          \
	X(SCAN_HINT_NONE, "none")       /* a code was read, or nothing can be said yet */          \
	X(SCAN_HINT_NOTHING, "nothing") /* nothing like a code is in view */                       \
	X(SCAN_HINT_FAR, "far")         /* its modules have too few pixels */                      \
	X(SCAN_HINT_CUT, "cut")         /* only a part of it is in view */                         \
	X(SCAN_HINT_BLURRED, "blurred")                                                            \
	X(SCAN_HINT_MOVING, "moving")                                                              \
	X(SCAN_HINT_DARK, "dark")       /* too little light, or the phone's screen is dim */       \
	X(SCAN_HINT_BRIGHT, "bright")   /* over-exposed: light and dark run together */            \
	X(SCAN_HINT_GLARE, "glare")     /* a lamp mirrored on the code */

enum scan_hint {
#define SCAN_HINT_ENUM(name, word) name,
	SCAN_HINT_LIST(SCAN_HINT_ENUM)
#undef SCAN_HINT_ENUM
	SCAN_HINT_COUNT
};

const char *scan_hint_word(unsigned hint); /* "none" for a number outside the list */

struct scan_code {
	uint16_t text_len;
	uint8_t cut;          /* 1: the text was longer than SCAN_TEXT_MAX */
	uint8_t symbology;    /* enum scan_symbology */
	int16_t corner[4][2]; /* x, y in frame pixels, clockwise from upper left of the symbol */
	char text[SCAN_TEXT_MAX]; /* bytes as in the symbol, not NUL-terminated */
};

struct scan_msg {
	uint32_t version;     /* SCAN_MSG_VERSION */
	uint32_t kind;
	uint32_t frame;       /* number of the frame since the source began */
	uint32_t decode_us;   /* CPU time of this frame, grey conversion and decoding */
	int64_t at_ms;        /* when the camera took it: monotonic, or the recording's own time */
	uint16_t width, height;
	uint16_t code_count;
	uint16_t fatal;
	uint16_t hint;        /* enum scan_hint, of FRAME; else 0 */
	uint16_t code;        /* enum err_code, of FAULT; else 0 */
	uint16_t reserved[2]; /* 0 */
	union {
		struct scan_code codes[SCAN_CODES_MAX];
		char fault[SCAN_FAULT_MAX];  /* NUL-terminated */
	};
};
#define SCAN_MSG_VERSION 2

/* The small picture of the frame that was examined last, stretched to fill. */
struct scan_preview {
	uint32_t frame;
	uint16_t width, height; /* of the frame: its shape */
	uint16_t code_count;
	int16_t corner[SCAN_CODES_MAX][4][2]; /* x, y in pixels of `grey`, clockwise */
	uint8_t grey[SCAN_PREVIEW_ROWS][SCAN_PREVIEW_COLUMNS];
};

/* ---- commands: terminal -> scanner ---- */

enum scan_command_kind {
	SCAN_CMD_STEP = 1, /* stepped sources: the next frame may be read; answered by one FRAME */
	SCAN_CMD_PAUSE,    /* stop reading (a PIN is typed): live frames are thrown away, stepped
			    * ones answered without being examined; nothing is recorded */
	SCAN_CMD_RESUME,
	SCAN_CMD_PREVIEW,  /* value 1: make previews, one each SCAN_PREVIEW_EVERY_MS; 0: stop */
	SCAN_CMD_STOP
};
struct scan_command {
	uint32_t version;
	uint32_t kind;
	uint32_t value;
};

/* ---- the process, seen from the terminal ---- */

/* A frame that cannot be read, or only in part (a JPEG cut short is examined as far as it goes),
 * is a SCAN_MSG_FAULT that is not fatal, told where such frames begin and not for each of them;
 * its SCAN_MSG_FRAME comes all the same, so numbers and steps go on. A frame that makes the process
 * die twice is passed over in the same way. After a fatal fault a camera is tried again, any other
 * source has ended.
 *
 * Times: at_ms of cameras and live pipes is the monotonic clock; of files and stepped sources the
 * recording's own (`times`), else frame number / frames a second. It never falls.
 *
 * Source specifications (also `--help`):
 *   replay:PATH        a folder of PGM, PNG or JPEG pictures in order of name, a .mjpeg or .y4m
 *                      file, a recording made by --record, or a pipe of mjpeg or y4m ("-" = stdin)
 *   simulator:COMMAND  the phone-and-camera simulator: COMMAND writes mjpeg or y4m to its standard
 *                      output and reads the terminal's JSON events on its standard input
 *   /dev/videoN        a camera (V4L2); also a name under /dev/v4l/by-id or by-path
 *   reader:PATH        a hand-held reader: /dev/hidrawN, /dev/input/eventN, /dev/ttyN
 */
struct scan_options {
	const char *source;     /* as above; simulator: is started by scan_process_new itself */
	int fps;                /* of sources without times; 0 = the stream's own rate, or 15 */
	bool stepped;           /* a frame for each SCAN_CMD_STEP, as fast as the terminal wants */
	bool loop;              /* replay again from the start when it ends (benchmarks) */
	const char *record_dir; /* NULL = no recording; the folder exists */
	const char *program;    /* path of countersign-scanner; NULL = beside the running program */
	const char *camera;     /* settings of a camera, see docs/camera.md; NULL = none */
	int budget_ms;          /* of work for one frame; 0 = SCAN_BUDGET_MS */
	bool all_symbologies;   /* report other codes than QR, too */
};

struct scan_process; /* heap */

/* Starts the process and waits until its source is open (a few ms). ERR_NOT_FOUND, ERR_INVALID,
 * ERR_PERMISSION name what is wrong with the source.
 *
 * A camera or reader that is not there, in use or not permitted is no error: that is the first
 * message, a SCAN_MSG_FAULT with `fatal`, and it is tried again until it works, as after a fatal
 * fault later. Such a fault is told once; it is over with the next frame that has a picture or a
 * code. ERR_INVALID, ERR_UNSUPPORTED: what is there will never be one.
 */
ERR_MUST_CHECK enum err_code scan_process_new(struct scan_process **out,
	const struct scan_options *opt, struct err *err);
void scan_process_free(struct scan_process **p); /* stops it and waits for it */

/* Poll for reading; -1 between two lives. Changes with a restart: ask before each poll. */
int scan_process_fd(const struct scan_process *p);
/* Next message if there is one. Restarts a process that died (after a pause that doubles up to
 * SCAN_RESTART_MAX_MS; the caller calls again at scan_process_next_ms()).
 * Returns: ERR_OK        *got says whether out holds a message
 *          ERR_CLOSED    the source has ended and all messages were read
 *          ERR_PROTOCOL  the process sent something that is no message; it was killed and will be
 *                        started again: call on
 * A restart is told by a SCAN_MSG_FAULT that is not fatal. Pauses and the watchdog run on the real
 * monotonic clock; now_ms is the caller's (manual in a replay) and is only the scale of
 * scan_process_next_ms().
 */
ERR_MUST_CHECK enum err_code scan_process_next(struct scan_process *p, struct scan_msg *out,
	bool *got, int64_t now_ms, struct err *err);
int64_t scan_process_next_ms(const struct scan_process *p); /* INT64_MAX = nothing waits */
void scan_process_command(struct scan_process *p, enum scan_command_kind kind, uint32_t value);
/* Copies the newest small picture out of the memory shared with the process. False: there is none
 * yet, or it is being written over. Every field of *out has been checked.
 */
bool scan_process_preview(const struct scan_process *p, struct scan_preview *out);
unsigned scan_process_restarts(const struct scan_process *p);
/* It died too often with all_symbologies, and goes on without. */
bool scan_process_lost_symbologies(const struct scan_process *p);
pid_t scan_process_pid(const struct scan_process *p);
bool scan_process_is_simulator(const struct scan_process *p);
bool scan_process_is_reader(const struct scan_process *p); /* hand-held: there are no pictures */
bool scan_process_is_camera(const struct scan_process *p); /* not a film, not the simulator */
/* The terminal's JSON events go to the simulator, which looks at the screen this way. A simulator
 * that does not read loses lines; it never blocks the terminal.
 */
void scan_process_tell(struct scan_process *p, const char *line, size_t len);

/* ---- what there is to read with ---- */

#define SCAN_DEVICES_MS 20000 /* until every device has answered */

/* Runs `countersign-scanner --devices`: one JSON object a line for each device, scanner/devices.h.
 * program: NULL = beside the running program. ERR_NOT_FOUND, ERR_IO, ERR_TIMEOUT, ERR_TOO_LARGE.
 */
ERR_MUST_CHECK enum err_code scan_devices(struct bytes *out, const char *program,
	struct err *err);

#endif
