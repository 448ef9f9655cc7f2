/* SPDX-License-Identifier: Apache-2.0
 *
 * Any sequence of events: the rules of tests/lib/flow_rules.h hold after every step.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/flow_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chance input = {.data = data, .len = size};
	struct flow_rules rules = {0};
	struct flow_actions out;
	struct flow f, before;
	int64_t now = 0;

	flow_init(&f);
	while (input.at < input.len) {
		struct flow_event ev = chance_event(&input, &f, &now);
		const char *broken;

		before = f;
		flow_step(&f, &out, &ev);
		broken = rules_check(&rules, &before, &ev, &f, &out);
		if (broken) {
			fprintf(stderr, "%s: %s\n", flow_phase_word(before.phase), broken);
			abort();
		}
	}
	return 0;
}
