/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of messages to holders.
 */
#ifndef BACKEND_STORE_SQL_MESSAGE_H
#define BACKEND_STORE_SQL_MESSAGE_H

#define STORE_SCHEMA_2_MESSAGE ""

#define STORE_SQL_MESSAGE(X)

#endif
