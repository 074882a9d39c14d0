#pragma once
/* What the agent publishes about itself: plain data, borrowed from the agent until its
 * next turn. view/status_json writes it, view/live makes a line of it. */

#include "core/incident.h"
#include "core/judge.h"

struct status_target {
	const struct conf_service *service;
	const char *key;
	int32_t pid;
	int64_t started_ms; /* Unix */
	const char *cgroup, *limit_from;
	const struct container_facts *container; /* NULL: it is in none */
	const struct sample *sample;
	double slope_per_s;                 /* of memory, bytes; 0: unknown */
	const struct rule_state *rules;     /* service->n_rules of them */
	const struct judgement *judgements; /* the newest, as many */
	enum base_state base;
	int64_t base_at_ms; /* Unix; 0: none */
	const char *base_why;
	const struct incident *incident;
	bool capturing;
	unsigned queued; /* place among those that wait for a capture, from 1; 0: none */
	bool ended;
	const char *trouble; /* what cannot be read or reached, in words; "" */
};

struct status_service {
	const struct conf_service *conf;
	size_t n_targets;
	const char *trouble;    /* why nothing was found, in words; "" */
	unsigned captures_hour; /* captures of the last hour */
	uint64_t suppressed;    /* captures that a limit forbade, ever */
	uint64_t folded;        /* incidents that made room for newer ones, ever */
	const char *limited; /* which limit forbade one in the last hour, in words; "" */
};

/* A memory limit that a capture raised and that is not put back yet. */
struct status_hold {
	char service[SERVICE_MAX], incident[INCIDENT_MAX];
	char cgroup[512];
	uint64_t from, to;       /* bytes */
	int64_t at_ms, until_ms; /* Unix; later than until: usage does not allow it */
};

struct status {
	int64_t at_ms; /* Unix */
	int64_t started_ms;
	int32_t pid;
	const char *archive;
	uint64_t ticks, captures, captures_failed, captures_partial, incidents, sealed;
	uint64_t late_ms;     /* the latest look so far, after its deadline */
	uint64_t late_p99_ms; /* 99 of 100 of the newer ones were not later */
	uint64_t descriptors, descriptors_allowed;
	const struct status_target *targets;
	size_t n_targets;
	const struct status_service *services;
	size_t n_services;
	const struct status_hold *holds;
	size_t n_holds;
};
