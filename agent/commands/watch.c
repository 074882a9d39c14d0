/* leakdog watch: one process, no file. It finds the process behind the port, its cgroup
 * and its limit, and shows a live line until the process has ended or Ctrl-C. */
#include "commands/one_target.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent.h"
#include "commands/commands.h"
#include "commands/programs.h"
#include "edge/clock.h"
#include "edge/log.h"
#include "view/live.h"

#define PLAIN_EVERY_MS 10000
#define LIVE_EVERY_MS 250

static void usage(FILE *to)
{
	fputs("Usage: leakdog watch [OPTIONS] URL|PID [RULE...]\n"
	      "Watches one process and captures its profiles when a rule fires.\n\n"
	      "  leakdog watch http://127.0.0.1:6060 'memory > 5G'\n"
	      "  leakdog watch 4127 'memory > 62%' 'threads > "
	      "500'\n\n" ONE_TARGET_OPTIONS_HELP
	      "  --verbose         log every decision\n",
	      to);
}

/* ------------------------------------------------------------------ the live line */

struct live {
	bool terminal;
	bool shown;
	int64_t next_ms;
};

static size_t columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) ? 80 : size.ws_col;
}

static void live_clear(struct live *live)
{
	if (live->shown)
		fputs("\r\033[K", stderr);
	live->shown = false;
}

static void live_show(struct live *live, struct agent *agent)
{
	int64_t now_ms = clock_ms();
	AUTO_BUF struct buf line;
	struct status status;

	buf_init(&line, 1024);
	if (now_ms < live->next_ms)
		return;
	agent_status(agent, &status);
	if (!status.n_targets)
		return;
	live->next_ms = now_ms + (live->terminal ? LIVE_EVERY_MS : PLAIN_EVERY_MS);
	live_line(&status.targets[0], status.at_ms, live->terminal ? columns() - 1 : 0,
		  &line);
	if (live->terminal)
		fprintf(stderr, "\r\033[K%s", line.data);
	else
		fprintf(stderr, "%s\n", line.data);
	live->shown = live->terminal;
}

static int watch(struct agent *agent)
{
	struct live live = {.terminal = isatty(STDERR_FILENO)};
	int r;

	log_before(live.terminal ? "\r\033[K" : "");
	while ((r = agent_turn(agent)) == 0)
		live_show(&live, agent);
	live_clear(&live);
	return r == AGENT_ENDED ? EXIT_OK : EXIT_FAILED;
}

int cmd_watch(int argc, char **argv)
{
	struct one_target target;
	struct agent *agent = NULL;
	int r;

	r = one_target_parse(argc, argv, usage, &target);
	if (r >= 0)
		return r;
	r = one_target_agent(&target, (struct agent_options){.until_end = true}, &agent);
	if (r == EXIT_OK) {
		r = watch(agent);
		agent_free(agent);
	}
	one_target_fini(&target);
	return r;
}
