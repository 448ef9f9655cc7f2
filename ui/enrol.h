/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign enrol URL CODE`: a new terminal gets its certificate. The code holds a digest of the
 * key of the backend's authority, so that nothing is sent to anybody else.
 */
#ifndef UI_ENROL_H
#define UI_ENROL_H

#include <stdbool.h>

#include "base/err.h"

struct enrol_request {
	const char *url;      /* https:// */
	const char *code;     /* as people type it */
	const char *config;   /* where to; NULL = ~/.config/countersign/terminal.conf */
	const char *language; /* of the screen; NULL = not said */
	const char *source;   /* camera or reader; NULL = not said */
	bool force;           /* replace what is there */
};
/* What is wrong with one of them, before anybody is asked: ERR_USAGE. */
ERR_MUST_CHECK enum err_code enrol_url_check(const char *url, struct err *err);
ERR_MUST_CHECK enum err_code enrol_code_check(const char *code, struct err *err);
/* All of it, and says on standard output what was written. After umask(077). */
ERR_MUST_CHECK enum err_code enrol_run(const struct enrol_request *r, struct err *err);

/* argv[0] is "enrol". Returns an enum exit_status. */
int enrol_main(int argc, char **argv);

#endif
