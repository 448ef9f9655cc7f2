/* SPDX-License-Identifier: Apache-2.0
 *
 * Sales as a table, CSV and JSON.
 */
#include "ui/sales_export.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/amount.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/local.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "ui/receipt.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* else spreadsheets take UTF-8 for something else */

/* ---- CSV ---- */

/* A text that a spreadsheet would compute: it comes from outside, and may send the sheet away. */
static bool is_formula(const char *text)
{
	/* The wide forms count as the others where Chinese or Japanese is written. */
	static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
		"\xef\xbc\xa0"};

	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return true;
	return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

static void cell(FILE *to, const char *text, bool last)
{
	/* A semicolon parts cells, too, for some of those that read this: behind it a formula. */
	if (is_formula(text) || strpbrk(text, ",;'\"\t\r\n") != NULL) {
		fputs(is_formula(text) ? "\"'" : "\"", to);
		for (; *text != '\0'; text++) {
			if (*text == '"')
				fputc('"', to);
			fputc(*text, to);
		}
		fputc('"', to);
	} else {
		fputs(text, to);
	}
	fputs(last ? "\r\n" : ",", to);
}

static void csv_head(FILE *to)
{
	fputs(BYTE_ORDER_MARK "time,verdict,reason,amount,currency,reference,operator,terminal,"
			      "receipt,verification,purpose,holder\r\n",
		to);
}

static void csv_row(FILE *to, const struct sale *sale)
{
	char when[CLOCK_TEXT_LEN + 1], amount[AMOUNT_TEXT_MAX] = "";
	const char *const cells[] = {when, sale_verdict_word(sale->verdict),
		flow_reason_word(sale->reason), amount,
		sale->sold.amount > 0 ? sale->sold.currency : "", sale->sold.reference,
		sale->sold.operator_name, sale->terminal, sale->receipt, sale->id,
		sale->credential.purpose, sale->credential.holder};
	size_t count = sizeof cells / sizeof cells[0];

	clock_text(when, sale->at_unix_s);
	if (sale->sold.amount > 0)
		amount_text(amount, sizeof amount, sale->sold.amount, sale->sold.currency);
	for (size_t i = 0; i < count; i++)
		cell(to, cells[i], i + 1 == count);
}

/* ---- JSON ---- */

static void json_head(FILE *to, const struct sales *s)
{
	fprintf(to, "{\"version\":1,\"day\":\"%s\",\"sales\":[", s->day);
}

static void json_row(FILE *to, const struct sale *sale, bool first)
{
	char storage[SALES_LINE_MAX];
	struct bytes line;

	bytes_init_fixed(&line, storage, sizeof storage);
	sale_write(&line, sale);
	fputs(first ? "\n" : ",\n", to);
	fwrite(line.data, 1, line.len - 1, to); /* without its break */
}

static void json_tail(FILE *to, const struct sales *s)
{
	struct sales_figures figures;

	sales_figures(&figures, s);
	fputs("\n],\"sums\":[", to);
	for (int i = 0; i < figures.sum_count; i++)
		fprintf(to, "%s{\"currency\":\"%s\",\"amount\":%llu}", i > 0 ? "," : "",
			figures.sums[i].currency, (unsigned long long)figures.sums[i].amount);
	fprintf(to, "],\"damaged\":%u}\n", (unsigned)s->damaged);
}

/* ---- a table ---- */

static void padded(FILE *to, const char *text, int cols, bool right)
{
	char safe[GRID_TEXT_MAX];
	int gap;

	text_safe(safe, sizeof safe, span_text(text));
	gap = cols - (int)text_columns(span_text(safe));
	if (right && gap > 0)
		fprintf(to, "%*s", gap, "");
	fputs(safe, to);
	if (!right && gap > 0)
		fprintf(to, "%*s", gap, "");
	fputs("  ", to);
}

static void table_row(FILE *to, const struct sale *sale)
{
	char when[LOCAL_DATE_MAX], amount[RECEIPT_AMOUNT_MAX], holder[FLOW_LABEL_MAX];

	local_time_long(when, sale->at_unix_s + sale->utc_offset_s);
	receipt_amount(amount, &sale->sold);
	text_safe(holder, sizeof holder, span_text(sale->credential.holder));
	padded(to, when, 8, false);
	padded(to, receipt_verdict(sale), 14, false);
	padded(to, amount, 16, true);
	padded(to, sale->receipt, 17, false);
	padded(to, sale->sold.reference, CODE_REFERENCE_MAX, false);
	fprintf(to, "%s\n", holder);
}

static void table_tail(FILE *to, const struct sales *s)
{
	char amount[LOCAL_AMOUNT_MAX];
	struct sales_figures figures;
	uint32_t good;

	sales_figures(&figures, s);
	good = figures.verdicts[SALE_ACCEPTED] + figures.verdicts[SALE_AUTHORISED];
	fprintf(to, "%s: ", s->day);
	fprintf(to, ngettext("%u checked", "%u checked", sales_total(s)), sales_total(s));
	fprintf(to, ngettext(", %u accepted", ", %u accepted", good), good);
	for (int i = 0; i < figures.sum_count; i++) {
		local_amount(amount, figures.sums[i].amount, figures.sums[i].currency);
		fprintf(to, "%s %s %s", i == 0 ? ": " : ",", amount, figures.sums[i].currency);
	}
	fputc('\n', to);
	if (s->damaged > 0) {
		fprintf(to,
			ngettext("%u line of the file is damaged and left out",
				"%u lines of the file are damaged and left out", s->damaged),
			s->damaged);
		fputc('\n', to);
	}
}

/* ---- all of them ---- */

enum err_code sales_write(FILE *to, struct sales *s, enum sales_format format, struct err *err)
{
	struct sale sale;
	bool first = true;

	if (format == SALES_CSV)
		csv_head(to);
	else if (format == SALES_JSON)
		json_head(to, s);
	for (uint32_t i = 0; i < sales_count(s); i++) {
		if (sales_get(s, i, &sale) != ERR_OK)
			continue;
		if (format == SALES_CSV)
			csv_row(to, &sale);
		else if (format == SALES_JSON)
			json_row(to, &sale, first);
		else
			table_row(to, &sale);
		first = false;
	}
	if (format == SALES_JSON)
		json_tail(to, s);
	else if (format == SALES_TABLE)
		table_tail(to, s);
	if (fflush(to) != 0 || ferror(to))
		return err_set_os(err, ERR_IO, errno, "cannot be written");
	return ERR_OK;
}

static enum err_code temporary_write(const char *path, struct sales *s, enum sales_format format,
	struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;
	enum err_code rc;

	if (to == NULL) {
		rc = err_set_os(err, ERR_IO, errno, "%s", path);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rc = sales_write(to, s, format, err);
	if (rc == ERR_OK && fsync(fd) != 0)
		rc = err_set_os(err, ERR_IO, errno, "%s", path);
	if (fclose(to) != 0 && rc == ERR_OK)
		rc = err_set_os(err, ERR_IO, errno, "%s", path);
	return rc;
}

enum err_code sales_export(char path[static SALES_EXPORT_PATH_MAX], struct sales *s,
	enum sales_format format, struct err *err)
{
	const char *ending = format == SALES_JSON ? "json" : "csv";
	char to[SALES_EXPORT_PATH_MAX + 8], temporary[SALES_EXPORT_PATH_MAX + 40];
	enum err_code rc;

	if (s->folder[0] == '\0')
		return err_set(err, ERR_IO, "%s", s->fault);
	snprintf(path, SALES_EXPORT_PATH_MAX, "%s/sales-%s", s->folder, s->day);
	snprintf(to, sizeof to, "%s.%s", path, ending);
	/* Of its own: two terminals may export the same day at once. */
	snprintf(temporary, sizeof temporary, "%s.%ld.new", to, (long)getpid());
	rc = temporary_write(temporary, s, format, err);
	if (rc == ERR_OK && rename(temporary, to) != 0)
		rc = err_set_os(err, ERR_IO, errno, "%s", to);
	if (rc != ERR_OK)
		unlink(temporary);
	return rc == ERR_OK ? file_sync_folder(to, err) : rc;
}
