/* leakdog goroutines FILE|ID: who they are, how many, since when, and what grew. Any dump
 * from anywhere; of an incident the newest capture against its base. */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/dump.h"
#include "commands/options.h"
#include "lib/num.h"
#include "view/goroutines.h"

static const char usage_text[] =
	"usage: leakdog goroutines [--base FILE] [--state STATE] [--match REGEX]\n"
	"                          [--top N] [--full] [--json] [--archive DIR] FILE|ID\n"
	"FILE: what /debug/pprof/goroutine answered, with debug=2, debug=1 or without, "
	"or\n"
	"the log of a crash; gzipped or not; - is stdin\n"
	"ID: an incident; its newest capture is compared with its base\n"
	"REGEX: extended, on the names of functions and states\n"
	"--top N: so many groups (20); --full: with their stacks, also where there are "
	"more\n";

#define SYMBOLS_CAP (96U << 20) /* names and frames */
#define OUTPUT_MAX (256U << 20)
#define NAME_LOOKED_AT ((size_t)4096) /* bytes of a name that a REGEX sees */
#define TOP_DEFAULT 20

struct options {
	const char *file, *base, *state, *match, *archive;
	size_t top;
	bool full, json, top_given;
};

struct work {
	struct options options;
	struct symbols *symbols;
	struct goroutines goroutines;
	struct owners *owners;
	struct build build; /* of an incident's target; else empty */
	regex_t regex;
	bool has_regex;
	uint32_t *rows;
	size_t n_rows;
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "leakdog goroutines: %s: %s\n", what, why);
	return EXIT_FAILED;
}

static int read_now(struct work *w)
{
	const char *file = w->options.file;
	struct reader reader;
	int r;

	if (!strcmp(file, "-") || strchr(file, '/') || access(file, F_OK) == 0)
		return dump_file(file, SIDE_NOW, &w->goroutines);
	r = reader_open("goroutines", w->options.archive, &reader);
	if (r != EXIT_OK)
		return r;
	r = dump_incident(&reader, file, !w->options.base, &w->goroutines, &w->build);
	archive_close(&reader.archive);
	return r;
}

static int read_both(struct work *w)
{
	int r = read_now(w);

	if (r != EXIT_OK || !w->options.base)
		return r;
	return dump_file(w->options.base, SIDE_BASE, &w->goroutines);
}

/* --- Which groups are meant --------------------------------------------------------- */

static bool name_matches(const struct work *w, uint32_t name)
{
	struct span text = symbols_text(w->symbols, name);
	char copy[NAME_LOOKED_AT + 1];
	size_t len = MIN(text.len, NAME_LOOKED_AT);

	memcpy(copy, text.at, len);
	copy[len] = '\0';
	return regexec(&w->regex, copy, 0, NULL, 0) == 0;
}

/* Each name is looked at once: a regular expression may be slow. */
static bool *matching_names(const struct work *w)
{
	bool *matching = calloc(symbols_names(w->symbols), sizeof(*matching));

	for (uint32_t i = 0; matching && i < symbols_names(w->symbols); i++)
		matching[i] = name_matches(w, i);
	return matching;
}

static bool group_matches(const struct work *w, const struct goroutine_group *group,
			  const bool *matching)
{
	const uint32_t *frames = w->goroutines.frames + group->at;

	if (w->options.state &&
	    !span_is(symbols_text(w->symbols, group->state), w->options.state))
		return false;
	if (!matching || matching[group->state])
		return true;
	for (size_t i = 0; i < group->depth; i++)
		if (matching[symbols_at(w->symbols, frames[i])->function])
			return true;
	return group->creator != NO_FRAME &&
	       matching[symbols_at(w->symbols, group->creator)->function];
}

static int choose(struct work *w)
{
	AUTO_FREE bool *matching = NULL;

	w->rows = calloc(w->goroutines.n + 1, sizeof(*w->rows));
	if (w->has_regex)
		matching = matching_names(w);
	if (!w->rows || (w->has_regex && !matching))
		return -ENOMEM;
	for (size_t i = 0; i < w->goroutines.n; i++)
		if (group_matches(w, &w->goroutines.list[i], matching))
			w->rows[w->n_rows++] = (uint32_t)i;
	return 0;
}

/* --- Output ------------------------------------------------------------------------- */

static int print(const struct work *w)
{
	const struct options *o = &w->options;
	struct goroutines_view view = {
		.goroutines = &w->goroutines,
		.owners = w->owners,
		.rows = w->rows,
		.n_rows = w->n_rows,
		.top = o->json && !o->top_given ? SIZE_MAX : o->top,
		.stacks = o->full || w->n_rows <= MIN(o->top, TOP_DEFAULT),
		.base = w->goroutines.source[SIDE_BASE] != GOROUTINES_NONE,
	};
	AUTO_BUF struct buf text;
	int r = 0;

	buf_init(&text, OUTPUT_MAX);
	if (o->json)
		r = goroutines_view_json(&view, &text);
	else
		goroutines_view_text(&view, &text);
	if (r == -EFBIG || buf_error(&text) == -EFBIG)
		return fail(o->file, "more than 256M to print: --top N");
	if (r < 0)
		return fail(o->file, strerror(-r));
	r = reader_print("goroutines", &text);
	if (r == EXIT_OK && w->n_rows == 0) {
		fputs("leakdog goroutines: no group matches\n", stderr);
		return EXIT_NO_MATCH;
	}
	return r;
}

static int work(struct work *w)
{
	int r;

	r = symbols_new(SYMBOLS_CAP, &w->symbols);
	if (r < 0)
		return fail(w->options.file, strerror(-r));
	goroutines_init(&w->goroutines, w->symbols);
	r = read_both(w);
	if (r != EXIT_OK)
		return r;
	r = goroutines_finish(&w->goroutines);
	if (r == 0)
		r = owners_new(&w->build, w->symbols, &w->owners);
	if (r == 0)
		r = choose(w);
	return r < 0 ? fail(w->options.file, strerror(-r)) : print(w);
}

static void work_fini(struct work *w)
{
	owners_free(w->owners);
	goroutines_fini(&w->goroutines);
	symbols_free(w->symbols);
	build_fini(&w->build);
	free(w->rows);
	if (w->has_regex)
		regfree(&w->regex);
}

/* --- Arguments ---------------------------------------------------------------------- */

static int take_top(struct options *o, const char *text)
{
	uint64_t top;

	if (num_u64s(text, SIZE_MAX, &top) < 0 || top == 0) {
		fprintf(stderr, "leakdog goroutines: --top %s: not a count\n", text);
		return EXIT_USAGE;
	}
	o->top = (size_t)top;
	o->top_given = true;
	return EXIT_OK;
}

static int take_option(struct options *o, int option)
{
	switch (option) {
	case 'b':
		o->base = optarg;
		return EXIT_OK;
	case 's':
		o->state = optarg;
		return EXIT_OK;
	case 'm':
		o->match = optarg;
		return EXIT_OK;
	case 't':
		return take_top(o, optarg);
	case 'f':
		o->full = true;
		return EXIT_OK;
	case 'j':
		o->json = true;
		return EXIT_OK;
	case 'a':
		o->archive = optarg;
		return EXIT_OK;
	default:
		return EXIT_USAGE; /* there is no other */
	}
}

static int compile(struct work *w)
{
	char why[128];
	int r;

	if (!w->options.match)
		return EXIT_OK;
	r = regcomp(&w->regex, w->options.match, REG_EXTENDED | REG_NOSUB);
	if (r != 0) {
		(void)regerror(r, &w->regex, why, sizeof(why));
		fprintf(stderr, "leakdog goroutines: --match %s: %s\n", w->options.match,
			why);
		return EXIT_USAGE;
	}
	w->has_regex = true;
	return EXIT_OK;
}

int cmd_goroutines(int argc, char **argv)
{
	static const struct option table[] = {
		{"base", 1, NULL, 'b'},    {"state", 1, NULL, 's'},
		{"match", 1, NULL, 'm'},   {"top", 1, NULL, 't'},
		{"full", 0, NULL, 'f'},    {"json", 0, NULL, 'j'},
		{"archive", 1, NULL, 'a'}, {"help", 0, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "h", usage_text};
	struct work w = {.options.top = TOP_DEFAULT};
	int option, r;

	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		r = take_option(&w.options, option);
		if (r != EXIT_OK)
			return r;
	}
	if (r != OPTIONS_GO)
		return r;
	w.options.file = argv[optind];
	if (argc - optind != 1 ||
	    (text_equal(w.options.base, "-") && text_equal(w.options.file, "-")))
		return options_wrong(&known);
	r = compile(&w);
	if (r == EXIT_OK)
		r = work(&w);
	work_fini(&w);
	return r;
}
