/* SPDX-License-Identifier: Apache-2.0
 *
 * libpq when it is wanted.
 */
#define PG_LIB_WITHOUT_NAMES
#include "backend/store_postgres_lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define PG_LIBRARY "libpq.so.5"

struct pg_lib pg_lib;

static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* POSIX says that what dlsym() returns can be a function; C does not. */
static bool find(void *handle, const char *name, void *to)
{
	void *at = dlsym(handle, name);

	memcpy(to, &at, sizeof(at));
	return at != NULL;
}

static void load(void)
{
	void *handle = dlopen(PG_LIBRARY, RTLD_NOW | RTLD_LOCAL);

	loaded = handle != NULL;
#define PG_CALL_FIND(name) loaded = loaded && find(handle, #name, &pg_lib.name);
	PG_CALLS(PG_CALL_FIND)
#undef PG_CALL_FIND
}

enum err_code pg_lib_load(struct err *err)
{
	(void)pthread_once(&once, load);
	return loaded ? ERR_OK
		      : err_set(err, ERR_UNSUPPORTED,
				"PostgreSQL needs the library " PG_LIBRARY
				" (Debian: libpq5), which is not here or too old");
}
