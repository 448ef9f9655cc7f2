/* SPDX-License-Identifier: Apache-2.0
 *
 * One table: for each reason what happened, what to do, and the short notice. A cashier reads this
 * with a queue behind the customer, so: short, no jargon, and always what to do now.
 */
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct words {
	const char *happened;
	const char *next;
	const char *notice; /* NULL = as `happened` */
};

#define AGAIN N_("Start again: show the card for a new number.")
#define SHOW_CARD N_("Ask the customer to open the wallet and show the card.")
#define OTHER_CARD N_("Do not accept it. Ask the customer for another card.")

static const struct words WORDS[FLOW_REASON_COUNT] = {
	[REASON_NONE] = {"", "", ""},

	[REASON_FOREIGN_CODE] = {N_("The server does not know this code."), SHOW_CARD, NULL},
	[REASON_UNKNOWN_CREDENTIAL] = {N_("The issuer does not know this card."), OTHER_CARD, NULL},
	[REASON_BAD_SIGNATURE] = {N_("This code is forged: the issuer did not make it."),
		OTHER_CARD, NULL},
	[REASON_STALE_CODE] = {N_("This code is too old: a picture of a code, or the phone's clock "
				  "is wrong."),
		N_("Ask the customer to set the phone's clock to automatic, then show the card "
		   "again."),
		N_("This code is too old.")},
	[REASON_LIVE_CODE_REQUIRED] = {N_("This is a saved or printed picture of the card."),
		N_("Ask the customer to open the wallet on the phone and show the card itself."),
		NULL},
	[REASON_CREDENTIAL_EXPIRED] = {N_("This card is no longer valid."),
		N_("The customer can renew it in the wallet, or show another card."), NULL},
	[REASON_FROZEN] = {N_("This card is frozen."),
		N_("Do not accept it now. Ask the customer for another card."), NULL},
	[REASON_VOID] = {N_("This card was withdrawn for good."),
		N_("Do not accept it. The customer gets a new card from the issuer."), NULL},
	[REASON_SUPERSEDED] = {N_("This is an old card: it was renewed."),
		N_("Ask the customer to show the renewed card in the wallet."), NULL},
	[REASON_TOO_MANY_ATTEMPTS] = {N_("Too many attempts in a short time."),
		N_("Wait a while before the next attempt, or ask for another card."), NULL},

	[REASON_WRONG_ANSWER] = {N_("The phone's answer does not match the number."),
		N_("Start again. The customer types the new number with care."), NULL},
	[REASON_NUMBER_EXPIRED] = {N_("The number ran out before the phone answered."), AGAIN,
		NULL},
	[REASON_ANSWERED_ALREADY] = {N_("Another answer to this number was counted already."),
		AGAIN, NULL},
	[REASON_WEAK_BINDING] = {N_("This amount needs an answer that confirms the amount."),
		N_("The customer lets the wallet scan the code on this screen, or confirm the "
		   "amount."),
		N_("The customer must first confirm the amount in the wallet.")},
	[REASON_WRONG_PIN] = {N_("The PIN was wrong too many times."),
		N_("The payment is refused. Do not hand anything out."),
		N_("Wrong PIN. Try again.")},
	[REASON_PIN_TIMEOUT] = {N_("No PIN was typed in time."), AGAIN, NULL},
	[REASON_CANCELLED] = {N_("The check was cancelled."),
		N_("Nothing was accepted. Start again when the customer is ready."), NULL},
	[REASON_TERMINAL_STOPPED] = {N_("The issuer has stopped this terminal."),
		N_("No card can be checked here. Call whoever looks after this terminal."), NULL},
	[REASON_TERMINAL_REVOKED] = {N_("This terminal was withdrawn. No card can be checked."),
		N_("Call whoever looks after this terminal: it has to be enrolled again."), NULL},
	[REASON_UNKNOWN_TERMINAL] = {N_("The server does not know this terminal."),
		N_("Enrol the terminal again (countersign enrol)."), NULL},
	[REASON_LIMITS_CHANGED] = {N_("The issuer changed its limits just now."),
		N_("Nothing was paid. Start again: the new limits say what is allowed."), NULL},
	[REASON_NOT_ALLOWED] = {N_("The issuer does not allow this payment."),
		N_("The PIN is locked or the amount too high. Ask for another card or less."),
		NULL},

	[REASON_OTHER_ISSUER] = {N_("This card is of another issuer."),
		N_("It cannot be checked here. Ask the customer for another card."), NULL},
	[REASON_UNKNOWN_ISSUER] = {
		N_("This terminal cannot tell whose card this is before it reaches its server."),
		N_("Do not accept the card unchecked. Wait a moment and show it again; if that "
		   "does not help, check the network."),
		N_("Whose card this is cannot be told before the server is reached.")},
	[REASON_NO_BACKEND] = {N_("The server cannot answer now. Nothing was decided."),
		N_("Do not accept the card unchecked. Check the network, then start again."),
		N_("The server cannot answer now.")},
	[REASON_BAD_ANSWER] = {N_("The server's answer makes no sense. Nothing was decided."),
		N_("Do not accept the card unchecked. Call whoever looks after this terminal."),
		N_("The server's answer makes no sense.")},
	[REASON_OTHER_SYMBOLOGY] = {N_("This is a code of another kind, not a customer's card."),
		SHOW_CARD, NULL},
	[REASON_WEB_ADDRESS] = {N_("This code is a web address, not a card."), SHOW_CARD, NULL},
	[REASON_TEXT] = {N_("This code is not a card."), SHOW_CARD, NULL},
	[REASON_DAMAGED_CODE] = {N_("This code looks like a card, but it is damaged."), SHOW_CARD,
		NULL},
	[REASON_OTHER_KIND] = {N_("This code is not for this step."),
		N_("Ask the customer to show the card first."), NULL},
	[REASON_OTHER_CUSTOMER] = {N_("This code belongs to another card."),
		N_("Finish with the first customer. Only that phone can answer."),
		N_("This code belongs to another card. Only the first phone can answer.")},
	[REASON_TWO_CODES] = {N_("Two codes are in view."),
		N_("Hold only one phone to the camera."),
		N_("Two codes are in view. Hold only one phone to the camera.")},
	[REASON_OLD_ANSWER] = {N_("This answer is for an earlier number."),
		N_("The customer types the number that is on the screen now."),
		N_("This answer is for an earlier number. Type the number on the screen.")},
	[REASON_ANSWER_TOO_EARLY] = {N_("This is an answer, but no number was asked for."),
		N_("Ask the customer to show the card first."),
		N_("This is an answer. Ask the customer to show the card first.")},
	[REASON_END_OF_FRAMES] = {N_("The camera's pictures have ended."),
		N_("Start the program again."), NULL},

	[REASON_OFFLINE] = {N_("The server is out of reach. Nobody has confirmed this payment."),
		N_("It is written down and sent later; it may still be refused then."),
		N_("Not confirmed.")},
	[REASON_OFFLINE_AMOUNT] = {N_("The server is out of reach, and this amount is not allowed "
				      "without it."),
		N_("Do not accept the card. Take less, or another way of paying."),
		N_("This amount is not allowed without the server.")},
	[REASON_OFFLINE_LIMIT] = {N_("The server is out of reach, and no more is allowed without "
				     "it."),
		N_("Do not accept the card. Check the network; what was written down must be "
		   "sent first."),
		N_("No more is allowed without the server.")},
	[REASON_OFFLINE_CARD] = {N_("The server is out of reach, and this card was used without it "
				    "already."),
		OTHER_CARD, N_("This card was used without the server already.")},
	[REASON_OFFLINE_PICTURE] = {N_("The server is out of reach, and this is a saved or printed "
				       "picture of the card."),
		N_("Ask the customer to open the wallet on the phone and show the card itself."),
		N_("This is a saved or printed picture of the card.")},
	[REASON_OFFLINE_LIST] = {N_("The server is out of reach, and the list of blocked cards is "
				    "missing or too old."),
		N_("Do not accept the card unchecked. Check the network, then start again."),
		N_("The list of blocked cards is missing or too old.")},
	[REASON_OFFLINE_TIME] = {N_("The server has been out of reach for too long."),
		N_("Do not accept the card unchecked. Check the network, then start again."),
		N_("The server has been out of reach for too long.")},
	[REASON_OFFLINE_CLOCK] = {N_("The server is out of reach, and this terminal's clock is "
				     "wrong."),
		N_("Do not accept the card unchecked. Call whoever looks after this terminal."),
		N_("This terminal's clock is wrong.")},
	[REASON_OFFLINE_JOURNAL] = {N_("The server is out of reach, and payments cannot be written "
				       "down here."),
		N_("Do not accept the card. A supervisor must look at this terminal first."),
		N_("Payments cannot be written down here.")},
};

static const char *look_up(const char *text)
{
	/* gettext("") is the catalogue's header */
	return text && *text ? _(text) : "";
}

static const struct words *entry(enum flow_reason r)
{
	return &WORDS[(unsigned)r < FLOW_REASON_COUNT ? r : REASON_BAD_ANSWER];
}

const char *words_reason(enum flow_reason r)
{
	return look_up(entry(r)->happened);
}

const char *words_next_step(enum flow_reason r)
{
	return look_up(entry(r)->next);
}

const char *words_notice(enum flow_reason r)
{
	const struct words *w = entry(r);

	return look_up(w->notice ? w->notice : w->happened);
}

/* As people call them, in every language; NULL: it has no such name. */
static const char *symbology_name(const char *word, bool *product)
{
	static const struct {
		const char *word, *name;
		bool product;
	} names[] = {
		{"ean-8", "EAN-8", true}, {"ean-13", "EAN-13", true}, {"upc-a", "UPC-A", true},
		{"upc-e", "UPC-E", true}, {"databar", "DataBar", true},
		{"micro-qr", "Micro QR", false}, {"code-39", "Code 39", false},
		{"code-93", "Code 93", false}, {"code-128", "Code 128", false},
		{"codabar", "Codabar", false}, {"itf", "ITF", false}, {"pdf417", "PDF417", false},
		{"data-matrix", "Data Matrix", false}, {"aztec", "Aztec", false},
		{"maxicode", "MaxiCode", false},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i].word, word) == 0) {
			*product = names[i].product;
			return names[i].name;
		}
	}
	return NULL;
}

void words_notice_of(char *out, size_t cap, const struct flow *f)
{
	bool product = false;
	const char *name = symbology_name(f->notice_symbology, &product);

	if (f->notice != REASON_OTHER_SYMBOLOGY || name == NULL)
		snprintf(out, cap, "%s", words_notice(f->notice));
	else if (product)
		snprintf(out, cap, _("This is a product bar code (%s), not a customer's card."),
			name);
	else
		snprintf(out, cap,
			_("This is a code of another kind (%s), not a customer's card."), name);
}

/* The cashier reads it aloud, the customer reads it too: what to do, in one line of 76 columns. */
static const struct {
	const char *word, *act;
} HINTS[SCAN_HINT_COUNT] = {
	[SCAN_HINT_FAR] = {N_("TOO FAR"), N_("Bring the phone closer to the camera.")},
	[SCAN_HINT_CUT] = {N_("CUT OFF"),
		N_("Move the phone back and to the middle until the whole code is seen.")},
	[SCAN_HINT_BLURRED] = {N_("NOT SHARP"),
		N_("Move the phone slowly until it is sharp: about 15 cm away.")},
	[SCAN_HINT_MOVING] = {N_("HOLD STILL"), N_("Hold the phone still for a moment.")},
	[SCAN_HINT_DARK] = {N_("TOO DARK"), N_("Turn up the brightness of the phone's screen.")},
	[SCAN_HINT_BRIGHT] = {N_("TOO LIGHT"),
		N_("Turn down the brightness of the phone's screen.")},
	[SCAN_HINT_GLARE] = {N_("GLARE"),
		N_("Tilt the phone a little: a lamp is mirrored in it.")},
};

const char *words_hint(enum scan_hint h)
{
	return (unsigned)h < SCAN_HINT_COUNT ? look_up(HINTS[h].word) : "";
}

const char *words_hint_do(enum scan_hint h)
{
	return (unsigned)h < SCAN_HINT_COUNT ? look_up(HINTS[h].act) : "";
}

const char *words_verdict(enum verdict v, bool pin_done)
{
	switch (v) {
	case VERDICT_ACCEPTED:
		return pin_done ? _("AUTHORISED") : _("ACCEPTED");
	case VERDICT_REFUSED:
		return _("REFUSED");
	case VERDICT_UNCERTAIN:
		return _("UNCERTAIN");
	case VERDICT_UNCONFIRMED:
		return _("NOT CONFIRMED");
	case VERDICT_NONE:
		break;
	}
	/* whatever is not a verdict reads like a refusal */
	return _("NOT ACCEPTED");
}

/* ---- camera and reader ---- */

#define CALL N_("No card can be checked now. Call whoever looks after this terminal.")

static const struct scanner_words {
	const char *happened[2]; /* to a camera, to a reader */
	const char *next[2];
} SCANNER_WORDS[] = {
	{{"", ""},
		{N_("No card can be checked now. Check the camera's cable; if that does not "
		    "help, call whoever looks after this terminal."),
			N_("No card can be checked now. Check the reader's cable; if that does not "
			   "help, call whoever looks after this terminal.")}},
	{{N_("The camera is not plugged in."), N_("The reader is not plugged in.")},
		{N_("No card can be checked now. Check the camera's cable and plug it in; if that "
		    "does not help, call whoever looks after this terminal."),
			N_("No card can be checked now. Check the reader's cable and plug it in; "
			   "if that does not help, call whoever looks after this terminal.")}},
	{{N_("The camera cannot be used: another program or its USB port is busy."),
		 N_("Another program uses the reader.")},
		{N_("No card can be checked now. Close other programs; if that does not help, call "
		    "whoever looks after this terminal."),
			N_("No card can be checked now. Close other programs; if that does not "
			   "help, call whoever looks after this terminal.")}},
	{{N_("This program is not permitted to use the camera."),
		 N_("This program is not permitted to use the reader.")},
		{CALL, CALL}},
	{{N_("The camera gives no pictures."), N_("The reader does not answer.")},
		{N_("No card can be checked now. Unplug the camera and plug it in again; if that "
		    "does not help, call whoever looks after this terminal."),
			N_("No card can be checked now. Unplug the reader and plug it in again; if "
			   "that does not help, call whoever looks after this terminal.")}},
	{{N_("This camera cannot be used here."), N_("This reader cannot be used here.")},
		{CALL, CALL}},
};

static const struct scanner_words *scanner_words_of(enum err_code code)
{
	switch (code) {
	case ERR_NOT_FOUND:
	case ERR_CLOSED:
		return &SCANNER_WORDS[1];
	case ERR_BUSY:
		return &SCANNER_WORDS[2];
	case ERR_PERMISSION:
		return &SCANNER_WORDS[3];
	case ERR_TIMEOUT:
	case ERR_IO:
	case ERR_PROTOCOL:
		return &SCANNER_WORDS[4];
	case ERR_UNSUPPORTED:
		return &SCANNER_WORDS[5];
	default:
		return &SCANNER_WORDS[0];
	}
}

const char *words_scanner(enum err_code code, bool reader)
{
	const char *words = scanner_words_of(code)->happened[reader];

	return words[0] != '\0' ? _(words) : "";
}

const char *words_scanner_do(enum err_code code, bool reader)
{
	return _(scanner_words_of(code)->next[reader]);
}
