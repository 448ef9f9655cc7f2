/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/qr_symbols.h"

#include <stdio.h>

#include "scanner/decode.h"
#include "scanner/qr/reed_solomon.h"
#include "scanner/qr/segments.h"

static struct qr_matrix matrix, whole;
static struct qr_text out;
static struct walk walk;
static uint8_t text[QR_TEXT_MAX];

static bool reads(const void *wanted, size_t len)
{
	return qr_symbol_read(&out, &matrix) == ERR_OK && out.len == len &&
	       !memcmp(out.bytes, wanted, len);
}

/* Sides for tests that take too long for all. */
static const int some_versions[] = {1, 2, 3, 4, 6, 7, 9, 10, 14, 20, 26, 27, 33, 40};

static size_t fill_text(size_t len, QRencodeMode mode)
{
	static const char alphanumeric[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
	for (size_t i = 0; i < len; i++) {
		if (mode == QR_MODE_NUM)
			text[i] = (uint8_t)('0' + dice(10));
		else if (mode == QR_MODE_AN)
			text[i] = (uint8_t)alphanumeric[dice(45)];
		else
			text[i] = (uint8_t)dice(256);
	}
	for (size_t i = 0; mode == QR_MODE_KANJI && i + 1 < len; i += 2) {
		unsigned high = 0x88 + dice(0xEA - 0x88);
		text[i] = (uint8_t)(high < 0xA0 ? high : high < 0xE0 ? 0x93 : high);
		text[i + 1] = (uint8_t)(0x80 + dice(0x7C));
	}
	return len;
}

/* A text that fills the symbol, or nearly. */
static QRcode *encode_full(int version, int level, QRencodeMode mode, size_t *len)
{
	struct qr_blocks b = qr_blocks_of(version, (enum qr_level)level);
	size_t bits = (b.codewords - b.checks * b.count) * 8 - 4;
	unsigned head = mode == QR_MODE_NUM ? 14 : mode == QR_MODE_AN ? 13 : 16;
	bits -= version < 10 ? head - (mode == QR_MODE_8 ? 8 : 4) : head;
	*len = mode == QR_MODE_NUM    ? bits / 10 * 3
	       : mode == QR_MODE_AN   ? bits / 11 * 2
	       : mode == QR_MODE_8    ? bits / 8
				      : bits / 13 * 2;
	fill_text(*len, mode);
	return encode(text, *len, mode, version, level);
}

static QRcode *encode_some(int version, int level, size_t len)
{
	fill_text(len, QR_MODE_8);
	QRcode *qr = encode(text, len, QR_MODE_8, version, level);
	assert_non_null(qr);
	matrix_of(&matrix, qr);
	whole = matrix;
	return qr;
}

static void knows_the_powers_of_two(void **state)
{
	(void)state;
	unsigned x = 1;
	for (unsigned i = 0; i < 512; i++) {
		assert_int_equal(qr_gf_exp[i], x);
		if (i < 255)
			assert_int_equal(qr_gf_log[x], i);
		x = x << 1 ^ (x & 0x80 ? 0x11D : 0);
	}
}

static void knows_which_modules_are_fixed(void **state)
{
	static struct qr_reserved reserved;
	(void)state;
	for (int version = 1; version <= QR_VERSION_MAX; version++) {
		QRcode *qr = encode("1", 1, QR_MODE_NUM, version, 0);
		int side = qr->width;
		qr_reserved_fill(&reserved, side);
		assert_int_equal(qr_version_of_side(side), version);
		for (int y = 0; y < side; y++)
			for (int x = 0; x < side; x++) {
				unsigned char c = qr->data[y * side + x];
				bool dark_one = x == 8 && y == side - 8;
				bool fixed = c & QRENCODE_FIXED || dark_one;
				assert_int_equal(qr_is_reserved(&reserved, x, y), c >> 7);
				assert_int_equal(qr_fixed_module(side, x, y), fixed ? c & 1 : -1);
			}
		QRcode_free(qr);
	}
	for (int side = 0; side < 200; side++)
		if (side < 21 || side > 177 || side % 4 != 1)
			assert_int_equal(qr_version_of_side(side), 0);
}

/* ISO/IEC 18004, annexes C and D. */
static void knows_the_words_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(qr_format_word(QR_LEVEL_M, 5), 0x40CE);
	assert_int_equal(qr_format_word(QR_LEVEL_L, 0), 0x77C4);
	assert_int_equal(qr_format_word(QR_LEVEL_H, 7), 0x083B);
	assert_int_equal(qr_version_word(7), 0x07C94);
	assert_int_equal(qr_version_word(40), 0x28C69);
}

/* ISO/IEC 18004, annex I: "01234567" as 1-M. */
static const uint8_t annex_i[26] = {0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11,
	0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C,
	0x55};

/* A 1-M symbol of these codewords, mask 2, fixed patterns and all. */
static void draw_version_1(const uint8_t *codewords)
{
	matrix.side = 21;
	walk_of(&walk, 21);
	assert_int_equal(walk.count, 26 * 8);
	for (int y = 0; y < 21; y++)
		for (int x = 0; x < 21; x++)
			set_module(&matrix, (struct qr_cell){x, y},
				qr_fixed_module(21, x, y) == 1);
	for (unsigned i = 0; i < walk.count; i++) {
		bool bit = codewords[i / 8] >> (7 - i % 8) & 1;
		matrix.dark[walk.at[i]] = bit != (walk.at[i] % 21 % 3 == 0) ? 255 : 0;
	}
	for (int copy = 0; copy < 2; copy++)
		for (int i = 0; i < QR_FORMAT_BITS; i++)
			set_module(&matrix, qr_format_place(21, copy, i), 0x5E7C >> i & 1);
}

static void reads_the_example_of_the_standard(void **state)
{
	(void)state;
	draw_version_1(annex_i);
	assert_true(reads("01234567", 8));
	assert_int_equal(out.version, 1);
	assert_int_equal(out.level, 'M');
	assert_int_equal(out.mask, 2);
	assert_int_equal(out.errors, 0);
	assert_false(out.mirrored);
	/* libqrencode makes the same symbol of it, whatever its mask. */
	QRcode *qr = encode("01234567", 8, QR_MODE_NUM, 1, QR_ECLEVEL_M);
	matrix_of(&matrix, qr);
	assert_true(reads("01234567", 8));
	QRcode_free(qr);
}

static void reads_every_version_level_and_mode_filled_to_the_end(void **state)
{
	(void)state;
	static const QRencodeMode modes[] = {QR_MODE_NUM, QR_MODE_AN, QR_MODE_8, QR_MODE_KANJI};
	for (int version = 1; version <= QR_VERSION_MAX; version++)
		for (int level = 0; level < 4; level++)
			for (unsigned i = 0; i < 4; i++) {
				size_t len;
				QRcode *qr = encode_full(version, level, modes[i], &len);
				assert_non_null(qr);
				assert_int_equal(qr->version, version);
				matrix_of(&matrix, qr);
				assert_true(reads(text, len));
				assert_int_equal(out.version, version);
				assert_int_equal(out.level, "LMQH"[level]);
				QRcode_free(qr);
			}
}

static void reads_every_length_of_a_small_symbol(void **state)
{
	(void)state;
	static const QRencodeMode modes[] = {QR_MODE_NUM, QR_MODE_AN, QR_MODE_8};
	for (unsigned i = 0; i < 3; i++)
		for (size_t len = 1;; len++) {
			fill_text(len, modes[i]);
			QRcode *qr = encode(text, len, modes[i], 3, QR_ECLEVEL_L);
			if (!qr || qr->version != 3) {
				QRcode_free(qr);
				assert_true(len > 50);
				break;
			}
			matrix_of(&matrix, qr);
			assert_true(reads(text, len));
			QRcode_free(qr);
		}
}

static void reads_every_mask_plain_and_mirrored(void **state)
{
	(void)state;
	for (int version = 1; version <= QR_VERSION_MAX; version++) {
		int level = version % 4;
		QRcode *qr = encode_some(version, level, 7);
		assert_true(reads(text, 7));
		int drawn = out.mask;
		for (int mask = 0; mask < 8; mask++) {
			matrix = whole;
			change_mask(&matrix, qr, level, drawn, mask);
			assert_true(reads(text, 7));
			assert_int_equal(out.mask, mask);
			assert_false(out.mirrored);
			transpose(&matrix);
			assert_true(reads(text, 7));
			assert_int_equal(out.mask, mask);
			assert_true(out.mirrored);
		}
		QRcode_free(qr);
	}
}

static void reads_segments_of_all_kinds(void **state)
{
	(void)state;
	QRinput *in = QRinput_new2(5, QR_ECLEVEL_Q);
	QRinput_append(in, QR_MODE_NUM, 5, (const unsigned char *)"98765");
	QRinput_appendECIheader(in, 26);
	QRinput_append(in, QR_MODE_8, 4, (const unsigned char *)"\xE4\xBD\xA0z");
	QRinput_appendECIheader(in, 899);
	QRinput_append(in, QR_MODE_AN, 4, (const unsigned char *)"A%$:");
	QRinput_append(in, QR_MODE_KANJI, 4, (const unsigned char *)"\x93\x5f\xe4\xaa");
	QRcode *qr = QRcode_encodeInput(in);
	assert_non_null(qr);
	matrix_of(&matrix, qr);
	assert_true(reads("98765\xE4\xBD\xA0zA%$:\x93\x5f\xe4\xaa", 17));
	QRcode_free(qr);
	QRinput_free(in);
}

static void reads_what_one_part_of_a_message_holds(void **state)
{
	(void)state;
	QRcode_List *list = QRcode_encodeStringStructured(
		"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOP", 1, QR_ECLEVEL_L, QR_MODE_8, 1);
	assert_non_null(list);
	assert_true(QRcode_List_size(list) > 1);
	matrix_of(&matrix, list->code);
	assert_int_equal(qr_symbol_read(&out, &matrix), ERR_OK);
	assert_memory_equal(out.bytes, "ABCDEFGH", 8);
	QRcode_List_free(list);
}

/* Another decoder sees the same symbol on the same modules. */
static void agrees_with_zbar_on_drawn_symbols(void **state)
{
	(void)state;
	struct scan_grey g = {.pixels = NULL};
	for (size_t v = 0; v < sizeof some_versions / sizeof some_versions[0]; v++) {
		struct scan_found found = {.count = 0};
		fill_text(14, QR_MODE_AN);
		QRcode *qr = encode(text, 14, QR_MODE_AN, some_versions[v], v % 4);
		matrix_of(&matrix, qr);
		assert_true(reads(text, 14));
		int side = (qr->width + 8) * 3;
		assert_int_equal(scan_grey_size(&g, side, side, NULL), ERR_OK);
		memset(g.pixels, 255, (size_t)side * (size_t)side);
		for (int y = 12; y < side - 12; y++)
			for (int x = 12; x < side - 12; x++)
				if (qr->data[(y / 3 - 4) * qr->width + x / 3 - 4] & 1)
					g.pixels[y * side + x] = 0;
		assert_int_equal(scan_zbar_read(&found, &g, 1, NULL), ERR_OK);
		assert_int_equal(found.count, 1);
		assert_int_equal(found.codes[0].text_len, out.len);
		assert_memory_equal(found.codes[0].text, out.bytes, out.len);
		QRcode_free(qr);
	}
	scan_grey_done(&g);
}

/* Data written as bits, spaces between; the rest of the last codeword is 0. */
static bool segments_read(const char *written)
{
	uint8_t data[64] = {0};
	struct qr_segments said;
	unsigned bits = 0;
	for (const char *c = written; *c; c++)
		if (*c != ' ') {
			data[bits / 8] |= (uint8_t)((*c - '0') << (7 - bits % 8));
			bits++;
		}
	return qr_segments_read(&out, &said, data, (bits + 7) / 8, 1) == ERR_OK;
}

static bool means(const char *written, const char *wanted)
{
	return segments_read(written) && out.len == strlen(wanted) &&
	       !memcmp(out.bytes, wanted, out.len);
}

static void reads_segments_bit_by_bit(void **state)
{
	(void)state;
	assert_true(means("0001 0000000011 1111100111 0000", "999"));
	assert_true(means("0001 0000000010 1100011", "99"));
	assert_true(means("0001 0000000001 1001", "9")); /* no room for an end mark */
	assert_true(means("0010 000000010 11111101000 0000", "::"));
	assert_true(means("0010 000000001 101100", ":"));
	assert_true(means("0100 00000001 01000001", "A"));
	assert_true(means("1000 00000001 1101010101010", "\xe4\xaa"));
	/* ECI of one, two and three bytes */
	assert_true(means("0111 00011010 0100 00000001 01000001", "A"));
	assert_true(means("0111 10000011 10000011 0100 00000001 01000001", "A"));
	assert_true(means("0111 11001111 01000010 00111111 0100 00000001 01000001", "A"));
	/* GS1: '%' is the separator, "%%" itself; "A%" "%%" "%1" */
	assert_true(means("0101 0010 000000010 00111101000", "A\x1d"));
	assert_true(means("0101 0010 000000010 11011010100", "%"));
	assert_true(means("0010 000000010 11011010100", "%%"));
	/* the other FNC1 begins with its application's number or letter */
	assert_true(means("1001 00100101 0100 00000001 01000001", "37A"));
	assert_true(means("1001 11000110 0100 00000001 01000001", "bA"));
}

static void refuses_data_that_break_the_rules(void **state)
{
	(void)state;
	assert_false(segments_read("0000 0000"));                        /* nothing in it */
	assert_false(segments_read("0100 00000000 0000"));
	assert_false(segments_read("0100 00000010 01000001"));           /* two bytes said */
	assert_false(segments_read("0100 11111111 01000001 0000"));
	assert_false(segments_read("0001 0000000011 1111101000 0000"));  /* 1000 */
	assert_false(segments_read("0001 0000000010 1100100 0000"));     /* 100 */
	assert_false(segments_read("0001 0000000001 1010 0000"));        /* 10 */
	assert_false(segments_read("0010 000000010 11111101001 0000"));  /* 2025 */
	assert_false(segments_read("0010 000000001 101101 0000"));       /* 45 */
	assert_false(segments_read("1000 00000001 0000000111111 0000")); /* 0x817F */
	assert_false(segments_read("1000 00000001 0000010111101 0000")); /* 0x81FD */
	assert_false(segments_read("0111 11100000 00000000 00000000 0100 00000001 01000001"));
	assert_false(segments_read("1001 01110000 0100 00000001 01000001")); /* neither */
	static const char unknown[][5] = {"0110", "1010", "1011", "1100", "1101", "1110", "1111"};
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		char written[80];
		snprintf(written, sizeof written, "%s 00000001 01000001", unknown[i]);
		assert_false(segments_read(written));
		snprintf(written, sizeof written, "0100 00000001 01000001 %s", unknown[i]);
		assert_false(segments_read(written));
	}
}

static void corrects_every_count_of_errors_up_to_the_limit(void **state)
{
	(void)state;
	for (size_t v = 0; v < sizeof some_versions / sizeof some_versions[0]; v++)
		for (int level = 0; level < 4; level++) {
			int version = some_versions[v];
			struct qr_blocks b = qr_blocks_of(version, (enum qr_level)level);
			unsigned most = (b.checks - b.protection) / 2;
			QRcode *qr = encode_some(version, level, 7);
			walk_of(&walk, qr->width);
			for (unsigned errors = 0; errors <= most; errors++) {
				matrix = whole;
				hurt_every_block(&matrix, &walk, &b, errors);
				assert_true(reads(text, 7));
				assert_int_equal(out.errors, errors * b.count);
				assert_int_equal(out.erased, 0);
			}
			QRcode_free(qr);
		}
}

static void one_wrong_codeword_anywhere_does_no_harm(void **state)
{
	(void)state;
	QRcode *qr = encode_some(3, QR_ECLEVEL_Q, 30);
	walk_of(&walk, qr->width);
	for (unsigned i = 0; i < walk.count / 8; i++) {
		matrix = whole;
		hurt(&matrix, &walk, i);
		assert_true(reads(text, 30));
		assert_int_equal(out.errors, 1);
	}
	QRcode_free(qr);
}

/* Doubtful and wrong: of each bit only that it is unsure is known. */
static void forget(struct qr_matrix *m, unsigned codeword)
{
	for (unsigned i = 0; i < 8; i++)
		m->dark[walk.at[codeword * 8 + i]] = (uint8_t)(118 + dice(20));
}

static void corrects_more_where_the_doubtful_ones_are_wrong(void **state)
{
	(void)state;
	for (size_t v = 3; v < sizeof some_versions / sizeof some_versions[0]; v++)
		for (int level = 0; level < 4; level++) {
			int version = some_versions[v];
			struct qr_blocks b = qr_blocks_of(version, (enum qr_level)level);
			QRcode *qr = encode_some(version, level, 7);
			walk_of(&walk, qr->width);
			/* Six checks are the margin that is never spent. */
			for (unsigned k = 0; k < b.count; k++) {
				uint8_t at[256];
				choose(at, b.checks - 6, qr_block_data(&b, k) + b.checks);
				for (unsigned i = 0; i < b.checks - 6u; i++)
					forget(&matrix, qr_block_place(&b, k, at[i]));
			}
			assert_true(reads(text, 7));
			QRcode_free(qr);
		}
}

/* As many wrong as can be corrected, none of them in doubt, and four more with one doubtful bit. */
static void turns_doubtful_bits_where_erasures_are_too_dear(void **state)
{
	(void)state;
	for (int level = 0; level < 4; level++) {
		struct qr_blocks b = qr_blocks_of(9, (enum qr_level)level);
		QRcode *qr = encode_some(9, level, 7);
		walk_of(&walk, qr->width);
		uint8_t at[256];
		unsigned errors = b.checks / 2 - 1;
		choose(at, errors + 4, qr_block_data(&b, 1) + b.checks);
		for (unsigned i = 0; i < errors; i++)
			hurt(&matrix, &walk, qr_block_place(&b, 1, at[i]));
		for (unsigned i = errors; i < errors + 4; i++) {
			unsigned bit = 8 * qr_block_place(&b, 1, at[i]) + i % 8;
			uint8_t *m = &matrix.dark[walk.at[bit]];
			*m = *m ? 120 : 135;
		}
		assert_true(reads(text, 7));
		QRcode_free(qr);
	}
}

static void keeps_a_margin_of_its_redundancy(void **state)
{
	(void)state;
	for (int level = 0; level < 4; level++) {
		struct qr_blocks b = qr_blocks_of(5, (enum qr_level)level);
		QRcode *qr = encode_some(5, level, 7);
		walk_of(&walk, qr->width);
		uint8_t at[256];
		choose(at, b.checks - 2, qr_block_data(&b, 0) + b.checks);
		for (unsigned i = 0; i < b.checks - 2u; i++) {
			unsigned place = qr_block_place(&b, 0, at[i]);
			hurt(&matrix, &walk, place);
			for (unsigned bit = 0; bit < 8; bit++) {
				uint8_t *m = &matrix.dark[walk.at[place * 8 + bit]];
				*m = *m ? 135 : 120;
			}
		}
		assert_int_equal(qr_symbol_read(&out, &matrix), ERR_FORMAT);
		assert_int_equal(out.len, 0);
		QRcode_free(qr);
	}
}

static void hurt_format(unsigned wrong, int copy)
{
	uint8_t at[256];
	choose(at, wrong, QR_FORMAT_BITS);
	for (unsigned i = 0; i < wrong; i++) {
		struct qr_cell p = qr_format_place(matrix.side, copy, at[i]);
		matrix.dark[p.y * matrix.side + p.x] ^= 0xFF;
	}
}

static void reads_with_a_damaged_format_word(void **state)
{
	(void)state;
	QRcode *qr = encode_some(8, QR_ECLEVEL_M, 90);
	for (unsigned i = 0; i < 300; i++) {
		matrix = whole;
		hurt_format(dice(4), 0); /* as the standard corrects it */
		hurt_format(dice(4), 1);
		assert_true(reads(text, 90));
		matrix = whole;
		for (int bit = 0; bit < QR_FORMAT_BITS; bit++) { /* one copy out of sight */
			struct qr_cell p = qr_format_place(matrix.side, (int)i % 2, bit);
			matrix.dark[p.y * matrix.side + p.x] = 128;
		}
		hurt_format(3, 1 - (int)i % 2);
		assert_true(reads(text, 90));
		matrix = whole;
		hurt_format(15, (int)i % 2); /* one copy painted over */
		assert_true(reads(text, 90));
	}
	QRcode_free(qr);
}

static void refuses_a_symbol_that_says_another_version(void **state)
{
	(void)state;
	QRcode *qr = encode_some(8, QR_ECLEVEL_M, 90);
	for (int copy = 0; copy < 2; copy++)
		for (int i = 0; i < QR_VERSION_BITS; i++) {
			matrix = whole;
			for (int k = 0; k <= i; k += 3) {
				struct qr_cell p = qr_version_place(matrix.side, copy, k);
				matrix.dark[p.y * matrix.side + p.x] ^= 0xFF;
			}
			assert_true(reads(text, 90)); /* damage alone is no other version */
		}
	for (int copy = 0; copy < 2; copy++)
		for (int i = 0; i < QR_VERSION_BITS; i++)
			set_module(&matrix, qr_version_place(matrix.side, copy, i),
				qr_version_word(9) >> i & 1);
	assert_int_equal(qr_symbol_read(&out, &matrix), ERR_FORMAT);
	QRcode_free(qr);
}

static void refuses_sides_that_no_symbol_has(void **state)
{
	(void)state;
	static const int sides[] = {-4, 0, 1, 17, 20, 22, 23, 24, 178, 181, 1 << 30};
	memset(&matrix, 0, sizeof matrix);
	for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
		matrix.side = sides[i];
		assert_int_equal(qr_symbol_read(&out, &matrix), ERR_FORMAT);
	}
}

static unsigned trials(unsigned usual)
{
	const char *many = getenv("QR_TRIALS");
	return many ? (unsigned)strtoul(many, NULL, 10) : usual;
}

/* Hard noise, soft noise, and noise behind a good format word. */
static void noise_is_never_a_text(void **state)
{
	(void)state;
	unsigned count = trials(6000);
	for (unsigned i = 0; i < count; i++) {
		int version = 1 + (int)dice(i % 8 ? 4 : 12);
		matrix.side = 17 + 4 * version;
		for (int k = 0; k < matrix.side * matrix.side; k++)
			matrix.dark[k] = (uint8_t)(i % 2 ? dice(2) * 255 : dice(256));
		uint32_t word = qr_format_word((enum qr_level)dice(4), (int)dice(8));
		for (int copy = 0; copy < 2 && i % 3; copy++)
			for (int k = 0; k < QR_FORMAT_BITS; k++)
				set_module(&matrix, qr_format_place(matrix.side, copy, k),
					word >> k & 1);
		assert_int_equal(qr_symbol_read(&out, &matrix), ERR_FORMAT);
		assert_int_equal(out.len, 0);
	}
}

/* A true symbol with a block beyond help: its text or none. */
static void damage_beyond_the_limit_is_never_another_text(void **state)
{
	(void)state;
	unsigned count = trials(6000), read = 0;
	for (unsigned i = 0; i < count; i++) {
		int version = 1 + (int)dice(i % 8 ? 4 : 10), level = (int)dice(4);
		struct qr_blocks b = qr_blocks_of(version, (enum qr_level)level);
		QRcode *qr = encode_some(version, level, 7);
		walk_of(&walk, qr->width);
		unsigned block = dice(b.count), length = qr_block_data(&b, block) + b.checks;
		unsigned errors = b.checks / 2 + 1 + dice(b.checks / 2);
		uint8_t at[256];
		choose(at, errors, length);
		for (unsigned k = 0; k < errors; k++)
			hurt(&matrix, &walk, qr_block_place(&b, block, at[k]));
		for (int k = 0; i % 2 && k < matrix.side * matrix.side; k++)
			matrix.dark[k] = (uint8_t)(matrix.dark[k] ? 128 + dice(128) : dice(128));
		if (qr_symbol_read(&out, &matrix) == ERR_OK) {
			assert_int_equal(out.len, 7);
			assert_memory_equal(out.bytes, text, 7);
			read++;
		}
		QRcode_free(qr);
	}
	assert_true(read < count / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_powers_of_two),
		cmocka_unit_test(knows_which_modules_are_fixed),
		cmocka_unit_test(knows_the_words_of_the_standard),
		cmocka_unit_test(reads_the_example_of_the_standard),
		cmocka_unit_test(reads_every_version_level_and_mode_filled_to_the_end),
		cmocka_unit_test(reads_every_length_of_a_small_symbol),
		cmocka_unit_test(reads_every_mask_plain_and_mirrored),
		cmocka_unit_test(reads_segments_of_all_kinds),
		cmocka_unit_test(reads_segments_bit_by_bit),
		cmocka_unit_test(agrees_with_zbar_on_drawn_symbols),
		cmocka_unit_test(reads_what_one_part_of_a_message_holds),
		cmocka_unit_test(refuses_data_that_break_the_rules),
		cmocka_unit_test(corrects_every_count_of_errors_up_to_the_limit),
		cmocka_unit_test(one_wrong_codeword_anywhere_does_no_harm),
		cmocka_unit_test(corrects_more_where_the_doubtful_ones_are_wrong),
		cmocka_unit_test(turns_doubtful_bits_where_erasures_are_too_dear),
		cmocka_unit_test(keeps_a_margin_of_its_redundancy),
		cmocka_unit_test(reads_with_a_damaged_format_word),
		cmocka_unit_test(refuses_a_symbol_that_says_another_version),
		cmocka_unit_test(refuses_sides_that_no_symbol_has),
		cmocka_unit_test(noise_is_never_a_text),
		cmocka_unit_test(damage_beyond_the_limit_is_never_another_text),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
