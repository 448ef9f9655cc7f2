/* SPDX-License-Identifier: Apache-2.0
 *
 * What the programs have in common that are a camera or a reader: words, lines, and frames out of a
 * Y4M stream, grey as the simulator writes it.
 */
#ifndef TESTS_VM_FEED_H
#define TESTS_VM_FEED_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX (4u << 20)
#define HEAD_MAX 256

__attribute__((format(printf, 1, 2), noreturn)) static inline void die(const char *format, ...)
{
	va_list args;
	fputs("feed: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* A line without its end; false at the end of the input. */
static inline bool feed_line(char to[static HEAD_MAX], FILE *in)
{
	if (!fgets(to, HEAD_MAX, in))
		return false;
	to[strcspn(to, "\n")] = '\0';
	return true;
}

static inline void y4m_head(unsigned *width, unsigned *height, FILE *in)
{
	char head[HEAD_MAX];
	if (!feed_line(head, in) || sscanf(head, "YUV4MPEG2 W%u H%u", width, height) != 2)
		die("no head of Y4M");
	if (!strstr(head, " Cmono"))
		die("Y4M that is not grey");
	if (*width > 4096 || *height > 4096 || *width * *height * 2 > FRAME_MAX)
		die("frames of %u x %u are too large", *width, *height);
}

/* Whole or not at all; false at the end of the input. */
static inline bool y4m_frame(uint8_t *to, size_t len, FILE *in)
{
	char head[HEAD_MAX];
	if (!feed_line(head, in))
		return false;
	if (strncmp(head, "FRAME", 5) != 0)
		die("no frame of Y4M");
	return fread(to, 1, len, in) == len;
}

#endif
