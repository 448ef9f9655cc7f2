/* SPDX-License-Identifier: Apache-2.0
 *
 * What the holder was given to activate with: a short code, a link with it behind #, or the text of
 * a code of kind A. What can be told to be none of them is refused here, before anything is sent.
 */
#include <string.h>
#include <strings.h>

#include "wallet/holder/wallet.h"

static bool is_link(struct span text)
{
	return (text.len > 8 && strncasecmp((const char *)text.data, "https://", 8) == 0) ||
	       (text.len > 7 && strncasecmp((const char *)text.data, "http://", 7) == 0);
}

static enum err_code no_activation(const struct code *c, struct err *err)
{
	if (c->kind != CODE_FOREIGN)
		return err_set(err, ERR_INVALID,
			"this is the code of a %s, not of an activation",
			code_kind_words(c->kind));
	if (c->foreign == CODE_FOREIGN_DAMAGED)
		return err_set(err, ERR_INVALID, "this code is damaged: %s; take all of it",
			c->why);
	return err_set(err, ERR_INVALID,
		"this link has no activation behind its #; take all of it");
}

enum err_code wallet_token_find(struct span *out, struct span given, struct err *err)
{
	const uint8_t *mark = given.len ? memchr(given.data, '#', given.len) : NULL;
	struct code code;

	*out = given;
	if (given.len == 0)
		return err_set(err, ERR_INVALID, "the token is empty");
	if (!is_link(given))
		return ERR_OK;
	code_parse(&code, given);
	if (code.kind == CODE_ACTIVATION)
		return ERR_OK;
	if (!mark || mark + 1 == given.data + given.len)
		return no_activation(&code, err);
	*out = SPAN(mark + 1, (size_t)(given.data + given.len - mark - 1));
	return ERR_OK;
}
