/* SPDX-License-Identifier: Apache-2.0
 *
 * What the client says of certificates (verifier/client_curl.c), as sentences for the cashier:
 * these faults do not go away by themselves, so that "try again" would be wrong.
 */
#include <string.h>

#include "base/text.h"
#include "ui/words.h"

static const struct {
	const char *end; /* of "host:port: words", as client_curl.c has it */
	const char *sentence;
} FAULTS[] = {
	{"this terminal's certificate has expired", N_("This terminal's certificate has expired.")},
	{"this terminal's certificate is of another backend",
		N_("This terminal's certificate is of another server.")},
	{"the backend does not take this terminal's certificate: is the clock right?",
		N_("The server does not take this terminal's certificate. Is the clock right?")},
	{"this terminal's certificate is for another use",
		N_("This terminal's certificate is for another use.")},
	{"this terminal's certificate was revoked",
		N_("This terminal's certificate was withdrawn.")},
	{"this terminal's certificate or key cannot be read",
		N_("This terminal's certificate or key cannot be read.")},
	{"the backend's certificate has expired", N_("The server's certificate has expired.")},
	{"the backend's certificate is not valid yet: is the clock right?",
		N_("The server's certificate is not valid yet. Is the clock right?")},
	{"the backend's certificate is for another address",
		N_("The server's certificate is for another address.")},
	{"certificate not trusted", N_("This is another server: its certificate is not trusted.")},
	{"no list of trusted certificates",
		N_("The file that tells which server to trust cannot be read.")},
	{"no secure connection", N_("No secure connection to the server.")},
};

const char *words_certificate(const char *fault)
{
	size_t len = fault != NULL ? strlen(fault) : 0;

	for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++) {
		size_t end = strlen(FAULTS[i].end);

		if (len >= end && strcmp(fault + len - end, FAULTS[i].end) == 0)
			return _(FAULTS[i].sentence);
	}
	return "";
}
