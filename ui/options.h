/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `countersign`. One table holds every flag with its words, so that the help
 * text cannot say anything else than the parser does.
 */
#ifndef UI_OPTIONS_H
#define UI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "ui/screen_look.h"
#include "verifier/client.h"

#define OPTIONS_SOURCE_DEFAULT "/dev/video0"
#define OPTIONS_FPS_MAX 240

enum exit_status { /* of countersign, also in `--help` */
	EXIT_ACCEPTED = 0,  /* accepted or authorised; --replay: everything as recorded */
	EXIT_REFUSED = 1,   /* refused, or nothing was decided; --replay: a difference */
	EXIT_UNCERTAIN = 2,
	EXIT_USAGE = 3      /* usage or set-up fault */
};

/* Texts are borrowed from argv. */
struct options {
	bool help;
	bool version;
	const char *source;    /* NULL = default */
	const char *device;
	bool source_default;   /* nobody said which: the configuration may */
	const char *camera;    /* settings; come after those of the configuration */
	bool all_symbologies;
	const char *config;    /* NULL = look in the usual places */
	bool headless;
	bool json;
	bool once;
	bool continuous;
	const char *socket;    /* of tills; NULL = what the configuration says */
	bool till;             /* cards are taken for sales of a till alone */
	const char *amount_text;
	const char *currency_text;
	const char *reference_text;
	const char *operator_text;
	struct client_sale sale; /* of the four above, checked */
	const char *language;
	bool no_colour;
	const char *theme_text;
	enum screen_theme theme; /* of that, checked */
	bool no_bell;
	const char *record;
	const char *display; /* of the customer; NULL = as the configuration says */
	const char *replay;
	const char *pin_file;
	int64_t fps;           /* 0 = of the source */
	int64_t start_unix_ms; /* stepped: where virtual time begins; 0 = now */
	bool step;
	bool loop;
	bool stats;
	bool verbose;
};

/* argv[0] is not looked at. ERR_USAGE names the flag and what would be right. help and version end
 * parsing: what else is there does not matter then.
 */
ERR_MUST_CHECK enum err_code options_parse(struct options *out, int argc, char *const *argv,
	struct err *err);

/* Appends the words for --help. */
void options_help(struct bytes *out);

#endif
