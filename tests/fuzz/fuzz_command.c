/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of a till: taken apart into lines, and lines into commands. What is taken as a PIN lies
 * inside the line and has no quote.
 */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/amount.h"
#include "ui/command.h"
#include "ui/pin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct command_input input;
static struct pin_entry pin;

static void line_look(struct span line)
{
	struct command c;
	struct command_fault fault;

	if (command_parse(&c, &fault, line, NULL) != ERR_OK) {
		ASSERT(fault.word[0] != '\0');
		return;
	}
	ASSERT(c.kind < COMMAND_KIND_COUNT);
	if (c.kind == COMMAND_START) {
		ASSERT(c.id[0] != '\0' && c.sale.amount <= AMOUNT_MAX);
		ASSERT((c.sale.amount == 0) || amount_currency_is_valid(c.sale.currency));
	}
	if (c.kind != COMMAND_PIN)
		return;
	ASSERT(c.pin.data > line.data && c.pin.data + c.pin.len < line.data + line.len);
	ASSERT(c.pin.len == 0 || memchr(c.pin.data, '"', c.pin.len) == NULL);
	if (pin_entry_set(&pin, c.pin))
		ASSERT(pin_entry_complete(&pin));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span line;
	enum err_code rc;
	int fd[2];

	if (len > 4096 || sec_start(NULL) != ERR_OK || pipe(fd) != 0)
		return 0;
	if (pin.digits == NULL)
		ASSERT(pin_entry_init(&pin, NULL) == ERR_OK);
	ASSERT(write(fd[1], data, len) == (ssize_t)len);
	close(fd[1]);
	ASSERT(command_input_init(&input, fd[0], NULL) == ERR_OK);
	while (input.fd >= 0) {
		command_input_fill(&input);
		while ((rc = command_input_line(&input, &line, NULL)) != ERR_NOT_FOUND)
			if (rc == ERR_OK)
				line_look(line);
	}
	command_input_done(&input);
	close(fd[0]);
	return 0;
}
