/* SPDX-License-Identifier: Apache-2.0
 *
 * The words without a screen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/lib/folder.h"
#include "ui/plain.h"

static char said[1024];

/* What is printed when a verification has ended so. */
static const char *ended(enum verdict verdict, enum flow_reason reason, const char *fault)
{
	static struct events e;
	static struct flow f;
	struct flow_actions actions = {.count = 1, .list = {{.kind = FLOW_DO_FINISHED}}};
	int keep = dup(STDOUT_FILENO);
	int fd = open(in_folder("out"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	memset(&f, 0, sizeof f);
	f.phase = FLOW_RESULT;
	f.verdict = verdict;
	f.reason = reason;
	fflush(stdout);
	assert_true(keep >= 0 && fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
	plain_after(&e, &f, &actions, fault);
	assert_true(dup2(keep, STDOUT_FILENO) >= 0);
	n = pread(fd, said, sizeof said - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	close(fd);
	close(keep);
	return said;
}

static int set_up(void **state)
{
	text_init("en");
	return folder_set_up(state);
}

static void a_certificate_is_told_as_one(void **state)
{
	(void)state;
	assert_string_equal(ended(VERDICT_NONE, REASON_NO_BACKEND,
				    "bank:8443: the backend's certificate has expired"),
		"NOT ACCEPTED: The server's certificate has expired.\n");
	assert_string_equal(ended(VERDICT_NONE, REASON_NO_BACKEND,
				    "bank:8443: this is another backend: certificate not trusted"),
		"NOT ACCEPTED: This is another server: its certificate is not trusted.\n");
}

static void other_faults_are_told_by_their_reason(void **state)
{
	char plain[sizeof said];

	(void)state;
	snprintf(plain, sizeof plain, "%s", ended(VERDICT_NONE, REASON_NO_BACKEND, ""));
	assert_null(strstr(plain, "ertificate"));
	assert_string_equal(ended(VERDICT_NONE, REASON_NO_BACKEND, "bank:1: connection refused"),
		plain);
	/* a fault that is over by now has nothing to do with a refusal */
	assert_null(strstr(ended(VERDICT_REFUSED, REASON_FROZEN,
				   "bank:8443: the backend's certificate has expired"),
		"ertificate"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_told_as_one),
		cmocka_unit_test(other_faults_are_told_by_their_reason),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, folder_tear_down);
}
