/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.conf: who this terminal is, where its backend is, whose codes it takes, and how it looks
 * and sounds. Written by `countersign enrol`, or by `countersignd terminal enrol --config` for
 * plain HTTP on this machine; mode 0600, because it may hold a token. Names of files in it are
 * looked for beside it.
 *
 * There are two: the system's, for every user of the machine, and the user's, which counts where
 * both say something. [backend] and [issuer] are of one file, so that no token goes to a server
 * that it was not meant for: a user's file that says [backend] url says all of them.
 */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include "scanner/scanner.h"
#include "ui/printer_settings.h"
#include "ui/offline.h"
#include "ui/operators.h"
#include "ui/screen_look.h"
#include "ui/settings_programs.h"
#include "verifier/client.h"

#define SETTINGS_PATH_MAX 4096
#define SETTINGS_KEYS_MAX 128
#define SETTINGS_RESULT_S_MAX 600 /* longest that a verdict stays by itself */

/* [sale]: what the operator types before a card is shown. */
#define SETTINGS_CURRENCIES_MAX 8
enum settings_amount {
	SETTINGS_AMOUNT_OPTIONAL = 0,
	SETTINGS_AMOUNT_REQUIRED, /* no card is taken without one */
	SETTINGS_AMOUNT_NEVER
};
struct settings_sale {
	enum settings_amount amount;
	char currency[SETTINGS_CURRENCIES_MAX][4]; /* the first is the usual one */
	size_t currencies; /* 0: no amount can be typed */
};

/* [till] */
#define SETTINGS_SOCKET_MAX 108 /* bytes of a path with NUL: what the kernel takes */
#define SETTINGS_WEBHOOK_MAX 256
struct settings_till {
	char socket[SETTINGS_SOCKET_MAX]; /* "" = none */
	char group[64]; /* whose members may connect, too; "" = the owner alone */
	bool only;      /* no card is taken but for a sale that a till started */
	char webhook[SETTINGS_WEBHOOK_MAX];  /* each verdict is sent there; "" = nowhere */
	char webhook_key[SETTINGS_PATH_MAX]; /* file with the key that signs it */
	char webhook_ca[SETTINGS_PATH_MAX];  /* PEM; "" = the system's list */
};

/* [display]: the customer's. What is 0 or "" here is a default of settings_defaults(). */
#define SETTINGS_DISPLAY_COLUMNS 80 /* of a device that does not say its size */
#define SETTINGS_DISPLAY_ROWS 24
struct settings_display {
	char device[SETTINGS_PATH_MAX]; /* "" = none */
	char language[16];              /* "" = the operator's */
	char title[FLOW_LABEL_MAX];     /* "" = the issuer's name */
	int64_t colours;                /* 0, 8 or 256 */
	int64_t columns, rows;
	int64_t speed;                  /* of a serial line; 0 = as it is */
};

struct settings {
	char path[SETTINGS_PATH_MAX]; /* where [backend] and [issuer] were read */
	char system_path[SETTINGS_PATH_MAX]; /* the system's file; "" = not there, or not asked */
	char user_path[SETTINGS_PATH_MAX];   /* the user's or the named one; "" = likewise */
	bool system_unreadable;              /* it is there, but not for this user */
	bool of_system[SETTINGS_KEYS_MAX];   /* in the order of settings_table() */
	bool of_user[SETTINGS_KEYS_MAX];
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
	struct settings_sale sale;
	struct settings_till till;
	struct settings_display display;
	char sales_folder[SETTINGS_PATH_MAX]; /* "" = the usual one */
	struct printer_settings receipt;
	struct operators_settings operators;
	struct offline_settings offline;
	int64_t result_s; /* [screen]: a verdict stays so long, 1 .. SETTINGS_RESULT_S_MAX */
	enum screen_theme theme;
	struct sound_settings sound;
	struct speech_settings speech;
};

/* path NULL: that of $COUNTERSIGN_CONFIG, and without it /etc/countersign/terminal.conf with
 * ~/.config/countersign/terminal.conf over it. A file that is named counts alone. Errors say which
 * file and key, and what to do; ERR_NOT_FOUND: there is none, out->user_path is where one belongs.
 */
ERR_MUST_CHECK enum err_code settings_read(struct settings *out, const char *path,
	struct err *err);
/* The same of these two; NULL = none. */
ERR_MUST_CHECK enum err_code settings_read_files(struct settings *out, const char *system_path,
	const char *user_path, struct err *err);
/* Is there none? Then where one belongs; "" = that cannot be told. path: as above. */
bool settings_are_missing(char where[static SETTINGS_PATH_MAX], const char *path);
/* Appends "[terminal] language, [screen] theme": what both files say. How many. */
size_t settings_overridden(const struct settings *s, struct bytes *out);
/* NULL where the file says nothing of TLS. */
const struct client_tls *settings_tls(const struct settings *s);
/* The files of TLS are there, private and of one another; after sec_start(). */
ERR_MUST_CHECK enum err_code settings_tls_check(const struct settings *s, struct err *err);
/* Key id of the issuer; after sec_start(). */
ERR_MUST_CHECK enum err_code settings_issuer_finish(struct settings *s, struct err *err);
void settings_wipe(struct settings *s);

#endif
