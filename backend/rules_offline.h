/* SPDX-License-Identifier: Apache-2.0
 *
 * Sales that a terminal made while this backend was out of reach, and hands in afterwards. Nobody
 * verified the holder: there was no number and no answer. What can be looked at now is whether the
 * card was good then, whether its live tag was right then, and whether the issuer wants to have the
 * sale at all: [policy] offline_max, which is 0 unless somebody sets it.
 */
#ifndef BACKEND_RULES_OFFLINE_H
#define BACKEND_RULES_OFFLINE_H

#include "backend/rules.h"

#define OFFLINE_WORD "offline"  /* reason of their verification; of a conflict, - and why */
#define OFFLINE_AHEAD_S 120     /* a terminal's clock may be before ours by this */
#define OFFLINE_TAG_USES 2      /* of one live tag: the start that was not answered, and the sale */

struct rules_offline_in {
	char id[2 * CODE_ID_LEN + 1]; /* made by the terminal */
	char code[CODE_TEXT_MAX];
	int64_t at;                   /* by the terminal's clock, Unix seconds */
	uint64_t amount;
	char currency[4];
	char reference[CODE_REFERENCE_MAX + 1];
	char operator_name[RULES_NAME_MAX];
};
struct rules_offline_out {
	uint8_t id[CODE_ID_LEN];
	bool accepted;
	char reason[RULES_WORD_MAX];     /* of a conflict */
	char receipt[RULES_RECEIPT_MAX]; /* of what was accepted */
};
/* Records it once: the same again gets the recorded answer, another sale of the same id is refused
 * as answered-already. Whatever the outcome, it is a verification that is over, with reason
 * "offline" (accepted) or "offline-WORD" (rejected), and an audit record.
 */
ERR_MUST_CHECK enum err_code rules_offline(const struct rules *r, struct rules_offline_out *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const struct rules_offline_in *in, struct err *err);

#endif
