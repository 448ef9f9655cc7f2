/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens at the counter: joins the flow with the scanner process, the backend and the PIN.
 * Knows nothing of screens and of waiting: terminal.c says when something may have come.
 *
 * Two kinds of time. Live: the flow's clock is the machine's. Stepped: time is virtual and moves
 * with the frames alone. A frame is asked for when every request that the one before caused was
 * answered, and what is due by time before a frame happens before it, at its own time; so a run
 * gives the same events however fast the machine is.
 */
#ifndef UI_COUNTER_H
#define UI_COUNTER_H

#include "scanner/scanner.h"
#include "ui/outlet.h"
#include "ui/pin.h"
#include "ui/view.h"

#define COUNTER_MARKS_MS 500 /* a found code stays marked so long */
/* A camera without a picture that can be read is out of order, whatever it says; when it starts,
 * after the longer time. Both are longer than the scanner takes to say why.
 */
#define COUNTER_NO_PICTURE_MS 5000
#define COUNTER_FIRST_PICTURE_MS 8000
/* Without a screen a single verification waits so long for a camera to be there. */
#define COUNTER_PATIENCE_MS 15000
/* Before it is told that a card is of another issuer, the backend is asked for the issuer's newer
 * keys, unless it is heard or said them a moment ago. When it does not answer in this time, all
 * that is told is that it cannot be told; asked again at most so often.
 */
#define COUNTER_KEYS_MS 3000
#define COUNTER_KEYS_FRESH_MS 10000
#define COUNTER_KEYS_AGAIN_MS 5000

struct counter;

/* Whoever wants to know what happens: sound, sales, till. Told after a step of the flow, when the
 * events of it were written; before: the phase that it came from. Must not wait, and decides
 * nothing. A verdict was just reached when the phase is RESULT and was another.
 */
struct counter_watch {
	void (*stepped)(void *ctx, const struct counter *c, enum flow_phase before);
	void *ctx;
};
#define COUNTER_WATCHES_MAX 8

/* Why no card is taken while none runs; each is somebody's own. */
enum counter_closed {
	COUNTER_CLOSED_TILL = 1,     /* the till has not started a sale */
	COUNTER_CLOSED_PAGE = 2,     /* the operator does something else */
	COUNTER_CLOSED_AMOUNT = 4,   /* the amount is not known yet */
	COUNTER_CLOSED_OPERATOR = 8, /* nobody has signed in */
	COUNTER_CLOSED_RECORDED = 32 /* none was taken when this was recorded */
};

struct counter {
	/* Set before counter_start(). */
	struct client *client;
	struct scan_process *scanner;
	const struct flow_issuer *issuer;
	struct client_sale sale; /* what the next verification is for; of the running one */
	char signed_in[FLOW_LABEL_MAX]; /* who stands here; "" = whoever the sale names */
	unsigned closed; /* bits of enum counter_closed: no card is taken in WAITING unless 0 */
	bool sale_of_till; /* a till started it: the operator changes nothing of it */
	struct counter_watch watch[COUNTER_WATCHES_MAX];
	size_t watch_count;
	struct offline *offline; /* the policy; NULL = a server out of reach ends it */
	bool offline_asked;      /* by the step that runs */
	struct clock clock; /* manual when stepped */
	bool stepped;
	bool once;
	bool gives_up; /* ends when no camera came in COUNTER_PATIENCE_MS */
	bool plain; /* say what happens in words on standard output */
	struct outlet outlet;
	struct pin_entry pin;
	struct pin_list pins;     /* headless; empty text = none */
	bool pin_typed_elsewhere; /* by the operator or the till; false: the list, then cancel */

	/* The state. */
	struct flow flow;
	struct events events;
	bool changed; /* something to draw */
	bool picture_new; /* the camera's picture, where it is seen */
	struct flow seen; /* as it was after the last step */
	bool quit;    /* end when the flow is not in the middle of something */

	enum view_scanner scanner_state;
	char scanner_words[SCAN_FAULT_MAX];
	enum err_code scanner_code; /* the kind of fault that they are about */
	bool paused;        /* while a PIN is typed */
	bool words_new;     /* they were told since the last good frame */
	int64_t picture_ms; /* of that frame, or of the start */
	unsigned restarts_seen;
	bool symbologies_lost; /* for good, and that was told */
	enum scan_hint hint; /* why the camera does not read, while a code is waited for */
	enum scan_hint frame_hint; /* of the last frame */
	bool backend_fault; /* it did not answer the last time */
	enum flow_reason barred; /* why the backend takes nothing from this terminal; NONE */
	struct client_keys keys; /* of the issuer: ours, then what the backend says they are */
	int64_t keys_wait_ms;    /* until then the backend may still say it */
	int64_t keys_ms;         /* when it said it last; meaningless with keys_told false */
	bool keys_told;
	bool preview_there;
	struct scan_preview preview;
	int16_t marks[SCAN_CODES_MAX][4][2]; /* of the codes seen last, in pixels of the preview */
	int marks_count;
	int64_t marks_ms; /* when they were seen */

	bool step_sent;  /* stepped: a frame is on its way */
	bool frame_held; /* stepped: msg is a frame that was not looked at yet */
	bool frame_told; /* the simulator knows that the last frame is done */
	uint32_t frame_number;
	bool scanner_more; /* messages wait that this turn did not take */
	bool frame_was_good; /* at least one had a picture in it */
	bool source_ended;
	bool end_told; /* to the flow */

	enum verdict verdict; /* of the last verification */
	bool verdict_pin;
	enum flow_reason verdict_reason;
	bool finished; /* a verification ended */

	int64_t began_ms;       /* real clock */
	int64_t first_frame_ms; /* after began_ms; -1 = none yet */
	uint64_t frames, decode_us;
	uint64_t sampled;        /* frames when the scanner's memory was looked at */
	int64_t scanner_rss_kib; /* the most that was seen */

	/* Scratch, here so that no stack and no heap is needed. */
	struct flow_event ev;
	struct flow_actions actions;
	struct scan_msg msg;
};

/* Zeroes everything; then the caller fills the first part. began_ms: real monotonic time. */
void counter_init(struct counter *c, int64_t began_ms);
void counter_start(struct counter *c, const struct events_ready *ready);

/* Something may have come. */
void counter_scanner(struct counter *c);
void counter_answers(struct counter *c);
void counter_told(struct counter *c); /* what the backend tells unasked */
void counter_time(struct counter *c);

/* ---- what is sold ---- */

/* At most COUNTER_WATCHES_MAX. */
void counter_watch_add(struct counter *c, const struct counter_watch *watch);
/* Is one running that nobody should walk away from? */
bool counter_is_running(const struct counter *c);
/* What the next verification is for. False, and nothing is changed, while one runs; a verdict that
 * is still shown is taken off the screen.
 */
bool counter_sale_set(struct counter *c, const struct client_sale *sale);
/* Who stands here: goes before what a sale says. "" = nobody: then it is `otherwise`. */
void counter_operator_set(struct counter *c, const char *name, const char *otherwise);
/* One more or one less of the reasons why no card is taken; what runs goes on. In virtual time only
 * the recording has any.
 */
void counter_close(struct counter *c, enum counter_closed why, bool closed);

/* The operator. */
void counter_cancel(struct counter *c);
/* The same by a till, which has no key to quit: a single verification that was not begun yet is
 * given up, and the run ends.
 */
void counter_cancel_told(struct counter *c);
void counter_command_fault(struct counter *c, const char *text); /* a line that was not taken */
bool counter_pin_wanted(const struct counter *c);
void counter_pin_send(struct counter *c); /* what is in c->pin, when it is long enough */

/* Ends a run that waits for a camera which does not come, when it may. */
void counter_camera_look(struct counter *c);

/* Virtual time goes on as far as it can without waiting. */
void counter_advance(struct counter *c);

/* Machine time until something is due; INT64_MAX = nothing. */
int64_t counter_next_ms(const struct counter *c);

/* Nothing more will happen: the source ended and the flow is settled. */
bool counter_settled(const struct counter *c);

/* When writing the recording failed: says so, once. The verification goes on. */
void counter_recording_look(struct counter *c);

/* Writes `end`, compares the rest of a recording. */
void counter_finish(struct counter *c);
/* enum exit_status */
int counter_exit_status(const struct counter *c);

/* What became of a sale that was written down: "written" "accepted" "conflict". */
struct offline_entry; /* verifier/offline.h */
void counter_offline_told(struct counter *c, const char *state, const struct offline_entry *entry,
	const char *reason, const char *receipt);

/* ---- private to counter*.c ---- */

void counter_offline_answer(struct counter *c);

/* A replay: the next thing that the operator or the till did then, when its time has come. */
bool counter_recorded_look(struct counter *c);
/* c->ev into the flow; then the world learns of it, then it is acted on. */
void counter_step(struct counter *c, enum flow_event_kind kind);
/* After a step of this kind: c->changed, when it may have changed what is seen. */
void counter_changed(struct counter *c, enum flow_event_kind kind);
void counter_keys_init(struct counter *c);
/* It answered or told something, or a request got no answer. heard: known without a card. */
void counter_backend_look(struct counter *c, bool answered, bool heard);
/* What the backend has answered or told of this terminal. */
void counter_barred(struct counter *c, enum flow_reason why);
/* By whichever of the issuer's keys the code names. False: not to be judged yet. */
bool counter_code_judge(struct counter *c, struct flow_code *out, struct span text,
	int64_t now_unix_s);

#endif
