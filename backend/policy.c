/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/policy_private.h"

#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/log.h"

#define POLICY_COUNT_ONE(field, section, value, min, max, words) +1
#define POLICY_TEXT_ONE(field, section, key, size, words) +1
#define POLICY_COUNT (0 POLICY_LIST(POLICY_COUNT_ONE) POLICY_TEXTS(POLICY_TEXT_ONE))

void policy_defaults(struct policy *out)
{
	memset(out, 0, sizeof(*out)); /* texts */
#define POLICY_DEFAULT(field, section, value, min, max, words) out->field = (value);
	POLICY_LIST(POLICY_DEFAULT)
#undef POLICY_DEFAULT
}

enum err_code policy_read(struct policy *out, const char *path, struct err *err)
{
	const struct config_key keys[POLICY_COUNT] = {
#define POLICY_KEY(field, section_, value_, min_, max_, words)                                     \
	{.section = (section_),                                                                    \
		.name = #field,                                                                    \
		.type = CONFIG_INT,                                                                \
		.value = &out->field,                                                              \
		.min = (min_),                                                                     \
		.max = (max_)},
		POLICY_LIST(POLICY_KEY)
#undef POLICY_KEY
#define POLICY_TEXT_KEY(field, section_, key, size_, words)                                        \
	{.section = (section_),                                                                    \
		.name = (key),                                                                     \
		.type = CONFIG_TEXT,                                                               \
		.value = out->field,                                                               \
		.size = sizeof(out->field)},
		POLICY_TEXTS(POLICY_TEXT_KEY)
#undef POLICY_TEXT_KEY
	};
	enum err_code e;

	policy_defaults(out);
	e = config_read(path, false, keys, POLICY_COUNT, err);
	if (!e)
		e = policy_check(out, err);
	if (e == ERR_INVALID)
		return err_prefix(err, "%s", path);
	return e;
}

/* ---- messenger ---- */

static const char *const MESSENGER_WORDS[] = {[MESSENGER_OUTBOX] = "outbox",
	[MESSENGER_SMTP] = "smtp",
	[MESSENGER_HTTP] = "http",
	[MESSENGER_NONE] = "none"};

static int messenger_find(const char *word)
{
	for (int i = MESSENGER_OUTBOX; i <= MESSENGER_NONE; i++)
		if (strcmp(word, MESSENGER_WORDS[i]) == 0)
			return i;
	return -1;
}

enum policy_messenger policy_messenger(const struct policy *p)
{
	int kind = p->messenger_kind[0] ? messenger_find(p->messenger_kind) : MESSENGER_OUTBOX;

	return kind < 0 ? MESSENGER_NONE : (enum policy_messenger)kind;
}

/* A part of RFC 5321: visible ASCII, one @ with something on both sides, nothing that quotes. */
bool policy_mail_address(const char *text)
{
	const char *at = strchr(text, '@');
	size_t len = strlen(text);

	if (!at || at == text || !at[1] || strchr(at + 1, '@') || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("()<>[]:;,\\\"", text[i]))
			return false;
	return true;
}

bool policy_url_is_local(const char *url)
{
	static const char *const LOCAL[] = {"://127.0.0.1", "://[::1]", "://localhost"};
	const char *host = strstr(url, "://");

	for (size_t i = 0; host && i < 3; i++) {
		size_t n = strlen(LOCAL[i]);

		if (strncmp(host, LOCAL[i], n) == 0 && strchr(":/", host[n])) /* or the end */
			return true;
	}
	return false;
}

/* Plain ones only to this machine: a message holds a link that is worth a credential. A relay
 * elsewhere that does not begin with TLS must do STARTTLS: messenger_curl.c.
 */
static bool url_is_good(enum policy_messenger kind, const char *url)
{
	static const char *const SCHEME[][2] = {
		[MESSENGER_SMTP] = {"smtps://", "smtp://"},
		[MESSENGER_HTTP] = {"https://", "http://"}};

	for (const char *p = url; *p; p++)
		if (*p <= ' ' || *p > '~' || *p == '@' || *p == '#')
			return false;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(SCHEME[kind][i]);

		if (strncmp(url, SCHEME[kind][i], n) == 0 && url[n])
			return i == 0 || kind == MESSENGER_SMTP || policy_url_is_local(url);
	}
	return false;
}

static enum err_code messenger_check(const struct policy *p, struct err *err)
{
	enum policy_messenger kind = policy_messenger(p);

	if (p->messenger_kind[0] && messenger_find(p->messenger_kind) < 0)
		return err_set(
			err, ERR_INVALID, "[messenger] kind must be outbox, smtp, http or none");
	if (p->messenger_language[0] && strcmp(p->messenger_language, "en") != 0 &&
		strcmp(p->messenger_language, "zh_CN") != 0)
		return err_set(err, ERR_INVALID, "[messenger] language must be en or zh_CN");
	for (const char *c = p->messenger_link; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '#' || *c == '"' || *c == '\\')
			return err_set(err, ERR_INVALID,
				"[messenger] link must be an address without # in visible ASCII");
	if (kind != MESSENGER_SMTP && kind != MESSENGER_HTTP)
		return ERR_OK;
	if (!url_is_good(kind, p->messenger_url))
		return err_set(err, ERR_INVALID, "[messenger] url must be %s",
			kind == MESSENGER_SMTP ? "smtps://HOST:PORT or smtp://HOST:PORT"
					       : "https://..., or http:// to this machine");
	if (kind == MESSENGER_SMTP && !policy_mail_address(p->messenger_from))
		return err_set(err, ERR_INVALID, "[messenger] from must be a mail address");
	return ERR_OK;
}

enum err_code policy_check(const struct policy *p, struct err *err)
{
	enum log_level level;

	if (p->binding_1_from && p->binding_2_from && p->binding_1_from > p->binding_2_from)
		return err_set(err, ERR_INVALID,
			"binding_1_from is above binding_2_from: the stronger one starts higher");
	if (p->starts_hour > p->starts_day)
		return err_set(err, ERR_INVALID, "starts_hour is above starts_day");
	if (p->account_starts_hour > p->account_starts_day)
		return err_set(err, ERR_INVALID,
			"account_starts_hour is above account_starts_day");
	if (p->start_delay_s > p->start_delay_max_s)
		return err_set(err, ERR_INVALID, "start_delay_s is above start_delay_max_s");
	if (p->keep_days && p->keep_days < 3)
		return err_set(err, ERR_INVALID,
			"keep_days must be 3 or more: budgets and sums of a day look back so far");
	if (p->call_right > p->call_questions)
		return err_set(err, ERR_INVALID,
			"call_right is above call_questions: nobody could be identified");
	if (p->sign_in_wait_s > p->sign_in_wait_max_s)
		return err_set(err, ERR_INVALID, "sign_in_wait_s is above sign_in_wait_max_s");
	if (policy_levels_check(p, err))
		return ERR_INVALID;
	if (p->currency[0] && !amount_currency_is_valid(p->currency))
		return err_set(err, ERR_INVALID,
			"[policy] currency must be three capital letters of ISO 4217, like CNY");
	if (p->log_level[0] && !log_level_read(&level, p->log_level))
		return err_set(err, ERR_INVALID, "log must be error, warning, info or debug");
	if (messenger_check(p, err))
		return ERR_INVALID;
	/* One photographed tag must not be able to freeze its owner: PROTOCOL.md section 8.5. */
	if (p->failures_per_tag >= p->failures_freeze && p->failures_freeze > 1)
		return err_set(err, ERR_INVALID,
			"failures_per_tag must be below failures_freeze, or a photograph of one"
			" code can freeze its owner");
	return ERR_OK;
}

static void template_key(struct bytes *out, const char *name, int64_t value, const char *words)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "\n; %s\n;%s = %lld\n", words, name, (long long)value);
	bytes_add_text(out, line);
}

/* Each section once: whoever looks for [server] finds all of it there. */
static void template_section(struct bytes *out, const char *section)
{
	bytes_add_text(out, "\n[");
	bytes_add_text(out, section);
	bytes_add_text(out, "]\n");
#define POLICY_LINE(field, section_, value, min, max, words)                                       \
	if (strcmp(section, (section_)) == 0)                                                      \
		template_key(out, #field, (value), (words));
	POLICY_LIST(POLICY_LINE)
#undef POLICY_LINE
#define POLICY_TEXT_LINE(field, section_, key, size, words)                                        \
	if (strcmp(section, (section_)) == 0)                                                      \
		bytes_add_text(out, "\n; " words "\n;" key " =\n");
	POLICY_TEXTS(POLICY_TEXT_LINE)
#undef POLICY_TEXT_LINE
}

void policy_template(struct bytes *out)
{
	static const char *const sections[] = {
		"server", "wallet", "policy", "keys", "store", "messenger"};

	bytes_add_text(out, "; countersignd: what is commented out is the default.\n"
			    "; Amounts are in minor units of the currency (100000 = 1000.00).\n");
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		template_section(out, sections[i]);
}

struct policy_need policy_need_of(const struct policy *p, uint64_t amount, bool live, int digits)
{
	struct policy_need need = {.binding = CODE_BINDING_NUMBER, .timed = live};

	if (p->binding_1_from && amount >= (uint64_t)p->binding_1_from)
		need.binding = CODE_BINDING_AMOUNT;
	if (p->binding_2_from && amount >= (uint64_t)p->binding_2_from)
		need.binding = CODE_BINDING_CHALLENGE;
	/* Answers to short numbers of a code that anybody can photograph can be collected
	 * beforehand: PROTOCOL.md section 8.5.
	 */
	if (!live && digits < 8)
		need.binding = CODE_BINDING_CHALLENGE;
	need.pin = amount == 0 || amount >= (uint64_t)p->pin_from;
	return need;
}
