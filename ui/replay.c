/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks a backend which build it is.
 */
#include "ui/replay.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "verifier/client.h"

static bool is_deterministic(struct span answer)
{
	struct json *j = NULL;
	bool value = false;
	bool is = json_parse(&j, answer, answer.len, NULL) == ERR_OK &&
		  json_has(j, "deterministic") &&
		  json_get_bool(j, "deterministic", &value, NULL) == ERR_OK && value;

	json_free(&j);
	return is;
}

enum err_code replay_backend_check(const char *url, struct err *err)
{
	char path[CLIENT_URL_MAX + 16];
	char storage[CLIENT_ANSWER_MAX];
	struct bytes answer;
	struct http_exchange x = {.method = "GET", .url = path, .answer = &answer};
	size_t len = strlen(url);
	enum err_code rc;

	while (len > 0 && url[len - 1] == '/')
		len--;
	snprintf(path, sizeof path, "%.*s/healthz", (int)len, url);
	bytes_init_fixed(&answer, storage, sizeof storage);
	rc = http_exchange(&x, err);
	if (rc != ERR_OK)
		return err_prefix(err,
			"--replay needs countersignd-deterministic, and at %s nobody answers", url);
	if (x.status == 200 && is_deterministic(bytes_span(&answer)))
		return ERR_OK;
	return err_set(err, ERR_PERMISSION,
		"--replay: %s is not countersignd-deterministic: nothing was sent, because a "
		"replay acts on what the backend holds; see --replay in countersign(1)",
		url);
}
