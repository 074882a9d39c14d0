/* leakdog unhold: raised limits back. By hand and after any death of the agent
 * (ExecStopPost=) once, waiting a little for captures that are about to end; for the
 * agent, as its child, until nothing is raised any more. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/reader.h"
#include "commands/restoring.h"
#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/log.h"

/* A look at a few small files of the kernel; sooner is nothing won. */
#define LOOK_MS 200
/* What could not be written may be possible a moment later, but not in a moment. */
#define FAILED_MS 5000
/* A capture that was told to end keeps what is whole: milliseconds, or a slow fsync. */
#define END_MS 5000

static const char usage_text[] =
	"usage: leakdog unhold [--archive DIR] [--watch]\n"
	"Puts the memory limits back that captures have raised (hold: in the "
	"configuration),\n"
	"where usage allows it; nothing is killed for it. What stays raised is said, "
	"and\n"
	"the exit code is 5 then: run it again later.\n"
	"  --watch  goes on until nothing is raised any more, as the agent's child\n";

struct options {
	const char *archive;
	bool watch;
};

/* OPTIONS_GO, or the exit code. */
static int parse(int argc, char **argv, struct options *ret)
{
	static const struct option table[] = {{"archive", 1, NULL, 'a'},
					      {"watch", 0, NULL, 'w'},
					      {"help", 0, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "h", usage_text};
	int option, r;

	*ret = (struct options){0};
	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		ret->archive = option == 'a' ? optarg : ret->archive;
		ret->watch |= option == 'w';
	}
	if (r != OPTIONS_GO)
		return r;
	return optind == argc ? OPTIONS_GO : options_wrong(&known);
}

static int open_stop(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return -errno;
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True: somebody wants us to end. */
static bool rest(int stop_fd, int64_t ms)
{
	struct pollfd stop = {.fd = stop_fd, .events = POLLIN};

	return poll(&stop, 1, (int)ms) > 0;
}

/* Until nothing is raised, or SIGTERM. */
static int watch(struct restoring *restoring, int stop_fd)
{
	int r;

	restoring->quiet = true;
	do {
		r = restoring_pass(restoring);
		if (r < 0 || !restoring->n_left)
			return r;
	} while (!rest(stop_fd, restoring->n_failed ? FAILED_MS : LOOK_MS));
	return 0;
}

/* All that can be put back now, and what captures give free within a moment. */
static int once(struct restoring *restoring)
{
	int64_t by_ms = clock_ms() + END_MS;
	int r;

	restoring->quiet = true;
	do {
		r = restoring_pass(restoring);
	} while (r == 0 && restoring->n_busy && clock_ms() < by_ms && !rest(-1, LOOK_MS));
	restoring->quiet = false;
	if (r == 0 && restoring->n_left)
		r = restoring_pass(restoring); /* and says what stays, and why */
	return r;
}

static int run(struct restoring *restoring, bool watches)
{
	AUTO_CLOSE int stop_fd = watches ? open_stop() : -1;
	int r = watches && stop_fd < 0 ? stop_fd : restoring_open(restoring);

	if (r == 0 && watches)
		r = watch(restoring, stop_fd);
	if (r == 0 && (!watches || restoring->n_left))
		r = once(restoring);
	if (r < 0) {
		log_error("raised limits cannot be looked at: %s", strerror(-r));
		return r == -EACCES || r == -EPERM ? EXIT_NOT_PERMITTED : EXIT_FAILED;
	}
	return restoring->n_left ? EXIT_PARTIAL : EXIT_OK;
}

int cmd_unhold(int argc, char **argv)
{
	struct restoring restoring = {.roots = {.root = -1, .proc = -1},
				      .archive = {.fd = -1, .lockfd = -1}};
	struct options options;
	struct reader reader;
	int r = parse(argc, argv, &options);

	if (r != OPTIONS_GO)
		return r;
	r = reader_open("unhold", options.archive, &reader);
	if (r == EXIT_NO_MATCH)
		return EXIT_OK; /* no archive, nothing was raised */
	if (r != EXIT_OK)
		return r;
	restoring.archive = reader.archive;
	r = run(&restoring, options.watch);
	restoring_fini(&restoring);
	return r;
}
