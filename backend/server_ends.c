/* SPDX-License-Identifier: Apache-2.0
 *
 * When the certificates end that this server uses: looked at each hour, because a certificate that
 * ended shuts out every terminal at once. On the I/O thread.
 */
#include <event2/event.h>

#include "backend/server_private.h"

static void tell(struct server *s, int64_t now)
{
	const struct authority *authority = s->opt.service->authority;

	if (!ends_is_due(s->ends_told_at, now, ENDS_TELL_S))
		return;
	s->ends_told_at = now;
	ends_warn("the server's certificate", s->server_not_after, now,
		"run `ca renew-server`, then SIGHUP; without it no terminal connects any more");
	if (authority)
		ends_warn("the authority's certificate", authority_not_after(authority), now,
			"move ca.* and server.* away, run `ca create`, and enrol every terminal "
			"again");
}

void server_ends_look(struct server *s)
{
	const struct authority *authority = s->opt.service->authority;
	int64_t now = clock_unix_s(&s->real);

	if (!s->opt.tls)
		return;
	s->server_not_after = http_server_tls_not_after(s->http);
	s->authority_not_after = authority ? authority_not_after(authority) : 0;
	tell(s, now);
}

int64_t server_ends_soon(const struct server *s)
{
	return ends_soon(s->server_not_after, clock_unix_s(&s->real)) ? s->server_not_after : 0;
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	server_ends_look(arg);
}

enum err_code server_ends_make(struct server *s, struct err *err)
{
	struct timeval tv = {.tv_sec = ENDS_LOOK_S};

	s->ends = event_new(s->base, -1, EV_PERSIST, on_look, s);
	if (!s->ends || event_add(s->ends, &tv))
		return err_set(err, ERR_NO_MEMORY, "cannot make the timer of the certificates");
	return ERR_OK;
}
