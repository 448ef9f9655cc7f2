/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of a backend: plain http for this machine only, and nothing that a parser could read in
 * two ways.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "verifier/client.h"
#include "verifier/client_url.h"

static void takes_addresses_of_a_backend(void **state)
{
	static const char *const good[] = {"http://127.0.0.1", "http://127.0.0.1:8080",
		"http://127.255.3.4:1/", "http://localhost:65535", "http://LocalHost/",
		"http://[::1]:80", "https://bank.example", "https://bank.example:8443/countersign/",
		"HTTPS://192.0.2.7", "https://[2001:db8::7]:443/a_b~c"};
	struct client_url url;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_int_equal(client_url_check(&url, good[i], NULL), ERR_OK);
}

static void refuses_other_addresses(void **state)
{
	static const char *const bad[] = {"", "127.0.0.1", "http://", "http:///", "ftp://127.0.0.1",
		"file:///etc/passwd", "http://bank.example", "http://192.0.2.7", "http://0.0.0.0",
		"http://127.1", "http://2130706433", "http://0x7f.0.0.1", "http://127.0.0.01",
		"http://0177.0.0.1", "http://127.0.0.256", "http://127.0.0.1.example",
		"http://1270.0.1", "http://127.0.0.1@evil.example", "http://user:pw@127.0.0.1",
		"https://a@b", "http://localhost.evil.example", "http://localhostx",
		"http://[::ffff:127.0.0.1]", "http://[::1", "http://[]", "http://127.0.0.1:0",
		"http://127.0.0.1:65536", "http://127.0.0.1:", "http://127.0.0.1:80x",
		"http://127.0.0.1:99999999999999999999", "https://bank.example/?q",
		"https://bank.example/#f", "https://bank.example/%2e", "https://bank.example/../x",
		"https://bank.example/a b", "https://bank.example/\n",
		"https://b\xc3\xa4nk.example", "https://bank_x.example\\@evil",
		" https://bank.example"};
	struct client_url url;
	struct err err = {0};
	char long_one[CLIENT_URL_MAX + 10];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(client_url_check(&url, bad[i], &err), ERR_INVALID);
	memset(long_one, 'a', sizeof long_one - 1);
	memcpy(long_one, "https://", 8);
	long_one[sizeof long_one - 1] = '\0';
	assert_int_equal(client_url_check(&url, long_one, &err), ERR_INVALID);
	assert_int_equal(client_url_check(&url, NULL, &err), ERR_INVALID);
	err.text[0] = '\0';
	assert_int_equal(client_url_check(&url, "http://user:hidden@127.0.0.1", &err), ERR_INVALID);
	assert_null(strstr(err.text, "hidden"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_addresses_of_a_backend),
		cmocka_unit_test(refuses_other_addresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
