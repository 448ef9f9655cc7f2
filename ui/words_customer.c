/* SPDX-License-Identifier: Apache-2.0
 *
 * One table. What has no row is said as "cannot be checked now": never more than is known.
 */
#include "ui/words_customer.h"

#include <stddef.h>

#include "base/text.h"

#define NO_CARD N_("This is not a card. Please open your wallet and show the card.")
#define NOT_HERE N_("This card cannot be taken here. Please use another one.")
#define ITSELF                                                                                     \
	N_("Please open the wallet on your phone and show the card itself, not a picture of it.")
#define TOO_LONG N_("It took too long. Please try again with a new number.")
#define NOT_NOW N_("The card cannot be checked now. Please ask at the counter.")

static const char *const REASONS[FLOW_REASON_COUNT] = {
	[REASON_FOREIGN_CODE] = NO_CARD,
	[REASON_UNKNOWN_CREDENTIAL] = NOT_HERE,
	[REASON_BAD_SIGNATURE] = NOT_HERE,
	[REASON_STALE_CODE] = N_("The code on your phone is too old. Please set the phone's clock "
				 "to automatic and show the card again."),
	[REASON_LIVE_CODE_REQUIRED] = ITSELF,
	[REASON_CREDENTIAL_EXPIRED] = N_("Your card is no longer valid. You can renew it in the "
					 "wallet."),
	[REASON_FROZEN] = N_("Your card is frozen. Its issuer can tell you more."),
	[REASON_VOID] = N_("Your card was withdrawn. Its issuer gives you a new one."),
	[REASON_SUPERSEDED] = N_("This card was renewed. Please show the new one in your wallet."),
	[REASON_TOO_MANY_ATTEMPTS] = N_("Too many attempts. Please wait a while, or use another "
					"card."),
	[REASON_WRONG_ANSWER] = N_("The number was not the right one. Please try again with a new "
				   "number."),
	[REASON_NUMBER_EXPIRED] = TOO_LONG,
	[REASON_ANSWERED_ALREADY] = N_("Another answer was counted. Please try again with a new "
				       "number."),
	[REASON_WEAK_BINDING] = N_("Please confirm the amount in your wallet."),
	[REASON_WRONG_PIN] = N_("The PIN was wrong too many times."),
	[REASON_PIN_TIMEOUT] = TOO_LONG,
	[REASON_CANCELLED] = N_("Cancelled."),
	[REASON_NOT_ALLOWED] = N_("Your card's issuer does not allow this payment."),
	[REASON_OTHER_ISSUER] = NOT_HERE,
	[REASON_UNKNOWN_ISSUER] = NOT_NOW,
	[REASON_OTHER_SYMBOLOGY] = NO_CARD,
	[REASON_WEB_ADDRESS] = NO_CARD,
	[REASON_TEXT] = NO_CARD,
	[REASON_DAMAGED_CODE] = NO_CARD,
	[REASON_OTHER_KIND] = NO_CARD,
	[REASON_OFFLINE] = N_("It is not confirmed yet, and may still be refused."),
	[REASON_OFFLINE_AMOUNT] = N_("This amount cannot be taken now. Please ask at the counter."),
	[REASON_OFFLINE_PICTURE] = ITSELF,
};

static const char *const NOTICES[FLOW_REASON_COUNT] = {
	[REASON_FOREIGN_CODE] = NO_CARD,
	[REASON_OTHER_SYMBOLOGY] = NO_CARD,
	[REASON_WEB_ADDRESS] = NO_CARD,
	[REASON_TEXT] = NO_CARD,
	[REASON_DAMAGED_CODE] = NO_CARD,
	[REASON_WEAK_BINDING] =
		N_("Please scan the code with your wallet and confirm the amount."),
	[REASON_WRONG_PIN] = N_("Wrong PIN. Please try again."),
	[REASON_OTHER_CUSTOMER] = N_("This code belongs to another card."),
	[REASON_TWO_CODES] = N_("Please hold only one phone to the camera."),
	[REASON_OLD_ANSWER] = N_("This answer is for an earlier number. Please type the number "
				 "that you see now."),
	[REASON_ANSWER_TOO_EARLY] = N_("Please show the card first."),
};

static const char *look_up(const char *text, const char *otherwise)
{
	return text != NULL ? _(text) : otherwise;
}

const char *words_customer_reason(enum flow_reason r)
{
	return look_up((unsigned)r < FLOW_REASON_COUNT ? REASONS[r] : NULL, _(NOT_NOW));
}

const char *words_customer_notice(enum flow_reason r)
{
	return look_up((unsigned)r < FLOW_REASON_COUNT ? NOTICES[r] : NULL, "");
}
