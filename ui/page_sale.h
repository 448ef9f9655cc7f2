/* SPDX-License-Identifier: Apache-2.0
 *
 * The page of the verification itself: what each key does in each phase. What it looks like is
 * view.h's.
 */
#ifndef UI_PAGE_SALE_H
#define UI_PAGE_SALE_H

#include "ui/page.h"

extern const struct page page_sale;

#endif
