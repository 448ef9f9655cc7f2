/* SPDX-License-Identifier: Apache-2.0
 *
 * countersignd-deterministic: the same program with randomness from a seed and a clock turned by
 * hand, so that recorded sessions can be replayed to the byte. A test build; never installed.
 */
#include <stdio.h>
#include <string.h>

#include "backend/args.h"
#include "backend/program.h"
#include "crypto/random_deterministic.h"

static const char *seed_text;
static int64_t now_ms = -1;

static bool time_read(int64_t *unix_ms, struct span value)
{
	char text[24];

	if (value.len == 0 || value.len >= sizeof(text))
		return false;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
	return args_number(unix_ms, text, 0, INT64_MAX / 2000000) == ERR_OK;
}

static int option(int argc, char **argv, struct err *err)
{
	bool seed = strcmp(argv[0], "--seed") == 0;
	bool now = strcmp(argv[0], "--now") == 0;

	if (!seed && !now)
		return 0;
	if (argc < 2) {
		ERR_IGNORE(err_set(err, ERR_USAGE, "%s needs a value", argv[0])); /* -1 says it */
		return -1;
	}
	if (seed)
		seed_text = argv[1];
	else if (args_number(&now_ms, argv[1], 0, INT64_MAX / 2000000)) {
		ERR_IGNORE(
			err_set(err, ERR_USAGE, "--now must be Unix milliseconds")); /* as above */
		return -1;
	}
	return 2;
}

static enum err_code set_clock(struct clock *out, struct err *err)
{
	if (!seed_text || now_ms < 0)
		return err_set(err, ERR_USAGE, "--seed TEXT and --now UNIX_MS are needed");
	clock_init_manual(out, 0, now_ms);
	return ERR_OK;
}

static void seed(const char *words, int64_t audit_records)
{
	char label[96];

	(void)snprintf(label, sizeof(label), "%s %lld", words, (long long)audit_records);
	sec_random_seed(span_text(seed_text), label);
}

int main(int argc, char **argv)
{
	static const struct server_time_header header = {"Countersign-Test-Time", time_read};
	static const struct program_hooks hooks = {
		.name = "countersignd-deterministic",
		.help = "  --seed TEXT --now UNIX_MS   randomness and time; both are needed\n",
		.option = option,
		.clock = set_clock,
		.seed = seed,
		.time_header = &header,
		.site = &site_built,
	};

	return program_main(argc, argv, &hooks);
}
