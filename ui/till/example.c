/* SPDX-License-Identifier: Apache-2.0
 *
 * A till in fifty lines:  example SOCKET ID [AMOUNT CURRENCY [REFERENCE]]
 *
 * Sells, and prints what came of it. Without an amount it only asks for the verdict of an id. Exit
 * status: 0 accepted, 1 refused or nothing decided, 2 not known or uncertain (ask again by the same
 * id), 3 not taken.
 */
#include "countersign_till.h"

#ifndef EXAMPLE_WAIT_MS
#define EXAMPLE_WAIT_MS 300000
#endif

static int status_of(enum countersign_till_verdict verdict)
{
	switch (verdict) {
	case COUNTERSIGN_TILL_ACCEPTED:
		return 0;
	case COUNTERSIGN_TILL_REFUSED:
	case COUNTERSIGN_TILL_NONE:
		return 1;
	case COUNTERSIGN_TILL_ERROR:
		return 3;
	default:
		return 2;
	}
}

int main(int argc, char **argv)
{
	struct countersign_till_sale sale;
	struct countersign_till_result result;

	if (argc != 3 && argc != 5 && argc != 6) {
		fprintf(stderr, "usage: %s SOCKET ID [AMOUNT CURRENCY [REFERENCE]]\n", argv[0]);
		return 3;
	}
	memset(&sale, 0, sizeof sale);
	sale.id = argv[2];
	if (argc > 3) {
		sale.amount = argv[3];
		sale.currency = argv[4];
		sale.reference = argc > 5 ? argv[5] : NULL;
		countersign_till_sell(argv[1], &sale, EXAMPLE_WAIT_MS, &result);
	} else {
		countersign_till_ask_verdict(argv[1], sale.id, EXAMPLE_WAIT_MS, &result);
	}
	if (result.error[0] != '\0')
		printf("%s: %s\n", result.error, result.text);
	else
		printf("%s %s receipt %s\n", result.word[0] != '\0' ? result.word : "unknown",
			result.reason[0] != '\0' ? result.reason : "-",
			result.receipt[0] != '\0' ? result.receipt : "-");
	return status_of(result.verdict);
}
