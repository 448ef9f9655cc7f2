/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `countersign offline`.
 */
#ifndef UI_OFFLINE_COMMAND_H
#define UI_OFFLINE_COMMAND_H

int offline_main(int argc, char **argv); /* enum exit_status */

#endif
