/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of enrolment of terminals and their certificates.
 */
#ifndef BACKEND_STORE_SQL_ENROL_H
#define BACKEND_STORE_SQL_ENROL_H

#define STORE_SCHEMA_2_ENROL ""

#define STORE_SQL_ENROL(X)

#endif
