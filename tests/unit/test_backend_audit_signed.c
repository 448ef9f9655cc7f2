/* SPDX-License-Identifier: Apache-2.0
 *
 * Signed checkpoints in the chain: a chain that somebody computed anew, with every hash right, has
 * no signatures; and what is exported is the chain.
 */
#include "tests/lib/backend_world.h"

#include <sqlite3.h>

#include "backend/audit_private.h"
#include "base/json.h"

static struct world *w;

/* Two checkpoints and some records after them, in one transaction. */
static void fill(int64_t to)
{
	const struct rules_act act = {.kind = "expired"};
	int64_t seq = 0;

	must(w, store_begin(w->service->store, &w->err));
	while (seq < to) {
		must(w, rules_record(&w->rules, &act, &w->err));
		must(w, audit_last_seq(w->service->store, &seq, &w->err));
	}
	must(w, store_commit(w->service->store, &w->err));
	service_after_commit(w->service);
}

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	fill(2 * AUDIT_CHECKPOINT_EVERY + 10);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(w);
	w = NULL;
	return 0;
}

static struct audit_report verify(void)
{
	struct audit_report r;

	/* without the checkpoint outside: whoever can write the database may have that, too */
	must(w, audit_verify(w->service->store, w->rules.keys, NULL, &r, &w->err));
	return r;
}

static void found(int64_t seq, const char *words)
{
	struct audit_report r = verify();

	assert_int_equal(r.bad_seq, seq);
	if (!strstr(r.words, words))
		fail_msg("\"%s\" does not say \"%s\"", r.words, words);
}

static struct store_audit record_at(int64_t seq)
{
	struct store_audit r;

	must(w, store_audit_next(w->service->store, &r, seq - 1, &w->err));
	assert_int_equal(r.seq, seq);
	return r;
}

/* What an attacker with the database can do: a record is replaced and every hash from there on is
 * made right. detail NULL: as it was.
 */
static void forge(int64_t at, const char *kind, const char *detail)
{
	uint8_t prev[AUDIT_HASH_LEN];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t last = world_last_audit(w).seq;

	memcpy(prev, record_at(at).prev, sizeof(prev));
	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
		"UPDATE audit SET kind=?,detail=?,prev=?,hash=? WHERE seq=?", -1, &stmt, NULL),
		SQLITE_OK);
	for (int64_t seq = at; seq <= last; seq++) {
		struct store_audit r = record_at(seq);

		if (seq == at)
			(void)snprintf(r.kind, sizeof(r.kind), "%s", kind);
		if (seq == at && detail)
			(void)snprintf(r.detail, sizeof(r.detail), "%s", detail);
		memcpy(r.prev, prev, sizeof(prev));
		assert_int_equal(audit_record_hash(r.hash, &r), ERR_OK);
		memcpy(prev, r.hash, sizeof(prev));
		(void)sqlite3_bind_text(stmt, 1, r.kind, -1, SQLITE_TRANSIENT);
		(void)sqlite3_bind_text(stmt, 2, r.detail, -1, SQLITE_TRANSIENT);
		(void)sqlite3_bind_blob(stmt, 3, r.prev, AUDIT_HASH_LEN, SQLITE_TRANSIENT);
		(void)sqlite3_bind_blob(stmt, 4, r.hash, AUDIT_HASH_LEN, SQLITE_TRANSIENT);
		(void)sqlite3_bind_int64(stmt, 5, seq);
		assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
		(void)sqlite3_reset(stmt);
	}
	(void)sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void every_thousandth_record_is_a_checkpoint(void **state)
{
	struct audit_report r = verify();

	(void)state;
	assert_int_equal(r.bad_seq, 0);
	assert_int_equal(r.signed_seq, 2 * AUDIT_CHECKPOINT_EVERY);
	assert_int_equal(world_audit_count(w, AUDIT_CHECKPOINT), 2);
	assert_string_equal(record_at(AUDIT_CHECKPOINT_EVERY).kind, AUDIT_CHECKPOINT);
	world_audit_is_whole(w);
}

static void a_receipt_has_the_number_of_its_record_also_beside_a_checkpoint(void **state)
{
	struct phone p;
	char receipt[RULES_RECEIPT_MAX], number[16];

	(void)state;
	phone_new(w, &p, false);
	fill(3 * AUDIT_CHECKPOINT_EVERY - 2); /* started is the last one before it */
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	memcpy(receipt, w->seen.receipt, sizeof(receipt));
	(void)snprintf(number, sizeof(number), "-%06d", 3 * AUDIT_CHECKPOINT_EVERY + 1);
	assert_non_null(strstr(receipt, number));
	assert_non_null(strstr(record_at(3 * AUDIT_CHECKPOINT_EVERY + 1).detail, receipt));
	assert_string_equal(record_at(3 * AUDIT_CHECKPOINT_EVERY).kind, AUDIT_CHECKPOINT);
	world_audit_is_whole(w);
}

static void a_chain_computed_anew_is_named_at_its_next_checkpoint(void **state)
{
	(void)state;
	forge(400, "accepted", NULL);
	found(AUDIT_CHECKPOINT_EVERY, "signature is wrong");
}

static void a_checkpoint_made_an_ordinary_record_is_named(void **state)
{
	(void)state;
	forge(2 * AUDIT_CHECKPOINT_EVERY, "expired", "{}");
	found(2 * AUDIT_CHECKPOINT_EVERY, "should be here");
}

static void a_checkpoint_without_a_readable_signature_is_named(void **state)
{
	char detail[STORE_DETAIL_MAX];

	(void)state;
	memcpy(detail, record_at(2 * AUDIT_CHECKPOINT_EVERY).detail, sizeof(detail));
	detail[strlen(detail) - 3] ^= 1; /* a digit of the signature, still one */
	forge(2 * AUDIT_CHECKPOINT_EVERY, AUDIT_CHECKPOINT, detail);
	found(2 * AUDIT_CHECKPOINT_EVERY, "signature");
	forge(2 * AUDIT_CHECKPOINT_EVERY, AUDIT_CHECKPOINT, "{}");
	found(2 * AUDIT_CHECKPOINT_EVERY, "cannot be read");
}

/* Signed by a key that the chain never named. */
static void another_key_cannot_go_on(void **state)
{
	uint8_t seed[SEC_ED25519_SEED_LEN] = {7}, key[SEC_ED25519_PUBLIC_LEN];
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN], message[AUDIT_SIGNED_MAX];
	char detail[STORE_DETAIL_MAX], hex[2][2 * SEC_ED25519_SIGNATURE_LEN + 1];
	struct bytes b;
	const int64_t at = 2 * AUDIT_CHECKPOINT_EVERY;

	(void)state;
	assert_int_equal(sec_ed25519_public(key, SPAN(seed, sizeof(seed))), ERR_OK);
	bytes_init_fixed(&b, message, sizeof(message));
	assert_int_equal(sec_ed25519_sign(signature, SPAN(seed, sizeof(seed)),
				 audit_signed(&b, AUDIT_CONTEXT_CHECKPOINT, at, record_at(at).prev,
					 SPAN(NULL, 0))), ERR_OK);
	hex_encode(hex[0], SPAN(key, sizeof(key)));
	hex_encode(hex[1], SPAN(signature, sizeof(signature)));
	(void)snprintf(detail, sizeof(detail), "{\"key\":\"%s\",\"signature\":\"%s\"}", hex[0],
		hex[1]);
	forge(at, AUDIT_CHECKPOINT, detail);
	found(at, "another key");
}

static void rotations_are_followed_from_key_to_key(void **state)
{
	(void)state;
	must(w, service_key_rotate_issuer(w->service, &w->err));
	fill(3 * AUDIT_CHECKPOINT_EVERY + 5);
	must(w, service_key_rotate_issuer(w->service, &w->err));
	world_audit_is_whole(w);
	/* the last one's key must be ours */
	{
		struct store_audit r = record_at(world_last_audit(w).seq);

		assert_string_equal(r.kind, AUDIT_CHECKPOINT);
		forge(r.seq - 1, "expired", "{}"); /* the rotation itself */
	}
	found(world_last_audit(w).seq, "another key");
}

/* ---- export ---- */

struct exported {
	int64_t count, first, last;
};

static enum err_code take(void *ctx, struct span line, struct err *err)
{
	struct exported *x = ctx;
	struct json *j = NULL;
	char detail[STORE_DETAIL_MAX], hash[2 * AUDIT_HASH_LEN + 1], want[2 * AUDIT_HASH_LEN + 1];
	struct store_audit r;
	int64_t seq = 0;
	enum err_code e = json_parse(&j, line, 8192, err);

	assert_int_equal(e, ERR_OK);
	must(w, json_get_int(j, "seq", &seq, 1, INT64_MAX, &w->err));
	must(w, json_get_text(j, "detail", detail, sizeof(detail), &w->err));
	must(w, json_get_text(j, "hash", hash, sizeof(hash), &w->err));
	r = record_at(seq);
	hex_encode(want, SPAN(r.hash, sizeof(r.hash)));
	assert_string_equal(hash, want);
	assert_string_equal(detail, r.detail);
	assert_int_equal(line.data[line.len - 1], '\n');
	assert_true(!x->count || seq == x->last + 1);
	x->first = x->count++ ? x->first : seq;
	x->last = seq;
	json_free(&j);
	return ERR_OK;
}

static struct exported export(struct audit_range range)
{
	struct exported x = {0};
	int64_t count = 0;

	must(w, audit_export(w->service->store, &range, &count, take, &x, &w->err));
	assert_int_equal(count, x.count);
	return x;
}

static void export_is_the_range_that_was_asked_for(void **state)
{
	int64_t last = world_last_audit(w).seq;
	struct exported x = export((struct audit_range){.since_seq = 1});

	(void)state;
	assert_int_equal(x.first, 1);
	assert_int_equal(x.last, last);
	x = export((struct audit_range){.since_seq = 995, .until_seq = 1003});
	assert_int_equal(x.first, 995);
	assert_int_equal(x.last, 1003);
	world_pass(w, 100);
	fill(last + 4);
	x = export((struct audit_range){.since_at = WORLD_NOW + 100});
	assert_int_equal(x.first, last + 1);
	x = export((struct audit_range){.until_at = WORLD_NOW + 100});
	assert_int_equal(x.last, last);
	x = export((struct audit_range){.since_seq = last + 100});
	assert_int_equal(x.count, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(every_thousandth_record_is_a_checkpoint),
		CASE(a_receipt_has_the_number_of_its_record_also_beside_a_checkpoint),
		CASE(a_chain_computed_anew_is_named_at_its_next_checkpoint),
		CASE(a_checkpoint_made_an_ordinary_record_is_named),
		CASE(a_checkpoint_without_a_readable_signature_is_named),
		CASE(another_key_cannot_go_on),
		CASE(rotations_are_followed_from_key_to_key),
		CASE(export_is_the_range_that_was_asked_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
