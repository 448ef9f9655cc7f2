/* SPDX-License-Identifier: Apache-2.0
 *
 * Trimming by /proc/self/smaps: a line with range, mode and file for each mapping, then lines with
 * its figures.
 */
#include "ui/memory.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define LINE_MAX_LEN 4352 /* a path of PATH_MAX and the figures before it */

struct mapping {
	uintptr_t start, end;
	bool code; /* private, readable, executable, not writable, of a shared library */
};

/* "start-end r-xp ...   /path" */
static bool head_parse(struct mapping *out, const char *line)
{
	char *at;
	uintptr_t start = strtoumax(line, &at, 16);
	uintptr_t end;

	if (at == line || *at != '-')
		return false;
	end = strtoumax(at + 1, &at, 16);
	if (*at != ' ' || end < start)
		return false;
	out->start = start;
	out->end = end;
	out->code = strncmp(at, " r-xp ", 6) == 0 && strstr(line, ".so") != NULL;
	return true;
}

/* Nothing in it was changed (by a loader, by a debugger), so the file has it all. */
static bool is_unchanged(const char *line)
{
	static const char name[] = "Private_Dirty:";

	return strncmp(line, name, sizeof name - 1) == 0 &&
	       strtoumax(line + sizeof name - 1, NULL, 10) == 0;
}

void memory_trim(void)
{
	char line[LINE_MAX_LEN];
	struct mapping m = {0};
	FILE *maps = fopen("/proc/self/smaps", "re");

	malloc_trim(0);
	if (maps == NULL)
		return;
	while (fgets(line, sizeof line, maps) != NULL)
		if (!head_parse(&m, line) && m.code && is_unchanged(line))
			(void)madvise((void *)m.start, m.end - m.start, MADV_DONTNEED);
	fclose(maps);
}
