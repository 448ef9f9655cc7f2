/* SPDX-License-Identifier: Apache-2.0
 *
 * A day's sales for people and for other programs: a table, CSV (RFC 4180), JSON.
 */
#ifndef UI_SALES_EXPORT_H
#define UI_SALES_EXPORT_H

#include <stdio.h>

#include "ui/sales.h"

enum sales_format {
	SALES_TABLE, /* in the language in force */
	SALES_CSV,   /* for spreadsheets: UTF-8 with its mark, a name above each column */
	SALES_JSON   /* one object: day, sales, sums */
};

/* ERR_IO: it cannot be written. */
ERR_MUST_CHECK enum err_code sales_write(FILE *to, struct sales *s, enum sales_format format,
	struct err *err);

#define SALES_EXPORT_PATH_MAX (STATE_PATH_MAX + 64)
/* Into `FOLDER/sales-DAY.csv` or `.json`, mode 0600, beside the file of the day; what is there is
 * replaced. path: without what stands after the dot.
 */
ERR_MUST_CHECK enum err_code sales_export(char path[static SALES_EXPORT_PATH_MAX],
	struct sales *s, enum sales_format format, struct err *err);

/* `countersign sales`. argv[0] is "sales". Returns an enum exit_status. */
int sales_main(int argc, char **argv);

#endif
