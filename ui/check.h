/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign check`: is everything there that this terminal needs, and what is to be done where
 * it is not. No verification is begun, nothing is printed or played.
 */
#ifndef UI_CHECK_H
#define UI_CHECK_H

#define CHECK_CAMERA_MS 8000     /* until the first pictures */
#define CHECK_PICTURES 6         /* that are looked at */
#define CHECK_CLOCK_WARN_S 5     /* from here on the clock is told to be wrong */
#define CHECK_CLOCK_FAULT_S 20   /* from here on it can make good codes look old or new */
#define CHECK_CERTIFICATE_DAYS 7 /* a certificate that ends sooner was not renewed as it should */
#define CHECK_SPACE_MIB 100      /* free space of the folder of sales */

/* argv[0] is the word "check". Returns the exit status: 0 nothing is wrong, 1 a fault, 3 wrong
 * usage.
 */
int check_main(int argc, char **argv);

#endif
