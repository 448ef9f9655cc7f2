/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of operators, their sessions, and customer service.
 */
#ifndef BACKEND_STORE_SQL_PEOPLE_H
#define BACKEND_STORE_SQL_PEOPLE_H

#define STORE_SCHEMA_2_PEOPLE ""

#define STORE_SQL_PEOPLE(X)

#endif
