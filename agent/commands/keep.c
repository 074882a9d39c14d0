/* leakdog keep salvage|seal|retain: what the archive needs besides captures. The agent
 * runs it as its child (--locked: the agent holds the lock); a person may run it when no
 * agent does.
 *
 * stdin, unless it is a terminal:
 *   salvage, retain  a record: "living=KEY" for every target that still runs
 *   seal             a job (JOB_SEAL), after its empty line the text of timeline.csv
 * stdout:
 *   salvage          for every open incident the JOB_SEAL that would end it, without the
 *                    verdict: whoever started us continues it or seals it
 *   seal             a record: "folded=ID" for every incident that made room for it */
#include "commands/commands.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/filing_parts.h"
#include "edge/fs.h"
#include "lib/num.h"
#include "lib/record.h"

#define INPUT_MAX (16U << 20)

static const char usage_text[] =
	"usage: leakdog keep salvage|seal|retain --archive DIR [--group NAME]\n"
	"       [--max-use BYTES] [--keep-free BYTES] [--max-incidents N] [--locked]\n"
	"       [--program FD]\n";

struct options {
	struct filing_place place;
	int program; /* inherited, for a seal; -1: none */
};

struct keep {
	struct filing filing;
	struct span input;
	int program; /* as that of options */
	struct living living;
	bool living_known;
};

static int say(const char *what, int r)
{
	fprintf(stderr, "leakdog keep %s: %s\n", what, strerror(-r));
	return r;
}

static int add_living(struct keep *keep, const struct record_line *line)
{
	char(*keys)[TARGET_KEY_MAX] =
		reallocarray(keep->living.keys, keep->living.n + 1, sizeof(*keys));
	int r;

	if (!keys)
		return -ENOMEM;
	keep->living.keys = keys;
	r = record_text(line, keys[keep->living.n], TARGET_KEY_MAX);
	if (r == 0)
		keep->living.n++;
	return r;
}

/* A list that was cut would make the living dead: it must end with its empty line. */
static int read_living(struct keep *keep)
{
	struct span rest = keep->input;
	struct record_line line;
	int error = 0, r = 0;

	if (rest.len == 0)
		return 0;
	while (r == 0 && record_next(&rest, &line, &error)) {
		if (span_is(line.key, "living"))
			r = add_living(keep, &line);
	}
	if (r < 0 || error < 0)
		return r < 0 ? r : error;
	if (rest.at == keep->input.at || rest.at[-1] != '\n' ||
	    (rest.at - keep->input.at > 1 && rest.at[-2] != '\n'))
		return -EBADMSG;
	keep->living_known = true;
	return 0;
}

static const struct living *living(const struct keep *keep)
{
	return keep->living_known ? &keep->living : NULL;
}

static int retain(struct keep *keep)
{
	return filing_retain_with(&keep->filing.archive, &keep->filing.policy,
				  living(keep));
}

static int do_retain(struct keep *keep)
{
	int r = read_living(keep);

	return r < 0 ? r : retain(keep);
}

static int do_salvage(struct keep *keep)
{
	AUTO_BUF struct buf out;
	int r = read_living(keep);

	buf_init(&out, INPUT_MAX);
	if (r == 0)
		r = filing_salvage(&keep->filing, &out);
	if (r == 0)
		r = fs_write_all(STDOUT_FILENO, out.data, out.len);
	return r < 0 ? r : retain(keep);
}

static int tell_folded(const struct folded *folded)
{
	AUTO_BUF struct buf out;
	int r;

	buf_init(&out, INPUT_MAX);
	for (size_t i = 0; i < folded->n; i++)
		record_add(&out, "folded", folded->names[i]);
	record_end(&out);
	r = buf_error(&out);
	return r < 0 ? r : fs_write_all(STDOUT_FILENO, out.data, out.len);
}

static int do_seal(struct keep *keep)
{
	struct job *job = malloc(sizeof(*job));
	AUTO_FREE struct job *owned = job;
	struct filing_end end = {job_rest(keep->input), keep->program};
	int r;

	if (!owned)
		return -ENOMEM;
	r = job_parse(keep->input, job);
	if (r < 0)
		return r;
	if (job->kind != JOB_SEAL)
		return -EBADMSG;
	r = filing_seal(&keep->filing, job, &end);
	/* Sealed is sealed: tidying up afterwards may fail without undoing it. */
	if (r == 0 && filing_retain(&keep->filing) < 0)
		fputs("leakdog keep seal: retention failed; it is tried again\n", stderr);
	return r < 0 ? r : tell_folded(&keep->filing.folded);
}

static const struct verb {
	const char *name;
	int (*run)(struct keep *keep);
} verbs[] = {
	{"salvage", do_salvage},
	{"seal", do_seal},
	{"retain", do_retain},
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(verbs); i++) {
		if (text_equal(name, verbs[i].name))
			return &verbs[i];
	}
	return NULL;
}

/* 0, KEEP_HELP where the usage is all that is asked for, or -EINVAL. */
#define KEEP_HELP 1
static int read_options(int argc, char **argv, struct options *ret)
{
	static const struct option options[] = {FILING_OPTIONS,
						{"program", 1, NULL, 'p'},
						{"help", 0, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	uint64_t fd;
	int option;

	*ret = (struct options){.program = -1};
	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return KEEP_HELP;
		if (option == 'p' && num_u64s(optarg, 1 << 20, &fd) == 0)
			ret->program = (int)fd;
		else if (option < FILING_OPTION ||
			 filing_place_option(&ret->place, option, optarg) < 0)
			return -EINVAL;
	}
	return ret->place.dir ? 0 : -EINVAL;
}

static int read_input(struct buf *input)
{
	int r = isatty(STDIN_FILENO) ? 0 : fs_read_buf(STDIN_FILENO, input);

	return r < 0 ? r : buf_error(input);
}

static int run(const struct verb *verb, const struct options *options)
{
	AUTO_BUF struct buf input;
	const char *why = NULL;
	struct keep keep = {.program = options->program};
	int r;

	buf_init(&input, INPUT_MAX);
	r = read_input(&input);
	if (r < 0)
		return say(verb->name, r);
	keep.input = (struct span){input.data, input.len};
	r = filing_open(&options->place, &keep.filing, &why);
	if (r < 0) {
		fprintf(stderr, "leakdog keep %s: the archive %s: %s\n", verb->name,
			options->place.dir, why ? why : strerror(-r));
		return r;
	}
	r = verb->run(&keep);
	free(keep.living.keys);
	filing_close(&keep.filing);
	return r < 0 ? say(verb->name, r) : 0;
}

int cmd_keep(int argc, char **argv)
{
	struct options options;
	const struct verb *verb;
	int r;

	r = read_options(argc, argv, &options);
	if (r == KEEP_HELP) {
		fputs(usage_text, stdout);
		return EXIT_OK;
	}
	verb = find_verb(optind == argc - 1 ? argv[optind] : NULL);
	if (r < 0 || !verb) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	r = run(verb, &options);
	if (r == -EPERM || r == -EACCES)
		return EXIT_NOT_PERMITTED;
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
