/* SPDX-License-Identifier: Apache-2.0
 *
 * Amount classes: what each level of certainty is good for.
 */
#include <stdio.h>

#include "backend/policy_private.h"
#include "base/amount.h"

#define DAY_S 86400

static int64_t any_if_zero(int64_t limit)
{
	return limit ? limit : INT64_MAX;
}

enum policy_level policy_level_of(bool live, enum code_binding binding, bool pin)
{
	bool bound = binding == CODE_BINDING_CHALLENGE;

	if (!live)
		return POLICY_LEVEL_D;
	if (pin && bound)
		return POLICY_LEVEL_A;
	return pin || bound ? POLICY_LEVEL_B : POLICY_LEVEL_C;
}

int64_t policy_level_max(const struct policy *p, enum policy_level level)
{
	const int64_t limits[POLICY_LEVEL_COUNT] = {0, p->level_d_max, p->level_c_max,
		p->level_b_max, p->level_a_max};

	return any_if_zero(limits[level]);
}

int64_t policy_level_day(const struct policy *p, enum policy_level level)
{
	const int64_t limits[POLICY_LEVEL_COUNT] = {0, p->level_d_day, p->level_c_day,
		p->level_b_day, p->level_a_day};

	return any_if_zero(limits[level]);
}

int64_t policy_day_start(const struct policy *p, int64_t now)
{
	int64_t local = now + p->day_offset_min * 60;
	int64_t in_day = local % DAY_S;

	return now - (in_day < 0 ? in_day + DAY_S : in_day);
}

static char letter(enum policy_level level)
{
	return "-dcba"[level];
}

enum err_code policy_levels_check(const struct policy *p, struct err *err)
{
	for (enum policy_level l = POLICY_LEVEL_D; l < POLICY_LEVEL_COUNT; l++) {
		if (policy_level_day(p, l) < INT64_MAX &&
			policy_level_max(p, l) > policy_level_day(p, l))
			return err_set(err, ERR_INVALID,
				"level_%c_max is above level_%c_day: no day has room for such an"
				" amount", letter(l), letter(l));
		if (l == POLICY_LEVEL_D)
			continue;
		if (policy_level_max(p, l) < policy_level_max(p, l - 1))
			return err_set(err, ERR_INVALID,
				"level_%c_max is below level_%c_max: a surer level must be good for"
				" as much", letter(l), letter(l - 1));
		if (policy_level_day(p, l) < policy_level_day(p, l - 1))
			return err_set(err, ERR_INVALID,
				"level_%c_day is below level_%c_day: a surer level must be good for"
				" as much", letter(l), letter(l - 1));
	}
	return ERR_OK;
}

/* ---- in words ---- */

static void amount(char *out, size_t cap, const struct policy *p, int64_t limit)
{
	if (limit == INT64_MAX)
		(void)snprintf(out, cap, "any");
	else
		amount_text(out, cap, (uint64_t)limit, p->currency[0] ? p->currency : "XXX");
}

static void from_line(struct bytes *out, const struct policy *p, int64_t from, const char *always,
	const char *words)
{
	char line[160], text[AMOUNT_TEXT_MAX];

	amount(text, sizeof(text), p, from);
	if (!from)
		(void)snprintf(line, sizeof(line), "%s\n", always);
	else
		(void)snprintf(line, sizeof(line), "From %s on %s.\n", text, words);
	bytes_add_text(out, line);
}

void policy_show(struct bytes *out, const struct policy *p)
{
	static const char *const what[] = {"", "static code, saved or printed",
		"live code, number typed, no PIN", "live code, with PIN or challenge code",
		"live code, with PIN and challenge code"};
	char line[160], most[AMOUNT_TEXT_MAX], day[AMOUNT_TEXT_MAX];

	if (p->currency[0])
		(void)snprintf(line, sizeof(line), "Amounts in %s; others are refused.\n\n",
			p->currency);
	else
		(void)snprintf(
			line, sizeof(line), "Amounts as in a currency with two decimals.\n\n");
	bytes_add_text(out, line);
	bytes_add_text(out, "level  how it was verified                     amount    a day\n");
	for (enum policy_level l = POLICY_LEVEL_D; l < POLICY_LEVEL_COUNT; l++) {
		amount(most, sizeof(most), p, policy_level_max(p, l));
		amount(day, sizeof(day), p, policy_level_day(p, l));
		(void)snprintf(line, sizeof(line), "%c      %-38s %8s %8s\n",
			letter(l) - 'a' + 'A', what[l], most, day);
		bytes_add_text(out, line);
	}
	bytes_add_text(out, "\nA day's sum is of one account, of what was accepted at that level."
			    "\nWhere a level is not enough, the PIN is asked for, then the"
			    " challenge code.\n");
	(void)snprintf(line, sizeof(line), "The day begins at %02d:%02d UTC.\n",
		(int)((1440 - p->day_offset_min) % 1440 / 60),
		(int)((1440 - p->day_offset_min) % 1440 % 60));
	bytes_add_text(out, line);
	from_line(out, p, p->pin_from, "The PIN is asked for at every amount, where there is one.",
		"the PIN is asked for, where there is one");
	from_line(out, p, p->binding_1_from, "The answer never needs to confirm the amount alone.",
		"the answer must confirm the amount");
	from_line(out, p, p->binding_2_from, "The challenge code is never needed by amount alone.",
		"the wallet must scan the challenge code");
}
