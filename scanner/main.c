/* SPDX-License-Identifier: Apache-2.0
 *
 * countersign-scanner: the process of countersign that looks at pictures.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/camera_settings.h"
#include "scanner/child.h"
#include "scanner/confine.h"
#include "scanner/devices.h"
#include "scanner/scanner.h"
#include "scanner/source.h"

enum {
	EXIT_USAGE = 3
};

static const char help_text[] =
	"countersign-scanner: the helper process of countersign that reads frames and finds QR\n"
	"codes in them. countersign starts it; by hand it is good for looking at a source:\n"
	"\n"
	"  countersign-scanner --print [--quiet] SOURCE\n"
	"\n"
	"prints one JSON object a line for each code of each frame, and a summary at the end.\n"
	"SOURCE: a folder of PGM, PNG or JPEG pictures, one picture, a .mjpeg or .y4m file, a\n"
	"recording (a folder made by countersign --record), a pipe of mjpeg or y4m (- is standard\n"
	"input), a camera such as /dev/video0, or a hand-held reader such as\n"
	"reader:/dev/hidraw0. A leading \"replay:\" is understood.\n"
	"\n"
	"  --camera WORDS     settings of the camera\n"
	"  --budget MS        of work for one frame (25)\n"
	"  --all-symbologies  other codes than QR, too\n"
	"  --quiet            the summary only\n"
	"  --frames N         end after so many frames\n"
	"  --help             this text\n"
	"  --version          the version\n"
	"\n"
	"Exit status: 0 codes were found, 1 none were found or the source failed, 3 wrong usage\n"
	"or the source cannot be opened, or the times of a recording are damaged.\n"
	"\n"
	"  countersign-scanner --devices\n"
	"\n"
	"prints one JSON object a line for each camera that there is; `countersign devices` says\n"
	"the same in words. Exit status: 0 one can be used, 1 none.\n"
	"\n"
	"  countersign-scanner --serve ...  is called by countersign (socket on descriptor 3)\n";

enum option_number {
	OPT_HELP = 256,
	OPT_VERSION,
	OPT_PRINT,
	OPT_DEVICES,
	OPT_QUIET,
	OPT_FRAMES,
	OPT_SERVE,
	OPT_FPS,
	OPT_STEPPED,
	OPT_LOOP,
	OPT_SKIP,
	OPT_FIRST,
	OPT_JOINED,
	OPT_HEAD,
	OPT_PIPE,
	OPT_RECORD,
	OPT_RECORD_MORE,
	OPT_ORIGIN,
	OPT_CAMERA,
	OPT_BUDGET,
	OPT_ALL_SYMBOLOGIES,
	OPT_DEVICE_FD,
	OPT_PREVIEW_FD
};

static const struct option options[] = {
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{"print", no_argument, NULL, OPT_PRINT},
	{"devices", no_argument, NULL, OPT_DEVICES},
	{"quiet", no_argument, NULL, OPT_QUIET},
	{"frames", required_argument, NULL, OPT_FRAMES},
	{"serve", no_argument, NULL, OPT_SERVE},
	{"fps", required_argument, NULL, OPT_FPS},
	{"stepped", no_argument, NULL, OPT_STEPPED},
	{"loop", no_argument, NULL, OPT_LOOP},
	{"skip", required_argument, NULL, OPT_SKIP},
	{"first", required_argument, NULL, OPT_FIRST},
	{"joined", no_argument, NULL, OPT_JOINED},
	{"head", required_argument, NULL, OPT_HEAD},
	{"pipe", required_argument, NULL, OPT_PIPE},
	{"record", required_argument, NULL, OPT_RECORD},
	{"record-more", no_argument, NULL, OPT_RECORD_MORE},
	{"origin", required_argument, NULL, OPT_ORIGIN},
	{"camera", required_argument, NULL, OPT_CAMERA},
	{"budget", required_argument, NULL, OPT_BUDGET},
	{"all-symbologies", no_argument, NULL, OPT_ALL_SYMBOLOGIES},
	{"device-fd", no_argument, NULL, OPT_DEVICE_FD},
	{"preview-fd", no_argument, NULL, OPT_PREVIEW_FD},
	{NULL, 0, NULL, 0},
};

struct command_line {
	struct child_options child;
	int mode; /* OPT_HELP, _VERSION, _PRINT, _DEVICES or _SERVE; 0 = none was given */
};

static int usage(const char *what, const char *which)
{
	fprintf(stderr, "countersign-scanner: %s%s%s; see countersign-scanner --help\n", what,
		which && what[strlen(what) - 1] == ':' ? " " : "", which ? which : "");
	return EXIT_USAGE;
}

static bool number(const char *text, int64_t max, int64_t *out)
{
	char *end;
	long long v = strtoll(text, &end, 10);
	if (end == text || *end || v < 0 || v > max)
		return false;
	*out = v;
	return true;
}

static int64_t least(int option)
{
	return option == OPT_BUDGET ? 1 : 0;
}

static int64_t most(int option)
{
	return option == OPT_FPS ? SCAN_FPS_MAX
		: option == OPT_BUDGET ? SCAN_BUDGET_MS_MAX
		: option == OPT_ORIGIN ? INT64_MAX
				       : UINT32_MAX;
}

static bool set_number(struct child_options *c, int option, const char *text)
{
	int64_t v;
	if (!number(text, most(option), &v) || v < least(option))
		return false;
	if (option == OPT_FPS)
		c->fps = (int)v;
	else if (option == OPT_BUDGET)
		c->budget_ms = (int)v;
	else if (option == OPT_SKIP)
		c->skip = (uint32_t)v;
	else if (option == OPT_FRAMES)
		c->frames = (uint32_t)v;
	else if (option == OPT_FIRST)
		c->first = (uint32_t)v;
	else
		c->origin_ms = v;
	return true;
}

/* False when the option is not known or its value is wrong. */
static bool set_option(struct command_line *l, int option, const char *value)
{
	struct child_options *c = &l->child;
	struct camera_settings camera;
	switch (option) {
	case OPT_HELP:
	case OPT_VERSION:
	case OPT_PRINT:
	case OPT_DEVICES:
	case OPT_SERVE:
		if (!l->mode)
			l->mode = option;
		return l->mode == option || l->mode == OPT_HELP;
	case OPT_QUIET:
		return c->quiet = true;
	case OPT_STEPPED:
		return c->stepped = true;
	case OPT_LOOP:
		return c->loop = true;
	case OPT_JOINED:
		return c->joined = true;
	case OPT_RECORD_MORE:
		return c->record_more = true;
	case OPT_ALL_SYMBOLOGIES:
		return c->all_symbologies = true;
	case OPT_DEVICE_FD:
		return c->device_fd = true;
	case OPT_PREVIEW_FD:
		return c->preview_fd = true;
	case OPT_CAMERA:
		c->camera = value;
		return camera_settings_parse(&camera, value, NULL) == ERR_OK;
	case OPT_HEAD:
		c->head = value;
		return true;
	case OPT_PIPE:
		c->pipe = value;
		return true;
	case OPT_RECORD:
		c->record_dir = value;
		return true;
	case OPT_FPS:
	case OPT_FRAMES:
	case OPT_BUDGET:
	case OPT_SKIP:
	case OPT_FIRST:
	case OPT_ORIGIN:
		return set_number(c, option, value);
	default:
		return false;
	}
}

/* "replay:" says nothing that what is there does not say as well; "reader:" does. */
static void set_source(struct child_options *c, const char *source)
{
	static const char replay[] = "replay:", reader[] = "reader:";
	c->reader = strncmp(source, reader, sizeof reader - 1) == 0;
	if (c->reader)
		source += sizeof reader - 1;
	else if (strncmp(source, replay, sizeof replay - 1) == 0)
		source += sizeof replay - 1;
	c->source = source;
}

static int wrong_option(int option, const char *name, const char *word)
{
	struct camera_settings camera;
	struct err err = {.text = ""};
	char words[sizeof err.text + 16];
	switch (option) {
	case OPT_CAMERA:
		if (!camera_settings_parse(&camera, optarg, &err))
			break;
		snprintf(words, sizeof words, "--camera: %s", err.text);
		return usage(words, NULL);
	case OPT_FPS:
	case OPT_FRAMES:
	case OPT_BUDGET:
	case OPT_SKIP:
	case OPT_FIRST:
	case OPT_ORIGIN:
		snprintf(words, sizeof words, "--%s: a number from %lld to %lld is needed", name,
			(long long)least(option), (long long)most(option));
		return usage(words, NULL);
	default:
		break;
	}
	return usage("option that cannot be used here, or lacks its value:", word);
}

int main(int argc, char **argv)
{
	struct command_line l = {.mode = 0};
	int option, which = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, &which)) != -1)
		if (!set_option(&l, option, optarg))
			return wrong_option(option, options[which].name, argv[optind - 1]);
	if (l.mode == OPT_HELP)
		return fputs(help_text, stdout) < 0 || fflush(stdout) ? EXIT_USAGE : 0;
	if (l.mode == OPT_VERSION)
		return printf("countersign-scanner %s%s\n", COUNTERSIGN_VERSION, SCAN_SANITIZED
			? " (built with sanitizers: its sandbox has holes)" : "") < 0 ||
			fflush(stdout) ? EXIT_USAGE : 0;
	if (l.mode == OPT_DEVICES && argc == 2)
		return child_devices();
	if (l.mode == OPT_DEVICES)
		return usage("--devices takes nothing else", NULL);
	if (!l.mode)
		return usage("this is a helper of countersign; by hand use --print SOURCE", NULL);
	if (argc - optind != 1 || !argv[optind][0] || strlen(argv[optind]) > SCAN_SOURCE_MAX)
		return usage("exactly one SOURCE is needed", NULL);
	set_source(&l.child, argv[optind]);
	return l.mode == OPT_PRINT ? child_print(&l.child) : child_serve(&l.child);
}
