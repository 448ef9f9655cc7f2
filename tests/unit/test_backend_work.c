/* SPDX-License-Identifier: Apache-2.0
 *
 * What is computed, counted by wrappers around the calls (-Wl,--wrap): a frozen credential does the
 * same work whether the answer was right or not, and nothing is computed that is known already.
 */
#include "backend/rules_issuer.h"
#include "tests/lib/world_case.h"

struct work {
	int responses, macs, hkdfs, opened, verified, signed_lists;
};
/* Not static: a compiler may think that what is outside never comes back into this file. */
extern struct work work;
struct work work;

/* NOLINTBEGIN: the linker's names */
enum err_code __real_sec_ocra_mac_steps(uint8_t *const *out, size_t count,
	const struct sec_ocra_suite *suite, struct span key, const struct sec_ocra_input *in,
	struct err *err);
enum err_code __wrap_sec_ocra_mac_steps(uint8_t *const *out, size_t count,
	const struct sec_ocra_suite *suite, struct span key, const struct sec_ocra_input *in,
	struct err *err);
enum err_code __wrap_sec_ocra_mac_steps(uint8_t *const *out, size_t count,
	const struct sec_ocra_suite *suite, struct span key, const struct sec_ocra_input *in,
	struct err *err)
{
	work.responses += (int)count;
	return __real_sec_ocra_mac_steps(out, count, suite, key, in, err);
}

enum err_code __real_sec_hmac(uint8_t *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count);
enum err_code __wrap_sec_hmac(uint8_t *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count);
enum err_code __wrap_sec_hmac(uint8_t *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count)
{
	work.macs++;
	return __real_sec_hmac(out, hash, key, parts, part_count);
}

enum err_code __real_sec_hmac_each(uint8_t *const *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count, const struct span *rests, size_t count);
enum err_code __wrap_sec_hmac_each(uint8_t *const *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count, const struct span *rests, size_t count);
enum err_code __wrap_sec_hmac_each(uint8_t *const *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count, const struct span *rests, size_t count)
{
	work.macs += (int)count;
	return __real_sec_hmac_each(out, hash, key, parts, part_count, rests, count);
}

enum err_code __real_sec_hkdf_sha256_each(uint8_t *const *out, const struct span *info,
	size_t count, struct span key, struct span salt);
enum err_code __wrap_sec_hkdf_sha256_each(uint8_t *const *out, const struct span *info,
	size_t count, struct span key, struct span salt);
enum err_code __wrap_sec_hkdf_sha256_each(uint8_t *const *out, const struct span *info,
	size_t count, struct span key, struct span salt)
{
	work.hkdfs++;
	return __real_sec_hkdf_sha256_each(out, info, count, key, salt);
}

enum err_code __real_sec_aead_open(uint8_t *out, struct span key, struct span in,
	struct span associated);
enum err_code __wrap_sec_aead_open(uint8_t *out, struct span key, struct span in,
	struct span associated);
enum err_code __wrap_sec_aead_open(uint8_t *out, struct span key, struct span in,
	struct span associated)
{
	work.opened++;
	return __real_sec_aead_open(out, key, in, associated);
}

enum err_code __real_sec_ed25519_verify(struct span public_key, struct span signature,
	struct span message);
enum err_code __wrap_sec_ed25519_verify(struct span public_key, struct span signature,
	struct span message);
enum err_code __wrap_sec_ed25519_verify(struct span public_key, struct span signature,
	struct span message)
{
	work.verified++;
	return __real_sec_ed25519_verify(public_key, signature, message);
}

enum err_code __real_sec_ed25519_sign(uint8_t out[static SEC_ED25519_SIGNATURE_LEN],
	struct span seed, struct span message);
enum err_code __wrap_sec_ed25519_sign(uint8_t out[static SEC_ED25519_SIGNATURE_LEN],
	struct span seed, struct span message);
enum err_code __wrap_sec_ed25519_sign(uint8_t out[static SEC_ED25519_SIGNATURE_LEN],
	struct span seed, struct span message)
{
	size_t len = strlen(ISSUER_LIST_WORDS);

	work.signed_lists += message.len > len &&
		memcmp(message.data, ISSUER_LIST_WORDS, len) == 0;
	return __real_sec_ed25519_sign(out, seed, message);
}
/* NOLINTEND */

/* ---- stage two ---- */

/* The work of one answer a second after its start; the state it led to. */
static struct work answer_work(const struct how *how, bool frozen, bool is_void,
	const char *want_reason)
{
	struct store_credential c;
	struct work done;
	char code[CODE_TEXT_MAX];

	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "");
	world_pass(w, 1);
	must(w, store_credential_get(w->service->store, &c, p.credential, &w->err));
	c.frozen_until = frozen ? world_now(w) + 900 : 0;
	c.is_void = is_void;
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_credential_guard_put(w->service->store, &c, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	phone_answer(w, &p, code, how);
	work = (struct work){0}; /* without the phone's own */
	assert_string_equal(world_answer_code(w, &w->till, code), "");
	done = work;
	assert_string_equal(w->seen.reason, want_reason);
	c.frozen_until = 0;
	c.is_void = false;
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_credential_guard_put(w->service->store, &c, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return done;
}

static void same(const struct work *a, const struct work *b)
{
	assert_int_equal(a->responses, b->responses);
	assert_int_equal(a->macs, b->macs);
	assert_int_equal(a->hkdfs, b->hkdfs);
	assert_int_equal(a->opened, b->opened);
	assert_int_equal(a->verified, b->verified);
}

static void frozen_credential_does_the_same_work_for_right_and_wrong(void **state)
{
	const struct how right = {.wrong = false}, wrong = {.wrong = true};
	struct work open_right, open_wrong, frozen_right, frozen_wrong, void_right;

	(void)state;
	open_right = answer_work(&right, false, false, "");
	open_wrong = answer_work(&wrong, false, false, "wrong-answer");
	frozen_right = answer_work(&right, true, false, "frozen");
	frozen_wrong = answer_work(&wrong, true, false, "frozen");
	void_right = answer_work(&right, false, true, "void");
	/* from two steps before the start to two after now, all of them always */
	assert_int_equal(open_right.responses, 2 * CODE_STEP_WINDOW + 1);
	assert_true(open_right.opened == 1 && open_right.hkdfs == 1);
	same(&open_right, &open_wrong);
	same(&open_right, &frozen_right);
	same(&open_right, &frozen_wrong);
	same(&open_right, &void_right);
}

static void an_answer_that_is_too_weak_computes_nothing(void **state)
{
	char right[CODE_TEXT_MAX], wrong[CODE_TEXT_MAX];

	(void)state;
	assert_string_equal(world_start(w, &p, 100000), "");
	phone_answer(w, &p, right, &(struct how){.wrong = false});
	phone_answer(w, &p, wrong, &(struct how){.wrong = true});
	work = (struct work){0};
	assert_string_equal(world_answer_code(w, &w->till, right), "weak-binding");
	assert_string_equal(world_answer_code(w, &w->till, wrong), "weak-binding");
	assert_int_equal(work.responses + work.opened + work.hkdfs, 0);
}

/* ---- stage one ---- */

static void signature_of_a_code_that_was_issued_is_not_computed_again(void **state)
{
	char code[CODE_TEXT_MAX];

	(void)state;
	phone_first_code(&p, code, world_now(w));
	work = (struct work){0};
	assert_string_equal(world_start_code(w, &w->till, code, 0), "");
	assert_int_equal(work.verified, 0);
}

/* Whatever tag a live code shows, and whichever of the steps is its own. */
static void every_step_of_a_live_code_is_computed(void **state)
{
	static const int ages[] = {0, CODE_STEP_S, -CODE_STEP_S, 100 * CODE_STEP_S};
	char code[CODE_TEXT_MAX];
	int least = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		bool stale = ages[i] > CODE_STEP_WINDOW * CODE_STEP_S;

		world_pass(w, 6 * CODE_STEP_S);
		phone_first_code(&p, code, world_now(w) - ages[i]);
		work = (struct work){0};
		assert_string_equal(world_start_code(w, &w->till, code, 0),
			stale ? "stale-code" : "");
		if (least < 0)
			least = work.macs;
		/* number and challenge are made after the tag was right */
		assert_int_equal(work.macs, stale ? least - 2 : least);
	}
	assert_true(least > CODE_LIVE_STEPS_MAX);
}

/* Every byte of the signed body that is not as issued makes it look at the signature. */
static void signature_of_any_other_code_is(void **state)
{
	uint8_t body[CODE_STATIC_BODY_LEN];
	char code[CODE_TEXT_MAX];

	(void)state;
	for (size_t i = 6; i < CODE_STATIC_BODY_LEN; i++) {
		memcpy(body, p.static_body, sizeof(body));
		body[i] ^= 0x10;
		code_of(code, p.host, CODE_CREDENTIAL, SPAN(body, sizeof(body)));
		work = (struct work){0};
		assert_string_equal(world_start_code(w, &w->till, code, 0), "bad-signature");
		assert_int_equal(work.verified, 1);
	}
}

/* ---- the list of the issuer ---- */

static int lists_signed(int count)
{
	static struct rules_issuer first, again;

	work = (struct work){0};
	must(w, rules_issuer(&w->rules, &first, &w->err));
	for (int i = 1; i < count; i++) {
		must(w, rules_issuer(&w->rules, &again, &w->err));
		assert_memory_equal(again.signature, first.signature, sizeof(first.signature));
	}
	return work.signed_lists;
}

static void the_list_is_signed_once_a_second_and_for_each_change(void **state)
{
	(void)state;
	assert_int_equal(lists_signed(3), 1);
	assert_int_equal(lists_signed(3), 0);
	world_pass(w, 1);
	assert_int_equal(lists_signed(3), 1);
	assert_string_equal(world_start(w, &p, 0), ""); /* changes nothing that it tells */
	assert_int_equal(lists_signed(3), 0);
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	assert_int_equal(lists_signed(3), 1);
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	assert_int_equal(lists_signed(3), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(frozen_credential_does_the_same_work_for_right_and_wrong),
		WORLD_CASE(an_answer_that_is_too_weak_computes_nothing),
		WORLD_CASE(signature_of_a_code_that_was_issued_is_not_computed_again),
		WORLD_CASE(every_step_of_a_live_code_is_computed),
		WORLD_CASE(signature_of_any_other_code_is),
		WORLD_CASE(the_list_is_signed_once_a_second_and_for_each_change),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
