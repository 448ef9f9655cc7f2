/* SPDX-License-Identifier: Apache-2.0
 *
 * One flat object with nothing that needs a tree: what terminals send. It takes a part of what
 * json_parse() takes, and reads it the same; of everything else it only says that it is not plain,
 * and json_parse() decides what that is. A tenth of the work.
 */
#ifndef BASE_JSON_PLAIN_H
#define BASE_JSON_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct json_member {
	struct span name; /* borrowed from the text, as the value is */
	bool is_text;
	struct span text;
	int64_t number;   /* 0 or more */
};

/* True: the text is one object, of at most `room` members, each with another name; names and texts
 * are ASCII without control characters and escapes, numbers whole with at most 18 digits.
 */
bool json_plain(struct json_member *out, size_t room, size_t *count, struct span text);

/* How much of a text, from its beginning, stands for itself in JSON and is ASCII: mostly all. */
size_t json_plain_len(struct span text);

#endif
