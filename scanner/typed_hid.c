/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: USB-IF, "Device Class Definition for HID" 1.11, 6.2.2 (items of a report descriptor).
 */
#include "scanner/typed_hid.h"

#include <string.h>

#define PAGE_DESKTOP 0x01u
#define PAGE_SCANNER 0x8cu
#define USAGE(page, id) ((page) << 16 | (id))
#define USAGE_KEYBOARD USAGE(PAGE_DESKTOP, 0x06u)
#define USAGE_KEYPAD USAGE(PAGE_DESKTOP, 0x07u)
#define USAGE_BYTE_COUNT USAGE(PAGE_DESKTOP, 0x3bu)
#define USAGE_AIM USAGE(PAGE_SCANNER, 0xfbu) /* and the two after it */
#define USAGE_DATA USAGE(PAGE_SCANNER, 0xfeu)
#define USAGE_MORE USAGE(PAGE_SCANNER, 0xffu)

#define ELEMENTS_MAX (8u * TYPED_HID_REPORT_MAX)

/* Tag and type of a short item, as in its first byte without the size. */
enum item {
	ITEM_INPUT = 0x80,
	ITEM_COLLECTION = 0xa0,
	ITEM_OUTPUT = 0x90,
	ITEM_FEATURE = 0xb0,
	ITEM_END_COLLECTION = 0xc0,
	ITEM_USAGE_PAGE = 0x04,
	ITEM_REPORT_SIZE = 0x74,
	ITEM_REPORT_ID = 0x84,
	ITEM_REPORT_COUNT = 0x94,
	ITEM_PUSH = 0xa4,
	ITEM_POP = 0xb4,
	ITEM_USAGE = 0x08,
	ITEM_USAGE_MIN = 0x18,
	ITEM_USAGE_MAX = 0x28
};
#define ITEM_LONG 0xfe

struct globals {
	uint32_t page, size, count;
	uint8_t id;
};

struct parser {
	struct typed_hid *out;
	struct globals now, pushed[TYPED_HID_DEPTH_MAX];
	unsigned depth, collections;
	uint32_t usage[TYPED_HID_USAGES_MAX];
	bool whole[TYPED_HID_USAGES_MAX]; /* its page came with it */
	unsigned usages;
	uint32_t range_min;
	bool range_min_whole;
};

/* ---- usages of an item ---- */

static void add_usage(struct parser *p, uint32_t usage, bool whole)
{
	if (p->usages == TYPED_HID_USAGES_MAX)
		return;
	p->usage[p->usages] = usage;
	p->whole[p->usages++] = whole;
}

static void add_range(struct parser *p, uint32_t max)
{
	for (uint32_t u = p->range_min; u <= max && p->usages < TYPED_HID_USAGES_MAX; u++)
		add_usage(p, u, p->range_min_whole);
}

/* The page is the one in force at the main item. The last usage holds for all elements left. */
static uint32_t usage_of(const struct parser *p, uint32_t element)
{
	if (!p->usages)
		return 0;
	unsigned i = element < p->usages ? element : p->usages - 1;
	return p->whole[i] ? p->usage[i] : USAGE(p->now.page & 0xffff, p->usage[i] & 0xffff);
}

/* ---- reports ---- */

static struct typed_hid_report *report_of(struct typed_hid *h, uint8_t id)
{
	for (unsigned i = 0; i < h->count; i++)
		if (h->report[i].id == id)
			return &h->report[i];
	if (h->count == TYPED_HID_REPORTS_MAX)
		return NULL;
	h->report[h->count] = (struct typed_hid_report){.id = id};
	return &h->report[h->count++];
}

/* The first of a kind counts; elements in a row make one field. */
static void extend(struct typed_hid_field *f, uint32_t bit, uint8_t size)
{
	if (f->count == 0)
		*f = (struct typed_hid_field){.bit = bit, .count = 1, .size = size};
	else if (f->size == size && f->bit + f->count * size == bit)
		f->count++;
}

static void take_element(struct typed_hid_report *r, uint32_t usage, uint32_t bit, uint8_t size)
{
	if (usage == USAGE_BYTE_COUNT && r->length.count == 0)
		extend(&r->length, bit, size);
	else if (usage >= USAGE_AIM && usage < USAGE_AIM + TYPED_HID_AIM_LEN &&
		r->aim[usage - USAGE_AIM].count == 0 && size == 8)
		extend(&r->aim[usage - USAGE_AIM], bit, size);
	else if (usage == USAGE_DATA && size == 8)
		extend(&r->data, bit, size);
	else if (usage == USAGE_MORE && r->more.count == 0)
		extend(&r->more, bit, size);
}

static enum err_code take_input(struct parser *p, uint32_t flags, struct err *err)
{
	struct typed_hid_report *r = report_of(p->out, p->now.id);
	if (!r)
		return err_set(err, ERR_UNSUPPORTED, "more than %d kinds of reports",
			TYPED_HID_REPORTS_MAX);
	if (p->now.size > 32 || p->now.count > ELEMENTS_MAX ||
		r->bits + p->now.size * p->now.count > ELEMENTS_MAX)
		return err_set(err, ERR_UNSUPPORTED, "a report of more than %d bytes",
			TYPED_HID_REPORT_MAX);
	for (uint32_t i = 0; i < p->now.count && p->now.size && !(flags & 1); i++)
		take_element(r, usage_of(p, i), r->bits + i * p->now.size, (uint8_t)p->now.size);
	r->bits += p->now.size * p->now.count;
	return ERR_OK;
}

/* ---- items ---- */

static enum err_code take_main(struct parser *p, unsigned item, uint32_t value, struct err *err)
{
	enum err_code code = ERR_OK;
	uint32_t usage = usage_of(p, 0);
	if (item == ITEM_INPUT) {
		code = take_input(p, value, err);
	} else if (item == ITEM_COLLECTION) {
		p->collections++;
		p->out->keyboard |= value == 1 &&
			(usage == USAGE_KEYBOARD || usage == USAGE_KEYPAD);
	} else if (item == ITEM_END_COLLECTION) {
		if (p->collections-- == 0)
			return err_set(err, ERR_FORMAT, "a collection ends that never began");
	}
	p->usages = 0;
	p->range_min = 0;
	p->range_min_whole = false;
	return code;
}

static enum err_code take_global(struct parser *p, unsigned item, uint32_t value, struct err *err)
{
	switch (item) {
	case ITEM_USAGE_PAGE:
		p->now.page = value;
		break;
	case ITEM_REPORT_SIZE:
		p->now.size = value;
		break;
	case ITEM_REPORT_COUNT:
		p->now.count = value;
		break;
	case ITEM_REPORT_ID:
		if (value == 0 || value > 255)
			return err_set(err, ERR_FORMAT, "a report of number %u", value);
		p->now.id = (uint8_t)value;
		p->out->numbered = true;
		break;
	case ITEM_PUSH:
		if (p->depth == TYPED_HID_DEPTH_MAX)
			return err_set(err, ERR_UNSUPPORTED, "more than %d states pushed",
				TYPED_HID_DEPTH_MAX);
		p->pushed[p->depth++] = p->now;
		break;
	case ITEM_POP:
		if (p->depth == 0)
			return err_set(err, ERR_FORMAT, "a state popped that was not pushed");
		p->now = p->pushed[--p->depth];
		break;
	default:
		break; /* limits and units do not matter here */
	}
	return ERR_OK;
}

static void take_local(struct parser *p, unsigned item, uint32_t value, bool whole)
{
	if (item == ITEM_USAGE) {
		add_usage(p, value, whole);
	} else if (item == ITEM_USAGE_MIN) {
		p->range_min = value;
		p->range_min_whole = whole;
	} else if (item == ITEM_USAGE_MAX) {
		add_range(p, value);
	}
}

static enum err_code take_item(struct parser *p, unsigned item, uint32_t value, bool whole,
	struct err *err)
{
	switch (item >> 2 & 3) {
	case 0:
		return take_main(p, item, value, err);
	case 1:
		return take_global(p, item, value, err);
	default:
		take_local(p, item, value, whole);
		return ERR_OK;
	}
}

static enum err_code take_items(struct parser *p, struct span d, struct err *err)
{
	enum err_code code = ERR_OK;
	for (size_t at = 0; at < d.len && !code;) {
		unsigned head = d.data[at++];
		size_t size = (head & 3) == 3 ? 4 : head & 3;
		if (head == ITEM_LONG) { /* its size and its tag follow; none is defined */
			size = at < d.len ? (size_t)d.data[at] + 2 : d.len;
			head = 0xfc; /* reserved type: passed over */
		}
		if (size > d.len - at)
			return err_set(err, ERR_FORMAT, "its last item is cut");
		uint32_t value = 0;
		for (size_t i = 0; i < size && i < 4; i++)
			value |= (uint32_t)d.data[at + i] << (8 * i);
		at += size;
		if ((head & 0x0c) != 0x0c)
			code = take_item(p, head & 0xfcu, value, size == 4, err);
	}
	return code;
}

enum err_code typed_hid_parse(struct typed_hid *out, struct span descriptor, struct err *err)
{
	struct parser p = {.out = out};
	memset(out, 0, sizeof *out);
	enum err_code code = ERR_OK;
	if (descriptor.len > TYPED_HID_DESCRIPTOR_MAX)
		code = err_set(err, ERR_UNSUPPORTED, "more than %d bytes",
			TYPED_HID_DESCRIPTOR_MAX);
	if (!code)
		code = take_items(&p, descriptor, err);
	if (code)
		return err_prefix(err, "the reader's report descriptor");
	for (unsigned i = 0; i < out->count; i++)
		if (out->report[i].data.count)
			return ERR_OK;
	return err_set(err, ERR_UNSUPPORTED, "the device gives no decoded bar code data");
}

/* ---- reports ---- */

static uint32_t bits_at(struct span report, uint32_t bit, unsigned size)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < size; i++) {
		uint32_t b = bit + i;
		if (b / 8 < report.len)
			v |= (uint32_t)(report.data[b / 8] >> (b % 8) & 1) << i;
	}
	return v;
}

/* Some leave out the bracket that all identifiers begin with. */
static void read_aim(const struct typed_hid_report *r, struct typed_hid_piece *out,
	struct span report)
{
	uint8_t v[TYPED_HID_AIM_LEN];
	for (unsigned i = 0; i < TYPED_HID_AIM_LEN; i++)
		v[i] = r->aim[i].count ? (uint8_t)bits_at(report, r->aim[i].bit, 8) : 0;
	if (v[0] == ']')
		memcpy(out->aim, v, sizeof v);
	else if (v[0] && v[1] && !v[2])
		memcpy(out->aim, (uint8_t[]){']', v[0], v[1]}, sizeof v);
}

enum err_code typed_hid_read(const struct typed_hid *h, struct typed_hid_piece *out,
	struct span report, struct err *err)
{
	const struct typed_hid_report *r = NULL;
	uint8_t id = h->numbered && report.len ? report.data[0] : 0;
	memset(out->aim, 0, sizeof out->aim);
	out->len = 0;
	out->more = false;
	for (unsigned i = 0; i < h->count; i++)
		if (h->report[i].id == id && h->report[i].data.count)
			r = &h->report[i];
	if (!r || report.len == 0)
		return ERR_NOT_FOUND;
	if (h->numbered)
		report = SPAN(report.data + 1, report.len - 1);
	uint32_t len = r->data.count;
	if (r->length.count)
		len = bits_at(report, r->length.bit, r->length.size);
	if (len > r->data.count || (r->data.bit + 8 * len + 7) / 8 > report.len)
		return err_set(err, ERR_FORMAT, "a report of %zu bytes says that it has %u",
			report.len, len);
	for (uint32_t i = 0; i < len; i++)
		out->data[i] = (uint8_t)bits_at(report, r->data.bit + 8 * i, 8);
	while (!r->length.count && len && out->data[len - 1] == 0)
		len--;
	out->len = len;
	out->more = r->more.count && bits_at(report, r->more.bit, r->more.size) != 0;
	read_aim(r, out, report);
	return ERR_OK;
}
