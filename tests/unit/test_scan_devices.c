/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal asks the scanner for the list of devices: what comes back, and what may go wrong.
 */
#include "tests/lib/scan_pictures.h"

#include "scanner/scanner.h"

static char program[] = "/tmp/countersign-devices.XXXXXX";
static struct bytes out;
static struct err err;

static int make(void **state)
{
	(void)state;
	int fd = mkstemp(program);
	return fd < 0 || close(fd);
}

static int drop_all(void **state)
{
	(void)state;
	bytes_done(&out);
	return unlink(program);
}

/* A stand-in for countersign-scanner. */
static enum err_code ask(const char *script, size_t cap)
{
	FILE *f = fopen(program, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(program, 0700), 0);
	bytes_done(&out);
	bytes_init(&out, cap);
	return scan_devices(&out, program, &err);
}

static void gives_what_it_says(void **state)
{
	(void)state;
	assert_int_equal(ask("[ \"$*\" = --devices ] && echo '{\"a\":1}' && "
			     "echo '{\"b\":2}'", 1000), ERR_OK);
	assert_string_equal(bytes_text(&out), "{\"a\":1}\n{\"b\":2}\n");
	assert_int_equal(ask("exit 1", 1000), ERR_OK); /* none can be used */
	assert_string_equal(bytes_text(&out), "");
	setenv("TOKEN", "secret", 1);
	assert_int_equal(ask("[ -z \"$TOKEN\" ] || exit 3", 1000), ERR_OK);
}

static void says_that_it_failed(void **state)
{
	(void)state;
	assert_int_equal(ask("echo x; exit 3", 1000), ERR_IO);
	assert_int_equal(ask("kill -9 $$", 1000), ERR_IO);
	assert_int_equal(ask("echo 123456789", 9), ERR_TOO_LARGE);
	assert_int_equal(ask("while :; do echo x; done", 5000), ERR_TOO_LARGE); /* and it is gone */
	bytes_done(&out);
	bytes_init(&out, 100);
	assert_int_equal(scan_devices(&out, "/nonexistent/scanner", &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "/nonexistent/scanner"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_what_it_says),
		cmocka_unit_test(says_that_it_failed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make, drop_all);
}
