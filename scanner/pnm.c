/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey Netpbm pictures, plain (P2) and raw (P5), maximum value 1 to 65535. Source: pgm(5).
 */
#include "scanner/picture.h"

#include "scanner/scanner.h"

struct pnm {
	struct span in;
	size_t at;
	int32_t max;
};

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_space(struct pnm *p)
{
	while (p->at < p->in.len) {
		uint8_t c = p->in.data[p->at];
		if (c == '#') {
			while (p->at < p->in.len && p->in.data[p->at] != '\n')
				p->at++;
		} else if (is_space(c)) {
			p->at++;
		} else {
			return;
		}
	}
}

/* A decimal number of at most seven digits; -1 when there is none. */
static int32_t read_number(struct pnm *p)
{
	skip_space(p);
	int32_t v = -1;
	for (int digits = 0; p->at < p->in.len; digits++, p->at++) {
		uint8_t c = p->in.data[p->at];
		if (c < '0' || c > '9')
			break;
		if (digits == 7)
			return -1;
		v = (v < 0 ? 0 : v) * 10 + (c - '0');
	}
	return v;
}

static uint8_t scaled(const struct pnm *p, int32_t v)
{
	if (v > p->max)
		v = p->max; /* brighter than white is white */
	return (uint8_t)((v * 255 + p->max / 2) / p->max);
}

static enum err_code read_raw(struct pnm *p, struct scan_grey *out, size_t n, struct err *err)
{
	size_t size = p->max > 255 ? 2 : 1;
	if (p->in.len - p->at < n * size)
		return err_set(err, ERR_FORMAT, "PGM says %d x %d but holds %zu of %zu bytes",
			out->width, out->height, p->in.len - p->at, n * size);
	const uint8_t *from = p->in.data + p->at;
	for (size_t i = 0; i < n; i++)
		out->pixels[i] = scaled(p, size == 2 ? be16_get(from + 2 * i) : from[i]);
	p->at += n * size;
	return ERR_OK;
}

static enum err_code read_plain(struct pnm *p, struct scan_grey *out, size_t n, struct err *err)
{
	/* A pixel takes two bytes at least: no long loop over a file that is too short. */
	if ((p->in.len - p->at) / 2 + 1 < n)
		return err_set(err, ERR_FORMAT, "PGM says %d x %d but is too short for it",
			out->width, out->height);
	for (size_t i = 0; i < n; i++) {
		int32_t v = read_number(p);
		if (v < 0)
			return err_set(err, ERR_FORMAT, "PGM: pixel %zu is not a number", i);
		out->pixels[i] = scaled(p, v);
	}
	return ERR_OK;
}

/* The header at p->at, magic number included; p->at is then at the first pixel. */
static enum err_code read_head(struct pnm *p, int32_t *width, int32_t *height, struct err *err)
{
	p->at += 2;
	*width = read_number(p);
	*height = read_number(p);
	p->max = read_number(p);
	if (*width < 0 || *height < 0 || p->max < 1 || p->max > 65535 || p->at >= p->in.len ||
		!is_space(p->in.data[p->at]))
		return err_set(err, ERR_FORMAT, "PGM: header is damaged");
	p->at++; /* exactly one white-space byte before raw pixels */
	return scan_geometry_check(*width, *height, err) ? err_prefix(err, "PGM") : ERR_OK;
}

/* One more whole raw picture at p->at; it is passed over. */
static bool pass_raw(struct pnm *p)
{
	const uint8_t *magic = p->in.data + p->at;
	int32_t width, height;
	if (p->in.len - p->at < 3 || magic[0] != 'P' || magic[1] != '5' ||
		read_head(p, &width, &height, NULL))
		return false;
	size_t n = (size_t)width * (size_t)height * (p->max > 255 ? 2 : 1);
	if (p->in.len - p->at < n)
		return false;
	p->at += n;
	return true;
}

/* Behind the pixels may be: of raw pictures more whole ones without anything between (the first
 * is the one that is looked at) and then one line break; of a plain one white space and comments.
 */
static enum err_code check_rest(struct pnm *p, bool raw, const struct scan_grey *g, struct err *err)
{
	size_t end = p->at;
	if (!raw)
		skip_space(p);
	else
		while (pass_raw(p))
			end = p->at;
	if (raw)
		p->at = end + (p->in.len - end == 1 && p->in.data[end] == '\n');
	if (p->at == p->in.len)
		return ERR_OK;
	return err_set(err, ERR_FORMAT, "PGM says %d x %d but %zu bytes follow its pixels",
		g->width, g->height, p->in.len - p->at);
}

enum err_code scan_pnm_read(struct scan_grey *out, struct span file, struct err *err)
{
	struct pnm p = {.in = file};
	int32_t width, height;
	out->width = 0;
	out->height = 0;
	if (file.len < 3 || file.data[0] != 'P' || (file.data[1] != '5' && file.data[1] != '2'))
		return err_set(err, ERR_FORMAT, "not a PGM picture");
	enum err_code code = read_head(&p, &width, &height, err);
	if (code)
		return code;
	bool raw = file.data[1] == '5';
	size_t n = (size_t)width * (size_t)height;
	if (file.len - p.at < n) /* before room is made: a header costs a stranger nothing */
		return err_set(err, ERR_FORMAT, "PGM says %d x %d but holds %zu bytes of pixels",
			(int)width, (int)height, file.len - p.at);
	code = scan_grey_size(out, width, height, err);
	if (code)
		return code;
	code = raw ? read_raw(&p, out, n, err) : read_plain(&p, out, n, err);
	if (!code)
		code = check_rest(&p, raw, out, err);
	if (code) {
		out->width = 0;
		out->height = 0;
	}
	return code;
}
