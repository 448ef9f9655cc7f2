/* SPDX-License-Identifier: Apache-2.0
 *
 * y4m: the header as text, and a whole stream through the source, from a file in memory.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/reader.h"
#include "scanner/source.h"
#include "scanner/y4m.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_head(struct span text)
{
	struct y4m_head h;
	if (y4m_head_parse(&h, text, NULL) == ERR_OK) {
		ASSERT(scan_geometry_check(h.width, h.height, NULL) == ERR_OK);
		ASSERT(h.luma_len == (size_t)h.width * (size_t)h.height);
		ASSERT(h.rest_len <= 3 * h.luma_len);
	} else {
		ASSERT(h.width == 0 && h.luma_len == 0);
	}
}

static void run(struct scan_source *s)
{
	struct scan_frame f;
	struct err err;
	for (int i = 0; i < 1000; i++) {
		enum scan_source_result r = s->ops->next(s, &f, &err);
		if (r == SOURCE_END || r == SOURCE_FAILED)
			return;
		if (r == SOURCE_FRAME)
			ASSERT(f.grey->width == s->width && f.grey->height == s->height);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line_end = size ? memchr(data, '\n', size) : NULL;
	read_head(SPAN(data, line_end ? (size_t)(line_end - data) : size));
	int fd = memfd_create("y4m", MFD_CLOEXEC);
	struct scan_reader *reader;
	struct scan_source *source;
	struct scan_source_options opt = {.path = "memory"};
	ASSERT(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	ASSERT(scan_reader_new(&reader, fd, SCAN_FRAME_BYTES_MAX, NULL) == ERR_OK);
	if (scan_y4m_open(&source, reader, NULL, &opt, NULL) == ERR_OK) {
		run(source);
		scan_source_close(&source);
	}
	return 0;
}
