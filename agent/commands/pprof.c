/* leakdog pprof [ID] [-- ARGS]: runs `go tool pprof` on an incident with the right base,
 * or only prints the line. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/reader.h"
#include "core/pair.h"
#include "edge/fs.h"
#include "view/incident.h"

#define ARGS_MAX 64

static const char usage_text[] =
	"usage: leakdog pprof [--archive DIR] [--print] [ID] [-- ARGS]\n"
	"Runs go tool pprof ARGS -base BASE HEAP.\n"
	"  --print  only prints the line\n"
	"ID: an id, the beginning of one, or the four digits at its end; default: the "
	"newest\n";

struct order {
	struct reader reader;
	bool print;
	char **args;
	int n_args;
};

static int print_line(const struct pair_files *heaps, const char *path)
{
	AUTO_BUF struct buf line;

	buf_init(&line, 4 * PATH_MAX);
	incident_pprof_line(heaps, path, &line);
	buf_addc(&line, '\n');
	return reader_print("pprof", &line);
}

/* Paths of the archive and words of a person: nothing passes a shell. */
static int execute(const struct order *order, const char *base, const char *now)
{
	const char *argv[ARGS_MAX + 8] = {"go", "tool", "pprof"};
	size_t n = 3;

	for (int i = 0; i < order->n_args; i++)
		argv[n++] = order->args[i];
	if (base) {
		argv[n++] = "-base";
		argv[n++] = base;
	}
	argv[n++] = now;
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	if (errno == ENOENT)
		fputs("leakdog pprof: there is no go here. leakdog show and leakdog "
		      "report need none; --print prints the line for a machine that "
		      "has one\n",
		      stderr);
	else
		fprintf(stderr, "leakdog pprof: go: %s\n", strerror(errno));
	return EXIT_FAILED;
}

/* NULL for what is not there. 0 or -ENOMEM. */
static int path_of(const struct reader_held *held, const struct pair_file *file,
		   char **ret)
{
	*ret = NULL;
	if (file->name &&
	    asprintf(ret, "%s/%s/%s", held->path, file->dir, file->name) < 0)
		return -ENOMEM;
	return 0;
}

static int pprof(const struct order *order, const char *meant)
{
	AUTO_READER_HELD struct reader_held held;
	AUTO_FREE char *now = NULL, *base = NULL;
	struct pair_files heaps;
	int r = reader_read("pprof", &order->reader, meant, &held);

	if (r != EXIT_OK)
		return r;
	heaps = pair_of_incident(&held.manifest);
	if (!heaps.now.name) {
		fprintf(stderr, "leakdog pprof: %s/%s has no complete heap\n",
			held.incident.service, held.incident.id);
		return EXIT_NO_MATCH;
	}
	if (order->print)
		return print_line(&heaps, held.path);
	if (path_of(&held, &heaps.now, &now) < 0 ||
	    path_of(&held, &heaps.base, &base) < 0) {
		fprintf(stderr, "leakdog pprof: %s\n", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	return execute(order, base, now);
}

/* What follows "--" is not ours; without an ID it follows at once. */
static int split(int argc, char **argv, struct order *order, const char **ret_meant)
{
	bool bare = optind > 0 && text_equal(argv[optind - 1], "--");

	*ret_meant = NULL;
	if (!bare && optind < argc) {
		*ret_meant = argv[optind++];
		bare = optind < argc && text_equal(argv[optind], "--");
		optind += bare;
	}
	order->args = argv + optind;
	order->n_args = argc - optind;
	return (order->n_args > 0 && !bare) || order->n_args > ARGS_MAX ? -EINVAL : 0;
}

int cmd_pprof(int argc, char **argv)
{
	static const struct option table[] = {{"archive", 1, NULL, 'a'},
					      {"print", 0, NULL, 'p'},
					      {"help", 0, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "+h", usage_text};
	struct order order = {0};
	const char *dir = NULL, *meant;
	int option, r;

	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		dir = option == 'a' ? optarg : dir;
		order.print |= option == 'p';
	}
	if (r != OPTIONS_GO)
		return r;
	if (split(argc, argv, &order, &meant) < 0)
		return options_wrong(&known);
	r = reader_open("pprof", dir, &order.reader);
	if (r != EXIT_OK)
		return r;
	r = pprof(&order, meant);
	archive_close(&order.reader.archive);
	return r;
}
