/* SPDX-License-Identifier: Apache-2.0
 *
 * The hand that holds the phone, and the perspective that follows.
 */
#include <math.h>

#include "wallet/holder/camera_private.h"

/* Slow drift and a small fast tremor; about -1.5 to 1.5. */
static double hand(const struct camera *c, enum hand_axis axis, double seconds)
{
	static const double hertz[HAND_WAVES] = {0.13, 0.37, 0.81, 7.3};
	static const double size[HAND_WAVES] = {0.8, 0.5, 0.2, 0.06};
	double sum = 0;

	for (int i = 0; i < HAND_WAVES; i++)
		sum += size[i] * sin(360 * DEGREE * hertz[i] * seconds + c->wave[axis][i]);
	return sum;
}

static void matrix_multiply(
	double out[static 9], const double a[static 9], const double b[static 9])
{
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			out[3 * i + j] =
				a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
}

static void matrix_invert(double out[static 9], const double m[static 9])
{
	double det;

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++) {
			int a = (j + 1) % 3, b = (j + 2) % 3, p = (i + 1) % 3, q = (i + 2) % 3;

			out[3 * i + j] = m[3 * a + p] * m[3 * b + q] - m[3 * a + q] * m[3 * b + p];
		}
	det = m[0] * out[0] + m[1] * out[3] + m[2] * out[6];
	for (int i = 0; i < 9; i++)
		out[i] /= det;
}

/* Rotation about all axes, as a matrix; angles in degrees. */
static void rotation_make(double out[static 9], double pitch, double yaw, double roll)
{
	double cp = cos(pitch * DEGREE), sp = sin(pitch * DEGREE);
	double cy = cos(yaw * DEGREE), sy = sin(yaw * DEGREE);
	double cr = cos(roll * DEGREE), sr = sin(roll * DEGREE);
	const double x[9] = {1, 0, 0, 0, cp, -sp, 0, sp, cp};
	const double y[9] = {cy, 0, sy, 0, 1, 0, -sy, 0, cy};
	const double z[9] = {cr, -sr, 0, sr, cr, 0, 0, 0, 1};
	double both[9];

	matrix_multiply(both, y, x);
	matrix_multiply(out, z, both);
}

/* Pixels per module when the size is left to the camera; two phones share the width. */
static double size_default(const struct camera *c, bool two)
{
	double size = c->light.height / 96.0, most = c->light.width / 165.0;

	return two && size > most ? most : size;
}

void camera_pose_make(
	struct pose *p, const struct camera *c, const struct camera_shot *s, int index)
{
	bool two = s->in_view[0] && s->in_view[1];
	double seconds = (double)s->at_ms / 1000 + 100.0 * index, shake = s->knob[CAMERA_SHAKE];
	double size = s->knob[CAMERA_SIZE] > 0 ? s->knob[CAMERA_SIZE] : size_default(c, two);
	double focal = 1.2 * c->light.width;
	double side = two ? (index ? 0.25 : -0.25) : 0;
	double x = c->light.width * (0.5 + side + s->knob[CAMERA_X]) +
		   shake * 0.008 * c->light.width * hand(c, HAND_X, seconds);
	double y = c->light.height * (0.5 + s->knob[CAMERA_Y]) +
		   shake * 0.012 * c->light.height * hand(c, HAND_Y, seconds);
	double tilt = shake * hand(c, HAND_TILT, seconds);
	double r[9];

	p->scale = size / PHONE_MODULE;
	rotation_make(r, s->knob[CAMERA_PITCH] + tilt, s->knob[CAMERA_YAW] - tilt,
		s->knob[CAMERA_ROLL] + shake * hand(c, HAND_ROLL, seconds));
	/* plane of the phone (around the aim), then the room, then the picture */
	{
		const double plane[9] = {p->scale, 0, -p->scale * PHONE_AIM_X, 0, p->scale,
			-p->scale * PHONE_AIM_Y, 0, 0, 1};
		const double room[9] = {r[0], r[1], 0, r[3], r[4], 0, r[6], r[7], focal};
		const double lens[9] = {focal, 0, x, 0, focal, y, 0, 0, 1};
		double both[9];

		matrix_multiply(both, lens, room);
		matrix_multiply(p->to_frame, both, plane);
	}
	matrix_invert(p->to_phone, p->to_frame);
}

void camera_pose_point(const struct pose *p, double *x, double *y, double u, double v)
{
	const double *m = p->to_frame;
	double w = m[6] * u + m[7] * v + m[8];

	*x = (m[0] * u + m[1] * v + m[2]) / w;
	*y = (m[3] * u + m[4] * v + m[5]) / w;
}

static int bounded(double v, int low, int high)
{
	return v < low ? low : v > high ? high : (int)v;
}

struct camera_area camera_pose_area(const struct camera *c, const struct pose *p, int margin)
{
	double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;

	for (int i = 0; i < 4; i++) {
		double x, y;

		camera_pose_point(p, &x, &y, i & 1 ? PHONE_WIDTH : 0, i & 2 ? PHONE_HEIGHT : 0);
		x0 = fmin(x0, x);
		y0 = fmin(y0, y);
		x1 = fmax(x1, x);
		y1 = fmax(y1, y);
	}
	return (struct camera_area){bounded(x0 - margin, 0, c->light.width),
		bounded(y0 - margin, 0, c->light.height),
		bounded(x1 + margin + 1, 0, c->light.width),
		bounded(y1 + margin + 1, 0, c->light.height)};
}

/* How bright a point inside one phone pixel is, in 1/256: three stripes and a dark gap. */
static void grid_make(uint16_t grid[static 64], double amount)
{
	static const double stripe[8] = {1.0, 1.1, 1.6, 1.8, 1.6, 0.6, 0.5, 0.3};

	for (int y = 0; y < 8; y++)
		for (int x = 0; x < 8; x++) {
			double level = stripe[x] * (y == 7 ? 0.3 : 1.1);

			grid[8 * y + x] = (uint16_t)(256 * (1 + amount * (level - 1.0)));
		}
}

/* Outside the round corners of the body? */
static bool is_cut_off(const struct camera *c, int u, int v)
{
	int row = v < PHONE_HEIGHT / 2 ? v : PHONE_HEIGHT - 1 - v;

	return row < PHONE_CORNER && (u < c->inset[row] || u >= PHONE_WIDTH - c->inset[row]);
}

/* One pixel between four of the picture; u and v in 1/256 of its pixels. */
static unsigned sample(const uint16_t *light, int width, int u, int v)
{
	const uint16_t *p = light + (size_t)(v >> 8) * (size_t)width + (u >> 8);
	unsigned fu = (unsigned)u & 255, fv = (unsigned)v & 255;
	unsigned top = p[0] * (256 - fu) + p[1] * fu;
	unsigned low = p[width] * (256 - fu) + p[width + 1] * fu;

	return (top * (256 - fv) + low * fv) >> 16;
}

void camera_pose_lay(struct camera *c, const struct pose *p, const struct camera_shot *s, int index)
{
	struct camera_area a = camera_pose_area(c, p, 0);
	const struct texture *t = &c->phone[index];
	int m = p->scale > 0.7 ? 0 : p->scale > 0.35 ? 1 : 2;
	float limit_u = (float)(t->width[m] - 2), limit_v = (float)(t->height[m] - 2);
	float shrink = 1.0f / (float)(1 << m);
	uint16_t grid[64];
	bool moire = s->knob[CAMERA_MOIRE] > 0;
	const double *h = p->to_phone;

	grid_make(grid, s->knob[CAMERA_MOIRE]);
	for (int y = a.y0; y < a.y1; y++) {
		uint16_t *row = c->light.now + (size_t)y * (size_t)c->light.width;
		float u0 = (float)(h[1] * y + h[2]), v0 = (float)(h[4] * y + h[5]);
		float w0 = (float)(h[7] * y + h[8]);
		float du = (float)h[0], dv = (float)h[3], dw = (float)h[6];

		for (int x = a.x0; x < a.x1; x++) {
			float w = shrink / (w0 + dw * (float)x);
			float u = (u0 + du * (float)x) * w, v = (v0 + dv * (float)x) * w;
			int ui, vi;
			unsigned light;

			if (!(u >= 0 && v >= 0 && u < limit_u && v < limit_v))
				continue;
			ui = (int)(u * 256);
			vi = (int)(v * 256);
			if (is_cut_off(c, ui >> 8 << m, vi >> 8 << m))
				continue;
			light = sample(t->light[m], t->width[m], ui, vi);
			if (moire)
				light = light * grid[(vi << m >> 5 & 7) * 8 + (ui << m >> 5 & 7)] >>
					8;
			row[x] = (uint16_t)light;
		}
	}
}
