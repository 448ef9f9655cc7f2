/* SPDX-License-Identifier: Apache-2.0
 *
 * credential issue, show, freeze, unfreeze, void, renew.
 */
#include <stdio.h>
#include <string.h>

#include "backend/admin.h"

#define DAY_S          86400
#define VALID_DAYS_MAX 36500

struct validity { /* --not-after and --valid-days, or neither */
	int64_t not_after, valid_days;
	bool has_not_after, has_days;
};

/* Unix seconds for the service; 0 = as the policy says. */
static enum err_code resolve_validity(
	int64_t *out, const struct validity *v, const struct clock *clock, struct err *err)
{
	*out = 0;
	if (v->has_not_after && v->has_days)
		return err_set(err, ERR_USAGE, "--not-after or --valid-days, not both");
	if (v->has_not_after && v->not_after <= clock_unix_s(clock))
		return err_set(err, ERR_USAGE, "--not-after must be later than now");
	if (v->has_not_after)
		*out = v->not_after;
	if (v->has_days)
		*out = clock_unix_s(clock) + v->valid_days * DAY_S;
	/* the format of a code ends in 2106 */
	if (*out >= (int64_t)CODE_NO_END)
		*out = (int64_t)CODE_NO_END;
	return ERR_OK;
}

#define VALIDITY_ARGS(v)                                                                           \
	{.name = "not-after",                                                                      \
		.number = &(v).not_after,                                                          \
		.min = 1,                                                                          \
		.max = (int64_t)CODE_NO_END,                                                       \
		.given = &(v).has_not_after},                                                      \
	{                                                                                          \
		.name = "valid-days", .number = &(v).valid_days, .min = 1, .max = VALID_DAYS_MAX,  \
		.given = &(v).has_days                                                             \
	}

static void tell_issued(struct admin *a, const struct service_issued *out)
{
	admin_json_id(a, "credential", out->id);
	json_out_int(&a->json, "generation", out->generation);
	json_out_int(&a->json, "not_after", out->not_after);
	json_out_text(&a->json, "token", out->token);
	json_out_int(&a->json, "token_expires_at", out->token_expires_at);
	json_out_text(&a->json, "link", out->link);
	json_out_text(&a->json, "code", out->code);
}

/* Optional text into its place. */
static enum err_code take_label(
	char out[static RULES_NAME_MAX], const char *text, const char *what, struct err *err)
{
	enum err_code e = text ? admin_text(text, what, RULES_NAME_MAX - 1, err) : ERR_OK;

	if (!e && text)
		(void)snprintf(out, RULES_NAME_MAX, "%s", text);
	return e;
}

static enum err_code take_policy(bool *is_static, const char *policy, struct err *err)
{
	*is_static = policy && strcmp(policy, "static") == 0;
	if (policy && !*is_static && strcmp(policy, "live") != 0)
		return err_set(err, ERR_USAGE, "--policy must be live or static");
	return ERR_OK;
}

enum err_code admin_credential_issue(struct admin *a, struct err *err)
{
	const char *holder = NULL, *account = NULL, *purpose = NULL, *face = NULL, *policy = NULL;
	int64_t digits = 0;
	struct validity v = {0};
	struct service_issue in = {0};
	struct service_issued out = {0};
	const struct arg list[] = {
		{.name = "holder", .text = &holder},
		{.name = "account", .text = &account},
		{.name = "purpose", .text = &purpose},
		{.name = "face-value", .text = &face},
		{.name = "policy", .text = &policy},
		{.name = "digits",
			.number = &digits,
			.min = CODE_DIGITS_MIN,
			.max = CODE_DIGITS_MAX},
		VALIDITY_ARGS(v),
		{.name = "no-pin", .flag = &in.no_pin},
	};
	enum err_code e =
		args_parse(a->argc, a->argv, list, sizeof(list) / sizeof(list[0]), NULL, err);

	if (!e)
		e = admin_id(in.holder, holder, "--holder", err);
	if (!e)
		e = admin_id(in.account, account, "--account", err);
	if (!e)
		e = take_label(in.purpose, purpose, "--purpose", err);
	if (!e)
		e = take_label(in.face_value, face, "--face-value", err);
	if (!e)
		e = take_policy(&in.is_static, policy, err);
	if (!e)
		e = resolve_validity(&in.not_after, &v, a->clock, err);
	in.digits = (int)digits;
	if (!e)
		e = service_credential_issue(a->service, &out, &in, err);
	if (!e)
		tell_issued(a, &out);
	sec_wipe(&out, sizeof(out));
	return e;
}

enum err_code admin_credential_renew(struct admin *a, struct err *err)
{
	const char *word = NULL;
	struct validity v = {0};
	const struct arg list[] = {VALIDITY_ARGS(v)};
	struct args_words words = {.list = &word, .max = 1};
	struct service_issued out = {0};
	uint8_t id[CODE_ID_LEN];
	int64_t not_after = 0;
	enum err_code e = args_parse(a->argc, a->argv, list, 2, &words, err);

	if (!e)
		e = admin_id(id, word, "ID", err);
	if (!e)
		e = resolve_validity(&not_after, &v, a->clock, err);
	if (!e)
		e = service_credential_renew(a->service, &out, id, not_after, err);
	if (!e)
		tell_issued(a, &out);
	sec_wipe(&out, sizeof(out));
	return e;
}

static enum err_code tell_credential(
	struct admin *a, const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct service_credential c = {0};
	enum err_code e = service_credential_show(a->service, &c, id, err);

	if (e)
		return e;
	admin_json_id(a, "credential", c.id);
	json_out_text(&a->json, "status", c.status);
	if (c.frozen_until == INT64_MAX)
		json_out_text(&a->json, "frozen_until", "unfrozen");
	else if (c.frozen_until > 0)
		json_out_int(&a->json, "frozen_until", c.frozen_until);
	admin_json_id(a, "holder", c.holder);
	json_out_text(&a->json, "holder_name", c.holder_name);
	admin_json_id(a, "account", c.account);
	json_out_text(&a->json, "purpose", c.purpose);
	json_out_text(&a->json, "face_value", c.face_value);
	json_out_int(&a->json, "generation", c.generation);
	json_out_int(&a->json, "not_after", c.not_after);
	json_out_text(&a->json, "policy", c.live ? "live" : "static");
	json_out_int(&a->json, "digits", c.digits);
	json_out_bool(&a->json, "pin", c.pin);
	json_out_bool(&a->json, "activated", c.activated);
	json_out_int(&a->json, "failures", c.failures);
	json_out_int(&a->json, "freezes", c.freezes);
	json_out_text(&a->json, "first_code", c.first_code);
	return ERR_OK;
}

enum err_code admin_credential_show(struct admin *a, struct err *err)
{
	uint8_t id[CODE_ID_LEN];
	enum err_code e = admin_one_id(a, id, err);

	return e ? e : tell_credential(a, id, err);
}

enum err_code admin_credential_freeze(struct admin *a, struct err *err)
{
	const char *word = NULL;
	int64_t until = 0;
	const struct arg list[] = {
		{.name = "until", .number = &until, .min = 1, .max = (int64_t)CODE_NO_END},
	};
	struct args_words words = {.list = &word, .max = 1};
	uint8_t id[CODE_ID_LEN];
	enum err_code e = args_parse(a->argc, a->argv, list, 1, &words, err);

	if (!e)
		e = admin_id(id, word, "ID", err);
	if (!e && until && until <= clock_unix_s(a->clock))
		e = err_set(err, ERR_USAGE, "--until must be later than now");
	if (!e)
		e = service_credential_freeze(a->service, id, until, err);
	return e ? e : tell_credential(a, id, err);
}

enum err_code admin_credential_unfreeze(struct admin *a, struct err *err)
{
	uint8_t id[CODE_ID_LEN];
	enum err_code e = admin_one_id(a, id, err);

	if (!e)
		e = service_credential_unfreeze(a->service, id, err);
	return e ? e : tell_credential(a, id, err);
}

enum err_code admin_credential_void(struct admin *a, struct err *err)
{
	uint8_t id[CODE_ID_LEN];
	enum err_code e = admin_one_id(a, id, err);

	if (!e)
		e = service_credential_void(a->service, id, err);
	return e ? e : tell_credential(a, id, err);
}
