/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign enrol URL CODE`: a new terminal gets its certificate. The code holds a digest of the
 * key of the backend's authority, so that nothing is sent to anybody else.
 */
#ifndef UI_ENROL_H
#define UI_ENROL_H

/* argv[0] is "enrol". Returns an enum exit_status. */
int enrol_main(int argc, char **argv);

#endif
