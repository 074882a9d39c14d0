/* leakdog check: reads the configuration as `run` does and says what it means here and
 * now. Nothing is written; of a service its index page is asked, never a dump. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/check_look.h"
#include "commands/commands.h"
#include "commands/conf_open.h"
#include "commands/options.h"
#include "view/check.h"
#include "view/fault.h"

/* A thousand services with sixteen processes and thirty-two rules each. */
#define TEXT_MAX (256 << 20)

struct check_options {
	const char *path; /* NULL: the default */
	const char *root; /* NULL: this machine */
	bool json;
};

static const char usage_text[] =
	"Usage: leakdog check [--json] [--root DIR] [FILE|DIRECTORY]\n"
	"Reads a configuration (by default " CONF_DEFAULT_PATH ") and says what\n"
	"it means on this machine: processes, every rule in bytes, defaults, "
	"whether\n"
	"pprof answers, and what cannot work with these rights. Run it as the "
	"agent's user to see its "
	"rights.\n\n"
	"  --json      the same as JSON\n"
	"  --root DIR  look at DIR/proc and the cgroups below DIR instead\n\n"
	"Exit code: 0 all can work, 2 the configuration is wrong, 5 a part cannot "
	"work\n"
	"here (rules that are blind; lines with '!' of the file and its "
	"services).\n";

/* OPTIONS_GO, or the exit code. */
static int parse(int argc, char **argv, struct check_options *ret)
{
	static const struct option table[] = {{"json", no_argument, NULL, 'j'},
					      {"root", required_argument, NULL, 'r'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	static const struct options_known known = {table, "h", usage_text};
	int option, r;

	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		ret->json |= option == 'j';
		ret->root = option == 'r' ? optarg : ret->root;
	}
	if (r != OPTIONS_GO)
		return r;
	if (argc - optind > 1)
		return options_wrong(&known);
	ret->path = argv[optind];
	return OPTIONS_GO;
}

static int say_faults(const struct faults *faults, const struct conf_opened *opened)
{
	AUTO_BUF struct buf text = {0};

	buf_init(&text, TEXT_MAX);
	faults_text(&text, faults, opened->sources, opened->n_sources);
	fputs(text.data, stderr);
	return EXIT_USAGE;
}

static int say_faults_json(const struct faults *faults)
{
	AUTO_BUF struct buf text = {0};

	buf_init(&text, TEXT_MAX);
	if (check_json(NULL, faults, &text) < 0 || fputs(text.data, stdout) < 0)
		return EXIT_FAILED;
	return EXIT_USAGE;
}

static int say(const struct check_options *options, const struct conf_opened *opened,
	       const struct check *check)
{
	AUTO_BUF struct buf text = {0};

	buf_init(&text, TEXT_MAX);
	if (!options->json)
		check_text(check, opened->sources[0].path, &text);
	else if (check_json(check, &check->errors, &text) < 0)
		return EXIT_FAILED;
	if (buf_error(&text) < 0 || fputs(text.data, stdout) < 0 || fflush(stdout) < 0)
		return EXIT_FAILED;
	if (check->errors.n > 0)
		return options->json ? EXIT_USAGE : say_faults(&check->errors, opened);
	return check_has_gaps(check) ? EXIT_PARTIAL : EXIT_OK;
}

static int look(const struct check_options *options, const struct conf_opened *opened)
{
	struct check check = {0};
	struct roots roots;
	int r = roots_open(options->root, &roots);

	if (r < 0) {
		fprintf(stderr, "leakdog: cannot open %s/proc: %s\n",
			options->root ? options->root : "", strerror(-r));
		return EXIT_FAILED;
	}
	r = check_init(&check, &opened->conf);
	if (r == 0)
		r = check_look(&roots, &check);
	if (r == 0 && check.errors.n == 0)
		r = check_ask(&roots, &check);
	roots_fini(&roots);
	if (r < 0)
		fprintf(stderr, "leakdog: cannot look at this machine: %s\n",
			strerror(-r));
	r = r < 0 ? EXIT_FAILED : say(options, opened, &check);
	check_fini(&check);
	return r;
}

int cmd_check(int argc, char **argv)
{
	struct check_options options = {0};
	struct conf_opened opened;
	int r = parse(argc, argv, &options);

	if (r >= 0)
		return r;
	r = conf_open_files(options.path, &opened);
	if (r == 0)
		r = look(&options, &opened);
	else if (r == CONF_FAULTY)
		r = options.json ? say_faults_json(&opened.faults)
				 : say_faults(&opened.faults, &opened);
	else
		r = EXIT_FAILED;
	conf_opened_fini(&opened);
	return r;
}
