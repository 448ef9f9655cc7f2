/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/layout.h"

#include <string.h>

#include "base/err.h"
#include "scanner/qr/qr.h"

/* ISO/IEC 18004, table 9, columns by level: check codewords of a block, number of blocks. */
static const struct {
	uint8_t checks[4], blocks[4];
} shares[QR_VERSION_MAX + 1] = {
	[1] = {{7, 10, 13, 17}, {1, 1, 1, 1}},
	[2] = {{10, 16, 22, 28}, {1, 1, 1, 1}},
	[3] = {{15, 26, 18, 22}, {1, 1, 2, 2}},
	[4] = {{20, 18, 26, 16}, {1, 2, 2, 4}},
	[5] = {{26, 24, 18, 22}, {1, 2, 4, 4}},
	[6] = {{18, 16, 24, 28}, {2, 4, 4, 4}},
	[7] = {{20, 18, 18, 26}, {2, 4, 6, 5}},
	[8] = {{24, 22, 22, 26}, {2, 4, 6, 6}},
	[9] = {{30, 22, 20, 24}, {2, 5, 8, 8}},
	[10] = {{18, 26, 24, 28}, {4, 5, 8, 8}},
	[11] = {{20, 30, 28, 24}, {4, 5, 8, 11}},
	[12] = {{24, 22, 26, 28}, {4, 8, 10, 11}},
	[13] = {{26, 22, 24, 22}, {4, 9, 12, 16}},
	[14] = {{30, 24, 20, 24}, {4, 9, 16, 16}},
	[15] = {{22, 24, 30, 24}, {6, 10, 12, 18}},
	[16] = {{24, 28, 24, 30}, {6, 10, 17, 16}},
	[17] = {{28, 28, 28, 28}, {6, 11, 16, 19}},
	[18] = {{30, 26, 28, 28}, {6, 13, 18, 21}},
	[19] = {{28, 26, 26, 26}, {7, 14, 21, 25}},
	[20] = {{28, 26, 30, 28}, {8, 16, 20, 25}},
	[21] = {{28, 26, 28, 30}, {8, 17, 23, 25}},
	[22] = {{28, 28, 30, 24}, {9, 17, 23, 34}},
	[23] = {{30, 28, 30, 30}, {9, 18, 25, 30}},
	[24] = {{30, 28, 30, 30}, {10, 20, 27, 32}},
	[25] = {{26, 28, 30, 30}, {12, 21, 29, 35}},
	[26] = {{28, 28, 28, 30}, {12, 23, 34, 37}},
	[27] = {{30, 28, 30, 30}, {12, 25, 34, 40}},
	[28] = {{30, 28, 30, 30}, {13, 26, 35, 42}},
	[29] = {{30, 28, 30, 30}, {14, 28, 38, 45}},
	[30] = {{30, 28, 30, 30}, {15, 29, 40, 48}},
	[31] = {{30, 28, 30, 30}, {16, 31, 43, 51}},
	[32] = {{30, 28, 30, 30}, {17, 33, 45, 54}},
	[33] = {{30, 28, 30, 30}, {18, 35, 48, 57}},
	[34] = {{30, 28, 30, 30}, {19, 37, 51, 60}},
	[35] = {{30, 28, 30, 30}, {19, 38, 53, 63}},
	[36] = {{30, 28, 30, 30}, {20, 40, 56, 66}},
	[37] = {{30, 28, 30, 30}, {21, 43, 59, 70}},
	[38] = {{30, 28, 30, 30}, {22, 45, 62, 74}},
	[39] = {{30, 28, 30, 30}, {24, 47, 65, 77}},
	[40] = {{30, 28, 30, 30}, {25, 49, 68, 81}},
};

int qr_version_of_side(int side)
{
	if (side < QR_SIDE_MIN || side > QR_SIDE_MAX || (side - 17) % 4)
		return 0;
	return (side - 17) / 4;
}

/* Modules for data and checks: everything but the fixed ones, format and version. */
static unsigned data_modules(int version)
{
	unsigned v = (unsigned)version;
	unsigned modules = (16 * v + 128) * v + 64;
	if (v >= 2) {
		unsigned lines = v / 7 + 2;
		modules -= (25 * lines - 10) * lines - 55;
	}
	return v >= QR_VERSION_WORD_FROM ? modules - 36 : modules;
}

static unsigned protection_of(int version, enum qr_level level)
{
	static const uint8_t one[4] = {3, 2, 1, 1};
	if (version == 1)
		return one[level];
	if (level != QR_LEVEL_L)
		return 0;
	return version == 2 ? 2 : version == 3 ? 1 : 0;
}

struct qr_blocks qr_blocks_of(int version, enum qr_level level)
{
	ASSERT(version >= 1 && version <= QR_VERSION_MAX);
	struct qr_blocks b = {.count = shares[version].blocks[level],
		.checks = shares[version].checks[level],
		.codewords = data_modules(version) / 8,
		.protection = protection_of(version, level)};
	b.shorts = b.count - b.codewords % b.count;
	b.short_data = b.codewords / b.count - b.checks;
	return b;
}

unsigned qr_block_data(const struct qr_blocks *b, unsigned block)
{
	return b->short_data + (block >= b->shorts);
}

unsigned qr_block_place(const struct qr_blocks *b, unsigned block, unsigned at)
{
	unsigned data = qr_block_data(b, block);
	if (at < b->short_data)
		return at * b->count + block;
	if (at < data)
		return at * b->count + block - b->shorts;
	return b->codewords - b->checks * b->count + (at - data) * b->count + block;
}

unsigned qr_alignment_centres(int side, int centre[static 7])
{
	int version = qr_version_of_side(side);
	if (version < 2)
		return 0;
	int count = version / 7 + 2;
	int step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2;
	centre[0] = 6;
	for (int i = count - 1, at = side - 7; i > 0; i--, at -= step)
		centre[i] = at;
	return (unsigned)count;
}

static void reserve(struct qr_reserved *r, int x, int y, int width, int height)
{
	for (int row = y; row < y + height; row++)
		for (int at = x; at < x + width; at++)
			r->row[row][at >> 6] |= UINT64_C(1) << (at & 63);
}

/* The three corners hold finder patterns: no alignment pattern is there. */
static bool is_alignment(unsigned column, unsigned row, unsigned count)
{
	bool first = column == 0, top = row == 0;
	return !(first && top) && !(first && row == count - 1) && !(top && column == count - 1);
}

void qr_reserved_fill(struct qr_reserved *r, int side)
{
	int centre[7];
	unsigned count = qr_alignment_centres(side, centre);
	memset(r->row, 0, (size_t)side * sizeof r->row[0]);
	reserve(r, 0, 0, 9, 9); /* finder pattern, separator, format */
	reserve(r, side - 8, 0, 8, 9);
	reserve(r, 0, side - 8, 9, 8);
	reserve(r, 0, 6, side, 1); /* timing */
	reserve(r, 6, 0, 1, side);
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < count; k++)
			if (is_alignment(k, i, count))
				reserve(r, centre[k] - 2, centre[i] - 2, 5, 5);
	if (qr_version_of_side(side) >= QR_VERSION_WORD_FROM) {
		reserve(r, side - 11, 0, 3, 6);
		reserve(r, 0, side - 11, 6, 3);
	}
}

static int ring(int dx, int dy) /* distance from a pattern's centre */
{
	dx = dx < 0 ? -dx : dx;
	dy = dy < 0 ? -dy : dy;
	return dx > dy ? dx : dy;
}

static int alignment_module(int side, int x, int y)
{
	int centre[7];
	unsigned count = qr_alignment_centres(side, centre);
	for (unsigned i = 0; i < count; i++) {
		if (y < centre[i] - 2 || y > centre[i] + 2)
			continue;
		for (unsigned k = 0; k < count; k++)
			if (x >= centre[k] - 2 && x <= centre[k] + 2 && is_alignment(k, i, count))
				return ring(x - centre[k], y - centre[i]) != 1;
	}
	return -1;
}

int qr_fixed_module(int side, int x, int y)
{
	bool right = x >= side - 8, low = y >= side - 8;
	if (x < 0 || y < 0 || x >= side || y >= side)
		return -1;
	if ((x < 8 || right) && (y < 8 || low) && !(right && low)) {
		int r = ring(x - (right ? side - 4 : 3), y - (low ? side - 4 : 3));
		return r != 2 && r != 4;
	}
	if (x == 8 && y == side - 8)
		return 1;
	int aligned = alignment_module(side, x, y);
	if (aligned >= 0)
		return aligned;
	if (x == 6 || y == 6)
		return (x + y) % 2 == 0;
	return -1;
}

uint32_t qr_format_word(enum qr_level level, int mask)
{
	static const uint8_t bits[4] = {1, 0, 3, 2};
	uint32_t data = (uint32_t)bits[level] << 3 | (uint32_t)mask;
	uint32_t rest = data;
	for (int i = 0; i < 10; i++)
		rest = rest << 1 ^ (rest >> 9) * 0x537;
	return (data << 10 | rest) ^ 0x5412;
}

struct qr_cell qr_format_place(int side, int copy, int bit)
{
	if (copy == 1)
		return bit < 8 ? (struct qr_cell){side - 1 - bit, 8}
			       : (struct qr_cell){8, side - 15 + bit};
	if (bit < 8)
		return (struct qr_cell){8, bit + (bit > 5)};
	return (struct qr_cell){bit == 8 ? 7 : 14 - bit, 8};
}

uint32_t qr_version_word(int version)
{
	uint32_t rest = (uint32_t)version;
	for (int i = 0; i < 12; i++)
		rest = rest << 1 ^ (rest >> 11) * 0x1F25;
	return (uint32_t)version << 12 | rest;
}

struct qr_cell qr_version_place(int side, int copy, int bit)
{
	int far = side - 11 + bit % 3, near = bit / 3;
	return copy ? (struct qr_cell){near, far} : (struct qr_cell){far, near};
}

bool qr_mask_flips(int mask, int x, int y)
{
	switch (mask) {
	case 0:
		return (x + y) % 2 == 0;
	case 1:
		return y % 2 == 0;
	case 2:
		return x % 3 == 0;
	case 3:
		return (x + y) % 3 == 0;
	case 4:
		return (y / 2 + x / 3) % 2 == 0;
	case 5:
		return x * y % 2 + x * y % 3 == 0;
	case 6:
		return (x * y % 2 + x * y % 3) % 2 == 0;
	default:
		return ((x + y) % 2 + x * y % 3) % 2 == 0;
	}
}
