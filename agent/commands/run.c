/* leakdog run: the configuration, then the agent until it is told to end. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "commands/commands.h"
#include "commands/conf_open.h"
#include "commands/options.h"
#include "commands/programs.h"
#include "edge/log.h"
#include "edge/warm.h"

struct run_options {
	const char *config; /* NULL: the usual places */
	const char *root;   /* NULL: this machine */
	const char *run_dir;
};

#define TRANSIENT_BYTES (64 << 10)

static const char usage_text[] =
	"Usage: leakdog run [--config FILE] [--run-dir DIR] [--root DIR] "
	"[--verbose]\n"
	"Watches the configured services until SIGTERM or Ctrl-C.\n\n"
	"  --config FILE  instead of " CONF_DEFAULT_PATH "\n"
	"  --run-dir DIR  where status.json and the socket control stand\n"
	"  --root DIR     read DIR/proc and the cgroups below DIR instead of this "
	"machine's\n"
	"  --verbose      log every decision\n";

/* OPTIONS_GO, or the exit code. */
static int parse(int argc, char **argv, struct run_options *ret)
{
	static const struct option table[] = {
		{"config", required_argument, NULL, 'c'},
		{"root", required_argument, NULL, 'r'},
		{"run-dir", required_argument, NULL, 'd'},
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	static const struct options_known known = {table, "c:vh", usage_text};
	int option, r;

	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		ret->config = option == 'c' ? optarg : ret->config;
		ret->root = option == 'r' ? optarg : ret->root;
		ret->run_dir = option == 'd' ? optarg : ret->run_dir;
		if (option == 'v')
			log_set(LOG_LEVEL_DEBUG);
	}
	if (r != OPTIONS_GO)
		return r;
	if (optind < argc) {
		fprintf(stderr, "leakdog run: '%s' is one word too many\n", argv[optind]);
		return EXIT_USAGE;
	}
	return OPTIONS_GO;
}

static int run(const struct run_options *options, const struct conf *conf,
	       const struct roots *roots)
{
	struct programs programs;
	struct agent *agent = NULL;
	char run_dir[RUN_DIR_MAX];
	int r;

	r = programs_find(&programs);
	if (r < 0)
		return EXIT_FAILED;
	programs_run_dir(run_dir);
	r = agent_new(&(struct agent_options){.roots = roots,
					      .conf = conf,
					      .self_path = programs.self,
					      .fetch_path = programs.fetch,
					      .run_dir = options->run_dir
								 ? options->run_dir
								 : run_dir},
		      &agent);
	if (r < 0)
		return r == -EPERM || r == -EACCES ? EXIT_NOT_PERMITTED : EXIT_FAILED;
	/* The texts of state and status are large and short-lived: each goes back whole,
	 * while malloc would raise its bound at the first and keep the next in the heap.
	 */
	(void)mallopt(M_MMAP_THRESHOLD, TRANSIENT_BYTES);
	warm_keep();
	while ((r = agent_turn(agent)) == 0)
		;
	agent_free(agent);
	return r == AGENT_ENDED ? EXIT_OK : EXIT_FAILED;
}

int cmd_run(int argc, char **argv)
{
	struct run_options options = {0};
	struct roots roots;
	struct conf conf;
	int r;

	r = parse(argc, argv, &options);
	if (r >= 0)
		return r;
	r = conf_open(options.config, &conf);
	if (r < 0)
		return EXIT_USAGE;
	r = roots_open(options.root, &roots);
	if (r < 0) {
		log_error("cannot open %s/proc: %s", options.root ? options.root : "",
			  strerror(-r));
		conf_fini(&conf);
		return EXIT_FAILED;
	}
	r = run(&options, &conf, &roots);
	roots_fini(&roots);
	conf_fini(&conf);
	return r;
}
