/* SPDX-License-Identifier: Apache-2.0
 *
 * The header line of a YUV4MPEG2 stream. Pure. Source: yuv4mpeg(5).
 */
#ifndef SCANNER_Y4M_H
#define SCANNER_Y4M_H

#include "base/bytes.h"

struct y4m_head {
	int width, height;
	int rate_num, rate_den; /* 0/0 when the stream does not say */
	size_t luma_len;        /* bytes of a frame that are used */
	size_t rest_len;        /* and that are passed over */
};

/* line: without its line break.
 * Returns: ERR_OK; ERR_FORMAT; ERR_RANGE (sides outside the limits); ERR_UNSUPPORTED (not 8 bit)
 */
ERR_MUST_CHECK enum err_code y4m_head_parse(struct y4m_head *out, struct span line,
	struct err *err);

#endif
