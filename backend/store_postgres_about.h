/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the PostgreSQL driver: what the store's statements read and write, told from their own
 * words.
 */
#ifndef BACKEND_STORE_POSTGRES_ABOUT_H
#define BACKEND_STORE_POSTGRES_ABOUT_H

#include <stdbool.h>
#include <stdint.h>

#define PG_ABOUT_ID_LEN 16 /* of identifiers */

struct pg_about {
	bool reads;
	bool insert;      /* of one row; one that says nothing of conflicts itself */
	bool counted;     /* a write; how many rows it changes can be told by who read them */
	uint64_t tables;  /* read or written, one bit each */
	uint64_t written;
	uint64_t keyed;   /* identifiers that must equal an argument, one bit each */
	bool by_key;      /* a read: of one row, by its primary key alone */
	bool names_all;   /* a write that names every identifier of the row it changes */
	bool all_hold;    /* a read of one table: all must hold, and its identifiers be equal */
};

/* n: of enum store_sql. */
const struct pg_about *pg_about(int n);

#endif
