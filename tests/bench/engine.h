/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers that are compared, ours and the peers', behind one call. Each is entered in a file of
 * its own; none keeps anything between frames except video_read().
 */
#ifndef TESTS_BENCH_ENGINE_H
#define TESTS_BENCH_ENGINE_H

#include "tests/bench/shot.h"

#define READING_TEXTS_MAX 8

struct reading {
	unsigned count;
	struct frame_text text[READING_TEXTS_MAX];
};

/* X(enum, word, what it is) */
#define ENGINE_LIST(X)                                                                             \
	X(ENGINE_OURS, "ours", "every effort, as for a single picture")                            \
	X(ENGINE_VIDEO, "ours-1st", "as for the first frame of a video")                           \
	X(ENGINE_ZBAR, "zbar", "as zbarimg comes: every symbology")                                \
	X(ENGINE_ZBAR_QR, "zbar-qr", "QR alone")                                                   \
	X(ENGINE_ZXING, "zxing", "libzxing, QR alone, try harder, try rotate")

enum engine {
#define ENGINE_ENUM(name, word, what) name,
	ENGINE_LIST(ENGINE_ENUM)
#undef ENGINE_ENUM
	ENGINE_COUNT
};

extern const char *const engine_words[ENGINE_COUNT];
extern const char *const engine_means[ENGINE_COUNT];

/* Returns microseconds of CPU of this thread. */
double engine_read(enum engine e, struct reading *out, const struct frame *f);

/* The same in a process of its own that may use ENGINE_LIMIT_S of CPU: libzxing takes minutes for a
 * field of finder patterns. Returns ENGINE_LIMIT_S in microseconds when it was stopped.
 */
#define ENGINE_LIMIT_S 2
double engine_read_limited(enum engine e, struct reading *out, const struct frame *f);

/* The engines' own entries. */
double ours_read(struct reading *out, const struct frame *f, bool thorough);
void peer_zbar_read(struct reading *out, const struct frame *f, bool qr_only);
#ifdef __cplusplus
extern "C"
#endif
	void
	peer_zxing_read(struct reading *out, const struct frame *f);

/* What the steps of our cascade did in the last ours_read(). */
#define OURS_STEPS_MAX 16
struct ours_step {
	bool ran, read; /* it read a code and no step before it had */
	float ms;
};
struct ours_steps {
	struct ours_step step[OURS_STEPS_MAX];
};
extern struct ours_steps ours_steps;
unsigned ours_step_count(void);
const char *ours_step_word(unsigned step);
const char *ours_step_means(unsigned step);

void reading_add(struct reading *out, const char *text, size_t len);

/* A decoder that goes from frame to frame, as in a video. */
void video_start(void);
double video_read(struct reading *out, const struct frame *f);
void video_stop(void);

#endif
