/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of a scanner process that was taken over: whatever is accepted can be used without
 * another look. The bytes are laid over a message that is good.
 */
#include <stdint.h>
#include <string.h>

#include "base/text_safe.h"
#include "scanner/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct scan_msg *m)
{
	ASSERT(m->width <= SCAN_WIDTH_MAX && m->height <= SCAN_HEIGHT_MAX && m->at_ms >= 0);
	if (m->kind == SCAN_MSG_FRAME) {
		ASSERT(m->code_count <= SCAN_CODES_MAX);
		for (unsigned i = 0; i < m->code_count; i++) {
			ASSERT(m->codes[i].text_len >= 1 && m->codes[i].text_len <= SCAN_TEXT_MAX);
			for (unsigned k = 0; k < 4; k++)
				ASSERT(m->codes[i].corner[k][0] >= 0 &&
					m->codes[i].corner[k][0] <= m->width &&
					m->codes[i].corner[k][1] >= 0 &&
					m->codes[i].corner[k][1] <= m->height);
		}
	} else if (m->kind == SCAN_MSG_FAULT || m->kind == SCAN_MSG_RECORD_FAULT ||
		m->kind == SCAN_MSG_HELLO) {
		ASSERT(text_is_safe(SPAN(m->fault, strlen(m->fault))));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_msg m;
	struct err err = {.code = ERR_OK};
	size_t len = size < sizeof m ? size : sizeof m;
	memset(&m, 0, sizeof m);
	memcpy(&m, data, len);
	if (scan_msg_check(&m, sizeof m, &err) == ERR_OK)
		use(&m);
	else
		ASSERT(err.code == ERR_PROTOCOL && err.text[0]);
	ASSERT(scan_msg_check(&m, size, NULL) == ERR_PROTOCOL || size == sizeof m);
	struct scan_command c = {.version = 0};
	memcpy(&c, data, size < sizeof c ? size : sizeof c);
	if (scan_command_check(&c, sizeof c, NULL) == ERR_OK)
		ASSERT(c.kind >= SCAN_CMD_STEP && c.kind <= SCAN_CMD_STOP);
	return 0;
}
