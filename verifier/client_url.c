/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of a backend. Stricter than any URL parser, so that what is checked here and what curl
 * makes of it cannot differ.
 */
#include <string.h>
#include <strings.h>

#include "verifier/client.h"
#include "verifier/client_url.h"

#define HOST_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."
#define PATH_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"

/* One decimal of a dotted quad, no leading zero (some parsers read those as octal). */
static const char *quad_part(const char *at, int *out)
{
	int v = 0;
	int digits = 0;

	while (*at >= '0' && *at <= '9' && digits < 3) {
		v = v * 10 + (*at++ - '0');
		digits++;
	}
	if (digits == 0 || v > 255 || (digits > 1 && at[-digits] == '0'))
		return NULL;
	*out = v;
	return at;
}

static bool is_loopback_quad(const char *host, size_t len)
{
	const char *at = host;
	int part[4];
	int i;

	for (i = 0; i < 4; i++) {
		at = quad_part(at, &part[i]);
		if (at == NULL || (i < 3 && *at++ != '.'))
			return false;
	}
	return at == host + len && part[0] == 127;
}

static bool is_loopback(const char *host, size_t len)
{
	return is_loopback_quad(host, len) || (len == 5 && memcmp(host, "[::1]", 5) == 0) ||
	       (len == 9 && strncasecmp(host, "localhost", 9) == 0);
}

/* Length of the host at the start of text; 0 when there is none. */
static size_t host_len(const char *text)
{
	size_t n;

	if (text[0] != '[')
		return strspn(text, HOST_CHARS);
	n = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
	return n > 2 && text[n] == ']' ? n + 1 : 0;
}

static enum err_code port_check(const char **at, struct err *err)
{
	const char *p = *at;
	long v = 0;

	if (*p != ':')
		return ERR_OK;
	for (p++; *p >= '0' && *p <= '9' && v <= UINT16_MAX; p++)
		v = v * 10 + (*p - '0');
	if (v < 1 || v > UINT16_MAX)
		return err_set(err, ERR_INVALID, "the backend's port is not from 1 to 65535");
	*at = p;
	return ERR_OK;
}

static const char *scheme_skip(struct client_url *out, const char *url)
{
	if (strncasecmp(url, "https://", 8) == 0) {
		out->tls = true;
		return url + 8;
	}
	return strncasecmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

enum err_code client_url_check(struct client_url *out, const char *url, struct err *err)
{
	struct client_url u = {0};
	const char *at;
	size_t len;
	enum err_code rc;

	if (url == NULL || url[0] == '\0')
		return err_set(err, ERR_INVALID, "no backend address is configured");
	if (strlen(url) >= CLIENT_URL_MAX)
		return err_set(err, ERR_INVALID, "the backend address has %d characters or more",
			CLIENT_URL_MAX);
	at = scheme_skip(&u, url);
	if (at == NULL)
		return err_set(err, ERR_INVALID,
			"the backend address does not begin with https:// or http://");
	len = host_len(at);
	if (len == 0)
		return err_set(err, ERR_INVALID, "the backend address has no host");
	u.loopback = is_loopback(at, len);
	at += len;
	rc = port_check(&at, err);
	if (rc != ERR_OK)
		return rc;
	if (*at != '\0' && (*at != '/' || at[strspn(at, PATH_CHARS)] != '\0'))
		return err_set(err, ERR_INVALID,
			"the backend address has more than scheme, host, port and path");
	if (strstr(at, "/..") != NULL || strstr(at, "/./") != NULL)
		return err_set(err, ERR_INVALID, "the backend address has dots as a path");
	if (!u.tls && !u.loopback)
		return err_set(err, ERR_INVALID,
			"plain http:// is for this machine only (127.0.0.1, [::1], localhost): "
			"use https://");
	*out = u;
	return ERR_OK;
}
