/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts as text and as the bytes of a printer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/text_safe.h"
#include "ui/escpos.h"
#include "ui/words.h"

#define CODE "HTTPS://BANK.EXAMPLE/X/AEAAAAAA"

static const int widths[] = {32, 42, 48};
static const char *const languages[] = {"en", "zh_CN"};

static char storage[RECEIPT_TEXT_MAX];
static struct bytes out;

static struct sale sale_of(enum sale_verdict verdict)
{
	struct sale sale = {
		.verdict = verdict,
		.reason = verdict == SALE_REFUSED ? REASON_FROZEN : REASON_NONE,
		.at_unix_s = 1795262709, /* 2026-11-21 12:05:09 UTC */
		.utc_offset_s = 3600,
		.sold = {.amount = 2490, .currency = "EUR", .reference = "Table 4",
			.operator_name = "\xe6\x9d\x8e\xe6\x98\x8e"},
		.terminal = "Counter 2",
		.id = "00112233445566778899aabbccddeeff",
		.receipt = "20261121-000001",
		.credential = {.holder = "Anna M\xc3\xbcller", .purpose = "Member card"},
	};
	return sale;
}

static const char *as_text(const struct receipt *r, int cols)
{
	struct err err;

	bytes_init_fixed(&out, storage, sizeof storage);
	assert_int_equal(receipt_text(&out, r, cols, &err), ERR_OK);
	return bytes_text(&out);
}

static void stands_on_paper_as_it_should(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED);
	struct receipt r = {.sale = &sale, .header = "Caf\xc3\xa9 Anna|Main Street 1",
		.footer = "Thank you|", .copy = false};
	(void)state;

	text_init("en");
	assert_string_equal(as_text(&r, 32),
		"           Caf\xc3\xa9 Anna\n"
		"         Main Street 1\n"
		"\n"
		"           24.90 EUR\n"
		"            ACCEPTED\n"
		"--------------------------------\n"
		"Time         2026-11-21 13:05:09\n"
		"Reference                Table 4\n"
		"Operator                    \xe6\x9d\x8e\xe6\x98\x8e\n"
		"Terminal               Counter 2\n"
		"Card                 Member card\n"
		"Holder               Anna M\xc3\xbcller\n"
		"Receipt          20261121-000001\n"
		"Verification\n"
		"00112233445566778899aabbccddeeff\n"
		"--------------------------------\n"
		"           Thank you\n");
	memcpy(sale.receipt_code, CODE CODE, sizeof CODE CODE);
	assert_non_null(strstr(
		as_text(&r, 32), "Thank you\nHTTPS://BANK.EXAMPLE/X/AEAAAAAAH\nTTPS"));
}

/* Of every width, in both languages, for every verdict: nothing is wider than the paper. */
static void no_line_is_wider_than_the_paper(void **state)
{
	(void)state;
	for (int l = 0; l < 2; l++) {
		text_init(languages[l]);
		for (int v = 0; v < SALE_VERDICT_COUNT * 3; v++) {
			struct sale sale = sale_of((enum sale_verdict)(v / 3));
			struct receipt r = {.sale = &sale, .copy = true, .large = true,
				.printed_unix_s = 1795270000,
				.header = "\xe5\xbe\x88\xe9\x95\xbf\xe7\x9a\x84"
					  "-and-a-name-that-is-longer-than-the-paper-is-wide"};
			memset(sale.sold.reference, 'W', CODE_REFERENCE_MAX);
			memset(sale.credential.holder, 'm', FLOW_LABEL_MAX - 1);
			char *copy = strdup(as_text(&r, widths[v % 3])), *at = copy, *line;

			while ((line = strsep(&at, "\n")) != NULL)
				assert_true(text_columns(span_text(line)) <= (size_t)widths[v % 3]);
			free(copy);
		}
	}
}

static void nothing_but_an_acceptance_looks_like_one(void **state)
{
	(void)state;
	for (int l = 0; l < 2; l++) {
		text_init(languages[l]);
		const char *none = _("Nothing was paid.");
		const char *proof[] = {[SALE_UNCERTAIN] = _("It is not known yet whether this was "
				"accepted. This is no proof of payment."),
			[SALE_UNCONFIRMED] = _("Taken while the server was out of reach; it has "
				"not confirmed it. This is no proof of payment.")};

		for (int v = 0; v < SALE_VERDICT_COUNT; v++) {
			struct sale sale = sale_of((enum sale_verdict)v);
			struct receipt r = {.sale = &sale};
			/* 64 columns: sentences are not broken in their first words */
			const char *text = as_text(&r, 64);
			bool good = v == SALE_ACCEPTED || v == SALE_AUTHORISED;
			char words[25];

			text_copy(words, sizeof words,
				v == SALE_UNCERTAIN || v == SALE_UNCONFIRMED ? proof[v] : none);
			assert_int_equal(strstr(text, words) == NULL, good);
			assert_non_null(strstr(text, receipt_verdict(&sale)));
			if (!good) {
				assert_string_not_equal(receipt_verdict(&sale), _("ACCEPTED"));
				assert_string_not_equal(receipt_verdict(&sale), _("AUTHORISED"));
			}
		}
		struct sale sale = sale_of(SALE_REFUSED);
		struct receipt r = {.sale = &sale};
		char words[25];

		text_copy(words, sizeof words, words_reason(REASON_FROZEN));
		assert_non_null(strstr(as_text(&r, 64), words));
	}
}

static void a_copy_says_so_at_both_ends(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED);
	struct receipt r = {.sale = &sale, .copy = true, .printed_unix_s = 1795266309,
		.footer = "Thank you"};
	const char *text, *first, *second;
	(void)state;

	text_init("en");
	text = as_text(&r, 42);
	first = strstr(text, "COPY");
	assert_non_null(first);
	assert_true(first < strstr(text, "24.90"));
	second = strstr(first + 4, "COPY");
	assert_non_null(second);
	assert_true(second > strstr(text, "Thank you"));
	assert_non_null(strstr(text, "printed 2026-11-21 14:05:09"));
	r.copy = false;
	assert_null(strstr(as_text(&r, 42), "COPY"));
}

/* ---- ESC/POS ---- */

/* Reads what a printer reads: every command must be one of those that the header names, whole and
 * with these parameters. Text in double size is put between { and }, bold between *.
 */
struct printed {
	char text[8192];
	size_t len;
	char code[512];
	int cuts, fed, table;
	bool chinese, utf8;
};

static void keep(struct printed *p, const char *text)
{
	size_t len = strlen(text);

	assert_true(p->len + len < sizeof p->text);
	memcpy(p->text + p->len, text, len + 1);
	p->len += len;
}

static size_t qr_command(struct printed *p, const uint8_t *b, size_t left)
{
	size_t len = (size_t)b[3] | (size_t)b[4] << 8;

	assert_true(left >= 5 + len && b[5] == 49);
	switch (b[6]) {
	case 65:
		assert_memory_equal(b + 3, "\x04\x00\x31\x41\x32\x00", 6);
		break;
	case 67:
		assert_true(len == 3 && b[7] >= 1 && b[7] <= 16);
		break;
	case 69:
		assert_true(len == 3 && b[7] >= 48 && b[7] <= 51);
		break;
	case 80:
		assert_int_equal(b[7], 48);
		memcpy(p->code, b + 8, len - 3);
		break;
	case 81:
		assert_true(len == 3 && b[7] == 48);
		keep(p, "[code]");
		break;
	default:
		fail_msg("GS ( k function %d", b[6]);
	}
	return 5 + len;
}

static size_t command(struct printed *p, const uint8_t *b, size_t left)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *shown;
	} commands[] = {
		{"\x1b@", 2, "@"},
		{"\x1b" "E\x00", 3, "*"},
		{"\x1b" "E\x01", 3, "*"},
		{"\x1d!\x11", 3, "{"},
		{"\x1d!\x00", 3, "}"},
		{"\x1b" "a\x00", 3, ""},
		{"\x1b" "a\x01", 3, ""},
		{"\x1c.", 2, ""},
	};

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (left >= commands[i].len && memcmp(b, commands[i].bytes, commands[i].len) == 0) {
			keep(p, commands[i].shown);
			return commands[i].len;
		}
	}
	assert_true(left >= 2);
	if (memcmp(b, "\x1c&", 2) == 0)
		return p->chinese = true, 2;
	assert_true(left >= 3);
	if (memcmp(b, "\x1bt", 2) == 0)
		return p->table = b[2], 3;
	if (memcmp(b, "\x1b" "d", 2) == 0)
		return p->fed += b[2], 3;
	assert_true(left >= 4);
	if (memcmp(b, "\x1dV\x42\x00", 4) == 0)
		return p->cuts++, 4;
	assert_true(left >= 7);
	if (memcmp(b, "\x1c(C\x02\x00\x30\x02", 7) == 0)
		return p->utf8 = true, 7;
	if (left >= 8 && memcmp(b, "\x1c(C\x03\x00\x3c\x01\x14", 8) == 0)
		return 8;
	if (memcmp(b, "\x1d(k", 3) == 0)
		return qr_command(p, b, left);
	fail_msg("no such command: %02x %02x %02x", b[0], b[1], b[2]);
	return 0;
}

static struct printed printed;

static unsigned print(const struct receipt *r, const char *encoding, int cols, bool cut)
{
	struct escpos_options opt = {.encoding = escpos_encoding(encoding), .cols = cols,
		.cut = cut};
	struct err err;
	unsigned lost = 99;

	assert_non_null(opt.encoding);
	bytes_init_fixed(&out, storage, sizeof storage);
	if (escpos_receipt(&out, &lost, r, &opt, &err) != ERR_OK)
		fail_msg("%s", err.text);
	memset(&printed, 0, sizeof printed);
	printed.table = -1;
	for (size_t at = 0; at < out.len;) {
		uint8_t c = out.data[at];
		char one[2] = {(char)c, '\0'};

		if (c == 0x1b || c == 0x1d || c == 0x1c) {
			at += command(&printed, out.data + at, out.len - at);
			continue;
		}
		assert_true(c == '\n' || (c >= 0x20 && c != 0x7f));
		keep(&printed, one);
		at++;
	}
	return lost;
}

static void prints_what_the_text_says(void **state)
{
	struct sale sale = sale_of(SALE_AUTHORISED);
	struct receipt r = {.sale = &sale, .header = "Cafe Anna", .footer = "Thank you"};
	(void)state;

	text_init("en");
	memcpy(sale.receipt_code, CODE, sizeof CODE);
	text_copy(sale.sold.operator_name, sizeof sale.sold.operator_name, "Li");
	text_copy(sale.credential.holder, sizeof sale.credential.holder, "A");
	assert_int_equal(print(&r, "ascii", 32, true), 0);
	assert_string_equal(printed.text,
		"@*           Cafe Anna*\n"
		"\n"
		"{*   24.90 EUR*}\n"
		"{*   AUTHORISED*}\n"
		"--------------------------------\n"
		"Time         2026-11-21 13:05:09\n"
		"Reference                Table 4\n"
		"Operator                      Li\n"
		"Terminal               Counter 2\n"
		"Card                 Member card\n"
		"Holder                         A\n"
		"Receipt          20261121-000001\n"
		"Verification\n"
		"00112233445566778899aabbccddeeff\n"
		"--------------------------------\n"
		"           Thank you\n"
		"[code]\n");
	assert_string_equal(printed.code, CODE);
	assert_int_equal(printed.cuts, 1);
	assert_int_equal(printed.fed, 0);
	sale.receipt_code[0] = '\0';
	(void)print(&r, "ascii", 48, false);
	assert_null(strstr(printed.text, "[code]"));
	assert_int_equal(printed.cuts, 0);
	assert_int_equal(printed.fed, ESCPOS_FEED_LINES);
}

static bool holds(const char *bytes)
{
	return memmem(out.data, out.len, bytes, strlen(bytes)) != NULL;
}

static void says_each_character_in_the_printers_encoding(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED);
	struct receipt r = {.sale = &sale};
	(void)state;

	text_init("en");
	/* U+00FC and U+674E, by the tables of each encoding */
	static const struct {
		const char *name, *u_umlaut, *li;
		int table;
		unsigned lost;
	} cases[] = {
		{"ascii", "M?ller", "????", -1, 3},
		{"cp437", "M\x81ller", "????", 0, 2},
		{"cp850", "M\x81ller", "????", 2, 2},
		{"cp858", "M\x81ller", "????", 19, 2},
		{"cp852", "M\x81ller", "????", 18, 2},
		{"cp866", "M?ller", "????", 17, 3},
		{"windows-1252", "M\xfcller", "????", 16, 2},
		{"gb18030", "M\x81\x30\x89\x38ller", "\xc0\xee\xc3\xf7", -1, 0},
		{"utf-8", "M\xc3\xbcller", "\xe6\x9d\x8e\xe6\x98\x8e", -1, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		unsigned lost = print(&r, cases[i].name, 42, true);

		if (strcmp(cases[i].name, "gb18030") != 0) /* it has it as one of two bytes */
			assert_true(holds(cases[i].u_umlaut));
		assert_true(holds(cases[i].li));
		assert_int_equal(lost, cases[i].lost);
		assert_int_equal(printed.table, cases[i].table);
		assert_int_equal(printed.chinese, strcmp(cases[i].name, "gb18030") == 0);
		assert_int_equal(printed.utf8, strcmp(cases[i].name, "utf-8") == 0);
	}
	static const char *const none[] = {"", "CP437", "utf8", "latin1", "gb18030//TRANSLIT"};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_null(escpos_encoding(none[i]));
}

static void a_chinese_receipt_is_printed_whole(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED);
	struct receipt r = {.sale = &sale, .copy = true};
	(void)state;

	text_init("zh_CN");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(print(&r, "gb18030", widths[i], true), 0);
		assert_int_equal(print(&r, "utf-8", widths[i], true), 0);
	}
	text_init("en");
}

/* What stands in a sale comes from outside: a reference, a holder's name. */
static void no_text_is_taken_for_a_command(void **state)
{
	static const char *const evil[] = {
		"\x1bp\x01\xff\xff",     /* opens the cash drawer */
		"a\x1d(k\x03\x31Q0",
		"\x10\x14\x01\x00\x01",
		"\xc2\x9b\x31m",         /* C1 */
		"\xe2\x80\xaegnp.exe",   /* right to left */
		"\xff\xfe\x00",
		"line\nbreak\r\x0c",
	};
	(void)state;
	text_init("en");
	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
		for (size_t e = 0; e < 2; e++) {
			struct sale sale = sale_of(SALE_ACCEPTED), clean = sale;
			struct receipt r = {.sale = &sale}, plain = {.sale = &clean};
			size_t lines[2] = {0, 0};

			text_copy(sale.sold.reference, sizeof sale.sold.reference, evil[i]);
			memcpy(sale.credential.holder, evil[i], strlen(evil[i]) + 1);
			(void)print(&r, e ? "utf-8" : "cp437", 48, true); /* fails on commands */
			for (size_t c = 0; c < printed.len; c++)
				lines[0] += printed.text[c] == '\n';
			assert_int_equal(printed.cuts, 1);
			(void)print(&plain, e ? "utf-8" : "cp437", 48, true);
			for (size_t c = 0; c < printed.len; c++)
				lines[1] += printed.text[c] == '\n';
			assert_int_equal(lines[0], lines[1]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stands_on_paper_as_it_should),
		cmocka_unit_test(no_line_is_wider_than_the_paper),
		cmocka_unit_test(nothing_but_an_acceptance_looks_like_one),
		cmocka_unit_test(a_copy_says_so_at_both_ends),
		cmocka_unit_test(prints_what_the_text_says),
		cmocka_unit_test(says_each_character_in_the_printers_encoding),
		cmocka_unit_test(a_chinese_receipt_is_printed_whole),
		cmocka_unit_test(no_text_is_taken_for_a_command),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
