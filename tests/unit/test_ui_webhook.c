/* SPDX-License-Identifier: Apache-2.0
 *
 * What waits for the shop's server: in order, each once, and never more than its place. The server
 * is played; tests/e2e/webhook.t has a real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <string.h>

#include "crypto/crypto.h"
#include "tests/lib/folder.h"
#include "ui/webhook.h"

static struct webhook hook;
static struct settings_till settings;
static struct clock now;

/* ---- the server ---- */

static void (*answer_to)(void *ctx, const struct client_post_result *result);
static char body[WEBHOOK_BODY_MAX + 1];
static int requests;

enum err_code client_post_new(struct client_post **out, struct client *c,
	const struct client_post_options *opt, struct err *e)
{
	(void)c;
	(void)opt;
	(void)e;
	*out = (struct client_post *)&hook;
	return ERR_OK;
}

void client_post_free(struct client_post **p)
{
	*p = NULL;
}

enum err_code client_post_send(struct client_post *p, struct span text, const char *header,
	void (*answered)(void *ctx, const struct client_post_result *result), void *ctx,
	struct err *e)
{
	(void)p;
	(void)header;
	(void)e;
	assert_ptr_equal(ctx, &hook);
	answer_to = answered;
	memcpy(body, text.data, text.len);
	body[text.len] = '\0';
	requests++;
	return ERR_OK;
}

static void answer(int status)
{
	const struct client_post_result r = {.answered = status != 0, .status = status};

	answer_to(&hook, &r);
}

/* ---- the terminal ---- */

static void open_again(void)
{
	webhook_close(&hook);
	assert_int_equal(webhook_open(&hook, &settings, folder_path, NULL, &now, NULL), ERR_OK);
}

static int begin(void **state)
{
	const char *key;
	FILE *f;

	if (folder_set_up(state) != 0 || sec_start(NULL) != ERR_OK)
		return -1;
	key = in_folder("key");
	f = fopen(key, "w");
	if (f == NULL || fputs("a key of the shop, not of the bank\n", f) < 0 || fclose(f) != 0 ||
		chmod(key, 0600) != 0)
		return -1;
	snprintf(settings.webhook, sizeof settings.webhook, "https://shop.example/");
	snprintf(settings.webhook_key, sizeof settings.webhook_key, "%s", key);
	clock_init_manual(&now, 1000, 1790000000000);
	memset(&hook, 0, sizeof hook);
	requests = 0;
	open_again();
	return 0;
}

static int end(void **state)
{
	webhook_close(&hook);
	sec_stop();
	return folder_tear_down(state);
}

static void add(const char *id)
{
	static const struct client_sale sale;
	const struct webhook_verdict v = {.terminal = "counter 1",
		.id = id,
		.sale = &sale,
		.verdict = "none",
		.reason = "cancelled",
		.verification = "",
		.receipt = "",
		.unix_ms = 1790000000000};

	webhook_add(&hook, &v);
}

static void sent(const char *id)
{
	char member[96];

	webhook_turn(&hook);
	snprintf(member, sizeof member, "\"id\":\"%s\"", id);
	if (strstr(body, member) == NULL)
		fail_msg("no %s in %s", member, body);
}

static size_t files(const char *pattern)
{
	char path[1024];
	glob_t found;
	size_t count;

	snprintf(path, sizeof path, "%s/webhook/%s", folder_path, pattern);
	count = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
	globfree(&found);
	return count;
}

/* Files of a time before; nobody waits for the disk here. */
static void make(unsigned from, unsigned to, const char *ending)
{
	char path[1024];
	int fd;

	for (unsigned i = from; i <= to; i++) {
		snprintf(path, sizeof path, "%s/webhook/%016u.json%s", folder_path, i, ending);
		fd = open(path, O_WRONLY | O_CREAT, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "{}", 2), 2);
		close(fd);
	}
}

static void they_are_sent_in_order_and_each_once(void **state)
{
	(void)state;
	add("a");
	add("b");
	sent("a");
	webhook_turn(&hook);
	assert_int_equal(requests, 1); /* one after another */
	answer(503);
	webhook_turn(&hook);
	assert_int_equal(requests, 1); /* not at once */
	clock_advance_to(&now, webhook_next_ms(&hook));
	sent("a");
	answer(200);
	sent("b");
	answer(204);
	webhook_turn(&hook);
	assert_int_equal(requests, 3);
	assert_int_equal(webhook_next_ms(&hook), INT64_MAX);
	assert_int_equal(files("*"), 0);
}

/* Also while the server is away and nothing is sent: a till that sells very much fills no disk. */
static void no_more_than_its_place_waits(void **state)
{
	(void)state;
	make(1, WEBHOOK_QUEUE_MAX, "");
	open_again();
	webhook_turn(&hook);
	assert_int_equal(requests, 1);
	for (int i = 0; i < 5; i++)
		add("new");
	assert_int_equal(files("*.json"), WEBHOOK_QUEUE_MAX);
	assert_int_equal(files("0000000000000005.json"), 0); /* the oldest went */
	assert_int_equal(files("0000000000000006.json"), 1);
	answer(200); /* to one that is not there any more */
	assert_int_equal(files("*.json"), WEBHOOK_QUEUE_MAX);
	webhook_turn(&hook);
	answer(200);
	assert_int_equal(files("0000000000000006.json"), 0);
	assert_int_equal(files("*.json"), WEBHOOK_QUEUE_MAX - 1);
}

/* Somebody looks at them one day: none may take another's place. */
static void what_was_refused_is_kept_as_far_as_there_is_room(void **state)
{
	(void)state;
	add("first");
	sent("first");
	answer(400);
	assert_int_equal(files("0000000000000001.json.refused"), 1);
	open_again(); /* nothing waits: counting goes on behind what was refused */
	add("second");
	sent("second");
	answer(400);
	assert_int_equal(files("*.refused"), 2);
	make(3, WEBHOOK_REFUSED_MAX, ".refused");
	open_again();
	add("third");
	sent("third");
	answer(400);
	assert_int_equal(files("*.refused"), WEBHOOK_REFUSED_MAX);
	assert_int_equal(files("0000000000000001.json.refused"), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(they_are_sent_in_order_and_each_once),
		CASE(no_more_than_its_place_waits),
		CASE(what_was_refused_is_kept_as_far_as_there_is_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
