/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey frames as a counter's camera takes them, for benchmarks and tests. A shot says everything
 * that goes into a frame; the same shot gives the same frame. Shares nothing with the scanner that
 * reads the frames, nor with the phone simulator: a fault would hide in what both use.
 *
 * Light is linear up to the sensor. What carries the code is laid into the scene by a true
 * perspective, oversampled at least three times; then come light, lens, sensor and compression.
 */
#ifndef TESTS_BENCH_SHOT_H
#define TESTS_BENCH_SHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHOT_WIDTH_MAX  1920
#define SHOT_HEIGHT_MAX 1080
#define SHOT_TEXT_MAX   512
#define SHOT_CODES_MAX  6

enum shot_level {
	SHOT_L,
	SHOT_M,
	SHOT_Q,
	SHOT_H
};

enum shot_carrier {
	CARRIER_STICKER, /* the code and its quiet zone */
	CARRIER_PHONE,   /* a body, a screen, words around the code */
	CARRIER_PAPER,   /* a sheet with words */
	CARRIER_RECEIPT, /* a narrow strip with lines and bars */
	CARRIER_BARE,    /* dark modules straight on the background, no ground of its own */
	CARRIER_COUNT
};

enum shot_style {
	STYLE_SQUARE,
	STYLE_DOTS,
	STYLE_ROUNDED,
	STYLE_GAPS,     /* squares that do not touch */
	STYLE_HALFTONE, /* a picture; only the middle of a module says what it is */
	STYLE_COUNT
};

enum shot_background {
	GROUND_PLAIN,
	GROUND_DESK,
	GROUND_WOOD,
	GROUND_CARPET,
	GROUND_TEXT,
	GROUND_KEYBOARD,
	GROUND_STRIPES, /* a shirt */
	GROUND_BLOBS,   /* people, out of focus */
	GROUND_SHELF,   /* goods with bars */
	GROUND_WINDOW,  /* a dark room against a bright window */
	GROUND_TILES,
	GROUND_LEAVES,
	GROUND_COUNT
};

struct shot_code {
	char text[SHOT_TEXT_MAX + 1];
	size_t len;
	bool alphanumeric;
	enum shot_level level;
	int version;             /* at least; 0 = the smallest that holds the text */
	double x, y;             /* centre, 0 .. 1 of the frame */
	double module;           /* pixels: the root of its area in the frame */
	double roll, pitch, yaw; /* degrees */
	double dark, light;      /* linear light, 0 .. 1 */
	bool inverted, mirrored, round_finders;
	double quiet; /* modules */
	enum shot_carrier carrier;
	enum shot_style style;
	double logo;       /* side of what covers the middle, of the symbol's side */
	double gain;       /* modules that ink spreads; below 0 it shrinks */
	double damage;     /* 0 .. 1: scratches, stains, worn spots */
	double curve;      /* round a cylinder: radians from one side of the symbol to the other */
	double wave;       /* a sheet that is not flat: modules that its rows are moved */
	double uneven;     /* 0 .. 1: modules of different greys */
	double grid;       /* display pixels per module that can be seen; 0 = none */
	double grid_depth; /* 0 .. 1 */
	double finger;     /* modules of the quiet zone and the symbol that a finger hides */
	double ruin;       /* 0 .. 1 of the modules that say nothing: no reader may read it */
	bool blank;        /* only what would carry it */
};

struct shot {
	int width, height;
	uint64_t seed;  /* of the scene */
	uint64_t grain; /* of the noise: another in each frame of a video */
	unsigned codes;
	struct shot_code code[SHOT_CODES_MAX];
	enum shot_background background;
	double background_light;
	/* light */
	double spot_x, spot_y, spot_radius, spot_light; /* 0 .. 1; radius of the height */
	double streak_x, streak_y, streak_angle, streak_width, streak_light;
	double shadow;      /* 0 .. 1 lost in the shadow */
	double shadow_soft; /* pixels */
	double slope;       /* 0 .. 1: light falls off across the frame */
	double dapple;      /* 0 .. 1 lost in spots of shade, as under leaves */
	double mirror;      /* light of a room mirrored in the glass: soft rectangles */
	double haze;        /* light that is added everywhere */
	double banding;     /* 0 .. 1 */
	double band_rows;
	/* lens */
	double distortion;           /* of the radius at the corner; positive = barrel */
	double sigma, disk;          /* pixels of blur */
	double motion, motion_angle; /* pixels, degrees */
	double skew, wobble;         /* pixels from first to last row (rolling shutter) */
	double bloom;                /* 0 .. 1 of the light spread widely */
	double vignette;
	/* sensor */
	double exposure;    /* 1: white is 0.85 of full */
	double noise;       /* grey levels of read noise */
	double grain_light; /* shot noise, grey levels at white */
	double denoise;     /* 0 .. 1, as a camera does it: edges survive, texture does not */
	double sharpen;     /* 0 .. 3, with halos */
	int bits;           /* 8, or fewer */
	int jpeg;           /* quality; 0 = none */
};

struct frame_text {
	size_t len;
	char bytes[SHOT_TEXT_MAX + 1];
};

struct frame {
	int width, height;
	uint8_t *grey;  /* width * height bytes, of SHOT_WIDTH_MAX * SHOT_HEIGHT_MAX */
	unsigned texts; /* that a reader may give */
	struct frame_text text[SHOT_CODES_MAX];
	double module; /* pixels, of the first code */
	int side;      /* modules of it */
};

/* No codes, no faults: a sharp and well lit plain frame. */
void shot_plain(struct shot *s, int width, int height, uint64_t seed);
/* A code in the middle that lies flat, `module` pixels a module, its text by the seed: `len`
 * characters like those of our codes.
 */
struct shot_code *shot_add(struct shot *s, double module, size_t len, uint64_t seed);
/* Frame rectangle of a symbol of `side` modules, in pixels: left, top, right, bottom. */
void shot_code_box(double box[4], const struct shot *s, const struct shot_code *c, double side);
/* The text of another kind: a web address, a number, words. */
void shot_foreign_text(struct shot_code *c, uint64_t seed);
/* As seen `ms` later: the hand moves by up to `shake` pixels, and with it what it holds. */
void shot_hand(struct shot *out, const struct shot *s, double ms, double shake);

/* Both end the program when there is no memory. */
void frame_take(struct frame *f, const struct shot *s);
void frame_blank(struct frame *f, int width, int height); /* no texts; what it shows is undefined */
void frame_done(struct frame *f);

#endif
