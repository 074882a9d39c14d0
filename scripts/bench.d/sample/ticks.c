/* ticks BUILD CONFIG TARGETS SETTLE_S TICKS ROUNDS: the agent of this build over real
 * processes, its clock a second further at each tick, one tick after the other: of each
 * round the microseconds of its processor time per look, everything included but
 * sleeping. It begins when all bases are taken, at the earliest after SETTLE_S. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "agent.h"
#include "commands/conf_open.h"
#include "edge/clock.h"

static double processor_us(void)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	return 1e6 * (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static size_t based(struct agent *agent)
{
	struct status status;
	size_t n = 0;

	agent_status(agent, &status);
	for (size_t i = 0; i < status.n_targets; i++)
		n += status.targets[i].base_at_ms != 0;
	return n;
}

static int settle(struct agent *agent, size_t targets, const char *seconds)
{
	int64_t until_ms = clock_ms() + 1000 * strtol(seconds, NULL, 10);
	int r = 0;

	while (r == 0 && (clock_ms() < until_ms || based(agent) < targets))
		r = agent_turn(agent);
	return r;
}

static double per_look(struct agent *agent, size_t targets, long ticks, int64_t *now_ms)
{
	double before = processor_us();

	for (long i = 0; i < ticks; i++) {
		*now_ms += 1000;
		(void)agent_tick(agent, *now_ms);
	}
	return (processor_us() - before) / (double)ticks / (double)targets;
}

int main(int argc, char **argv)
{
	char self[512], fetch[512];
	struct agent_options options = {.self_path = self, .fetch_path = fetch};
	struct agent *agent;
	struct roots roots;
	struct conf conf;
	size_t targets;
	int64_t now_ms;

	if (argc != 7 || conf_open(argv[2], &conf) < 0 || roots_open(NULL, &roots) < 0)
		return 2;
	(void)snprintf(self, sizeof(self), "%s/leakdog", argv[1]);
	(void)snprintf(fetch, sizeof(fetch), "%s/leakdog-fetch", argv[1]);
	options.roots = &roots;
	options.conf = &conf;
	targets = strtoul(argv[3], NULL, 10);
	if (agent_new(&options, &agent) < 0 || settle(agent, targets, argv[4]) != 0)
		return 1;
	now_ms = clock_ms();
	for (long i = strtol(argv[6], NULL, 10); i > 0; i--)
		printf("%.4f\n",
		       per_look(agent, targets, strtol(argv[5], NULL, 10), &now_ms));
	agent_free(agent);
	roots_fini(&roots);
	conf_fini(&conf);
	return 0;
}
