/* SPDX-License-Identifier: Apache-2.0
 *
 * One model for each screen worth looking at: for the snapshots in fixtures/screens/ and for a look
 * at the real terminal. Nobody in here exists.
 */
#ifndef TESTS_LIB_UI_SAMPLES_H
#define TESTS_LIB_UI_SAMPLES_H

#include "tests/lib/ui_samples_base.h"
#include "tests/lib/ui_samples_history.h"
#include "tests/lib/ui_samples_people.h"

struct sample {
	const char *name;
	void (*change)(struct view_model *m, struct flow *f); /* from the plain model */
};

static uint8_t sample_preview_pixels[VIEW_PREVIEW_ROWS][VIEW_PREVIEW_COLUMNS];
/* The code on that phone. */
static const int16_t sample_marks[1][4][2] = {{{81, 19}, {123, 27}, {115, 70}, {73, 61}}};
static uint8_t sample_challenge_modules[QR_GRID_SIDE_MAX * QR_GRID_SIDE_MAX];

/* A bright phone with a code on it, held at an angle before a dark counter. */
static void sample_preview_draw(void)
{
	for (int y = 0; y < VIEW_PREVIEW_ROWS; y++)
		for (int x = 0; x < VIEW_PREVIEW_COLUMNS; x++) {
			int across = x / 2 - 48, down = y / 2 - 27;
			int u = across + down / 5, v = down - across / 5;
			uint8_t grey = (uint8_t)(30 + y / 2);

			if (u >= -16 && u < 16 && v >= -26 && v < 26)
				grey = 20;
			if (u >= -14 && u < 14 && v >= -23 && v < 22)
				grey = 235;
			if (u >= -11 && u < 11 && v >= -16 && v < 6)
				grey = ((u + 11) / 2 * 7 + (v + 16) / 2 * 5) % 3 ? 225 : 25;
			sample_preview_pixels[y][x] = grey;
		}
}

static void sample_open(struct flow *f, const char *number)
{
	f->phase = FLOW_NUMBER;
	f->pin_required = true;
	f->deadline_ms = SAMPLE_NOW_MS + 42000;
	f->number_ms = 60000;
	sample_text(f->id, sizeof(f->id), "00112233445566778899aabbccddeeff");
	sample_text(f->number, sizeof(f->number), number);
	sample_text(f->credential.holder, sizeof(f->credential.holder),
		"Wang Xiaoming \xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e");
	sample_text(f->credential.purpose, sizeof(f->credential.purpose), "Member card");
	sample_text(f->credential.face_value, sizeof(f->credential.face_value), "100.00");
}

static void sample_result(struct flow *f, enum verdict verdict, enum flow_reason reason)
{
	sample_open(f, "048213");
	f->phase = FLOW_RESULT;
	f->verdict = verdict;
	f->reason = reason;
	f->deadline_ms = SAMPLE_NOW_MS + FLOW_RESULT_MS;
}

/* ---- the desk ---- */

/* A counter where amounts are typed. */
static void sample_desk_begin(struct view_model *m, const struct flow *f)
{
	memset(&sample_desk, 0, sizeof(sample_desk));
	sample_settings.sale = (struct settings_sale){.currency = {"EUR", "CNY"}, .currencies = 2};
	sample_counter.flow.phase = f->phase;
	sample_desk.counter = &sample_counter;
	sample_desk.settings = &sample_settings;
	entry_init(&sample_desk.amount.reference, CODE_REFERENCE_MAX);
	m->desk = &sample_desk;
}

static void sample_needs_amount(struct view_model *m, struct flow *f)
{
	(void)f;
	m->amount = m->currency = m->reference = "";
	m->closed = COUNTER_CLOSED_AMOUNT;
}

static void sample_amount(struct view_model *m, struct flow *f)
{
	(void)f;
	m->amount = m->currency = m->reference = "";
	m->closed = COUNTER_CLOSED_PAGE;
	sample_desk.page = DESK_AMOUNT;
	sample_desk.amount.amount = 1280;
	entry_set(&sample_desk.amount.reference, "A-1001");
}

static void sample_help(struct view_model *m, struct flow *f)
{
	(void)m;
	(void)f;
	sample_desk.page = DESK_HELP;
	sample_desk.behind = DESK_SALE;
}

/* A clock that is wrong: codes of phones go by the time. */
static void sample_clock(struct view_model *m, struct flow *f)
{
	(void)f;
	m->clock_ahead_s = -310;
}

/* ---- the verification ---- */

static void sample_waiting(struct view_model *m, struct flow *f)
{
	(void)f;
	m->preview = (const uint8_t(*)[VIEW_PREVIEW_COLUMNS])sample_preview_pixels;
	m->marks = sample_marks;
	m->marks_count = 1;
}

static void sample_waiting_blind(struct view_model *m, struct flow *f)
{
	(void)f;
	m->scanner = VIEW_SCANNER_STARTING;
	m->amount = m->currency = m->reference = m->operator_name = NULL;
}

static void sample_waiting_same(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	f->held = f->held_in_view = true;
}

static void sample_waiting_notice(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	f->notice = REASON_WEB_ADDRESS;
	f->notice_until_ms = SAMPLE_NOW_MS + 4000;
	sample_text(f->notice_text, sizeof(f->notice_text), "https://shop.example.com/menu");
}

static void sample_waiting_far(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->hint = SCAN_HINT_FAR;
	m->marks_count = 0; /* nothing was read */
}

static void sample_waiting_stopped(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->barred = REASON_TERMINAL_STOPPED;
}

static void sample_waiting_revoked(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->barred = REASON_TERMINAL_REVOKED;
}

static void sample_waiting_unknown(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->barred = REASON_UNKNOWN_TERMINAL;
}

static void sample_waiting_blurred(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->hint = SCAN_HINT_BLURRED;
	m->marks_count = 0; /* nothing was read */
}

static void sample_waiting_fault(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->backend_fault = "127.0.0.1:8443: connection refused";
}

static void sample_certificate_server(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->backend_fault = "bank.example.com:8443: the backend's certificate has expired";
}

static void sample_certificate_terminal(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->backend_fault = "bank.example.com:8443: this terminal's certificate has expired";
}

static void sample_certificate_other(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->backend_fault = "bank.example.com:8443: certificate not trusted";
}

static void sample_bar_code(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	f->notice = REASON_OTHER_SYMBOLOGY;
	f->notice_until_ms = SAMPLE_NOW_MS + 4000;
	sample_text(f->notice_symbology, sizeof(f->notice_symbology), "ean-13");
	sample_text(f->notice_text, sizeof(f->notice_text), "4006381333931");
}

static void sample_reader(struct view_model *m, struct flow *f)
{
	(void)f;
	m->reader = true;
}

static void sample_reader_fault(struct view_model *m, struct flow *f)
{
	(void)f;
	m->reader = true;
	m->scanner = VIEW_SCANNER_FAULT;
	m->scanner_words = "the reader has gone; was it unplugged?";
	m->scanner_code = ERR_NOT_FOUND;
}

static void sample_camera_fault(struct view_model *m, struct flow *f)
{
	(void)f;
	m->scanner = VIEW_SCANNER_FAULT;
	m->scanner_words = "/dev/video0: no such device";
	m->scanner_code = ERR_NOT_FOUND;
}

static void sample_camera_ended(struct view_model *m, struct flow *f)
{
	(void)f;
	m->scanner = VIEW_SCANNER_ENDED;
	m->simulator = true;
}

static void sample_starting(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	f->phase = FLOW_STARTING;
	f->tries = 2;
	f->in_flight = true;
}

static void sample_number(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_open(f, "048213");
}

static void sample_number_glare(struct view_model *m, struct flow *f)
{
	sample_number(m, f);
	m->hint = SCAN_HINT_GLARE;
}

static void sample_number_8_late(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_open(f, "00482139");
	f->deadline_ms = SAMPLE_NOW_MS + 7200;
	f->notice = REASON_OLD_ANSWER;
}

static void sample_number_10(struct view_model *m, struct flow *f)
{
	m->simulator = m->recording = true;
	sample_open(f, "0048213975");
	f->notice = REASON_OTHER_CUSTOMER;
}

static void sample_number_challenge(struct view_model *m, struct flow *f)
{
	sample_open(f, "048213");
	m->challenge = sample_challenge_modules;
	m->challenge_side = qr_draw(sample_challenge_modules, QR_GRID_SIDE_MAX,
		"HTTPS://QR.EXAMPLE.COM/Q/AEAA46IQUGIL2A2F45RPPGTGOSHFJV6INHGXFECCAIAAAAAAAAGQMSIGN"
		"NE5EPAAAAAAAAAAAAUAEKVKSB5TGS6DUOVZGKLLDN52W45DFOIDECLJRGAYDDXF4GFKAZ3GQHHVBHIBQ6H"
		"CGZSCN6");
	f->notice = REASON_WEAK_BINDING;
}

static void sample_code(struct view_model *m, struct flow *f)
{
	sample_number_challenge(m, f);
	m->challenge_whole = true;
}

static void sample_answering(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_open(f, "048213");
	f->phase = FLOW_ANSWERING;
	f->in_flight = true;
}

static void sample_pin(struct view_model *m, struct flow *f)
{
	m->pin_len = 3;
	m->scanner = VIEW_SCANNER_PAUSED;
	sample_open(f, "048213");
	f->phase = FLOW_PIN;
	f->pin_try = 1;
	f->deadline_ms = SAMPLE_NOW_MS + 51000;
}

static void sample_pin_again(struct view_model *m, struct flow *f)
{
	sample_pin(m, f);
	m->pin_len = 0;
	f->pin_try = 3;
	f->attempts_left = 1;
	f->notice = REASON_WRONG_PIN;
}

static void sample_pin_short(struct view_model *m, struct flow *f)
{
	sample_pin(m, f);
	m->pin_length_wrong = true;
}

static void sample_pin_sent(struct view_model *m, struct flow *f)
{
	sample_pin(m, f);
	m->pin_len = 4;
	f->phase = FLOW_PIN_SENT;
}

static void sample_uncertain(struct view_model *m, struct flow *f)
{
	m->backend_fault = "127.0.0.1:8443: no answer in time";
	sample_open(f, "048213");
	f->phase = FLOW_UNCERTAIN;
	f->next_ms = SAMPLE_NOW_MS + 3400;
}

static void sample_accepted(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_result(f, VERDICT_ACCEPTED, REASON_NONE);
	sample_text(f->receipt, sizeof(f->receipt), "R-2026-000417");
}

static void sample_authorised(struct view_model *m, struct flow *f)
{
	sample_accepted(m, f);
	m->simulator = true;
	f->pin_done = true;
}

/* A film of a card that has come to its end. */
static void sample_authorised_film(struct view_model *m, struct flow *f)
{
	sample_authorised(m, f);
	m->simulator = false;
	m->replay = true;
	m->scanner = VIEW_SCANNER_ENDED;
}

static void sample_record_fault(struct view_model *m, struct flow *f)
{
	sample_number(m, f);
	m->record_fault = _("Recording stopped: the disk is full");
}

static void sample_record_and_server_fault(struct view_model *m, struct flow *f)
{
	sample_waiting_fault(m, f);
	m->record_fault = _("Recording stopped: the disk is full");
}

static void sample_only_qr(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->symbologies_lost = true;
}

static void sample_unknown_terminal(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_result(f, VERDICT_REFUSED, REASON_UNKNOWN_TERMINAL);
	memset(&f->credential, 0, sizeof(f->credential));
}

static void sample_refused(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_result(f, VERDICT_REFUSED, REASON_WRONG_ANSWER);
	f->attempts_left = 3;
}

static void sample_frozen(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_result(f, VERDICT_REFUSED, REASON_FROZEN);
	memset(&f->credential, 0, sizeof(f->credential));
	f->id[0] = '\0';
	f->until_unix_s = SAMPLE_NOW_UNIX_S + 900;
}

static void sample_none(struct view_model *m, struct flow *f)
{
	m->backend_fault = "127.0.0.1:8443: connection refused";
	sample_result(f, VERDICT_NONE, REASON_NO_BACKEND);
	memset(&f->credential, 0, sizeof(f->credential));
}

static void sample_revoked_terminal(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_result(f, VERDICT_REFUSED, REASON_TERMINAL_REVOKED);
	memset(&f->credential, 0, sizeof(f->credential));
}

static void sample_certificate_result(struct view_model *m, struct flow *f)
{
	sample_result(f, VERDICT_NONE, REASON_NO_BACKEND);
	memset(&f->credential, 0, sizeof(f->credential));
	m->backend_fault = "bank.example.com:8443: this terminal's certificate has expired";
}

static void sample_unknown_issuer(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_result(f, VERDICT_NONE, REASON_UNKNOWN_ISSUER);
	memset(&f->credential, 0, sizeof(f->credential));
}

static void sample_result_uncertain(struct view_model *m, struct flow *f)
{
	(void)m;
	sample_result(f, VERDICT_UNCERTAIN, REASON_CANCELLED);
}

static void sample_unconfirmed(struct view_model *m, struct flow *f)
{
	sample_result(f, VERDICT_UNCONFIRMED, REASON_OFFLINE);
	memset(&f->credential, 0, sizeof(f->credential));
	f->id[0] = '\0';
	m->backend_fault = "127.0.0.1:8080: connection refused";
}

static void sample_offline_waiting(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->backend_fault = "127.0.0.1:8080: connection refused";
	m->offline = (struct offline_view){.on = true,
		.ready = true,
		.amount_max = 2000,
		.currency = "EUR",
		.open = 2,
		.damage = ""};
}

static void sample_offline_conflict(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->offline = (struct offline_view){.on = true, .conflicts = 1, .damage = ""};
}

static void sample_offline_damage(struct view_model *m, struct flow *f)
{
	sample_waiting(m, f);
	m->offline = (struct offline_view){.on = true, .damage = "journal: line 3: changed"};
}

static void sample_offline_limit(struct view_model *m, struct flow *f)
{
	sample_result(f, VERDICT_NONE, REASON_OFFLINE_LIMIT);
	memset(&f->credential, 0, sizeof(f->credential));
	f->id[0] = '\0';
	m->backend_fault = "127.0.0.1:8080: connection refused";
}

static const struct sample SAMPLES[] = {
	{"waiting", sample_waiting},
	{"waiting-no-picture", sample_waiting_blind},
	{"waiting-same-phone", sample_waiting_same},
	{"waiting-foreign-code", sample_waiting_notice},
	{"waiting-bar-code", sample_bar_code},
	{"waiting-reader", sample_reader},
	{"waiting-far", sample_waiting_far},
	{"waiting-blurred", sample_waiting_blurred},
	{"waiting-stopped", sample_waiting_stopped},
	{"waiting-revoked", sample_waiting_revoked},
	{"waiting-unknown-terminal", sample_waiting_unknown},
	{"waiting-certificate-server", sample_certificate_server},
	{"waiting-certificate-terminal", sample_certificate_terminal},
	{"waiting-certificate-other", sample_certificate_other},
	{"waiting-server-fault", sample_waiting_fault},
	{"waiting-only-qr", sample_only_qr},
	{"record-fault", sample_record_fault},
	{"record-and-server-fault", sample_record_and_server_fault},
	{"camera-fault", sample_camera_fault},
	{"camera-ended", sample_camera_ended},
	{"reader-fault", sample_reader_fault},
	{"starting", sample_starting},
	{"number", sample_number},
	{"number-glare", sample_number_glare},
	{"number-8-late", sample_number_8_late},
	{"number-10", sample_number_10},
	{"number-challenge", sample_number_challenge},
	{"code", sample_code},
	{"answering", sample_answering},
	{"pin", sample_pin},
	{"pin-again", sample_pin_again},
	{"pin-short", sample_pin_short},
	{"pin-sent", sample_pin_sent},
	{"uncertain", sample_uncertain},
	{"accepted", sample_accepted},
	{"authorised", sample_authorised},
	{"authorised-film", sample_authorised_film},
	{"refused", sample_refused},
	{"frozen", sample_frozen},
	{"unknown-terminal", sample_unknown_terminal},
	{"revoked-terminal", sample_revoked_terminal},
	{"unknown-issuer", sample_unknown_issuer},
	{"certificate-result", sample_certificate_result},
	{"not-accepted", sample_none},
	{"uncertain-result", sample_result_uncertain},
	{"unconfirmed", sample_unconfirmed},
	{"offline-limit", sample_offline_limit},
	{"offline-waiting", sample_offline_waiting},
	{"offline-conflict", sample_offline_conflict},
	{"offline-damage", sample_offline_damage},
	{"waiting-amount", sample_needs_amount},
	{"waiting-clock", sample_clock},
	{"amount", sample_amount},
	{"keys", sample_help},
	SAMPLES_HISTORY,
	SAMPLES_PEOPLE,
};
#define SAMPLE_COUNT (sizeof(SAMPLES) / sizeof(SAMPLES[0]))

static void sample_fill(struct view_model *m, struct flow *f, const struct sample *s)
{
	*f = (struct flow){.phase = FLOW_WAITING, .attempts_left = -1, .next_ms = INT64_MAX};
	*m = (struct view_model){
		.flow = f,
		.now_ms = SAMPLE_NOW_MS,
		.now_unix_s = SAMPLE_NOW_UNIX_S,
		.amount = "24.90",
		.currency = "EUR",
		.reference = "2026-0815",
		.operator_name = "Anna",
		.terminal_name = "Till 3",
		.issuer_name = "Corner Bank",
		.scanner = VIEW_SCANNER_RUNNING,
		.server_heard = true,
		.clock_known = true,
		.today = 27,
	};
	sample_preview_draw();
	sample_desk_begin(m, f);
	s->change(m, f);
}

#endif
