/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/segments.h"

#include <string.h>

enum mode {
	MODE_END = 0,
	MODE_NUMERIC = 1,
	MODE_ALPHANUMERIC = 2,
	MODE_PART = 3, /* structured append */
	MODE_BYTE = 4,
	MODE_FNC1_FIRST = 5,
	MODE_ECI = 7,
	MODE_KANJI = 8,
	MODE_FNC1_SECOND = 9
};

struct bits {
	const uint8_t *data;
	unsigned at, end; /* bits */
	bool short_of;    /* more was asked for than there is */
};

struct reading {
	struct bits in;
	struct qr_text *out;
	int version;
	bool gs1;
};

static unsigned left(const struct bits *b)
{
	return b->end - b->at;
}

static unsigned take(struct bits *b, unsigned count)
{
	unsigned value = 0;
	if (left(b) < count) {
		b->short_of = true;
		b->at = b->end;
		return 0;
	}
	for (unsigned i = 0; i < count; i++, b->at++)
		value = value << 1 | (b->data[b->at >> 3] >> (7 - (b->at & 7)) & 1u);
	return value;
}

static bool put(struct reading *r, unsigned byte)
{
	if (r->out->len == QR_TEXT_MAX)
		return false;
	r->out->bytes[r->out->len++] = (uint8_t)byte;
	return true;
}

/* Bits of the character count, by mode and version: ISO/IEC 18004, table 3. */
static unsigned count_bits(enum mode mode, int version)
{
	static const uint8_t bits[3][4] = {{10, 9, 8, 8}, {12, 11, 16, 10}, {14, 13, 16, 12}};
	unsigned row = version < 10 ? 0 : version < 27 ? 1 : 2;
	unsigned column = mode == MODE_NUMERIC	      ? 0
			  : mode == MODE_ALPHANUMERIC ? 1
			  : mode == MODE_BYTE	      ? 2
						      : 3;
	return bits[row][column];
}

static bool read_numeric(struct reading *r, unsigned count)
{
	static const struct {
		unsigned bits, first;
	} group[4] = {{0, 0}, {4, 1}, {7, 10}, {10, 100}};
	while (count) {
		unsigned digits = count < 3 ? count : 3;
		unsigned value = take(&r->in, group[digits].bits);
		if (r->in.short_of || value >= group[digits].first * 10)
			return false;
		for (unsigned unit = group[digits].first; unit; unit /= 10)
			if (!put(r, '0' + value / unit % 10))
				return false;
		count -= digits;
	}
	return true;
}

static bool put_alphanumeric(struct reading *r, unsigned value)
{
	static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
	return put(r, (unsigned char)set[value]);
}

/* In a GS1 symbol '%' stands for the separator, and "%%" for itself. */
static void give_separators(struct qr_text *t, size_t from)
{
	size_t to = from;
	for (size_t i = from; i < t->len; i++) {
		bool percent = t->bytes[i] == '%';
		bool twice = percent && i + 1 < t->len && t->bytes[i + 1] == '%';
		t->bytes[to++] = percent && !twice ? 0x1D : t->bytes[i];
		i += twice;
	}
	t->len = to;
}

static bool read_alphanumeric(struct reading *r, unsigned count)
{
	size_t from = r->out->len;
	for (; count >= 2; count -= 2) {
		unsigned pair = take(&r->in, 11);
		if (r->in.short_of || pair >= 45 * 45)
			return false;
		if (!put_alphanumeric(r, pair / 45) || !put_alphanumeric(r, pair % 45))
			return false;
	}
	if (count) {
		unsigned value = take(&r->in, 6);
		if (r->in.short_of || value >= 45 || !put_alphanumeric(r, value))
			return false;
	}
	if (r->gs1)
		give_separators(r->out, from);
	return true;
}

static bool read_bytes(struct reading *r, unsigned count)
{
	if (left(&r->in) / 8 < count)
		return false;
	while (count--)
		if (!put(r, take(&r->in, 8)))
			return false;
	return true;
}

/* Thirteen bits stand for two bytes of Shift-JIS. */
static bool read_kanji(struct reading *r, unsigned count)
{
	while (count--) {
		unsigned value = take(&r->in, 13);
		unsigned sign = value / 0xC0 << 8 | value % 0xC0;
		sign += sign < 0x1F00 ? 0x8140 : 0xC140;
		bool exists = (sign & 0xFF) != 0x7F && (sign & 0xFF) <= 0xFC;
		if (r->in.short_of || !exists || !put(r, sign >> 8) || !put(r, sign & 0xFF))
			return false;
	}
	return true;
}

static bool pass_eci(struct bits *b)
{
	unsigned first = take(b, 8);
	if (first & 0x80)
		take(b, first & 0x40 ? 16 : 8);
	return !b->short_of && (first & 0xE0) != 0xE0;
}

/* Two digits or, above, one letter and 100. */
static bool read_indicator(struct reading *r)
{
	unsigned value = take(&r->in, 8);
	if (r->in.short_of)
		return false;
	if (value < 100)
		return put(r, '0' + value / 10) && put(r, '0' + value % 10);
	unsigned letter = value - 100;
	bool known = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
	return known && put(r, letter);
}

static bool read_characters(struct reading *r, enum mode mode)
{
	unsigned count = take(&r->in, count_bits(mode, r->version));
	if (r->in.short_of)
		return false;
	switch (mode) {
	case MODE_NUMERIC:
		return read_numeric(r, count);
	case MODE_ALPHANUMERIC:
		return read_alphanumeric(r, count);
	case MODE_BYTE:
		return read_bytes(r, count);
	default:
		return read_kanji(r, count);
	}
}

static bool read_segment(struct reading *r, enum mode mode)
{
	switch (mode) {
	case MODE_NUMERIC:
	case MODE_ALPHANUMERIC:
	case MODE_BYTE:
	case MODE_KANJI:
		return read_characters(r, mode);
	case MODE_ECI:
		return pass_eci(&r->in);
	case MODE_PART:
		take(&r->in, 16); /* which of how many, parity of the whole */
		return !r->in.short_of;
	case MODE_FNC1_FIRST:
		r->gs1 = true;
		return true;
	case MODE_FNC1_SECOND:
		r->gs1 = true;
		return read_indicator(r);
	case MODE_END:
		break;
	}
	return false;
}

/* After the end mark zeros to the next whole codeword, then 236 and 17 in turn. */
static void look_at_padding(struct qr_segments *said, struct bits *b)
{
	said->padding = 0;
	said->padded_well = take(b, (8 - b->at % 8) % 8) == 0;
	for (unsigned want = 0xEC; left(b) >= 8; want ^= 0xEC ^ 0x11) {
		if (take(b, 8) != want) {
			said->padded_well = false;
			return;
		}
		said->padding++;
	}
}

enum err_code qr_segments_read(struct qr_text *out, struct qr_segments *said, const uint8_t *data,
	unsigned len, int version)
{
	struct reading r = {.in = {.data = data, .end = len * 8}, .out = out, .version = version};
	out->len = 0;
	/* The end mark is cut short where a symbol is full. */
	while (left(&r.in) >= 4) {
		enum mode mode = (enum mode)take(&r.in, 4);
		if (mode == MODE_END)
			break;
		if (!read_segment(&r, mode)) {
			out->len = 0;
			return ERR_FORMAT;
		}
	}
	look_at_padding(said, &r.in);
	return out->len ? ERR_OK : ERR_FORMAT;
}
