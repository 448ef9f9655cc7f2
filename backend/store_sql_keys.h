/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of rotation of keys, and what is kept how long.
 */
#ifndef BACKEND_STORE_SQL_KEYS_H
#define BACKEND_STORE_SQL_KEYS_H

#define STORE_SCHEMA_2_KEYS ""

#define STORE_SQL_KEYS(X)

#endif
