/* The floors of "Nx base": a service that is small when it is healthy doubles and triples
 * under ordinary load. How often what is read: memory at every tick, what needs a walk or
 * a request every 10 s (edge/kernel/sampler, the probe). */
#include "core/signal.h"

#include <string.h>

#define MEMORY UNIT_BYTES, CEILING_LIMIT, UINT64_C(64) << 20, 1000
#define COUNT(ceiling) UNIT_COUNT, ceiling, 500, 10000

/* What is usual is unknown here: a base is as good as what it says. */
#define METRIC UNIT_THOUSANDTH, CEILING_NONE, 1, 10000

const struct signal_info signal_table[SIGNAL_N] = {
	[SIGNAL_MEMORY] = {"memory", MEMORY},
	[SIGNAL_RSS] = {"rss", MEMORY},
	[SIGNAL_ANON] = {"anon", MEMORY},
	[SIGNAL_USAGE] = {"usage", MEMORY},
	[SIGNAL_GOROUTINES] = {"goroutines", COUNT(CEILING_NONE)},
	[SIGNAL_THREADS] = {"threads", COUNT(CEILING_NONE)},
	[SIGNAL_TASKS] = {"tasks", COUNT(CEILING_PIDS)},
	[SIGNAL_FDS] = {"fds", COUNT(CEILING_NOFILE)},
	[SIGNAL_SOCKETS] = {"sockets", COUNT(CEILING_NONE)},
	[SIGNAL_METRIC] = {"metric", METRIC},
	[SIGNAL_METRIC_2] = {"metric-2", METRIC},
	[SIGNAL_METRIC_3] = {"metric-3", METRIC},
	[SIGNAL_METRIC_4] = {"metric-4", METRIC},
	[SIGNAL_PRESSURE] = {"pressure", UNIT_CENTIPERCENT, CEILING_NONE, 0, 10000},
};

const char *const unit_table[UNIT_N] = {
	[UNIT_BYTES] = "bytes",
	[UNIT_COUNT] = "count",
	[UNIT_CENTIPERCENT] = "centipercent",
	[UNIT_THOUSANDTH] = "thousandth",
	[UNIT_MS] = "ms",
};

enum signal signal_by_name(const char *name, size_t len)
{
	enum signal signal = 0;

	while (signal < SIGNAL_N && (strlen(signal_table[signal].name) != len ||
				     memcmp(signal_table[signal].name, name, len) != 0))
		signal++;
	return signal;
}
