/* SPDX-License-Identifier: Apache-2.0
 *
 * A till's side of countersign, in one header: C99 and POSIX, nothing else. docs/till.md says what
 * goes over the socket. Functions are static: include it in one file of the till.
 *
 *	struct countersign_till_sale sale = {0};
 *	struct countersign_till_result result;
 *
 *	sale.id = "2026-11-21.17";     made by the till, another one for each sale
 *	sale.amount = "12.80";
 *	sale.currency = "EUR";
 *	sale.reference = "17";
 *	if (countersign_till_sell("/run/countersign/till.sock", &sale, 300000, &result) ==
 *		COUNTERSIGN_TILL_ACCEPTED)
 *		hand out the goods
 *
 * One value means yes: COUNTERSIGN_TILL_ACCEPTED. Everything else, a fault of this program or the
 * connection included, means that nothing is handed out. After COUNTERSIGN_TILL_UNKNOWN ask again
 * by the same id, with countersign_till_sell() or countersign_till_ask_verdict(): it is the same
 * sale, and never two.
 */
#ifndef COUNTERSIGN_TILL_H
#define COUNTERSIGN_TILL_H

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#if defined(__GNUC__) || defined(__clang__)
#define COUNTERSIGN_TILL_API static __attribute__((unused))
#else
#define COUNTERSIGN_TILL_API static
#endif

#define COUNTERSIGN_TILL_LINE_MAX 8192  /* bytes of a line from the terminal */
#define COUNTERSIGN_TILL_SEND_MAX 2048  /* bytes of a line to it */
#define COUNTERSIGN_TILL_AGAIN_MS 500   /* pause before connecting again */
#ifndef COUNTERSIGN_TILL_SEND_S
#define COUNTERSIGN_TILL_SEND_S 5 /* a terminal that stands still is waited for so long */
#endif

enum countersign_till_verdict {
	COUNTERSIGN_TILL_UNKNOWN = 0, /* no verdict is known: ask again by the same id */
	COUNTERSIGN_TILL_ACCEPTED,    /* yes */
	COUNTERSIGN_TILL_REFUSED,     /* no */
	COUNTERSIGN_TILL_NONE,        /* nothing was decided: cancelled, no card, no backend */
	COUNTERSIGN_TILL_UNCERTAIN,   /* nobody knows now; it may be recorded as yes: ask again */
	COUNTERSIGN_TILL_UNCONFIRMED, /* the backend was out of reach: no acceptance; the shop's
	                               * own rules say what is done with it */
	COUNTERSIGN_TILL_ERROR        /* the terminal did not take the sale: see error and text */
};

struct countersign_till_sale {
	const char *id;        /* 1 to 64 of letters, digits and . _ : - */
	const char *amount;    /* "12.80"; NULL = none */
	const char *currency;  /* "EUR"; with an amount */
	const char *reference; /* NULL = none */
	const char *operator_name;
};

struct countersign_till_result {
	enum countersign_till_verdict verdict;
	char word[16];         /* "accepted" "authorised" "refused" ... */
	char reason[40];       /* "frozen", "cancelled" ... */
	char verification[40];
	char receipt[40];
	char error[40];        /* "busy", "bad-member" ...; "" = none; "connection": no terminal */
	char text[512];        /* the same in words, for a person */
};

struct countersign_till {
	int fd; /* -1 = not connected */
	size_t len;
	size_t taken;
	char buffer[COUNTERSIGN_TILL_LINE_MAX + 1];
};

/* ---- time ---- */

/* Only for time limits: when the clock is set, one of them is shorter or longer. */
COUNTERSIGN_TILL_API long long countersign_till_now_ms(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (long long)now.tv_sec * 1000 + (long long)now.tv_usec / 1000;
}

COUNTERSIGN_TILL_API int countersign_till_rest_ms(long long end_ms)
{
	long long rest = end_ms - countersign_till_now_ms();

	if (rest < 0)
		return 0;
	return rest > 60000 ? 60000 : (int)rest;
}

/* ---- the connection ---- */

COUNTERSIGN_TILL_API void countersign_till_close(struct countersign_till *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->len = t->taken = 0;
}

/* 0, or -1 with errno. */
COUNTERSIGN_TILL_API int countersign_till_open(struct countersign_till *t, const char *path)
{
	struct sockaddr_un to;
	struct timeval wait;
	size_t len = strlen(path);

	t->fd = -1;
	t->len = t->taken = 0;
	memset(&to, 0, sizeof to);
	to.sun_family = AF_UNIX;
	if (len == 0 || len >= sizeof to.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, len);
	t->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (t->fd < 0)
		return -1;
	wait.tv_sec = COUNTERSIGN_TILL_SEND_S;
	wait.tv_usec = 0;
	if (setsockopt(t->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 ||
		connect(t->fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		int why = errno;

		countersign_till_close(t);
		errno = why;
		return -1;
	}
	return 0;
}

/* One line without its break; it is added. 0, or -1: the connection is gone. */
COUNTERSIGN_TILL_API int countersign_till_send(struct countersign_till *t, const char *line)
{
	char out[COUNTERSIGN_TILL_SEND_MAX];
	size_t len = strlen(line);
	size_t at = 0;

	if (len + 1 > sizeof out) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(out, line, len);
	out[len++] = '\n';
	while (at < len) {
		ssize_t n = send(t->fd, out + at, len - at, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

/* The next line, with a NUL in the place of its break; borrowed until the next call.
 * 1: a line; 0: none came in time; -1: the connection is gone.
 */
COUNTERSIGN_TILL_API int countersign_till_read(
	struct countersign_till *t, const char **line, int timeout_ms)
{
	long long end_ms = countersign_till_now_ms() + timeout_ms;

	memmove(t->buffer, t->buffer + t->taken, t->len - t->taken);
	t->len -= t->taken;
	t->taken = 0;
	for (;;) {
		char *end = (char *)memchr(t->buffer, '\n', t->len);
		struct pollfd wait;
		ssize_t n;

		if (end != NULL) {
			*end = '\0';
			*line = t->buffer;
			t->taken = (size_t)(end - t->buffer) + 1;
			return 1;
		}
		if (t->len == COUNTERSIGN_TILL_LINE_MAX)
			return -1; /* no terminal of ours says such a line */
		wait.fd = t->fd;
		wait.events = POLLIN;
		wait.revents = 0;
		n = poll(&wait, 1, countersign_till_rest_ms(end_ms));
		if (n < 0 && errno != EINTR)
			return -1;
		if (n <= 0 && countersign_till_rest_ms(end_ms) == 0)
			return 0;
		if (n <= 0)
			continue;
		n = recv(t->fd, t->buffer + t->len, COUNTERSIGN_TILL_LINE_MAX - t->len, 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return -1;
		t->len += (size_t)n;
	}
}

/* ---- JSON, as much as a flat line needs ---- */

COUNTERSIGN_TILL_API const char *countersign_till_blank_skip(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\r')
		at++;
	return at;
}

/* After the opening quote; behind the closing one, or NULL. */
COUNTERSIGN_TILL_API const char *countersign_till_text_end(const char *at)
{
	for (; *at != '"'; at++) {
		if (*at == '\0')
			return NULL;
		if (*at == '\\' && *++at == '\0')
			return NULL;
	}
	return at + 1;
}

/* Behind a value of any kind, or NULL. */
COUNTERSIGN_TILL_API const char *countersign_till_value_end(const char *at)
{
	int depth = 0;

	for (;;) {
		if (*at == '\0')
			return NULL;
		if (*at == '"') {
			at = countersign_till_text_end(at + 1);
			if (at == NULL)
				return NULL;
		} else if (*at == '{' || *at == '[') {
			depth++;
			at++;
		} else if ((*at == '}' || *at == ']' || *at == ',') && depth == 0) {
			return at;
		} else {
			depth -= *at == '}' || *at == ']';
			at++;
		}
		if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
			return at;
	}
}

/* The value of a member of the outermost object, or NULL. */
COUNTERSIGN_TILL_API const char *countersign_till_member(const char *line, const char *name)
{
	size_t len = strlen(name);
	const char *at = countersign_till_blank_skip(line);

	if (*at++ != '{')
		return NULL;
	for (;;) {
		const char *start;
		const char *end;

		at = countersign_till_blank_skip(at);
		if (*at++ != '"')
			return NULL;
		start = at;
		end = countersign_till_text_end(at);
		if (end == NULL)
			return NULL;
		at = countersign_till_blank_skip(end);
		if (*at++ != ':')
			return NULL;
		at = countersign_till_blank_skip(at);
		if ((size_t)(end - 1 - start) == len && memcmp(start, name, len) == 0)
			return at;
		at = countersign_till_value_end(at);
		if (at == NULL || *at++ != ',')
			return NULL;
	}
}

/* Four digits behind "\u"; -1 = they are none. */
COUNTERSIGN_TILL_API long countersign_till_hex4(const char *at)
{
	long value = 0;
	int i;

	for (i = 0; i < 4; i++) {
		char c = at[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

COUNTERSIGN_TILL_API size_t countersign_till_utf8(char out[4], long c)
{
	size_t n, i;

	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
	return n;
}

/* One escape behind its backslash; behind it, or NULL. */
COUNTERSIGN_TILL_API const char *countersign_till_escape(const char *at, char out[4], size_t *len)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *found = strchr(from, *at);
	long c;

	if (*at == '\0')
		return NULL;
	if (found != NULL) {
		out[0] = to[found - from];
		*len = 1;
		return at + 1;
	}
	if (*at != 'u' || (c = countersign_till_hex4(at + 1)) < 0)
		return NULL;
	at += 5;
	if (c >= 0xd800 && c < 0xdc00 && at[0] == '\\' && at[1] == 'u') {
		long low = countersign_till_hex4(at + 2);

		if (low < 0xdc00 || low > 0xdfff)
			return NULL;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		at += 6;
	}
	if (c == 0 || (c >= 0xd800 && c < 0xe000))
		return NULL;
	*len = countersign_till_utf8(out, c);
	return at;
}

/* A text member, with a NUL, cut between characters when it is too long. 1: it is there; 0: it is
 * not, out is "".
 */
COUNTERSIGN_TILL_API int countersign_till_text(
	const char *line, const char *name, char *out, size_t cap)
{
	const char *at = countersign_till_member(line, name);
	size_t len = 0;
	int cut = 0;

	out[0] = '\0';
	if (at == NULL || *at != '"')
		return 0;
	for (at++; *at != '"';) {
		char c[4];
		size_t n = 1;

		if (*at == '\0')
			return 0;
		if (*at == '\\') {
			at = countersign_till_escape(at + 1, c, &n);
			if (at == NULL)
				return 0;
		} else { /* with all bytes of its character */
			for (n = 0; n == 0 || (n < 4 && (at[n] & 0xc0) == 0x80); n++)
				c[n] = at[n];
			at += n;
		}
		cut = cut || len + n >= cap;
		if (!cut) {
			memcpy(out + len, c, n);
			len += n;
		}
	}
	out[len] = '\0';
	return 1;
}

/* ---- writing a request ---- */

COUNTERSIGN_TILL_API int countersign_till_add(char *out, size_t cap, size_t *len, const char *text)
{
	size_t n = strlen(text);

	if (n >= cap - *len)
		return -1;
	memcpy(out + *len, text, n + 1);
	*len += n;
	return 0;
}

/* ,"name":"text" with what JSON escapes; NULL adds nothing. 0, or -1: no room. */
COUNTERSIGN_TILL_API int countersign_till_add_member(
	char *out, size_t cap, size_t *len, const char *name, const char *text)
{
	char piece[16];

	if (text == NULL)
		return 0;
	if (countersign_till_add(out, cap, len, ",\"") != 0 ||
		countersign_till_add(out, cap, len, name) != 0 ||
		countersign_till_add(out, cap, len, "\":\"") != 0)
		return -1;
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			snprintf(piece, sizeof piece, "\\%c", c);
		else if (c < 0x20)
			snprintf(piece, sizeof piece, "\\u%04x", c);
		else
			snprintf(piece, sizeof piece, "%c", c);
		if (countersign_till_add(out, cap, len, piece) != 0)
			return -1;
	}
	return countersign_till_add(out, cap, len, "\"");
}

/* ---- a sale ---- */

COUNTERSIGN_TILL_API enum countersign_till_verdict countersign_till_verdict_of(const char *word)
{
	static const struct {
		const char *word;
		enum countersign_till_verdict verdict;
	} words[] = {
		{"accepted", COUNTERSIGN_TILL_ACCEPTED},
		{"authorised", COUNTERSIGN_TILL_ACCEPTED},
		{"refused", COUNTERSIGN_TILL_REFUSED},
		{"none", COUNTERSIGN_TILL_NONE},
		{"uncertain", COUNTERSIGN_TILL_UNCERTAIN},
		{"unconfirmed", COUNTERSIGN_TILL_UNCONFIRMED},
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].verdict;
	return COUNTERSIGN_TILL_UNKNOWN;
}

/* What a line says of the sale. 1: it is over; 0: it goes on, or this is about something else. */
COUNTERSIGN_TILL_API int countersign_till_line_read(
	struct countersign_till_result *r, const char *line, const char *id)
{
	char word[80];
	char state[16];
	int is_answer = countersign_till_text(line, "event", word, sizeof word) &&
		strcmp(word, "answer") == 0;

	if (is_answer && countersign_till_text(line, "error", r->error, sizeof r->error)) {
		countersign_till_text(line, "text", r->text, sizeof r->text);
		if (strcmp(r->error, "too-many-clients") == 0)
			return 0; /* nobody has read what was asked: the sale may run */
		r->verdict = COUNTERSIGN_TILL_ERROR;
		return 1;
	}
	if (!is_answer && strcmp(word, "sale") != 0)
		return 0;
	if (!countersign_till_text(line, "id", word, sizeof word) || strcmp(word, id) != 0)
		return 0;
	if (!countersign_till_text(line, "state", state, sizeof state) ||
		!countersign_till_text(line, "verdict", r->word, sizeof r->word))
		return 0;
	countersign_till_text(line, "reason", r->reason, sizeof r->reason);
	countersign_till_text(line, "verification", r->verification, sizeof r->verification);
	countersign_till_text(line, "receipt", r->receipt, sizeof r->receipt);
	r->verdict = countersign_till_verdict_of(r->word);
	return strcmp(state, "finished") == 0;
}

COUNTERSIGN_TILL_API int countersign_till_start_line(
	char *out, size_t cap, const struct countersign_till_sale *sale)
{
	size_t len = 0;

	if (countersign_till_add(out, cap, &len, "{\"command\":\"start\"") != 0 ||
		countersign_till_add_member(out, cap, &len, "id", sale->id) != 0 ||
		countersign_till_add_member(out, cap, &len, "amount", sale->amount) != 0 ||
		countersign_till_add_member(out, cap, &len, "currency", sale->currency) != 0 ||
		countersign_till_add_member(out, cap, &len, "reference", sale->reference) != 0 ||
		countersign_till_add_member(out, cap, &len, "operator", sale->operator_name) != 0)
		return -1;
	return countersign_till_add(out, cap, &len, "}");
}

COUNTERSIGN_TILL_API void countersign_till_fault(
	struct countersign_till_result *r, const char *error, const char *text)
{
	snprintf(r->error, sizeof r->error, "%s", error);
	snprintf(r->text, sizeof r->text, "%s", text);
}

/* Says one line, and reads until the sale of this id is over: 1; 0: time is over; -1: the
 * connection is gone.
 */
COUNTERSIGN_TILL_API int countersign_till_follow(struct countersign_till *t,
	struct countersign_till_result *r, const char *request, const char *id, long long end_ms)
{
	const char *line;
	int got;

	if (countersign_till_send(t, request) != 0)
		return -1;
	while ((got = countersign_till_read(t, &line, countersign_till_rest_ms(end_ms))) >= 0) {
		if (got > 0 && countersign_till_line_read(r, line, id))
			return 1;
		if (countersign_till_rest_ms(end_ms) == 0)
			return 0;
	}
	return -1;
}

/* A whole sale: starts it, waits for the verdict, and when the connection breaks, connects again
 * and says the same start once more, which starts nothing twice. Gives up after timeout_ms; the
 * sale then goes on, and the same call again finds it.
 */
COUNTERSIGN_TILL_API enum countersign_till_verdict countersign_till_sell(const char *path,
	const struct countersign_till_sale *sale, int timeout_ms, struct countersign_till_result *r)
{
	long long end_ms = countersign_till_now_ms() + timeout_ms;
	struct countersign_till t;
	char start[COUNTERSIGN_TILL_SEND_MAX];
	int over = 0;

	memset(r, 0, sizeof *r);
	if (sale->id == NULL || countersign_till_start_line(start, sizeof start, sale) != 0) {
		countersign_till_fault(r, "bad-member", "no id, or more than a line");
		return r->verdict = COUNTERSIGN_TILL_ERROR;
	}
	for (;;) {
		memset(r, 0, sizeof *r);
		if (countersign_till_open(&t, path) == 0)
			over = countersign_till_follow(&t, r, start, sale->id, end_ms);
		else
			over = -1;
		countersign_till_close(&t);
		if (over > 0)
			return r->verdict;
		if (countersign_till_rest_ms(end_ms) <= COUNTERSIGN_TILL_AGAIN_MS)
			break;
		poll(NULL, 0, COUNTERSIGN_TILL_AGAIN_MS);
	}
	if (over < 0 && r->error[0] == '\0')
		countersign_till_fault(r, "connection", "no terminal answers at this socket");
	return r->verdict = COUNTERSIGN_TILL_UNKNOWN;
}

/* The verdict of a sale that was started before. */
COUNTERSIGN_TILL_API enum countersign_till_verdict countersign_till_ask_verdict(const char *path,
	const char *id, int timeout_ms, struct countersign_till_result *r)
{
	long long end_ms = countersign_till_now_ms() + timeout_ms;
	struct countersign_till t;
	char request[COUNTERSIGN_TILL_SEND_MAX];
	const char *line = "";
	size_t len = 0;

	memset(r, 0, sizeof *r);
	if (countersign_till_add(request, sizeof request, &len, "{\"command\":\"verdict\"") != 0 ||
		countersign_till_add_member(request, sizeof request, &len, "id", id) != 0 ||
		countersign_till_add(request, sizeof request, &len, "}") != 0) {
		countersign_till_fault(r, "bad-member", "more than a line");
		return r->verdict = COUNTERSIGN_TILL_ERROR;
	}
	if (countersign_till_open(&t, path) != 0 || countersign_till_send(&t, request) != 0 ||
		countersign_till_read(&t, &line, countersign_till_rest_ms(end_ms)) <= 0)
		countersign_till_fault(r, "connection", "no terminal answers at this socket");
	else if (!countersign_till_line_read(r, line, id) &&
		r->verdict != COUNTERSIGN_TILL_UNCERTAIN)
		r->verdict = COUNTERSIGN_TILL_UNKNOWN;
	countersign_till_close(&t);
	return r->verdict;
}

#endif
