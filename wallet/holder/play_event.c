/* SPDX-License-Identifier: Apache-2.0
 *
 * What the terminal says on the simulator's standard input.
 */
#include <string.h>

#include "base/json.h"
#include "wallet/holder/play.h"

static bool kind_of(enum scenario_event *out, const char *word)
{
	static const char *const words[EVENT_COUNT] = {[EVENT_NUMBER] = "number",
		[EVENT_VERDICT] = "verdict",
		[EVENT_PIN] = "pin_wanted",
		[EVENT_NOTICE] = "notice",
		[EVENT_UNCERTAIN] = "uncertain"};

	for (int i = 0; i < EVENT_COUNT; i++)
		if (strcmp(words[i], word) == 0) {
			*out = (enum scenario_event)i;
			return true;
		}
	return false;
}

static enum err_code number_get(struct play_event *out, const struct json *j, struct err *err)
{
	enum err_code rc = json_get_text(j, "number", out->number, sizeof(out->number), err);
	size_t len = rc ? 0 : strlen(out->number);

	if (!rc && (strspn(out->number, "0123456789") != len || len < CODE_DIGITS_MIN))
		rc = err_set(err, ERR_FORMAT, "number is not six to ten digits");
	if (!rc && json_has(j, "challenge_code"))
		rc = json_get_text(
			j, "challenge_code", out->challenge, sizeof(out->challenge), err);
	return rc;
}

enum err_code play_event_parse(struct play_event *out, struct span line, struct err *err)
{
	char word[32];
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, line, PLAY_EVENT_LINE_MAX, err);

	memset(out, 0, sizeof(*out));
	out->frame = -1;
	if (!rc)
		rc = json_get_text(j, "event", word, sizeof(word), err);
	if (rc)
		goto out;
	out->known = kind_of(&out->kind, word);
	if (out->known && out->kind == EVENT_NUMBER)
		rc = number_get(out, j, err);
	else if (strcmp(word, "frame") == 0)
		rc = json_get_int(j, "frame", &out->frame, 0, INT64_MAX, err);
out:
	if (rc) {
		out->known = false;
		out->frame = -1;
	}
	json_free(&j);
	return rc;
}
