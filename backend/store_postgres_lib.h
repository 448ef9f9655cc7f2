/* SPDX-License-Identifier: Apache-2.0
 *
 * libpq, loaded when the first URL of a PostgreSQL is met: with what it needs itself (LDAP,
 * Kerberos, a second TLS library) it costs a backend on SQLite more than 2 MB resident. Included by
 * the driver's own files after store_postgres.h; from there on the names of the library go through
 * the table.
 */
#ifndef BACKEND_STORE_POSTGRES_LIB_H
#define BACKEND_STORE_POSTGRES_LIB_H

#include <postgresql/libpq-fe.h>

#include "base/err.h"

#define PG_CALLS(X)                                                                        \
	X(PQclear) X(PQcmdStatus) X(PQcmdTuples) X(PQconnectdbParams) X(PQconninfo)        \
	X(PQconninfoFree) X(PQconninfoParse) X(PQconsumeInput)                             \
	X(PQenterPipelineMode) X(PQerrorMessage) X(PQexec) X(PQexitPipelineMode)           \
	X(PQfinish) X(PQflush) X(PQfreemem) X(PQftype) X(PQgetResult) X(PQgetisnull)       \
	X(PQgetlength) X(PQgetvalue) X(PQgssEncInUse) X(PQhost) X(PQhostaddr)              \
	X(PQisBusy) X(PQnotifies) X(PQnparams) X(PQntuples) X(PQparamtype)                 \
	X(PQpipelineSync) X(PQputCopyData) X(PQputCopyEnd) X(PQresultErrorField)           \
	X(PQresultStatus) X(PQsendDescribePrepared) X(PQsendFlushRequest)                  \
	X(PQsendPrepare) X(PQsendQueryParams) X(PQsendQueryPrepared)                       \
	X(PQsetNoticeProcessor) X(PQsetSingleRowMode) X(PQsetnonblocking)                  \
	X(PQsocket) X(PQstatus)

struct pg_lib {
#define PG_CALL_POINTER(name) __typeof__(&name) name;
	PG_CALLS(PG_CALL_POINTER)
#undef PG_CALL_POINTER
};
extern struct pg_lib pg_lib; /* all of them after pg_lib_load() */

/* Once; any thread. ERR_UNSUPPORTED: the library is not installed, or an older one. */
ERR_MUST_CHECK enum err_code pg_lib_load(struct err *err);

#ifndef PG_LIB_WITHOUT_NAMES
#define PQclear pg_lib.PQclear
#define PQcmdStatus pg_lib.PQcmdStatus
#define PQcmdTuples pg_lib.PQcmdTuples
#define PQconnectdbParams pg_lib.PQconnectdbParams
#define PQconninfo pg_lib.PQconninfo
#define PQconninfoFree pg_lib.PQconninfoFree
#define PQconninfoParse pg_lib.PQconninfoParse
#define PQconsumeInput pg_lib.PQconsumeInput
#define PQenterPipelineMode pg_lib.PQenterPipelineMode
#define PQerrorMessage pg_lib.PQerrorMessage
#define PQexec pg_lib.PQexec
#define PQexitPipelineMode pg_lib.PQexitPipelineMode
#define PQfinish pg_lib.PQfinish
#define PQflush pg_lib.PQflush
#define PQfreemem pg_lib.PQfreemem
#define PQftype pg_lib.PQftype
#define PQgetResult pg_lib.PQgetResult
#define PQgetisnull pg_lib.PQgetisnull
#define PQgetlength pg_lib.PQgetlength
#define PQgetvalue pg_lib.PQgetvalue
#define PQgssEncInUse pg_lib.PQgssEncInUse
#define PQhost pg_lib.PQhost
#define PQhostaddr pg_lib.PQhostaddr
#define PQisBusy pg_lib.PQisBusy
#define PQnotifies pg_lib.PQnotifies
#define PQnparams pg_lib.PQnparams
#define PQntuples pg_lib.PQntuples
#define PQparamtype pg_lib.PQparamtype
#define PQpipelineSync pg_lib.PQpipelineSync
#define PQputCopyData pg_lib.PQputCopyData
#define PQputCopyEnd pg_lib.PQputCopyEnd
#define PQresultErrorField pg_lib.PQresultErrorField
#define PQresultStatus pg_lib.PQresultStatus
#define PQsendDescribePrepared pg_lib.PQsendDescribePrepared
#define PQsendFlushRequest pg_lib.PQsendFlushRequest
#define PQsendPrepare pg_lib.PQsendPrepare
#define PQsendQueryParams pg_lib.PQsendQueryParams
#define PQsendQueryPrepared pg_lib.PQsendQueryPrepared
#define PQsetNoticeProcessor pg_lib.PQsetNoticeProcessor
#define PQsetSingleRowMode pg_lib.PQsetSingleRowMode
#define PQsetnonblocking pg_lib.PQsetnonblocking
#define PQsocket pg_lib.PQsocket
#define PQstatus pg_lib.PQstatus
#endif

#endif
