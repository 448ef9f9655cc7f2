/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/preview.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define READ_TRIES 3

_Static_assert(sizeof(struct scan_preview) % sizeof(uint32_t) == 0, "it is copied by words");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "atomics between processes take no lock");

/* ---- terminal ---- */

static int make_memory(void)
{
	static const char name[] = "countersign-preview";
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

enum err_code scan_preview_make(const struct scan_preview_ring **ring, int *fd, struct err *err)
{
	*ring = NULL;
	*fd = make_memory();
	/* Sealed, or the scanner could cut it off while it is read here: that would be SIGBUS. */
	if (*fd >= 0 && !ftruncate(*fd, sizeof **ring) && !fcntl(*fd, F_ADD_SEALS, SEALS)) {
		void *at = mmap(NULL, sizeof **ring, PROT_READ, MAP_SHARED, *fd, 0);
		if (at != MAP_FAILED) {
			*ring = at;
			return ERR_OK;
		}
	}
	enum err_code code = err_set_os(err, ERR_IO, errno, "no memory for the preview");
	scan_preview_unmake(ring, fd);
	return code;
}

void scan_preview_unmake(const struct scan_preview_ring **ring, int *fd)
{
	union {
		const void *mapped;
		void *at;
	} u = {.mapped = *ring};
	if (*ring)
		munmap(u.at, sizeof **ring);
	if (*fd >= 0)
		close(*fd);
	*ring = NULL;
	*fd = -1;
}

/* Word by word and each only once, whatever the other side does meanwhile. */
static void copy_out(struct scan_preview *out, const struct scan_preview *shared)
{
	const volatile uint32_t *from = (const volatile uint32_t *)(const void *)shared;
	uint32_t *to = (uint32_t *)(void *)out;
	for (size_t i = 0; i < sizeof *out / sizeof *to; i++)
		to[i] = from[i];
}

static bool copy_newest(const struct scan_preview_ring *ring, struct scan_preview *out)
{
	uint32_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
	if (!written)
		return false;
	const struct scan_preview_slot *slot = &ring->slot[(written - 1) % SCAN_PREVIEW_SLOTS];
	uint32_t before = atomic_load_explicit(&slot->sequence, memory_order_acquire);
	copy_out(out, &slot->picture);
	atomic_thread_fence(memory_order_acquire);
	return before % 2 == 0 &&
		before == atomic_load_explicit(&slot->sequence, memory_order_relaxed);
}

static bool is_valid(const struct scan_preview *p)
{
	if (p->width < SCAN_SIDE_MIN || p->width > SCAN_WIDTH_MAX || p->height < SCAN_SIDE_MIN ||
		p->height > SCAN_HEIGHT_MAX || p->code_count > SCAN_CODES_MAX)
		return false;
	for (unsigned i = 0; i < p->code_count; i++)
		for (unsigned k = 0; k < 4; k++)
			if (p->corner[i][k][0] < 0 || p->corner[i][k][0] > SCAN_PREVIEW_COLUMNS ||
				p->corner[i][k][1] < 0 || p->corner[i][k][1] > SCAN_PREVIEW_ROWS)
				return false;
	return true;
}

bool scan_preview_read(const struct scan_preview_ring *ring, struct scan_preview *out)
{
	for (int i = 0; i < READ_TRIES; i++) {
		if (!copy_newest(ring, out))
			continue;
		if (!is_valid(out))
			break;
		memset(out->corner[out->code_count], 0,
			(SCAN_CODES_MAX - out->code_count) * sizeof out->corner[0]);
		return true;
	}
	memset(out, 0, sizeof *out);
	return false;
}

/* ---- scanner ---- */

enum err_code scan_preview_join(struct scan_preview_ring **ring, int fd, struct err *err)
{
	struct stat st;
	*ring = NULL;
	void *at = MAP_FAILED;
	if (fstat(fd, &st) == 0 && st.st_size == (off_t)sizeof **ring)
		at = mmap(NULL, sizeof **ring, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		return err_set(err, ERR_IO, "cannot share the preview's memory");
	*ring = at;
	return ERR_OK;
}

/* A former life may have died in the middle: its odd number is stepped over. */
void scan_preview_write(struct scan_preview_ring *ring, const struct scan_preview *picture)
{
	uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
	struct scan_preview_slot *slot = &ring->slot[written % SCAN_PREVIEW_SLOTS];
	uint32_t odd = atomic_load_explicit(&slot->sequence, memory_order_relaxed) | 1;
	atomic_store_explicit(&slot->sequence, odd, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	memcpy(&slot->picture, picture, sizeof *picture);
	atomic_store_explicit(&slot->sequence, odd + 1, memory_order_release);
	atomic_store_explicit(&ring->written, written + 1 ? written + 1 : 1, memory_order_release);
}
