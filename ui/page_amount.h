/* SPDX-License-Identifier: Apache-2.0
 *
 * Amount and reference of the next sale.
 *
 * Digits come in from the right, as on every card machine: 1 2 8 0 is 12.80. After a point or comma
 * they are decimals: 1 2 . 8 is 12.80, too. What is shown is what is sent.
 */
#ifndef UI_PAGE_AMOUNT_H
#define UI_PAGE_AMOUNT_H

#include "ui/entry.h"

#define PAGE_AMOUNT_MAX 99999999999 /* minor units: larger ones are typing errors */
#define PAGE_AMOUNT_CURRENCIES 8

struct page_amount {
	uint64_t amount;   /* minor units */
	bool fresh;        /* it is the sale's so far: the first digit begins another */
	bool point;        /* a decimal sign was typed */
	int decimals;      /* digits after it */
	size_t currency;   /* index into the settings' list */
	bool in_reference; /* the reference has the keys */
	uint32_t last;     /* character that was typed last */
	struct entry reference;
};

extern const struct page page_amount;

#endif
