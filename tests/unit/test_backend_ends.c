/* SPDX-License-Identifier: Apache-2.0
 *
 * What ends by itself: who is counted and told of, and when.
 */
#include "tests/lib/backend_world.h"

#include <fcntl.h>

#include "backend/metrics.h"
#include "backend/store_enrol.h"
#include "base/log.h"

#define DAY 86400

static struct world *w;
static char said[4096];

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(w);
	w = NULL;
	return 0;
}

static void certificate(uint8_t first, const struct rules_caller *terminal, int64_t not_after)
{
	struct store_terminal_key key = {.spki = {first}, .not_after = not_after};

	memcpy(key.terminal, terminal->id, CODE_ID_LEN);
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_terminal_key_insert(w->service->store, &key, &w->err));
	must(w, store_commit(w->service->store, &w->err));
}

/* What the log has to say about a sweep. */
static const char *sweep(void)
{
	char path[96];
	int ended = 0, fd;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/log", w->dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	log_set_fd(fd);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_sweep(&w->rules, &ended, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	log_set_fd(2);
	n = pread(fd, said, sizeof(said) - 1, 0);
	assert_true(n >= 0);
	said[n] = '\0';
	assert_int_equal(close(fd), 0);
	return said;
}

static int64_t ending(void)
{
	return w->service->ends->terminals;
}

static void terminals_that_did_not_come_are_counted_and_told_once_a_day(void **state)
{
	(void)state;
	certificate(1, &w->till, world_now(w) + 365 * DAY);
	certificate(2, &w->other, world_now(w) + 300 * DAY);
	assert_string_equal(sweep(), "");
	assert_int_equal(ending(), 0);
	world_pass(w, 269 * DAY);
	assert_string_equal(sweep(), "");
	world_pass(w, 2 * DAY);
	assert_non_null(strstr(sweep(), "warning certificates: certificates of 1 terminals end"));
	assert_int_equal(ending(), 1);
	world_pass(w, DAY / 2);
	assert_string_equal(sweep(), "");
	assert_int_equal(ending(), 1);
	world_pass(w, DAY / 2);
	assert_non_null(strstr(sweep(), "terminal list"));
	world_pass(w, 60 * DAY); /* one has ended long ago */
	(void)sweep();
	assert_int_equal(ending(), 0);
	world_pass(w, 5 * DAY);
	must(w, service_terminal_revoke(w->service, "till", &w->err));
	assert_string_equal(sweep(), "");
	assert_int_equal(ending(), 0);
}

static void short_certificates_are_not_always_about_to_end(void **state)
{
	(void)state;
	assert_int_equal(ends_terminal_soon_s(365), 30 * DAY);
	assert_int_equal(ends_terminal_soon_s(30), 5 * DAY);
	w->service->policy.certificate_days = 30;
	certificate(1, &w->till, world_now(w) + 6 * DAY);
	assert_string_equal(sweep(), "");
	assert_int_equal(ending(), 0);
	world_pass(w, DAY);
	(void)sweep();
	assert_int_equal(ending(), 1);
}

static void the_list_has_names_and_ends(void **state)
{
	struct service_terminal_entry t;

	(void)state;
	certificate(1, &w->till, world_now(w) + 365 * DAY);
	certificate(2, &w->other, world_now(w) + DAY);
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	must(w, service_terminal_after(w->service, &t, "", &w->err));
	assert_string_equal(t.name, "other till");
	assert_true(t.ends_soon && t.had_certificate && !t.stopped);
	assert_int_equal(t.not_after, world_now(w) + DAY);
	must(w, service_terminal_after(w->service, &t, t.name, &w->err));
	assert_string_equal(t.name, "till");
	assert_true(!t.ends_soon && t.stopped);
	assert_int_equal(service_terminal_after(w->service, &t, t.name, &w->err), ERR_NOT_FOUND);
	must(w, service_terminal_revoke(w->service, "other till", &w->err));
	must(w, service_terminal_after(w->service, &t, "", &w->err));
	assert_true(t.had_certificate && t.not_after == 0 && !t.ends_soon);
}

static void a_key_of_the_issuer_that_ends_is_told(void **state)
{
	struct service_issue in = {.not_after = world_now(w) + 100 * DAY};
	struct service_issued out;
	int64_t end;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &out, &in, &w->err));
	(void)sweep();
	assert_int_equal(w->service->ends->issuer, 0);
	must(w, service_key_rotate_issuer(w->service, &w->err));
	world_pass(w, 2 * 3600);
	assert_string_equal(sweep(), "");
	end = w->service->ends->issuer;
	assert_true(end >= in.not_after && end <= in.not_after + 2 * DAY);
	world_pass(w, 80 * DAY);
	assert_non_null(strstr(sweep(), "a key of the issuer ends on 2027-"));
}

#define NOT_AFTER "countersign_certificate_not_after_seconds"

static void assert_has(struct bytes *text, const char *line)
{
	assert_non_null(strstr(bytes_text(text), line));
}

static void the_figures_have_what_is_known(void **state)
{
	static struct metrics m;
	struct metrics_gauges g = {.jobs = 0};
	struct bytes text;

	(void)state;
	bytes_init(&text, METRICS_TEXT_MAX);
	metrics_text(&text, &m, &g);
	assert_null(strstr(bytes_text(&text), "not_after"));
	text.len = 0;
	certificate(1, &w->till, world_now(w) + DAY);
	(void)sweep();
	g = (struct metrics_gauges){.server_not_after = 1800000001,
		.authority_not_after = 1900000002, .ends = w->service->ends};
	metrics_text(&text, &m, &g);
	assert_has(&text, "\n" NOT_AFTER "{certificate=\"server\"} 1800000001\n");
	assert_has(&text, "\n" NOT_AFTER "{certificate=\"authority\"} 1900000002\n");
	assert_has(&text, "\ncountersign_terminal_certificates_ending 1\n");
	assert_null(strstr(bytes_text(&text), "issuer_key_not_after"));
	assert_false(text.full);
	bytes_done(&text);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(terminals_that_did_not_come_are_counted_and_told_once_a_day),
		CASE(short_certificates_are_not_always_about_to_end),
		CASE(the_list_has_names_and_ends),
		CASE(a_key_of_the_issuer_that_ends_is_told),
		CASE(the_figures_have_what_is_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
