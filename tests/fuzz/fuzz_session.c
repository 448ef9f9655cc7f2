/* SPDX-License-Identifier: Apache-2.0
 *
 * session.jsonl of a recording that somebody sent. It is read whole, and its own events are given
 * back to it: a line that the reader takes must be equal to itself.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdlib.h>

#include "base/file.h"
#include "ui/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/tmp/countersign-fuzz.XXXXXX";
static struct session_reader reader;
static struct session_header header;

static void dir_remove(void)
{
	rmdir(dir);
}

static void replay_itself(void)
{
	struct err err = {0};
	struct bytes line;
	int i;

	bytes_init(&line, SESSION_LINE_MAX + 1);
	for (i = 0; i < 100 && session_expected(&reader).len > 0; i++) {
		struct span expected = session_expected(&reader);

		bytes_clear(&line);
		bytes_add(&line, expected.data, expected.len);
		/* at_ms was taken out of what is compared when the recording was live */
		if (!reader.stepped)
			break;
		if (session_compare(&reader, bytes_span(&line), &err) != ERR_OK)
			ASSERT(!reader.differs);
		if (session_expected(&reader).data == NULL)
			break;
	}
	bytes_done(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int ready;
	static char path[SESSION_PATH_MAX];
	struct err err = {0};
	FILE *f;

	if (!ready) {
		ASSERT(mkdtemp(dir) != NULL);
		ASSERT(atexit(dir_remove) == 0);
		ASSERT(session_path(path, dir, SESSION_FILE, NULL) == ERR_OK);
		ready = 1;
	}
	f = fopen(path, "w");
	if (f == NULL)
		return 0;
	(void)!fwrite(data, 1, len, f);
	fclose(f);
	if (session_read_open(&reader, &header, dir, &err) == ERR_OK) {
		ASSERT(memchr(header.source, '\0', sizeof header.source) != NULL);
		ASSERT(header.started_unix_ms >= 0);
		(void)session_command_due(&reader, 1000);
		replay_itself();
		session_read_close(&reader);
	}
	unlink(path);
	return 0;
}
