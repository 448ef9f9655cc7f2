/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP/1.1 server on libevent's core: listener, limits, life. Connections are in http_call.c.
 *
 * Not evhttp: it answers some malformed requests itself, reads chunked bodies before anybody can
 * refuse them, and lets one byte a second hold a connection for ever.
 */
#include "backend/http_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/listener.h>

#define SPARE_DESCRIPTORS ((size_t)64) /* kept for the database, logs and the like */
#define ACCEPT_PAUSE_MS   100          /* after accept() failed, usually for want of descriptors */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* 127.0.0.0/8, ::1, and the former as an IPv6 socket sees it. */
static bool is_loopback(const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
	if (a->any.sa_family != AF_INET6)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr) ||
		(IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr) && a->v6.sin6_addr.s6_addr[12] == 127);
}

/* Asked here and not later: who has reset his connection has no address any more, and guessed all
 * the same.
 */
static void origin_of(uint8_t out[static HTTP_ORIGIN_LEN], const union address *a)
{
	const uint8_t *v6 = a->v6.sin6_addr.s6_addr;

	memset(out, 0, HTTP_ORIGIN_LEN);
	if (a->any.sa_family == AF_INET) {
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &a->v4.sin_addr, 4);
	} else if (a->any.sa_family == AF_INET6) {
		memcpy(out, v6, IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr) ? HTTP_ORIGIN_LEN : 8);
	}
}

void http_refuse_plain(struct http_server *s, int fd, const struct http_refusal *refusal)
{
	struct http_answer answer = {0};
	struct bytes out;

	s->handler.refuse(s->handler.ctx, &answer, refusal);
	bytes_init_fixed(&out, s->out, sizeof(s->out));
	http_answer_head(&out, &s->date, &answer, (struct http_write_options){.close = true});
	bytes_add(&out, answer.body.data, answer.body.len);
	/* best effort: an empty socket buffer takes it whole */
	if (!out.full)
		(void)!send(fd, out.data, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Over TLS there is no word for it before a handshake, which is what we have no room for. */
static void turn_away(struct http_server *s, evutil_socket_t fd)
{
	struct http_refusal refusal = {503, "busy", "too many connections"};

	s->refused++;
	if (!s->tls)
		http_refuse_plain(s, fd, &refusal);
	(void)close(fd);
}

/* New ones wait in the backlog meanwhile. */
static void accept_later(struct http_server *s)
{
	struct timeval tv = {.tv_usec = (suseconds_t)ACCEPT_PAUSE_MS * 1000};

	(void)evconnlistener_disable(s->listener);
	(void)event_add(s->accept_again, &tv);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
	int address_len, void *arg)
{
	const union address *from = (const union address *)address;
	struct http_server *s = arg;
	struct http_call *idle;
	uint8_t origin[HTTP_ORIGIN_LEN];

	(void)listener;
	(void)address_len;
	log_fault_end(&s->accept_fault, "http", "connections are accepted again");
	if (s->count >= s->count_max) {
		idle = http_call_longest_idle(s);
		if (!idle) {
			turn_away(s, fd);
			return;
		}
		http_call_free(idle);
	}
	origin_of(origin, from);
	http_call_new(s, fd, origin, is_loopback(from));
	if (s->tls && http_handshakes_full(s))
		accept_later(s);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct http_server *s = arg;

	(void)listener;
	log_fault_begin(
		&s->accept_fault, "http", "cannot accept a connection: %s", strerror(errno));
	accept_later(s); /* else the loop spins: the connection stays in the backlog */
}

static void on_accept_again(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;

	(void)fd;
	(void)what;
	if (s->draining)
		return;
	if (s->tls && http_handshakes_full(s))
		accept_later(s);
	else
		(void)evconnlistener_enable(s->listener);
}

/* localhost is not asked of a name server. */
static enum err_code listen_address(
	union address *out, socklen_t *len, const struct http_options *opt, struct err *err)
{
	const char *address = opt->address;
	int port = opt->port;

	if (strcmp(address, "localhost") == 0)
		address = "127.0.0.1";
	memset(out, 0, sizeof(*out));
	if (port < 0 || port > 65535)
		return err_set(
			err, ERR_RANGE, "port %d is not one (0 to 65535; 0 = any free one)", port);
	if (inet_pton(AF_INET, address, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons((uint16_t)port);
		*len = sizeof(out->v4);
	} else if (inet_pton(AF_INET6, address, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)port);
		*len = sizeof(out->v6);
	} else {
		return err_set(err, ERR_INVALID, "%.64s is no address to listen on", address);
	}
	if (!opt->tls && strcmp(address, "127.0.0.1") != 0 && strcmp(address, "::1") != 0)
		return err_set(err, ERR_PERMISSION,
			"will not listen on %.64s without TLS: everybody on the network could read "
			"tokens and PINs; serve with certificates, or use 127.0.0.1 or ::1",
			address);
	return ERR_OK;
}

static int bound_port(evutil_socket_t fd)
{
	union address a = {.v6 = {0}};
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.any, &len))
		return -1;
	return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

/* On an address, or on a socket that somebody else bound: the same rule about plain HTTP. */
static enum err_code make_listener(
	struct http_server *s, const struct http_options *opt, struct err *err)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
	union address address = {.v6 = {0}};
	socklen_t len = sizeof(address);
	enum err_code e;

	if (opt->listen_fd > 0) {
		if (getsockname(opt->listen_fd, &address.any, &len))
			return err_set_os(err, ERR_NETWORK, errno, "the socket handed over");
		if (!opt->tls && !is_loopback(&address))
			return err_set(err, ERR_PERMISSION,
				"will not listen without TLS on a socket that is not of 127.0.0.1 "
				"or ::1: everybody on the network could read tokens and PINs");
		s->listener = evconnlistener_new(
			s->base, on_accept, s, flags, HTTP_BACKLOG, opt->listen_fd);
		return s->listener ? ERR_OK : err_set(err, ERR_NETWORK, "cannot listen");
	}
	e = listen_address(&address, &len, opt, err);
	if (e)
		return e;
	s->listener = evconnlistener_new_bind(
		s->base, on_accept, s, flags, HTTP_BACKLOG, &address.any, (int)len);
	return s->listener ? ERR_OK
			   : err_set_os(err, ERR_NETWORK, errno, "cannot listen on %s port %d",
				     opt->address, opt->port);
}

static enum err_code server_listen(
	struct http_server *s, const struct http_options *opt, struct err *err)
{
	int one = 1;
	evutil_socket_t fd;
	enum err_code e = make_listener(s, opt, err);

	if (e)
		return e;
	fd = evconnlistener_get_fd(s->listener);
	/* accepted sockets inherit it; without it an answer may wait 40 ms for a delayed ACK */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		return err_set_os(err, ERR_NETWORK, errno, "cannot set TCP_NODELAY");
	evconnlistener_set_error_cb(s->listener, on_accept_error);
	s->port = bound_port(fd);
	return s->port > 0 ? ERR_OK : err_set(err, ERR_NETWORK, "cannot tell the port");
}

/* Every connection is a descriptor: raise the soft limit, and take what there is. */
static size_t connections_possible(size_t wanted)
{
	struct rlimit limit;
	rlim_t need = wanted + SPARE_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 256;
	if (limit.rlim_cur < need) {
		limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < need)
			wanted = limit.rlim_cur > 2 * SPARE_DESCRIPTORS
					 ? (size_t)limit.rlim_cur - SPARE_DESCRIPTORS
					 : SPARE_DESCRIPTORS;
	}
	return wanted;
}

enum err_code http_server_new(struct http_server **out, struct event_base *base,
	const struct http_options *opt, const struct http_handler *handler, struct err *err)
{
	struct http_server *s = calloc(1, sizeof(*s));
	enum err_code e = ERR_OK;

	if (!s)
		return err_set(err, ERR_NO_MEMORY, "no memory for the server");
	(void)signal(SIGPIPE, SIG_IGN); /* a client that went away is an error of write() */
	s->base = base;
	s->handler = *handler;
	s->request_ms = opt->request_ms > 0 ? opt->request_ms : HTTP_REQUEST_MS;
	s->first_ms = opt->first_ms > 0 ? opt->first_ms : HTTP_FIRST_MS;
	s->handshake_ms = opt->handshake_ms > 0 ? opt->handshake_ms : HTTP_HANDSHAKE_MS;
	s->beat_ms = opt->beat_ms > 0 ? opt->beat_ms : HTTP_STREAM_BEAT_MS;
	s->count_max = connections_possible(
		opt->connections_max > 0 ? (size_t)opt->connections_max : HTTP_CONNECTIONS_MAX);
	s->streams_max = s->count_max - s->count_max / HTTP_REQUESTS_SHARE - 1;
	clock_init_real(&s->clock);
	if (opt->extra_name) {
		ASSERT(strlen(opt->extra_name) < sizeof(s->extra_name));
		memcpy(s->extra_name, opt->extra_name, strlen(opt->extra_name));
	}
	s->accept_again = evtimer_new(base, on_accept_again, s);
	if (!s->accept_again)
		e = err_set(err, ERR_NO_MEMORY, "no memory for the server");
	if (!e && opt->tls)
		e = http_tls_new(&s->tls, opt->tls, err);
	if (!e && !http_handshakes_start(s))
		e = err_set(err, ERR_NO_MEMORY, "no memory for the server");
	if (!e)
		e = server_listen(s, opt, err);
	if (e)
		http_server_free(&s);
	else
		*out = s;
	return e;
}

void http_server_free(struct http_server **server)
{
	struct http_server *s = *server;

	if (!s)
		return;
	while (s->calls)
		http_call_free(s->calls);
	if (s->accept_again)
		event_free(s->accept_again);
	if (s->handshake_turn)
		event_free(s->handshake_turn);
	http_tls_free(&s->tls);
	if (s->listener)
		evconnlistener_free(s->listener);
	free(s);
	*server = NULL;
}

enum err_code http_server_tls_reload(struct http_server *s, struct err *err)
{
	if (!s->tls)
		return err_set(err, ERR_UNSUPPORTED, "the server speaks plain HTTP");
	return http_tls_reload(s->tls, err);
}

int64_t http_server_tls_not_after(const struct http_server *s)
{
	return s->tls ? http_tls_not_after(s->tls) : 0;
}

int http_server_port(const struct http_server *s)
{
	return s->port;
}

void http_server_drain(struct http_server *s)
{
	struct http_call *next;

	s->draining = true;
	(void)evconnlistener_disable(s->listener);
	for (struct http_call *c = s->calls; c; c = next) {
		next = c->next;
		if (c->state == CALL_HANDSHAKE || c->state == CALL_FIRST ||
			c->state == CALL_IDLE || http_call_is_held(c))
			http_call_free(c);
	}
}

size_t http_server_connections(const struct http_server *s)
{
	return s->count;
}

struct http_figures http_server_figures(const struct http_server *s)
{
	return (struct http_figures){.connections = s->count,
		.handshakes = s->handshakes,
		.streams = s->streams,
		.refused = s->refused,
		.handshakes_failed = s->handshakes_failed};
}
