/* SPDX-License-Identifier: Apache-2.0
 *
 * What the samples of ui_samples.h share: the time, and the desk that they are seen from.
 */
#ifndef TESTS_LIB_UI_SAMPLES_BASE_H
#define TESTS_LIB_UI_SAMPLES_BASE_H

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/desk.h"
#include "ui/qr.h"
#include "ui/view.h"

#define SAMPLE_NOW_MS 1000000
#define SAMPLE_NOW_UNIX_S 1795244820 /* 2026-11-21 07:07:00 UTC */

static struct counter sample_counter;
static struct settings sample_settings;
static struct desk sample_desk;

static void sample_text(char *out, size_t out_cap, const char *text)
{
	snprintf(out, out_cap, "%s", text);
}

#endif
