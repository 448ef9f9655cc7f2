/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples of ui_samples.h: operators and the holders whom they serve. Nobody in here exists.
 */
#ifndef TESTS_LIB_UI_SAMPLES_PEOPLE_H
#define TESTS_LIB_UI_SAMPLES_PEOPLE_H

#include "tests/lib/ui_samples_base.h"

static struct secret sample_secret; /* there, and nothing in it */

static void sample_operators(void)
{
	struct operators *o = &sample_desk.operators;

	o->current = -1;
	sample_text(o->list[0].name, sizeof(o->list[0].name), "Wang Min");
	o->list[0].role = MESSAGE_ROLE_TELLER;
	o->list[0].token = o->list[0].quick = &sample_secret;
	sample_text(o->list[1].name, sizeof(o->list[1].name), "Joe");
	o->list[1].role = MESSAGE_ROLE_CASHIER;
	sample_desk.page = DESK_SIGN_IN;
	entry_init(&sample_desk.sign_in.name, MESSAGE_NAME_MAX);
}

static void sample_sign_in(struct view_model *m, struct flow *f)
{
	(void)f;
	m->operator_name = m->amount = m->currency = m->reference = "";
	sample_operators();
	sample_desk.sign_in.focus = SIGN_IN_NAME;
	entry_set(&sample_desk.sign_in.name, "Joe");
	sample_desk.sign_in.tried = true;
	sample_desk.operators.outcome = OPERATORS_WRONG;
}

static void sample_come_back(struct view_model *m, struct flow *f)
{
	(void)f;
	m->operator_name = m->amount = m->currency = m->reference = "";
	sample_operators();
	sample_desk.sign_in.focus = 0;
	entry_init(&sample_desk.sign_in.back, OPERATORS_QUICK_MAX);
}

static struct page_service *sample_service(struct view_model *m, enum service_step step)
{
	struct page_service *p = &sample_desk.service;

	m->operator_name = "Wang Min";
	m->amount = m->currency = m->reference = "";
	sample_desk.page = DESK_SERVICE;
	page_service_init(p);
	p->step = step;
	return p;
}

static void sample_service_ask(struct view_model *m, struct flow *f)
{
	struct page_service *p = sample_service(m, SERVICE_ASK);

	(void)f;
	p->call = (struct message_call){.question_count = 3,
		.question = {{1, MESSAGE_QUESTION_DOCUMENT, "", true},
			{2, MESSAGE_QUESTION_BIRTH, "", false},
			{4, MESSAGE_QUESTION_OTHER, "First school", false}},
		.right = 1,
		.needed = 2,
		.attempts_left = 2,
		.may_freeze = true};
	p->question = 1;
	p->done = N_("That answer is wrong.");
	entry_set(&p->answer, "1990-01");
}

static struct page_service *sample_service_cards_of(struct view_model *m, enum service_step step)
{
	struct page_service *p = sample_service(m, step);

	p->call = (struct message_call){.state = MESSAGE_CALL_IDENTIFIED,
		.right = 2,
		.needed = 2,
		.may_freeze = true,
		.may_act = true};
	p->cards = (struct message_credentials){.holder = "李雷 Li Lei",
		.count = 2,
		.list = {{.status = MESSAGE_STATUS_FROZEN,
				 .frozen_until = SAMPLE_NOW_UNIX_S + 900,
				 .purpose = "payment",
				 .face_value = "500.00",
				 .account = "6222-0001",
				 .activated = true},
			{.status = MESSAGE_STATUS_ACTIVE,
				.purpose = "member",
				.face_value = "Gold",
				.account = "6222-0001",
				.activated = true}}};
	return p;
}

static void sample_service_cards(struct view_model *m, struct flow *f)
{
	(void)f;
	(void)sample_service_cards_of(m, SERVICE_CARDS);
}

static void sample_service_void(struct view_model *m, struct flow *f)
{
	(void)f;
	sample_service_cards_of(m, SERVICE_SURE)->act = SERVICE_VOID;
}

#define SAMPLE_ACTIVATION \
	"HTTPS://QR.EXAMPLE.COM/A/AEADN2P6DMAAAAAAAAAAAAAAADQ5KLVZUMFGWSZDQAS34" \
	"ZHDFWJ7ZV2D4U3OOR2SDJOKGFBXAZM5KHITF3P47VMWNDX6S6MD6I6RKSC3775LVTTFQSO" \
	"E5SPXYYHBBJ6YM4CZQY2KSGFG2FJUOKASVJC6GYCZ5JI56P23N32JAM"

static void sample_service_code(struct view_model *m, struct flow *f)
{
	static struct message_renewed renewed = {.token = "G4UF-3ZZW-Q7VA-DGE2",
		.link = "https://QR.EXAMPLE.COM/#G4UF-3ZZW-Q7VA-DGE2",
		.code = SAMPLE_ACTIVATION};
	static struct secret secret;
	struct page_service *p = sample_service_cards_of(m, SERVICE_CODE);

	(void)f;
	secret = (struct secret){.data = (uint8_t *)&renewed, .len = sizeof(renewed)};
	p->code = &secret;
	p->code_until_ms = SAMPLE_NOW_MS + 93000;
	page_service_pictures_draw(p);
}

#define SAMPLES_PEOPLE                                                                             \
	{"sign-in", sample_sign_in}, {"come-back", sample_come_back},                              \
		{"service-ask", sample_service_ask}, {"service-cards", sample_service_cards},      \
		{"service-void", sample_service_void}, {"service-code", sample_service_code}

#endif
