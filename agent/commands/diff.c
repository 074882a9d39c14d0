/* leakdog diff A [B]: what grew from A to B, function by function. Each is a file or an
 * incident; one incident alone is its base against its newest capture, one file alone is
 * shown as it is. stdout: the table, or JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/diff_source.h"
#include "commands/options.h"
#include "lib/num.h"
#include "lib/quantity.h"
#include "prof/profile.h"
#include "view/diff.h"

#define TOP_DEFAULT 20
#define TEXT_MAX ((size_t)256 << 20) /* of --top 0 --json; a usual one has 100 kB */
#define SYMBOLS_MAX ((size_t)512 << 20)

static const char usage_text[] =
	"usage: leakdog diff [OPTION...] A [B]\n"
	"A, B: profiles of pprof (heap.pb.gz), '-' (standard input), or incidents\n"
	"      (an id, the beginning of one, or the four digits at its end)\n"
	"  leakdog diff base.pb.gz now.pb.gz   what grew between them\n"
	"  leakdog diff 7f3a                   what grew since the incident's base\n"
	"  leakdog diff now.pb.gz              what is in one\n"
	"  --metric NAME       inuse_space, inuse_objects, alloc_space, goroutine ...\n"
	"                      (default: what the profile names)\n"
	"  --cum               order by cum: a function with all that it calls\n"
	"  --top N             rows (default 20; 0: all)\n"
	"  --fail-above 500M   exit with 1 when the whole grew by more\n"
	"  --archive DIR       where incidents are\n"
	"  --json\n";

struct options {
	const char *archive, *metric;
	bool cum, json, has_limit;
	uint64_t top, limit;
};

/* --- From bytes to the table --- */

static int read_side(const struct diff_source *source, enum side side,
		     struct stacks *stacks)
{
	char why[PROFILE_WHY_MAX] = "";
	AUTO_BUF struct buf bytes;
	int r;

	buf_init(&bytes, PROFILE_LIMITS.inflated_bytes);
	r = diff_source_read(source, &bytes);
	if (r < 0)
		return EXIT_FAILED;
	r = profile_read((struct span){bytes.data, bytes.len}, &PROFILE_LIMITS, side,
			 stacks, why);
	if (r == 0)
		return EXIT_OK;
	diff_source_tell(source, why);
	return EXIT_FAILED;
}

/* Which of the types is meant, or an exit code below 0. */
static int find_type(const struct stacks *stacks, const char *metric)
{
	AUTO_BUF struct buf text;
	int type = metric ? stacks_type(stacks, metric) : (int)stacks->default_type;

	buf_init(&text, 4096);
	if (type >= 0)
		return type;
	for (size_t t = 0; t < stacks->n_types; t++) {
		struct span name = symbols_text(stacks->symbols, stacks->types[t].name);

		buf_adds(&text, t ? ", " : "");
		text_show(&text, name.at, name.len, 64);
	}
	fprintf(stderr, "leakdog diff: --metric: there is no such one; it has %s\n",
		text.data);
	return -EXIT_USAGE;
}

static int judge(const struct diff *diff, const struct options *options)
{
	const struct stacks *stacks = diff->stacks;
	const struct stack_type *type = &stacks->types[diff->type];
	struct span name = symbols_text(stacks->symbols, type->name);
	int64_t growth = diff_growth(diff);
	AUTO_BUF struct buf text;

	buf_init(&text, 4096);
	if (!options->has_limit || growth <= 0 || (uint64_t)growth <= options->limit)
		return EXIT_OK;
	text_show(&text, name.at, name.len, 64);
	buf_adds(&text, diff->file[SIDE_BASE] ? " grew by " : " is ");
	diff_value(&text, symbols_text(stacks->symbols, type->unit), growth, false);
	buf_adds(&text, ", which is above ");
	diff_value(&text, symbols_text(stacks->symbols, type->unit),
		   (int64_t)MIN(options->limit, (uint64_t)INT64_MAX), false);
	fprintf(stderr, "leakdog diff: %s\n", text.data);
	return EXIT_FAILED;
}

static int show(const struct diff_sources *sources, const struct stacks *stacks,
		const struct options *options)
{
	AUTO_SHARES struct shares shares = {0};
	struct diff diff = {.stacks = stacks,
			    .shares = &shares,
			    .by_cum = options->cum,
			    .top = options->top};
	int type = find_type(stacks, options->metric), r;
	AUTO_BUF struct buf text;

	buf_init(&text, TEXT_MAX);
	if (type < 0)
		return -type;
	diff.type = (size_t)type;
	diff.pprof_total = stacks_pprof_total(stacks, diff.type);
	for (size_t side = 0; side < SIDE_N; side++)
		diff.file[side] =
			sources->side[side].there ? sources->side[side].label : NULL;
	r = stacks_shares(stacks, diff.type, &shares);
	if (r == 0 && options->cum)
		shares_by_cum(&shares, stacks->symbols);
	if (r == 0 && options->json)
		r = diff_json(&diff, &text);
	else if (r == 0)
		diff_text(&diff, &text);
	if (r < 0) {
		fprintf(stderr, "leakdog diff: %s\n", strerror(-r));
		return EXIT_FAILED;
	}
	r = reader_print("diff", &text);
	return r ? r : judge(&diff, options);
}

static int read_and_show(const struct diff_sources *sources,
			 const struct options *options)
{
	struct symbols *symbols;
	struct stacks stacks;
	int r = EXIT_OK;

	if (symbols_new(SYMBOLS_MAX, &symbols) < 0) {
		fprintf(stderr, "leakdog diff: %s\n", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	stacks_init(&stacks, symbols);
	stacks.only = options->metric ? options->metric : "";
	/* The last first: what is now names the type that is looked at on both sides. */
	for (size_t side = SIDE_N; r == EXIT_OK && side-- > 0;) {
		if (sources->side[side].there)
			r = read_side(&sources->side[side], (enum side)side, &stacks);
	}
	if (r == EXIT_OK && stacks.at_ns[SIDE_BASE] > stacks.at_ns[SIDE_NOW] &&
	    stacks.at_ns[SIDE_NOW])
		fprintf(stderr, "leakdog diff: the first is newer than the second: it is "
				"diff BASE NOW\n");
	if (r == EXIT_OK)
		r = show(sources, &stacks, options);
	stacks_fini(&stacks);
	symbols_free(symbols);
	return r;
}

/* --- Arguments --- */

static int parse_option(int option, struct options *options)
{
	switch (option) {
	case 'a':
		options->archive = optarg;
		return EXIT_OK;
	case 'm':
		options->metric = optarg;
		return EXIT_OK;
	case 'c':
		options->cum = true;
		return EXIT_OK;
	case 'j':
		options->json = true;
		return EXIT_OK;
	case 't':
		if (num_u64s(optarg, SIZE_MAX, &options->top) == 0)
			return EXIT_OK;
		fprintf(stderr, "leakdog diff: --top: a number of rows is meant\n");
		return EXIT_USAGE;
	case 'f':
		options->has_limit = true;
		if (quantity_parse(optarg, strlen(optarg), &options->limit) == 0)
			return EXIT_OK;
		fprintf(stderr,
			"leakdog diff: --fail-above: a quantity is meant, as 500M\n");
		return EXIT_USAGE;
	default:
		return EXIT_USAGE; /* there is no other */
	}
}

int cmd_diff(int argc, char **argv)
{
	static const struct option table[] = {
		{"archive", 1, NULL, 'a'}, {"metric", 1, NULL, 'm'},
		{"cum", 0, NULL, 'c'},     {"top", 1, NULL, 't'},
		{"json", 0, NULL, 'j'},    {"fail-above", 1, NULL, 'f'},
		{"help", 0, NULL, 'h'},    {NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "h", usage_text};
	struct options options = {.top = TOP_DEFAULT};
	struct diff_sources sources;
	int option, r;

	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		r = parse_option(option, &options);
		if (r != EXIT_OK)
			return r;
	}
	if (r != OPTIONS_GO)
		return r;
	if (argc - optind < 1 || argc - optind > 2)
		return options_wrong(&known);
	r = diff_sources_open(options.archive, options.metric, argv + optind, &sources);
	if (r == EXIT_OK)
		r = read_and_show(&sources, &options);
	diff_sources_close(&sources);
	return r;
}
