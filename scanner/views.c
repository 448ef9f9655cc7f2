/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/views.h"

#include "scanner/sharpen.h"

#define SIDE_LEAST 40 /* of a smaller view: below there is no code in it */

void scan_views_done(struct scan_views *v)
{
	for (int i = 0; i < VIEW_COUNT; i++)
		scan_grey_done(&v->other[i]);
	v->made = 0;
}

void scan_views_begin(struct scan_views *v, const struct scan_grey *frame)
{
	v->frame = frame;
	v->made = 0;
}

const struct scan_grey *scan_views_get(struct scan_views *v, enum scan_view which)
{
	if (which == VIEW_FULL)
		return v->frame;
	if (v->made & 1u << which)
		return &v->other[which];
	if (which == VIEW_SHARP) {
		if (scan_sharpen(&v->other[which], v->frame, NULL))
			return NULL;
		v->made |= 1u << which;
		return &v->other[which];
	}
	const struct scan_grey *larger = scan_views_get(v, (enum scan_view)(which - 1));
	if (!larger || larger->width < 2 * SIDE_LEAST || larger->height < 2 * SIDE_LEAST)
		return NULL;
	if (scan_grey_half(&v->other[which], larger, NULL))
		return NULL;
	v->made |= 1u << which;
	return &v->other[which];
}
