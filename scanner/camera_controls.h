/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera's controls by name: exposure, gain, focus, power-line frequency ... Names are the
 * driver's in the spelling of `v4l2-ctl --list-ctrls`: small letters, `_` for everything between.
 * Names that kernels changed over the years are understood in both spellings.
 */
#ifndef SCANNER_CAMERA_CONTROLS_H
#define SCANNER_CAMERA_CONTROLS_H

#include "scanner/camera.h"
#include "scanner/scanner.h"

#define CAMERA_CONTROLS_LIST_MAX 128 /* controls of one driver */
#define CAMERA_MENU_MAX 64           /* entries of one menu */

enum camera_control_kind {
	CAMERA_CONTROL_NUMBER,
	CAMERA_CONTROL_SWITCH,
	CAMERA_CONTROL_MENU,
	CAMERA_CONTROL_BUTTON,
	CAMERA_CONTROL_OTHER /* cannot be set here */
};

struct camera_control {
	uint32_t id;
	enum camera_control_kind kind;
	char name[CAMERA_NAME_MAX];
	int32_t min, max, step, normal, value;
	bool number_menu; /* the entries of the menu are numbers */
	bool fixed;       /* only to be read, or taken by somebody */
	bool inactive;    /* has no effect now: an automatic does its work */
};

struct camera_controls {
	unsigned count;
	struct camera_control at[CAMERA_CONTROLS_LIST_MAX];
};

/* Things to tell, each once. */
#define CAMERA_NOTES_MAX 8
struct camera_notes {
	unsigned count;
	char text[CAMERA_NOTES_MAX][SCAN_FAULT_MAX];
};
void camera_note(struct camera_notes *n, const char *fmt, ...) ERR_PRINTF(2, 3);

/* Letters and digits of a driver's words, as above. */
void camera_control_name(char *out, size_t cap, const char *words, size_t len);

void camera_controls_list(struct camera_controls *out, const struct camera *c);
/* Name of entry `index` of a menu, as above; false when there is no such entry. */
bool camera_control_entry(char out[static CAMERA_NAME_MAX], const struct camera *c,
	const struct camera_control *control, int32_t index);

/* Sets what is asked for: switches and menus first, because numbers often have no effect before an
 * automatic is off. What cannot be set becomes a note that says what is possible.
 */
void camera_controls_set(const struct camera *c, const struct camera_settings *want,
	struct camera_notes *notes);

#endif
