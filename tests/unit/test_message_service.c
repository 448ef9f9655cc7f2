/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON of operators and customer service: what is taken, and much that is not.
 */
#include "tests/unit/client_fixture.h"
#include "verifier/message_service.h"

#define ID      "00112233445566778899aabbccddeeff"
#define OTHER   "ff112233445566778899aabbccddeeff"
#define SESSION \
	"{\"token\":\"ABCDEF\",\"expires_at\":1790028800,\"operator\":\"" ID \
	"\",\"name\":\"Tess\",\"role\":\"teller\"}"
#define CALL \
	"{\"id\":\"" ID "\",\"state\":\"identified\",\"questions\":[{\"question\":1,\"kind\":" \
	"\"document\",\"words\":\"Number\",\"right\":true},{\"question\":3,\"kind\":" \
	"\"other\",\"words\":\"First pet\",\"right\":false}],\"right\":1,\"needed\":2," \
	"\"attempts_left\":3,\"may_freeze\":true,\"may_act\":true,\"expires_at\":1790001800}"
#define CREDENTIAL \
	"{\"id\":\"" ID "\",\"status\":\"frozen\",\"frozen_until\":1790000900," \
	"\"purpose\":\"pay\",\"face_value\":\"500.00\",\"account\":\"12345\",\"generation\":2," \
	"\"not_after\":4294967295,\"policy\":\"live\",\"pin\":true,\"pin_locked\":false," \
	"\"activated\":true,\"failures\":0,\"freezes\":0}"
#define LIST "{\"holder\":\"Ada\",\"credentials\":[" CREDENTIAL "],\"more\":false}"
#define CODE_A \
	"HTTPS://QR.EXAMPLE.COM/A/AEADN2P6DMAAAAAAAAAAAAAAADQ5KLVZUMFGWSZDQAS34" \
	"ZHDFWJ7ZV2D4U3OOR2SDJOKGFBXAZM5KHITF3P47VMWNDX6S6MD6I6RKSC3775LVTTFQSO" \
	"E5SPXYYHBBJ6YM4CZQY2KSGFG2FJUOKASVJC6GYCZ5JI56P23N32JAM"
#define RENEWED \
	"{\"credential\":\"" ID "\",\"generation\":3,\"not_after\":1853072000,\"token\":" \
	"\"G4UF3ZZW\",\"token_expires_at\":1790086400," \
	"\"link\":\"https://QR.EXAMPLE.COM/#G4UF3ZZW\",\"code\":\"" CODE_A "\"}"

static struct message_session session;
static struct message_call call;
static struct message_credential credential;
static struct message_credentials credentials;
static struct message_renewed renewed;

enum kind { IS_SESSION, IS_CALL, IS_CREDENTIAL, IS_LIST, IS_RENEWED, KINDS };
static const char *const WHOLE[KINDS] = {SESSION, CALL, CREDENTIAL, LIST, RENEWED};

static enum err_code parse(enum kind kind, const char *text, size_t len)
{
	struct err err = {0};
	struct span body = SPAN(text, len);

	switch (kind) {
	case IS_SESSION:
		return message_session_parse(&session, body, &err);
	case IS_CALL:
		return message_call_parse(&call, ID, body, &err);
	case IS_CREDENTIAL:
		return message_credential_parse(&credential, ID, body, &err);
	case IS_LIST:
		return message_credentials_parse(&credentials, body, &err);
	default:
		return message_renewed_parse(&renewed, ID, true, body, &err);
	}
}

/* The whole answer with one piece in the place of another. */
static enum err_code changed(enum kind kind, const char *from, const char *to)
{
	char text[2048];
	const char *at = strstr(WHOLE[kind], from);

	assert_non_null(at);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - WHOLE[kind]), WHOLE[kind], to,
		at + strlen(from));
	return parse(kind, text, strlen(text));
}

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

/* ---- what is taken ---- */

static void takes_what_the_backend_says(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KINDS; k++)
		assert_int_equal(parse(k, WHOLE[k], strlen(WHOLE[k])), ERR_OK);
	assert_string_equal(session.token, "ABCDEF");
	assert_string_equal(session.name, "Tess");
	assert_int_equal(session.role, MESSAGE_ROLE_TELLER);
	assert_int_equal(session.expires_at, 1790028800);
	assert_int_equal(call.state, MESSAGE_CALL_IDENTIFIED);
	assert_int_equal(call.question_count, 2);
	assert_int_equal(call.question[1].number, 3);
	assert_int_equal(call.question[0].kind, MESSAGE_QUESTION_DOCUMENT);
	assert_string_equal(call.question[1].words, "First pet");
	assert_true(call.question[0].right && !call.question[1].right);
	assert_true(call.may_freeze && call.may_act);
	assert_int_equal(credential.status, MESSAGE_STATUS_FROZEN);
	assert_int_equal(credential.frozen_until, 1790000900);
	assert_int_equal(credential.not_after, CODE_NO_END);
	assert_string_equal(credentials.holder, "Ada");
	assert_int_equal(credentials.count, 1);
	assert_string_equal(credentials.list[0].id, ID);
	assert_string_equal(renewed.link, "https://QR.EXAMPLE.COM/#G4UF3ZZW");
	assert_int_equal(renewed.token_expires_at, 1790086400);
	assert_string_equal(renewed.code, CODE_A);
}

static void a_newer_backend_may_say_more(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KINDS; k++)
		assert_int_equal(changed(k, "{", "{\"weather\":\"fine\","), ERR_OK);
}

static void an_unknown_role_may_nothing(void **state)
{
	(void)state;
	assert_int_equal(changed(IS_SESSION, "teller", "king"), ERR_OK);
	assert_int_equal(session.role, MESSAGE_ROLE_NONE);
	assert_int_equal(changed(IS_SESSION, "teller", ""), ERR_OK);
	assert_int_equal(session.role, MESSAGE_ROLE_NONE);
	assert_int_equal(changed(IS_SESSION, "teller", "supervisor"), ERR_OK);
	assert_int_equal(session.role, MESSAGE_ROLE_SUPERVISOR);
}

static void a_call_that_is_over_allows_nothing(void **state)
{
	static const char *const OVER[] = {"ended", "failed", "expired"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(changed(IS_CALL, "identified", OVER[i]), ERR_OK);
		assert_false(call.may_freeze || call.may_act);
	}
}

static void texts_are_safe_and_cut(void **state)
{
	char wide[400] = "\"";

	(void)state;
	assert_int_equal(changed(IS_LIST, "Ada", "A\\u001b[31mda"), ERR_OK);
	assert_string_equal(credentials.holder, "A\xef\xbf\xbd[31mda");
	for (int i = 0; i < 60; i++)
		memcpy(wide + 1 + 3 * i, "\xe4\xb8\xad", 4);
	assert_int_equal(changed(IS_LIST, "\"Ada", wide), ERR_OK);
	assert_true(strlen(credentials.holder) < FLOW_LABEL_MAX);
	assert_string_equal(
		credentials.holder + strlen(credentials.holder) - 3, "\xe2\x80\xa6");
}

/* ---- what is not ---- */

static void refuses_each_wrong_member(void **state)
{
	static const struct {
		enum kind kind;
		const char *from, *to;
	} CASES[] = {
		{IS_SESSION, "\"ABCDEF\"", "\"\""},
		{IS_SESSION, "ABCDEF", "ABC DEF"},
		{IS_SESSION, "ABCDEF", "ABC\\r\\nX: y"},
		{IS_SESSION, "\"ABCDEF\"", "7"},
		{IS_SESSION, "1790028800", "-1"},
		{IS_SESSION, "\"teller\"", "null"},
		{IS_SESSION, "\"name\"", "\"nome\""},
		{IS_CALL, ID, OTHER},
		{IS_CALL, ID, "../../../../credentials/aabbccdd"},
		{IS_CALL, ID, "0011"},
		{IS_CALL, "identified", "fine"},
		{IS_CALL, "\"question\":1", "\"question\":0"},
		{IS_CALL, "\"question\":3", "\"question\":9"},
		{IS_CALL, "document", "shoe"},
		{IS_CALL, "\"may_act\":true", "\"may_act\":1"},
		{IS_CALL, "\"may_freeze\"", "\"may_frieze\""},
		{IS_CALL, "\"attempts_left\":3", "\"attempts_left\":-1"},
		{IS_CREDENTIAL, ID, OTHER},
		{IS_CREDENTIAL, "frozen\"", "fine\""},
		{IS_CREDENTIAL, "\"generation\":2", "\"generation\":0"},
		{IS_CREDENTIAL, "4294967295", "4294967296"},
		{IS_LIST, ID, "0011"},
		{IS_LIST, "\"more\":false", "\"more\":0"},
		{IS_LIST, "[{", "[3,{"},
		{IS_RENEWED, ID, OTHER},
		{IS_RENEWED, "G4UF3ZZW\"", "\""},
		{IS_RENEWED, "https://", "javascript:"},
		{IS_RENEWED, "https://QR", "https://Q R"},
		{IS_RENEWED, "\"link\"", "\"lynk\""},
		{IS_RENEWED, "\"token_expires_at\"", "\"ends\""},
		{IS_RENEWED, "COM/A/", "COM/T/"},
		{IS_RENEWED, "COM/A/A", "COM/A/a"},
		{IS_RENEWED, "\"code\":\"", "\"code\":\"x"},
		{IS_RENEWED, "\"code\":\"HTTPS", "\"code\":\"https"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		if (changed(CASES[i].kind, CASES[i].from, CASES[i].to) == ERR_OK)
			fail_msg("%s -> %s", CASES[i].from, CASES[i].to);
}

static void refuses_every_part_of_an_answer(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KINDS; k++)
		for (size_t len = 0; len < strlen(WHOLE[k]); len++)
			assert_int_not_equal(parse(k, WHOLE[k], len), ERR_OK);
	assert_string_equal(session.token, ""); /* nothing is left of a refused one */
	assert_string_equal(renewed.token, "");
	assert_false(call.may_act);
}

static void refuses_more_than_fits(void **state)
{
	static char text[CLIENT_ANSWER_MAX + 64];
	char many[1024];
	struct bytes b;

	(void)state;
	bytes_init_fixed(&b, many, sizeof many);
	for (int i = 0; i < MESSAGE_QUESTIONS_MAX; i++)
		bytes_add_text(&b, "{\"question\":1,\"kind\":\"birth\",\"words\":\"x\","
				   "\"right\":true},");
	bytes_add_text(&b, "{\"question\":1");
	assert_int_not_equal(changed(IS_CALL, "{\"question\":1", bytes_text(&b)), ERR_OK);
	bytes_init_fixed(&b, text, sizeof text);
	bytes_add_text(&b, "{\"holder\":\"A\",\"more\":false,\"credentials\":[" CREDENTIAL);
	for (int i = 0; i < MESSAGE_CREDENTIALS_MAX; i++)
		bytes_add_text(&b, "," CREDENTIAL);
	bytes_add_text(&b, "]}");
	assert_false(b.full);
	assert_int_not_equal(parse(IS_LIST, text, b.len), ERR_OK);
}

/* A renewal that was not to be shown has no token, whatever the answer says. */
static void keeps_no_token_that_it_did_not_ask_for(void **state)
{
	(void)state;
	assert_int_equal(message_renewed_parse(
				 &renewed, ID, false, span_text(RENEWED), NULL), ERR_OK);
	assert_string_equal(renewed.token, "");
	assert_string_equal(renewed.link, "");
	assert_string_equal(renewed.code, "");
	assert_int_equal(renewed.generation, 3);
}

static void an_older_backend_has_no_code(void **state)
{
	(void)state;
	assert_int_equal(changed(IS_RENEWED, "\"code\"", "\"cipher\""), ERR_OK);
	assert_string_equal(renewed.code, "");
	assert_string_equal(renewed.link, "https://QR.EXAMPLE.COM/#G4UF3ZZW");
}

/* ---- requests ---- */

static char request[1024];
static struct bytes out;

static const char *written(enum err_code rc)
{
	assert_int_equal(rc, ERR_OK);
	return bytes_text(&out);
}

static void writes_requests(void **state)
{
	(void)state;
	bytes_init_fixed(&out, request, sizeof request);
	assert_string_equal(
		written(message_session_build(&out, "Te\"ss", span_text("correct \\ horse"))),
		"{\"name\":\"Te\\\"ss\",\"passphrase\":\"correct \\\\ horse\"}");
	bytes_clear(&out);
	assert_string_equal(written(message_call_build(&out, MESSAGE_CALL_PHONE, "+44 1")),
		"{\"phone\":\"+44 1\"}");
	bytes_clear(&out);
	assert_string_equal(written(message_call_answer_build(&out, 2, span_text("Rex"))),
		"{\"question\":2,\"answer\":\"Rex\"}");
	bytes_clear(&out);
	assert_string_equal(
		written(message_act_build(&out, ID, false)), "{\"call\":\"" ID "\"}");
	bytes_clear(&out);
	assert_string_equal(
		written(message_act_build(&out, ID, true)), "{\"call\":\"" ID "\",\"show\":1}");
}

static void writes_nothing_that_cannot_be_meant(void **state)
{
	char longer[MESSAGE_PASSPHRASE_MAX + 2];

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	bytes_init_fixed(&out, request, sizeof request);
	assert_int_not_equal(message_session_build(&out, "", span_text("x")), ERR_OK);
	assert_int_not_equal(message_session_build(&out, "Tess", span_text("")), ERR_OK);
	assert_int_not_equal(message_session_build(&out, "Tess", span_text(longer)), ERR_OK);
	assert_int_not_equal(message_session_build(&out, "T\x1b", span_text("x")), ERR_OK);
	assert_int_not_equal(message_call_build(&out, MESSAGE_CALL_PHONE, ""), ERR_OK);
	assert_int_not_equal(message_call_answer_build(&out, 1, span_text(longer)), ERR_OK);
	bytes_init_fixed(&out, request, 8);
	assert_int_equal(message_act_build(&out, ID, true), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_the_backend_says),
		cmocka_unit_test(a_newer_backend_may_say_more),
		cmocka_unit_test(an_unknown_role_may_nothing),
		cmocka_unit_test(a_call_that_is_over_allows_nothing),
		cmocka_unit_test(texts_are_safe_and_cut),
		cmocka_unit_test(refuses_each_wrong_member),
		cmocka_unit_test(refuses_every_part_of_an_answer),
		cmocka_unit_test(refuses_more_than_fits),
		cmocka_unit_test(keeps_no_token_that_it_did_not_ask_for),
		cmocka_unit_test(an_older_backend_has_no_code),
		cmocka_unit_test(writes_requests),
		cmocka_unit_test(writes_nothing_that_cannot_be_meant),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
