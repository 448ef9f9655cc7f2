/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.conf: who this terminal is, where its backend is, whose codes it takes. Written by
 * `countersign enrol`, or by `countersignd terminal enrol --config` for plain HTTP on this machine;
 * mode 0600, because it may hold a token. Names of files in it are looked for beside it.
 */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include "scanner/scanner.h"
#include "verifier/client.h"

#define SETTINGS_PATH_MAX 4096

struct settings {
	char path[SETTINGS_PATH_MAX]; /* where it was read */
	char terminal_name[FLOW_LABEL_MAX];
	char language[16];
	char source[SCAN_SOURCE_MAX];       /* "" = not said */
	bool all_symbologies; /* codes other than QR are told, too */
	char camera[SCAN_CAMERA_WORDS_MAX]; /* of [camera], as one text of settings */
	char url[CLIENT_URL_MAX];
	char token[CLIENT_TOKEN_MAX + 1]; /* wiped by settings_wipe() once the client has it */
	char ca[SETTINGS_PATH_MAX];          /* these three: "" = not said */
	char certificate[SETTINGS_PATH_MAX];
	char key[SETTINGS_PATH_MAX];
	struct client_tls tls;               /* of the three; for the life of the settings */
	char issuer_name[FLOW_LABEL_MAX];
	char issuer_host[CODE_HOST_MAX + 1];
	struct flow_issuer issuer;
};

/* path NULL: the first of $COUNTERSIGN_CONFIG, ~/.config/countersign/terminal.conf,
 * /etc/countersign/terminal.conf that there is. Errors say which file and key, and what to do.
 */
ERR_MUST_CHECK enum err_code settings_read(struct settings *out, const char *path,
	struct err *err);
/* NULL where the file says nothing of TLS. */
const struct client_tls *settings_tls(const struct settings *s);
/* The files of TLS are there, private and of one another; after sec_start(). */
ERR_MUST_CHECK enum err_code settings_tls_check(const struct settings *s, struct err *err);
/* Key id of the issuer; after sec_start(). */
ERR_MUST_CHECK enum err_code settings_issuer_finish(struct settings *s, struct err *err);
void settings_wipe(struct settings *s);

#endif
