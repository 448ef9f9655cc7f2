/* SPDX-License-Identifier: Apache-2.0
 *
 * countersignd, the installed program.
 */
#include "backend/program.h"

int main(int argc, char **argv)
{
	static const struct program_hooks hooks = {.name = "countersignd", .site = &site_built};

	return program_main(argc, argv, &hooks);
}
