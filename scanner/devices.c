/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/devices.h"

#include <stdio.h>

/* Other kinds of devices have their place here. */
static unsigned (*const kinds[])(void) = {camera_list_print, typed_list_print};

bool devices_print(const struct bytes *line)
{
	return !line->full && fwrite(line->data, 1, line->len, stdout) == line->len &&
		putchar('\n') != EOF;
}

int child_devices(void)
{
	unsigned usable = 0;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		usable += kinds[i]();
	if (fflush(stdout) || ferror(stdout)) {
		fputs("countersign-scanner: cannot write to standard output\n", stderr);
		return 3;
	}
	return usable ? 0 : 1;
}
