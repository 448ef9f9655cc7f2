/* SPDX-License-Identifier: Apache-2.0
 *
 * F1: what each key does where the operator is.
 */
#ifndef UI_PAGE_HELP_H
#define UI_PAGE_HELP_H

#include "ui/page.h"

extern const struct page page_help;

#endif
