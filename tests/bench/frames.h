/* SPDX-License-Identifier: Apache-2.0
 *
 * The bench set: shots in named conditions, four grades of difficulty each, any number of them.
 * A condition, a grade and a number always give the same shot.
 */
#ifndef TESTS_BENCH_FRAMES_H
#define TESTS_BENCH_FRAMES_H

#include "tests/bench/shot.h"

/* X(enum, word) */
#define CONDITION_LIST(X)                                                                          \
	X(COND_CLEAN, "clean")                                                                     \
	X(COND_TYPICAL, "typical")                                                                 \
	X(COND_MIXED, "mixed")                                                                     \
	X(COND_TILT, "tilt")       /* 20 to 35 degrees, extreme to 50 */                           \
	X(COND_BLUR_1, "blur-1.0") /* sigma in pixels; the grade is the size of the code */        \
	X(COND_BLUR_15, "blur-1.5")                                                                \
	X(COND_BLUR_2, "blur-2.0")                                                                 \
	X(COND_BLUR_25, "blur-2.5")                                                                \
	X(COND_DEFOCUS, "defocus") /* an even disk */                                              \
	X(COND_DARK, "dark")       /* and noisy */                                                 \
	X(COND_OVER, "over")       /* over-exposed */                                              \
	X(COND_BLOOM, "bloom")     /* and light spreads */                                         \
	X(COND_SPOT, "spot")       /* a lamp mirrored on the code */                               \
	X(COND_STREAK, "streak")   /* a tube mirrored across it */                                 \
	X(COND_MOIRE, "moire")     /* the display's own pixels and stripes */                      \
	X(COND_INVERT, "invert")   /* dark mode */                                                 \
	X(COND_MOTION, "motion")                                                                   \
	X(COND_ROLLING, "rolling") /* rolling shutter: leaning and wavy */                         \
	X(COND_SMALL, "small")     /* 1.5 to 3 pixels a module */                                  \
	X(COND_FAR, "far")         /* small, and a little of everything */                         \
	X(COND_CLOSE, "close")     /* over 80 % of the frame */                                    \
	X(COND_JPEG, "jpeg")       /* quality 95 to 30 */                                          \
	X(COND_SHADOW, "shadow")                                                                   \
	X(COND_BANDING, "banding") /* flicker of lamps or of the display */                        \
	X(COND_CURVED, "curved")   /* print on a cup or a bent sheet */                            \
	X(COND_DAMAGED, "damaged")                                                                 \
	X(COND_LOGO, "logo")                                                                       \
	X(COND_STYLED, "styled")     /* dots, rounded modules, rounded finder patterns */          \
	X(COND_QUIET, "quiet")       /* a quiet zone of 0 to 2 modules */                          \
	X(COND_CONTRAST, "contrast") /* coloured on coloured */                                    \
	X(COND_CLUTTER, "clutter")   /* lively backgrounds, codes without a ground */              \
	X(COND_SEVERAL, "several")                                                                 \
	X(COND_MIRRORED, "mirrored")                                                               \
	X(COND_VERSION, "version")     /* 15 to 30 */                                              \
	X(COND_LENS, "lens")           /* a wide lens bends lines */                               \
	X(COND_HALOS, "halos")         /* the camera sharpens and smooths */                       \
	X(COND_DEPTH, "depth")         /* fewer grey levels */                                     \
	X(COND_HAZE, "haze")           /* a matt screen protector, a greasy lens */                \
	X(COND_FINGER, "finger")       /* over an edge */                                          \
	X(COND_PRINT, "print")         /* ink spreads, thermal paper fades */                      \
	X(COND_BACKLIGHT, "backlight") /* against a window */                                      \
	X(COND_MONITOR, "monitor")     /* every pixel of the display is seen */                    \
	X(COND_SHEEN, "sheen")         /* wide soft glare */                                       \
	X(COND_MIRROR, "mirror")       /* the room mirrored in the glass */                        \
	X(COND_ART, "art")             /* modules of many greys, pictures in the code */

enum condition {
#define CONDITION_ENUM(name, word) name,
	CONDITION_LIST(CONDITION_ENUM)
#undef CONDITION_ENUM
	COND_COUNT
};

enum grade {
	GRADE_EASY,
	GRADE_MEDIUM,
	GRADE_HARD,
	GRADE_EXTREME,
	GRADE_COUNT
};

extern const char *const condition_words[COND_COUNT];
extern const char *const grade_words[GRADE_COUNT];

void frames_shot(struct shot *s, enum condition c, enum grade g, unsigned number);

#endif
