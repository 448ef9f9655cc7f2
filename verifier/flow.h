/* SPDX-License-Identifier: Apache-2.0
 *
 * The flow of a verification at the counter: a pure function (state, event) -> (state, actions).
 * No I/O, no clock, no allocation. Knows the codes and the answers of the backend, nothing of
 * screens. All times are milliseconds of the caller's monotonic clock and come with the event.
 *
 *   phase      what it means                      leaves on
 *   ---------  ---------------------------------  -------------------------------------------------
 *   WAITING    no verification; looking for a     one good first code -> STARTING; one of another
 *              first code                         issuer, forged or expired -> RESULT(REFUSED),
 *                                                 nothing is sent; of an issuer that cannot be
 *                                                 told, or end of frames -> RESULT(NONE)
 *   STARTING   stage one sent, no answer yet      started -> NUMBER; refused -> RESULT(REFUSED);
 *                                                 no answer -> sends again up to FLOW_START_TRIES,
 *                                                 then RESULT(NONE): nothing was decided; where the
 *                                                 caller has an offline policy and nobody was
 *                                                 there, that is asked first: RESULT(UNCONFIRMED),
 *                                                 (REFUSED) or (NONE); cancel -> RESULT(REFUSED)
 *   NUMBER     number shown, waiting for the      new second code of this credential -> ANSWERING;
 *              second code                        time out, cancel, end of frames ->
 *                                                 RESULT(REFUSED), cancelled at the backend
 *   ANSWERING  stage two sent; the number may     answer -> PIN or RESULT; refused but still open
 *              run out meanwhile, the backend     (weak binding) -> NUMBER; no answer -> UNCERTAIN;
 *              decides                            cancel -> RESULT(UNCERTAIN)
 *   PIN        accepted, account PIN wanted       PIN typed -> PIN_SENT; time out, cancel ->
 *                                                 RESULT(REFUSED), cancelled at the backend
 *   PIN_SENT   PIN sent                           answer -> PIN or RESULT; no answer -> UNCERTAIN;
 *                                                 cancel -> RESULT(UNCERTAIN)
 *   UNCERTAIN  an answer to stage two or to a     recorded state: challenged -> ANSWERING, the same
 *              PIN was lost; asks for the         second code again, or RESULT(REFUSED) when the
 *              recorded state: at once, then      number has run out; accepted -> PIN or RESULT;
 *              with pauses that double            any other -> RESULT. Cancel, or FLOW_UNCERTAIN_MS
 *                                                 without a word -> RESULT(UNCERTAIN)
 *   RESULT     verdict shown                      shown long enough, or a key -> WAITING; after the
 *                                                 end of frames only a key
 *
 * docs/flow.md has the whole table, every phase with every event; a test holds code and document to
 * it. What it does not name changes nothing. The rules behind it:
 *
 * - An answer is taken only in the phase that asked, with the running request's serial, while that
 *   request is in flight. One that cannot be (an answer to a PIN that was never sent, a malformed
 *   id) counts as no answer. One exception: when a start that the operator cancelled turns out to
 *   have begun a verification, that one is cancelled at the backend (while its RESULT lasts, or the
 *   WAITING after it; later ones are left to expire).
 * - A refusal without a word of the protocol decides nothing: it counts as no answer.
 * - What the backend tells unasked is no answer and decides nothing. While the operator or the
 *   customer is waited for (NUMBER, PIN), it makes the terminal look what is recorded; an end that
 *   is recorded (rejected, expired, cancelled) ends the verification here, and nothing else does
 *   anything. Where a request runs, its own answer will say it.
 * - Time first, then the event; an answer before time, so that one that came counts. An event that
 *   meets a phase which time has just ended is dropped.
 * - Codes in view never end a verification that runs, they make notices at most. In PIN, PIN_SENT
 *   and RESULT they change nothing (but `held`).
 * - From RESULT on the same credential does not start again before it was out of view for
 *   FLOW_SAME_AGAIN_MS (`held`): a new live tag, or the second code of the same phone, still counts
 *   as in view. Another credential starts at once.
 * - A RESULT that may leave a verification open at the backend cancels it there; that never changes
 *   a decision that was made.
 * - While a second code or a PIN that was sent has no recorded outcome (`lost`), it may still be
 *   taken. Until then the terminal does not refuse by itself: where it would, it cancels at the
 *   backend and asks in UNCERTAIN what was recorded (`given_up`); open is no outcome.
 *
 * Exactly one line of flow_phases.c, and no other, writes VERDICT_ACCEPTED; one other writes
 * VERDICT_UNCONFIRMED, which is no acceptance: nobody has confirmed anything.
 */
#ifndef VERIFIER_FLOW_H
#define VERIFIER_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "verifier/code.h"

/* Limits and times, also in docs/limits.md. */
#define FLOW_START_TRIES 3
#define FLOW_START_TRIES_DOWN 1    /* while the backend is known to be out of reach */
#define FLOW_START_AGAIN_MS 1000   /* pause before stage one is sent again */
#define FLOW_ASK_AGAIN_MS 1000     /* first pause between questions for the recorded state */
#define FLOW_ASK_AGAIN_MAX_MS 8000 /* doubles up to this */
#define FLOW_UNCERTAIN_MS 120000   /* of questions without a word, then the verdict is UNCERTAIN */
#define FLOW_REQUEST_MS 12000      /* a request without any answer is lost; above CLIENT_TOTAL_MS */
#define FLOW_RESULT_MS 6000        /* a verdict stays on the screen, unless configured */
#define FLOW_SAME_AGAIN_MS 2000    /* out of view, before the same credential starts again */
#define FLOW_PIN_MS 60000          /* for typing one PIN */
#define FLOW_NOTICE_MS 4000        /* a notice stays after its cause was last seen */
#define FLOW_NUMBER_MS_MAX 600000  /* longest lifetime of a number believed */
#define FLOW_CODES_MAX 4           /* codes of one frame */
#define FLOW_ANSWERED_MAX 16       /* second codes remembered, to tell an old one */
#define FLOW_PIN_TRIES 3
#define FLOW_ACTIONS_MAX 4

enum verdict {
	VERDICT_NONE = 0, /* nothing was decided; drawn as refusal */
	VERDICT_ACCEPTED, /* accepted, or authorised when a PIN was asked for */
	VERDICT_REFUSED,
	VERDICT_UNCERTAIN,
	VERDICT_UNCONFIRMED /* the backend is out of reach: written down by the offline policy, to
	                     * be looked at later. Never drawn, told or counted as accepted */
};

enum flow_phase {
	FLOW_WAITING,
	FLOW_STARTING,
	FLOW_NUMBER,
	FLOW_ANSWERING,
	FLOW_PIN,
	FLOW_PIN_SENT,
	FLOW_UNCERTAIN,
	FLOW_RESULT,
	FLOW_PHASE_COUNT
};

/* Why a verdict is what it is, or what the operator should know. Words are the protocol's problem
 * words (section 9) where it has one, so that logs, JSON and screens agree. X(enum, word).
 */
#define FLOW_REASON_LIST(X)                                                                        \
	X(REASON_NONE, "")                                                                         \
	/* of the backend, stage one */                                                            \
	X(REASON_FOREIGN_CODE, "foreign-code")                                                     \
	X(REASON_UNKNOWN_CREDENTIAL, "unknown-credential")                                         \
	X(REASON_BAD_SIGNATURE, "bad-signature")                                                   \
	X(REASON_STALE_CODE, "stale-code")                                                         \
	X(REASON_LIVE_CODE_REQUIRED, "live-code-required")                                         \
	X(REASON_CREDENTIAL_EXPIRED, "expired")                                                    \
	X(REASON_FROZEN, "frozen")                                                                 \
	X(REASON_VOID, "void")                                                                     \
	X(REASON_SUPERSEDED, "superseded")                                                         \
	X(REASON_TOO_MANY_ATTEMPTS, "too-many-attempts")                                           \
	/* of the backend, stage two and PIN */                                                    \
	X(REASON_WRONG_ANSWER, "wrong-answer")                                                     \
	X(REASON_NUMBER_EXPIRED, "number-expired")                                                 \
	X(REASON_ANSWERED_ALREADY, "answered-already")                                             \
	X(REASON_WEAK_BINDING, "weak-binding")                                                     \
	X(REASON_WRONG_PIN, "wrong-pin")                                                           \
	X(REASON_PIN_TIMEOUT, "pin-timeout")                                                       \
	X(REASON_CANCELLED, "cancelled")                                                           \
	X(REASON_TERMINAL_STOPPED, "terminal-stopped")                                             \
	X(REASON_TERMINAL_REVOKED, "terminal-revoked")                                             \
	X(REASON_UNKNOWN_TERMINAL, "unauthorised")                                                 \
	X(REASON_LIMITS_CHANGED, "limits-changed")                                                 \
	X(REASON_NOT_ALLOWED, "not-allowed")                                                       \
	/* of the terminal itself */                                                               \
	X(REASON_OTHER_ISSUER, "other-issuer")                                                     \
	X(REASON_UNKNOWN_ISSUER, "unknown-issuer")                                                 \
	X(REASON_NO_BACKEND, "no-backend")                                                         \
	X(REASON_BAD_ANSWER, "bad-backend-answer")                                                 \
	X(REASON_OTHER_SYMBOLOGY, "other-symbology")                                               \
	X(REASON_WEB_ADDRESS, "web-address")                                                       \
	X(REASON_TEXT, "plain-text")                                                               \
	X(REASON_DAMAGED_CODE, "damaged-code")                                                     \
	X(REASON_OTHER_KIND, "other-kind")                                                         \
	X(REASON_OTHER_CUSTOMER, "other-customer")                                                 \
	X(REASON_TWO_CODES, "two-codes")                                                           \
	X(REASON_OLD_ANSWER, "old-answer")                                                         \
	X(REASON_ANSWER_TOO_EARLY, "answer-too-early")                                             \
	X(REASON_END_OF_FRAMES, "end-of-frames")                                                   \
	/* of its offline policy, while the backend is out of reach */                             \
	X(REASON_OFFLINE, "offline")                                                               \
	X(REASON_OFFLINE_AMOUNT, "offline-amount")                                                 \
	X(REASON_OFFLINE_LIMIT, "offline-limit")                                                   \
	X(REASON_OFFLINE_CARD, "offline-card")                                                     \
	X(REASON_OFFLINE_PICTURE, "offline-picture")                                               \
	X(REASON_OFFLINE_LIST, "offline-list")                                                     \
	X(REASON_OFFLINE_TIME, "offline-time")                                                     \
	X(REASON_OFFLINE_CLOCK, "offline-clock")                                                   \
	X(REASON_OFFLINE_JOURNAL, "offline-journal")

enum flow_reason {
#define FLOW_REASON_ENUM(name, word) name,
	FLOW_REASON_LIST(FLOW_REASON_ENUM)
#undef FLOW_REASON_ENUM
	FLOW_REASON_COUNT
};
const char *flow_reason_word(enum flow_reason r);
/* REASON_BAD_ANSWER for a word that is not in the list, and for NULL. */
enum flow_reason flow_reason_of(const char *word);
/* Nothing is taken from this terminal. */
static inline bool flow_reason_bars(enum flow_reason r)
{
	return r == REASON_TERMINAL_STOPPED || r == REASON_TERMINAL_REVOKED ||
	       r == REASON_UNKNOWN_TERMINAL;
}
const char *flow_phase_word(enum flow_phase p); /* "waiting", "number", ... */
/* "none" "accepted" "authorised" "refused" "uncertain" "unconfirmed" */
const char *flow_verdict_word(enum verdict v, bool pin_done);

/* ---- state ---- */

#define FLOW_WORD_MAX 32
#define FLOW_LABEL_MAX 64
#define FLOW_SYMBOLOGY_MAX 16
#define FLOW_RECEIPT_MAX 32
#define FLOW_ID_TEXT_LEN 32 /* verification id in hex */

struct flow_credential { /* what the backend says of the credential; safe text */
	char purpose[FLOW_LABEL_MAX];
	char face_value[FLOW_LABEL_MAX];
	char holder[FLOW_LABEL_MAX];
};

struct flow {
	enum flow_phase phase;
	enum verdict verdict;            /* NONE until phase is RESULT */
	enum flow_reason reason;         /* why, in RESULT */
	bool pin_done;                   /* verdict ACCEPTED came through a PIN: "authorised" */

	enum flow_reason notice;         /* what the operator should know now; NONE = nothing */
	char notice_text[FLOW_LABEL_MAX]; /* safe text of a foreign code, else empty */
	char notice_symbology[FLOW_SYMBOLOGY_MAX]; /* word of a code that is no QR code, else "" */
	int64_t notice_until_ms;

	int64_t now_ms;                  /* of the last event; never goes back */
	uint32_t serial;                 /* of the running or last request; 0 = none yet */
	bool in_flight;
	int tries;                       /* sends of stage one; questions for the state */
	int64_t next_ms;                 /* next thing to do about requests; INT64_MAX = none */
	int64_t deadline_ms;             /* end of number, PIN entry, questions or result */
	int64_t number_end_ms;           /* of the number; deadline_ms in NUMBER and ANSWERING */
	int64_t uncertain_end_ms;        /* end of the questions; 0 = none were asked */
	int64_t number_ms;               /* whole lifetime of the number, for the bar */

	char first_code[CODE_TEXT_MAX];  /* text sent in stage one, or refused without sending */
	uint8_t credential_id[CODE_ID_LEN];
	char second_code[CODE_TEXT_MAX]; /* text sent in stage two; "" = none yet */
	uint8_t second_head[8];          /* head of its response */
	enum flow_reason still_open;     /* why it was refused when the verification stayed open */
	bool lost;                       /* a second code, or a PIN of this try, was sent and never
	                                  * answered: it may still arrive and be taken */
	enum flow_reason given_up;       /* why nothing more is sent, while the recorded state is
	                                  * awaited; NONE = not given up */
	bool offline_asked;              /* OFFLINE was pushed for this card */

	char id[FLOW_ID_TEXT_LEN + 1];   /* of the verification, lower-case hex; "" = none */
	char number[CODE_DIGITS_MAX + 1];
	char challenge_code[CODE_TEXT_MAX];
	struct flow_credential credential;
	bool pin_required;
	int pin_try;                     /* 1.. FLOW_PIN_TRIES: the try that is typed or on its way;
	                                  * 0 = no PIN yet */
	int attempts_left;               /* -1 = not said */
	int64_t until_unix_s;            /* frozen until; 0 = not said */
	char receipt[FLOW_RECEIPT_MAX];
	char receipt_code[CODE_TEXT_MAX]; /* as it was told: whoever shows it has checked it */

	/* What lives longer than one verification. */
	bool offline;                    /* set by the caller, who has an offline policy; false: a
	                                  * backend out of reach ends in NONE */
	bool down;                       /* set by the caller, who knows that it is out of reach:
	                                  * FLOW_START_TRIES_DOWN */
	int64_t result_ms;               /* may be set by the caller: a verdict stays so long */
	bool ended;                      /* no frames come any more */
	bool held;                       /* the last result's credential has not gone away yet */
	bool held_in_view;               /* and was seen since: in WAITING, say that it has to go
	                                  * away before it can be shown again */
	uint8_t held_id[CODE_ID_LEN];
	int64_t held_seen_ms;            /* when it was last in view */
	uint32_t cancelled_start;        /* serial of a start cancelled in flight; 0 = none */
	uint8_t answered[FLOW_ANSWERED_MAX][8]; /* heads of responses that were sent before */
	size_t answered_next;            /* how many were ever remembered */
	uint32_t verifications;          /* finished since start, the refused ones included */
};

/* ---- events ---- */

enum flow_event_kind {
	FLOW_EV_TIME,      /* only time passed */
	FLOW_EV_CODES,     /* codes of one frame, judged by the caller with flow_code_judge() */
	FLOW_EV_STARTED,   /* stage one: 201 */
	FLOW_EV_REFUSED,   /* the running request was refused: problem word */
	FLOW_EV_STATE,     /* stage two, PIN, or question for the state: recorded state */
	FLOW_EV_NO_ANSWER, /* the running request got none, or one that is no answer */
	FLOW_EV_PIN_TYPED, /* operator finished typing a PIN; the digits are not here */
	FLOW_EV_CANCEL,    /* operator cancels, or dismisses a result */
	FLOW_EV_END,       /* the frame source ended */
	FLOW_EV_TOLD,      /* the backend says, unasked, that a verification has changed */
	FLOW_EV_LOOKED,    /* the recorded state, in answer to FLOW_DO_LOOK */
	FLOW_EV_OFFLINE    /* what the offline policy says, in answer to FLOW_DO_OFFLINE */
};

enum flow_code_judgement {
	FLOW_CODE_FOREIGN,      /* web address, text, damaged */
	FLOW_CODE_OTHER_KIND,   /* ours but neither C nor R */
	FLOW_CODE_OTHER_ISSUER,
	FLOW_CODE_UNKNOWN_ISSUER, /* of a key that is not known here, and ours may be newer ones */
	FLOW_CODE_FORGED,
	FLOW_CODE_EXPIRED,
	FLOW_CODE_FIRST,        /* a first code with a right signature, not expired */
	FLOW_CODE_SECOND
};

struct flow_code {
	enum flow_code_judgement judgement;
	enum code_foreign foreign;
	char text[CODE_FOREIGN_TEXT_MAX + 1]; /* as read; NUL-terminated, cut when longer */
	uint8_t credential_id[CODE_ID_LEN];   /* R: only the first 8 bytes, rest 0 */
	uint8_t response_head[8];
	bool live;
	char symbology[FLOW_SYMBOLOGY_MAX];   /* word for it when it is no QR code, else "" */
};

enum flow_recorded {  /* states of PROTOCOL.md section 8 as the backend words them */
	FLOW_REC_CHALLENGED,
	FLOW_REC_ACCEPTED,
	FLOW_REC_AUTHORISED,
	FLOW_REC_REJECTED,
	FLOW_REC_EXPIRED,
	FLOW_REC_CANCELLED
};

struct flow_started {
	char id[FLOW_ID_TEXT_LEN + 1];
	char number[CODE_DIGITS_MAX + 1];
	char challenge_code[CODE_TEXT_MAX];
	int64_t lifetime_ms; /* expires_at minus the answer's own Date */
	bool pin_required;
	struct flow_credential credential;
};

struct flow_answer {
	enum flow_recorded state;
	enum flow_reason reason;
	bool pin_required;
	int attempts_left;    /* -1 = not said */
	int pin_tries_used;   /* -1 = not said */
	char receipt[FLOW_RECEIPT_MAX];
	char receipt_code[CODE_TEXT_MAX]; /* as it was told: whoever shows it has checked it */
};

struct flow_offline {
	bool written;            /* in the journal, and that is on the disk */
	enum flow_reason reason; /* why not */
};

struct flow_refusal {
	enum flow_reason reason;
	int64_t until_unix_s; /* 0 = not said */
	int attempts_left;    /* -1 = not said */
	bool still_open;      /* weak-binding: the verification stays open */
};

struct flow_event {
	enum flow_event_kind kind;
	int64_t now_ms;
	uint32_t serial; /* answers: of the request they answer */
	char about[FLOW_ID_TEXT_LEN + 1]; /* TOLD, LOOKED: of which verification; LOOKED: answer */
	bool nobody; /* NO_ANSWER: nobody was reached, as far as can be told */
	union {
		struct {
			struct flow_code list[FLOW_CODES_MAX];
			size_t count;
		} codes;
		struct flow_started started;
		struct flow_answer answer;
		struct flow_refusal refusal;
		struct flow_offline offline;
	};
};

/* ---- actions ---- */

enum flow_action_kind {
	FLOW_DO_START,    /* POST first_code */
	FLOW_DO_ANSWER,   /* POST second_code */
	FLOW_DO_PIN,      /* POST the typed PIN as try pin_try */
	FLOW_DO_ASK,      /* GET the recorded state */
	FLOW_DO_CANCEL,   /* DELETE flow->id, nobody waits for the answer */
	FLOW_DO_PIN_OPEN, /* pause the scanner, take digits */
	FLOW_DO_PIN_CLOSE,/* wipe the digits, let the scanner go on; after PIN in the same step */
	FLOW_DO_FINISHED, /* phase is now RESULT: record it; headless ends */
	FLOW_DO_LOOK,     /* GET the recorded state beside everything else; the answer is LOOKED,
	                   * and none is as good as no change */
	FLOW_DO_OFFLINE   /* nobody was reached: ask the offline policy about first_code; what it
	                   * lets pass is in the journal, and on the disk, before OFFLINE says so.
	                   * Answered at once, before anything else happens */
};

struct flow_action {
	enum flow_action_kind kind;
	uint32_t serial; /* of the request to make; 0 for the others */
};

struct flow_actions { /* to be done in this order */
	struct flow_action list[FLOW_ACTIONS_MAX];
	size_t count;
};

void flow_init(struct flow *f);

/* One step. out->count may be 0. */
void flow_step(struct flow *f, struct flow_actions *out, const struct flow_event *ev);

/* When FLOW_EV_TIME should come at the latest; INT64_MAX when nothing waits for time. */
int64_t flow_next_ms(const struct flow *f);

/* What the terminal can say of a code by itself: form, issuer key id, signature, not-after. */
struct flow_issuer {
	uint8_t public_key[SEC_ED25519_PUBLIC_LEN];
	uint8_t key_id[CODE_KEY_ID_LEN];
};
void flow_code_judge(struct flow_code *out, struct span text, const struct flow_issuer *issuer,
	int64_t now_unix_s);
/* A code of another symbology, such as a product's bar code: foreign whatever its text. symbology:
 * a word of letters, digits and dashes.
 */
void flow_code_other(struct flow_code *out, struct span text, const char *symbology);

#endif
