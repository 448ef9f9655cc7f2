/* SPDX-License-Identifier: Apache-2.0
 *
 * `holder simulate`: flags, wallets, scenario, and the files of a recording.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "wallet/holder/command.h"
#include "wallet/holder/simulate.h"

struct simulate_flags {
	struct wallet_flags wallet, wallet2;
	const char *scenario, *size, *format, *record, *answer, *amount, *currency, *level;
	int64_t fps, seed, frames, start_unix_ms;
	bool step;
};

/* What a holder does who was asked for nothing special. */
static const char scenario_typed[] = "show first\n"
				     "wait number\n"
				     "type 2500\n"
				     "show second\n"
				     "wait verdict\n"
				     "wait 1500\n"
				     "end\n";
static const char scenario_scanned[] = "show first\n"
				       "wait number\n"
				       "wait 2500\n"
				       "answer challenge\n"
				       "show second\n"
				       "wait verdict\n"
				       "wait 1500\n"
				       "end\n";

static void help(const struct option_entry *list, size_t count)
{
	puts("holder simulate: a SIMULATOR of a phone held to a camera. Frames go to standard "
	     "output;\n"
	     "the terminal's JSON events come from standard input: from them the simulated holder\n"
	     "knows the number that the terminal shows.\n");
	options_print(list, count);
	puts("\nscenario lines (docs/scenarios.md says more):\n"
	     "  show first|static|forged|second|dark|nothing\n"
	     "  show text \"TEXT\" | show code TEXT | show ean13 DIGITS | show picture FILE\n"
	     "  wait MS | wait number|verdict|pin|notice|uncertain [MS at most]\n"
	     "  type MS                     read the number, type it, answer it\n"
	     "  answer [number|challenge|wrong|older|again|amount 12.80 EUR] [untimed]\n"
	     "                              make another second code; `show second` shows it\n"
	     "  camera KNOB VALUE [for MS|over MS] | camera tilt PITCH YAW ROLL | camera reset\n"
	     "  phone 2 show|type|answer|invert|clock ...\n"
	     "  invert on|off | clock +SECONDS | truncate FRAMES | repeat N ... end | end\n"
	     "\nknobs of the camera:");
	for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
		printf("  %-10s %6g  from %g to %g: %s\n", camera_knobs[i].word,
			camera_knobs[i].start, camera_knobs[i].low, camera_knobs[i].high,
			camera_knobs[i].help);
}

static int word_index(const char *word, const char *const *list, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return i;
	return -1;
}

static bool size_parse(struct simulate_options *o, const char *text)
{
	char *end;
	long width = strtol(text, &end, 10), height;

	if (text[0] < '0' || text[0] > '9' || *end != 'x' || end[1] < '0' || end[1] > '9')
		return false;
	height = strtol(end + 1, &end, 10);
	if (*end || width > CAMERA_WIDTH_MAX || height > CAMERA_HEIGHT_MAX)
		return false;
	o->width = (int)width;
	o->height = (int)height;
	return true;
}

static enum err_code words_parse(
	struct simulate_options *o, const struct simulate_flags *f, struct err *err)
{
	static const char *const formats[] = {[FRAME_MJPEG] = "mjpeg", [FRAME_Y4M] = "y4m"};
	static const char *const answers[] = {[CODE_BINDING_NUMBER] = "number",
		[CODE_BINDING_AMOUNT] = "amount",
		[CODE_BINDING_CHALLENGE] = "challenge"};
	static const char *const levels[] = {
		[QR_LOW] = "L", [QR_MEDIUM] = "M", [QR_QUARTILE] = "Q", [QR_HIGH] = "H"};
	int format = word_index(f->format, formats, 2), answer = word_index(f->answer, answers, 3);
	int level = word_index(f->level, levels, 4);

	if (!size_parse(o, f->size))
		return err_set(err, ERR_USAGE, "--size is like 1280x720, at most %dx%d",
			CAMERA_WIDTH_MAX, CAMERA_HEIGHT_MAX);
	if (format < 0)
		return err_set(err, ERR_USAGE, "--format is mjpeg or y4m");
	if (answer < 0)
		return err_set(err, ERR_USAGE, "--answer is number, amount or challenge");
	if (level < 0)
		return err_set(err, ERR_USAGE, "--level is L, M, Q or H");
	o->format = (enum frame_format)format;
	o->play.binding = (enum code_binding)answer;
	o->play.level = (enum qr_level)level;
	return ERR_OK;
}

static enum err_code amount_take(
	struct simulate_options *o, const struct simulate_flags *f, struct err *err)
{
	if (o->play.binding != CODE_BINDING_AMOUNT && !f->amount && !f->currency)
		return ERR_OK;
	if (!f->amount || !f->currency)
		return err_set(err, ERR_USAGE, "--answer amount needs --amount and --currency");
	if (amount_parse(&o->play.amount, f->amount, f->currency, err))
		return ERR_INVALID;
	memcpy(o->play.currency, f->currency, sizeof(o->play.currency));
	return ERR_OK;
}

static enum err_code scenario_read(struct scenario *out, const struct simulate_flags *f,
	enum code_binding binding, struct err *err)
{
	struct bytes text;
	enum err_code rc;

	if (!f->scenario)
		return scenario_parse(out,
			span_text(binding == CODE_BINDING_CHALLENGE ? scenario_scanned
								    : scenario_typed),
			err);
	bytes_init(&text, SCENARIO_FILE_MAX);
	rc = file_read(&text, f->scenario, false, err);
	if (!rc) {
		rc = scenario_parse(out, bytes_span(&text), err);
		if (rc)
			err_prefix(err, "%s", f->scenario);
	}
	bytes_done(&text);
	return rc;
}

static int file_make(const char *folder, const char *name, struct err *err)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name), fd;

	if (n < 0 || (size_t)n >= sizeof(path)) {
		err_set(err, ERR_TOO_LARGE, "the path of the recording is too long");
		return -1;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		err_set_os(err, errno == EEXIST ? ERR_EXISTS : ERR_IO, errno, "%s", path);
	return fd;
}

/* --record DIR: the stream goes into a folder that `countersign --source replay:DIR` reads. */
static enum err_code record_open(struct simulate_options *o, const char *folder, struct err *err)
{
	if (!folder)
		return ERR_OK;
	o->frames_fd =
		file_make(folder, o->format == FRAME_Y4M ? "frames.y4m" : "frames.mjpeg", err);
	if (o->frames_fd < 0)
		return err->code;
	o->times_fd = file_make(folder, "times", err);
	return o->times_fd < 0 ? err->code : ERR_OK;
}

static enum err_code wallets_open(
	struct wallet *out[static CAMERA_PHONES], struct simulate_flags *f, struct err *err)
{
	enum err_code rc = wallet_flags_open(&out[0], &f->wallet, err);

	if (rc || !f->wallet2.wallet)
		return rc;
	if (!f->wallet2.passcode_file)
		f->wallet2.passcode_file = f->wallet.passcode_file;
	return wallet_flags_open(&out[1], &f->wallet2, err);
}

static enum err_code run(struct simulate_flags *f, struct err *err)
{
	static struct scenario scenario;
	struct simulate_options o = {.fps = (int)f->fps,
		.seed = (uint64_t)f->seed,
		.step = f->step,
		.start_unix_ms = f->start_unix_ms,
		.frames = f->frames,
		.events_fd = STDIN_FILENO,
		.frames_fd = STDOUT_FILENO,
		.times_fd = -1,
		.play = {.scenario = &scenario}};
	struct wallet *wallet[CAMERA_PHONES] = {NULL};
	enum err_code rc = words_parse(&o, f, err);

	if (!rc)
		rc = amount_take(&o, f, err);
	if (!rc)
		rc = scenario_read(&scenario, f, o.play.binding, err);
	if (!rc)
		rc = wallets_open(wallet, f, err);
	if (!rc && !f->record && isatty(STDOUT_FILENO))
		rc = err_set(err, ERR_USAGE,
			"frames are no text: send them to a file, a pipe, or --record DIR");
	if (!rc)
		rc = record_open(&o, f->record, err);
	for (int i = 0; i < CAMERA_PHONES; i++)
		o.play.wallet[i] = wallet[i];
	if (!rc)
		rc = simulate(&o, err);
	if (f->record && o.frames_fd != STDOUT_FILENO && o.frames_fd >= 0)
		close(o.frames_fd);
	if (o.times_fd >= 0)
		close(o.times_fd);
	for (int i = 0; i < CAMERA_PHONES; i++)
		wallet_free(&wallet[i]);
	return rc;
}

int command_simulate(int argc, char **argv)
{
	struct simulate_flags f = {.size = "1280x720",
		.format = "mjpeg",
		.answer = "number",
		.level = "M",
		.fps = 15,
		.start_unix_ms = -1};
	const struct option_entry list[] = {
		{"--wallet", OPTION_TEXT, &f.wallet.wallet, 0, 0, "FILE", "the phone's wallet"},
		{"--passcode-file", OPTION_TEXT, &f.wallet.passcode_file, 0, 0, "FILE",
			"its passcode is the first line of this file (mode 0600)"},
		{"--wallet2", OPTION_TEXT, &f.wallet2.wallet, 0, 0, "FILE",
			"wallet of the second phone"},
		{"--passcode-file2", OPTION_TEXT, &f.wallet2.passcode_file, 0, 0, "FILE",
			"its passcode; without: the same as the first"},
		{"--scenario", OPTION_TEXT, &f.scenario, 0, 0, "FILE", "what the holder does"},
		{"--answer", OPTION_TEXT, &f.answer, 0, 0, "HOW",
			"number, amount or challenge, where the scenario leaves it open"},
		{"--amount", OPTION_TEXT, &f.amount, 0, 0, "12.80", "for --answer amount"},
		{"--currency", OPTION_TEXT, &f.currency, 0, 0, "EUR", "for --answer amount"},
		{"--level", OPTION_TEXT, &f.level, 0, 0, "L|M|Q|H",
			"error correction of the codes"},
		{"--size", OPTION_TEXT, &f.size, 0, 0, "WxH", "of a frame, default 1280x720"},
		{"--fps", OPTION_INT, &f.fps, 1, SIMULATE_FPS_MAX, "N",
			"frames a second, default 15"},
		{"--seed", OPTION_INT, &f.seed, 0, INT64_MAX, "N",
			"hand, noise and room follow from it"},
		{"--format", OPTION_TEXT, &f.format, 0, 0, "mjpeg|y4m", "default mjpeg"},
		{"--frames", OPTION_INT, &f.frames, 1, INT64_MAX, "N", "stop after so many"},
		{"--step", OPTION_FLAG, &f.step, 0, 0, NULL,
			"virtual time: a frame for each `frame` event"},
		{"--start-unix", OPTION_INT, &f.start_unix_ms, 0, INT64_MAX / 4, "MS",
			"with --step: the phone's clock at frame 0"},
		{"--record", OPTION_TEXT, &f.record, 0, 0, "DIR",
			"write the frames into this folder, with their times"},
	};
	struct option_result r;
	struct err err = {0};

	if (options_parse(&r, list, sizeof(list) / sizeof(list[0]), argc, argv, 0, &err))
		return command_failed(&err);
	if (r.help) {
		help(list, sizeof(list) / sizeof(list[0]));
		return HOLDER_DONE;
	}
	signal(SIGPIPE, SIG_IGN); /* the terminal may end first */
	return run(&f, &err) ? command_failed(&err) : HOLDER_DONE;
}
