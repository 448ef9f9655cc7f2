/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU time of what a verification costs in codes and keys. Prints one line a figure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"
#include "verifier/code.h"

#define ROUNDS 20000
#define SERIES 9

static uint8_t secret[SEC_KEY_LEN], key[SEC_KEY_LEN], body[CODE_STATIC_BODY_LEN], out[64];
static uint8_t seed[SEC_ED25519_SEED_LEN], public[SEC_ED25519_PUBLIC_LEN];
static struct code_credential credential = {.generation = 1, .not_after = CODE_NO_END};
static char text[CODE_TEXT_MAX];
static struct sec_ocra_suite suite;

static void must(enum err_code code)
{
	if (code) {
		fprintf(stderr, "bench_code: %s\n", err_words(code));
		exit(1);
	}
}

static void derive_key(void)
{
	must(code_key_response_derive(key, SPAN(secret, sizeof secret)));
}

static void compute(void)
{
	struct code_response_input in = {
		.k_response = SPAN(key, sizeof key),
		.static_body = body,
		.number = "632389",
		.timed = true,
		.step = 60000000,
	};

	must(code_response_compute(out, &in));
}

static void verify_second_code(void)
{
	derive_key();
	compute();
	if (sec_equal(out, secret, CODE_RESPONSE_LEN))
		exit(1);
}

/* What the backend does for a timed answer within the same step: five steps, all of them always. */
static void verify_second_code_timed(void)
{
	struct code_response_input in = {
		.k_response = SPAN(key, sizeof key),
		.static_body = body,
		.number = "632389",
		.timed = true,
		.step = 60000000,
	};
	bool right;

	derive_key();
	must(code_response_match(&right, &in, in.step + 2 * CODE_STEP_WINDOW, out));
}

/* And for a live first code that is no step's. */
static void look_for_live_step(void)
{
	struct code_credential c = credential;
	struct code_keys keys;
	uint64_t step;

	c.live = true;
	must(code_keys_start_derive(&keys, SPAN(secret, sizeof secret)));
	if (code_live_find(&step, &c, SPAN(keys.live, SEC_KEY_LEN), 60000000,
		    CODE_LIVE_STEPS_MAX) != ERR_FORGED)
		exit(1);
}

static void parse_suite(void)
{
	must(sec_ocra_suite_parse(&suite, span_text("OCRA-1:HOTP-SHA256-0:QA10-S064-T30S"), NULL));
}

static void parse_first_code(void)
{
	static struct code c;

	code_parse(&c, span_text(text));
	if (c.kind != CODE_CREDENTIAL)
		exit(1);
}

static void verify_first_code(void)
{
	must(code_credential_verify(&credential, SPAN(public, sizeof public)));
}

static double cpu_us(void)
{
	return measure_process_cpu() * 1e6;
}

static void measure(const char *name, void (*work)(void), int rounds)
{
	double us[SERIES];

	for (int s = 0; s < SERIES; s++) {
		double begin = cpu_us();

		for (int i = 0; i < rounds; i++)
			work();
		us[s] = (cpu_us() - begin) / rounds;
	}
	measure_sort(us, SERIES);
	printf("%-52s %8.2f us CPU\n", name, us[SERIES / 2]);
}

int main(void)
{
	struct bytes to;

	must(sec_start(NULL));
	memset(secret, 7, sizeof secret);
	must(sec_ed25519_public(public, SPAN(seed, sizeof seed)));
	must(code_issuer_key_id(credential.issuer_key_id, SPAN(public, sizeof public)));
	must(code_credential_sign(body, &credential, SPAN(seed, sizeof seed)));
	memcpy(credential.static_body, body, sizeof body);
	memcpy(credential.signature, body + 28, sizeof credential.signature);
	bytes_init_fixed(&to, text, sizeof text);
	must(code_text_build(&to, "QR.EXAMPLE.COM", 'C', SPAN(body, sizeof body)));
	bytes_text(&to);
	measure("second code, HKDF of K_response included", verify_second_code, ROUNDS);
	measure("second code, key at hand", compute, ROUNDS);
	measure("second code, timed: 5 steps, HKDF included", verify_second_code_timed, ROUNDS);
	measure("live tag of a first code: 5 steps, HKDF included", look_for_live_step, ROUNDS);
	measure("HKDF of K_response", derive_key, ROUNDS);
	measure("reading the OCRA suite", parse_suite, ROUNDS);
	measure("parsing a first code", parse_first_code, ROUNDS);
	measure("signature of a first code", verify_first_code, ROUNDS / 50);
	sec_stop();
	return 0;
}
