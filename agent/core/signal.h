#pragma once
/* The signals: the numbers that are watched. One row of signal_table per signal; a new
 * signal is a row there, a reader in edge/kernel/sampler and a row in the tests. */

#include "lib/def.h"

enum signal {
	SIGNAL_MEMORY,     /* usage without droppable file cache; RSS without a domain */
	SIGNAL_RSS,        /* resident set of the process (statm) */
	SIGNAL_ANON,       /* anonymous part of it */
	SIGNAL_USAGE,      /* what the kernel charges to the domain, cache included */
	SIGNAL_GOROUTINES, /* from the index page of pprof */
	SIGNAL_THREADS,    /* of the process */
	SIGNAL_TASKS,      /* of the pids controller of its cgroup */
	SIGNAL_FDS,        /* open descriptors */
	SIGNAL_SOCKETS,    /* TCP sockets of its network namespace that are ESTABLISHED */
	SIGNAL_PRESSURE, /* PSI "some avg10" of the domain, in hundredths of a percent */
	/* Of the service's own page of metrics; which, the rule says. A service has at
	 * most METRICS_MOST different ones, each in a place of its own. */
	SIGNAL_METRIC,
	SIGNAL_METRIC_2,
	SIGNAL_METRIC_3,
	SIGNAL_METRIC_4,
	SIGNAL_N,
};
#define METRICS_MOST (SIGNAL_N - SIGNAL_METRIC)

enum unit {
	UNIT_BYTES,
	UNIT_COUNT,
	UNIT_CENTIPERCENT,
	UNIT_THOUSANDTH, /* of whatever a metric counts */
	UNIT_MS,         /* of no signal: "time to limit" is judged in it */
	UNIT_N,
};
/* "bytes", "count", "centipercent", "ms": as manifests and JSON spell them. */
extern const char *const unit_table[UNIT_N];

/* What "N%" of a signal refers to. */
enum ceiling {
	CEILING_NONE,   /* a percent rule on this signal is an error */
	CEILING_LIMIT,  /* the effective memory limit */
	CEILING_NOFILE, /* RLIMIT_NOFILE, soft */
	CEILING_PIDS,   /* pids.max */
	CEILING_N,
};

struct signal_info {
	const char *name; /* as rules spell it */
	enum unit unit;
	enum ceiling ceiling;
	uint64_t base_floor; /* "Nx base" is at least base + this; 0: no such rule */
	uint32_t every_ms;   /* it is read at least this often */
};

extern const struct signal_info signal_table[SIGNAL_N];

/* SIGNAL_N where no signal has this name. */
enum signal signal_by_name(const char *name, size_t len);
