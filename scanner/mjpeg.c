/* SPDX-License-Identifier: Apache-2.0
 *
 * Markers: ISO/IEC 10918-1, annex B. Segments are skipped by their length, because a thumbnail in
 * one of them has markers of its own.
 */
#include "scanner/mjpeg.h"

#include <string.h>

#define M_SOI 0xd8
#define M_EOI 0xd9
#define M_SOS 0xda
#define TABLES_MAX 2048 /* no segment but application data and comments is near this long */

size_t mjpeg_find_start(struct span data)
{
	size_t at = 0;
	while (at < data.len) {
		const uint8_t *ff = memchr(data.data + at, 0xff, data.len - at);
		if (!ff)
			return data.len;
		at = (size_t)(ff - data.data);
		if (at + 1 == data.len || ff[1] == M_SOI)
			return at;
		at++;
	}
	return at;
}

static bool is_standalone(uint8_t marker) /* RST0..7 and TEM have no length */
{
	return (marker >= 0xd0 && marker <= 0xd7) || marker == 0x01;
}

/* A length is only believed where it can be true: after a cut it is made of the next frame. */
static bool is_length_of(uint8_t marker, size_t len)
{
	bool free_data = (marker >= 0xe0 && marker <= 0xef) || marker == 0xfe;
	return len >= 2 && (free_data || len <= TABLES_MAX);
}

/* In entropy-coded data: to the next marker that means something. False: none in sight. */
static bool pass_scan(struct mjpeg_split *s, struct span data)
{
	while (s->at < data.len) {
		const uint8_t *ff = memchr(data.data + s->at, 0xff, data.len - s->at);
		s->at = ff ? (size_t)(ff - data.data) : data.len;
		if (s->at + 1 >= data.len)
			return false;
		uint8_t next = data.data[s->at + 1];
		if (next == 0xff)
			s->at++;
		else if (next == 0 || is_standalone(next))
			s->at += 2;
		else
			return true;
	}
	return false;
}

/* After damage: the frame ends where another begins. */
static enum mjpeg_result find_next(struct mjpeg_split *s, struct span data, size_t *len)
{
	if (s->at > data.len)
		return MJPEG_MORE;
	s->at += mjpeg_find_start(SPAN(data.data + s->at, data.len - s->at));
	if (s->at + 1 >= data.len)
		return MJPEG_MORE;
	*len = s->at;
	return MJPEG_CUT;
}

enum mjpeg_result mjpeg_split_next(struct mjpeg_split *s, struct span data, size_t *len)
{
	if (s->at < 2)
		s->at = 2;
	while (!s->lost) {
		if (s->in_scan && !pass_scan(s, data))
			return MJPEG_MORE;
		s->in_scan = false;
		if (s->at + 2 > data.len)
			return MJPEG_MORE;
		const uint8_t *p = data.data + s->at;
		if (p[0] != 0xff || p[1] == 0) {
			s->lost = true;
			s->at = 2;
		} else if (p[1] == 0xff) { /* fill byte */
			s->at++;
		} else if (p[1] == M_EOI || p[1] == M_SOI) {
			*len = s->at + (p[1] == M_EOI ? 2 : 0);
			return p[1] == M_EOI ? MJPEG_FRAME : MJPEG_CUT;
		} else if (is_standalone(p[1])) {
			s->at += 2;
		} else {
			if (s->at + 4 > data.len)
				return MJPEG_MORE;
			size_t segment = be16_get(p + 2);
			s->lost = !is_length_of(p[1], segment);
			s->in_scan = p[1] == M_SOS;
			s->at = s->lost ? 2 : s->at + 2 + segment;
		}
	}
	return find_next(s, data, len);
}
