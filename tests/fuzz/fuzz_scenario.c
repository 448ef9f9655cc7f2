/* SPDX-License-Identifier: Apache-2.0
 *
 * A scenario file as a stranger may have written it, read and then played for a while with an event
 * of every kind. No code is computed: the phones have no wallet.
 */
#include <stdlib.h>
#include <string.h>

#include "wallet/holder/play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play_for_a_while(const struct scenario *s)
{
	struct play_options opt = {.scenario = s};
	struct play_event ev = {.known = true, .number = "123456"};
	struct play *p = NULL;

	if (play_new(&p, &opt, NULL))
		abort();
	for (int i = 0; i < 40; i++) {
		struct phone_view view;
		struct camera_shot shot = {0};

		ev.kind = (enum scenario_event)(i % EVENT_COUNT);
		play_tell(p, &ev);
		if (play_advance(p, i * 500, INT64_C(1800000000000) + i * 500, NULL))
			break;
		for (int phone = 0; phone < CAMERA_PHONES; phone++)
			ERR_IGNORE(
				play_view(p, phone, &view, NULL)); /* only that it does not break */
		play_shot(p, &shot);
		for (int k = 0; k < CAMERA_KNOB_COUNT; k++)
			ASSERT(shot.knob[k] >= camera_knobs[k].low &&
				shot.knob[k] <= camera_knobs[k].high);
		play_cut_next(p);
	}
	play_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scenario s;
	struct play_event ev;

	if (!scenario_parse(&s, SPAN(data, size), NULL))
		play_for_a_while(&s);
	ERR_IGNORE(play_event_parse(&ev, SPAN(data, size), NULL)); /* only that it does not break */
	return 0;
}
