#pragma once
/* What is watched, as the agent sees it: services, their processes, and the memory
 * domains in which they stand. A part of agent_parts.h. */

#include "agent_hold.h"
#include "core/incident.h"
#include "core/judge.h"
#include "core/pace.h"
#include "edge/kernel/find.h"
#include "edge/kernel/sampler.h"

struct worker;

/* A cgroup with targets in it. */
struct place {
	struct place *next;
	struct domain *domain;
	struct target *members; /* newest first, linked by next_member */
	struct target *busy;    /* has a capture under way: one at a time per domain */
	struct hold_place hold;
};

/* As many as there are, at most SERVICE_TARGETS_MAX. */
struct pids {
	int *pid;
	size_t n, room;
};

struct service {
	const struct conf_service *conf;
	struct incident_times times;
	uint32_t fast;      /* signals whose rules want every tick */
	uint32_t judged;    /* signals of its rules: read every 10 s */
	uint32_t wanted;    /* signals read at all */
	uint32_t kept;      /* signals with a history */
	unsigned n_targets; /* alive */
	struct pids seen;   /* of the last scan, ascending */
	struct pids due;    /* seen twice and not watched yet */
	size_t met;         /* of them */
	int64_t lost_ms;    /* when a target ended last */
	const char *trouble;
	int64_t far_ms;          /* without a process: when its address is asked next */
	struct account *account; /* see agent_limits; NULL: nothing to remember */
	bool crowded; /* said once that there are more than SERVICE_TARGETS_MAX */
};

/* Of a target without a process (agent_far): what tells this life from the next one. */
struct far_life {
	bool is;
	bool measured;      /* its page of metrics has come */
	int64_t started_ms; /* Unix, of its page of metrics; 0: it does not say */
	uint64_t places; /* that allocated, of its index page: never falls in one life */
	int64_t answered_ms; /* newest answer */
	int64_t missed_ms;   /* first question since then that nobody heard; 0: none */
};

/* What a target still wants to have done. */
enum wish {
	WISH_BASE,
	WISH_RECORD,
	WISH_N,
};

struct target {
	struct target *next;
	struct target **link;       /* what points to it: the one before, or the agent */
	struct target *next_member; /* of its place */
	struct target *next_stirred;
	bool stirred;       /* see agent.stirred */
	bool judges_domain; /* the oldest of its service that lives in its place */
	uint64_t id;        /* of this life in this agent, for the probe */
	struct service *service;
	struct process process;
	struct far_life far;
	struct named *container; /* NULL: in none */
	int program;             /* see program_hold; -1: not held */
	struct place *place;     /* NULL: no memory domain */
	struct sampler sampler;
	struct sample sample;
	struct pace pace;                /* of its memory */
	struct series *series[SIGNAL_N]; /* NULL: not kept */
	struct rule_state *rules;
	struct judgement *judgements;
	struct target_facts facts;
	char key[TARGET_KEY_MAX];
	int64_t met_ms, slow_ms;
	struct depth depth;

	struct reading base[SIGNAL_N];
	enum base_state base_state;
	int64_t base_at_ms; /* Unix; 0: none */
	char base_why[128];
	int64_t base_next_ms; /* INT64_MAX: nothing more to take */
	enum base_state base_wanted;
	int64_t record_next_ms, high_water_reset_ms;
	uint64_t high_water;
	bool wishes[WISH_N];

	struct incident incident;
	struct worker *worker; /* its job under way */
	int64_t queued_ms;     /* it waits for a job since; 0: it does not */
	uint64_t netns;        /* tells its network namespace from others; 0: ours */
	bool shares_address;   /* see agent_address */
	char found_at[64];     /* pprof: auto: where the probe found it; "": not yet */
	int64_t find_again_ms; /* and how long it rests before it looks again */
	bool foreign_page;
	bool by_hand_done;
	char trouble[128]; /* what cannot be reached, in words */
	int64_t probed_ms; /* asked for its goroutines; far in the past: not yet */

	int64_t ended_ms;    /* INT64_MAX: alive */
	uint64_t held_to;    /* its limit was raised to that at the peak; 0: it was not */
	struct reading peak; /* largest usage of the last second, and when */
	int64_t peak_ms;
	int64_t end_unix_ms;
	/* Counters of kills: as of the slow look before the last, from which on they are
	 * counted at the end, and as of the last one. */
	struct reading own_kills, parent_kills, own_kills_last, parent_kills_last;
	struct reading own_ooms, own_ooms_last;
	bool base_refused; /* said once */
	bool became_other; /* it did not exit, it called exec */
	bool sealing;      /* its verdict is with the keeper */
	int32_t successor_pid;
};
