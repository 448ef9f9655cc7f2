/* SPDX-License-Identifier: Apache-2.0
 *
 * A picture file that a simulated phone shows, such as a screenshot of another wallet. Whoever
 * makes it may write it anew at any time; best beside and renamed over, but a file that is half
 * written is only not shown yet.
 */
#ifndef WALLET_HOLDER_SHOWN_H
#define WALLET_HOLDER_SHOWN_H

#include <sys/stat.h>

#include "wallet/holder/picture.h"

#define SHOWN_FILE_MAX (16 * 1024 * 1024) /* bytes; also in docs/limits.md */
#define SHOWN_PATH_MAX 512

struct shown {
	char path[SHOWN_PATH_MAX]; /* "" = nothing was looked at yet */
	struct stat seen;          /* of the file that was read last, well or not */
	struct picture picture;
	unsigned turn; /* counts the pictures */
};

/* Looks whether there is a new picture in the file, and takes it.
 *
 * Returns: ERR_OK  s->picture is what is to be shown: the new one, or the old one while the file
 *                  is not there or no PNG (that is logged once for each time it was written)
 *          else    there was no picture yet; err names the file
 */
ERR_MUST_CHECK enum err_code shown_look(struct shown *s, struct span path, struct err *err);
void shown_done(struct shown *s);

#endif
