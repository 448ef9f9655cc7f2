/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts, dates and times as people of a place write them: 1,234.50, 1.234,50, 1 234,50,
 * 12,34,567.00. The place is that of the environment (LC_ALL, LC_MONETARY, LC_TIME, LANG) where its
 * locale is installed, else what is usual in the language that is in force. For screens, paper and
 * messages; what programs read has amount_text() and clock_text().
 */
#ifndef BASE_LOCAL_H
#define BASE_LOCAL_H

#include <stddef.h>
#include <stdint.h>

#define LOCAL_SIGN_MAX 8    /* bytes of a sign with NUL */
#define LOCAL_GROUPS_MAX 8
#define LOCAL_AMOUNT_MAX 96 /* bytes of any amount with NUL */
#define LOCAL_DATE_MAX 48   /* bytes of a date with NUL, likewise of a time of day */

struct local_style {
	char decimal[LOCAL_SIGN_MAX];   /* "." */
	char separator[LOCAL_SIGN_MAX]; /* between groups; "" = none */
	char grouping[LOCAL_GROUPS_MAX]; /* digits of each group from the right, as localeconv() has
					  * it: the last one is repeated */
};

/* After text_init(). */
struct local_style local_style_now(void);
/* "1,234.50": with as many decimals as the currency has, without its name. Any amount. */
void local_amount_in(char out[static LOCAL_AMOUNT_MAX], uint64_t minor_units,
	const char *currency, const struct local_style *style);
void local_amount(char out[static LOCAL_AMOUNT_MAX], uint64_t minor_units, const char *currency);

/* local_s: Unix seconds with the offset of the place added already; years 1970 to 9999, what is
 * outside is the nearest of them.
 */
void local_date(char out[static LOCAL_DATE_MAX], int64_t local_s);
void local_time(char out[static LOCAL_DATE_MAX], int64_t local_s); /* "14:05" */
void local_time_long(char out[static LOCAL_DATE_MAX], int64_t local_s); /* "14:05:09" */

#endif
