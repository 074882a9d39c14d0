/* leakdog watch: one process, no file. It finds the process behind the port, its cgroup
 * and its limit, and shows a live line until the process has ended or Ctrl-C. */
#include <stdio.h>

#include "agent.h"
#include "commands/commands.h"
#include "commands/one_target.h"
#include "commands/ticker.h"

#define PLAIN_EVERY_MS 10000

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

static int watch(const struct one_target *target, struct agent *agent)
{
	struct ticker ticker;
	struct status status;
	bool met = false;
	int r;

	ticker_init(&ticker, PLAIN_EVERY_MS);
	while ((r = agent_turn(agent)) == 0) {
		agent_status(agent, &status);
		met |= status.n_targets > 0;
		ticker_show(&ticker, &status);
	}
	ticker_clear(&ticker);
	return one_target_ended(target, r, met);
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
		r = watch(&target, agent);
		agent_free(agent);
	}
	one_target_fini(&target);
	return r;
}
