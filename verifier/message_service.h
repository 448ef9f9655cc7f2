/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON of operators and customer service (docs/http.md), both ways, without a network. Every
 * answer is checked as if a stranger had sent it; texts are safe to show and cut.
 */
#ifndef VERIFIER_MESSAGE_SERVICE_H
#define VERIFIER_MESSAGE_SERVICE_H

#include "verifier/client.h"

#define MESSAGE_NAME_MAX 63        /* bytes of an operator's name */
#define MESSAGE_PASSPHRASE_MAX 256 /* bytes */
#define MESSAGE_ANSWER_MAX 128     /* bytes of the answer to a question */
#define MESSAGE_QUESTIONS_MAX 8
#define MESSAGE_CREDENTIALS_MAX 16 /* of one holder, told at once */
#define MESSAGE_LINK_MAX 256       /* bytes, with NUL */
#define MESSAGE_ID_LEN 32          /* hex digits */

/* ---- sessions ---- */

enum message_role {
	MESSAGE_ROLE_NONE = 0, /* one that this program does not know may nothing */
	MESSAGE_ROLE_CASHIER,
	MESSAGE_ROLE_TELLER,
	MESSAGE_ROLE_SUPERVISOR,
	MESSAGE_ROLE_ADMINISTRATOR
};

ERR_MUST_CHECK enum err_code message_session_build(struct bytes *out, const char *name,
	struct span passphrase);
struct message_session { /* wipe after use */
	char token[CLIENT_TOKEN_MAX + 1];
	int64_t expires_at; /* Unix seconds of the backend's clock */
	char name[FLOW_LABEL_MAX];
	enum message_role role;
};
ERR_MUST_CHECK enum err_code message_session_parse(struct message_session *out, struct span body,
	struct err *err);

/* ---- calls ---- */

enum message_call_by {
	MESSAGE_CALL_ACCOUNT = 0,
	MESSAGE_CALL_PHONE,
	MESSAGE_CALL_CREDENTIAL /* 32 hex digits */
};
ERR_MUST_CHECK enum err_code message_call_build(struct bytes *out, enum message_call_by by,
	const char *text);
ERR_MUST_CHECK enum err_code message_call_answer_build(struct bytes *out, int question,
	struct span answer);

enum message_call_state {
	MESSAGE_CALL_OPEN = 0,
	MESSAGE_CALL_IDENTIFIED,
	MESSAGE_CALL_ENDED,
	MESSAGE_CALL_FAILED, /* too many wrong answers */
	MESSAGE_CALL_EXPIRED
};
enum message_question_kind {
	MESSAGE_QUESTION_OTHER = 0, /* words say what is asked */
	MESSAGE_QUESTION_DOCUMENT,
	MESSAGE_QUESTION_PHONE,
	MESSAGE_QUESTION_BIRTH
};
struct message_question {
	int number; /* 1 .. MESSAGE_QUESTIONS_MAX */
	enum message_question_kind kind;
	char words[FLOW_LABEL_MAX];
	bool right;
};
struct message_call {
	char id[MESSAGE_ID_LEN + 1];
	enum message_call_state state;
	struct message_question question[MESSAGE_QUESTIONS_MAX];
	size_t question_count;
	int right, needed, attempts_left;
	bool may_freeze, may_act; /* false whatever it says once the call is over */
	int64_t expires_at;
};
/* id: that of the call that was asked about; "" = a new one. ERR_PROTOCOL: of another call. */
ERR_MUST_CHECK enum err_code message_call_parse(struct message_call *out, const char *id,
	struct span body, struct err *err);

/* ---- credentials ---- */

enum message_status {
	MESSAGE_STATUS_VOID = 0,
	MESSAGE_STATUS_ACTIVE,
	MESSAGE_STATUS_FROZEN,
	MESSAGE_STATUS_EXPIRED
};
struct message_credential {
	char id[MESSAGE_ID_LEN + 1];
	enum message_status status;
	int64_t frozen_until; /* 0 = until it is unfrozen */
	char purpose[FLOW_LABEL_MAX];
	char face_value[FLOW_LABEL_MAX];
	char account[FLOW_LABEL_MAX];
	int generation;
	int64_t not_after; /* CODE_NO_END = none */
	bool pin_locked;
	bool activated;
};
struct message_credentials {
	char holder[FLOW_LABEL_MAX];
	struct message_credential list[MESSAGE_CREDENTIALS_MAX];
	size_t count;
	bool more;
};
ERR_MUST_CHECK enum err_code message_credentials_parse(struct message_credentials *out,
	struct span body, struct err *err);
/* id: as above. */
ERR_MUST_CHECK enum err_code message_credential_parse(struct message_credential *out,
	const char *id, struct span body, struct err *err);

/* freeze, unfreeze, void, renewal in this call. show: the activation code is wanted here. */
ERR_MUST_CHECK enum err_code message_act_build(struct bytes *out, const char *call, bool show);

struct message_renewed { /* wipe after use */
	int generation;
	int64_t not_after;
	char token[CLIENT_TOKEN_MAX + 1]; /* of the activation; "" = not told */
	char link[MESSAGE_LINK_MAX];      /* with it, what the wallet opens */
	char code[CODE_TEXT_MAX];         /* the same, kind A; "" = an older backend */
	int64_t token_expires_at;
};
/* show: it must have token and link; else they and the code are not looked at. */
ERR_MUST_CHECK enum err_code message_renewed_parse(struct message_renewed *out, const char *id,
	bool show, struct span body, struct err *err);

#endif
