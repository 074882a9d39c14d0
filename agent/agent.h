#pragma once
/* The agent: looks and judges, and has everything else done by children. It opens no
 * network connection, parses nothing that a target sent and waits for no disk. */

#include "core/conf.h"
#include "core/status.h"
#include "edge/roots.h"

struct agent;

struct agent_options {
	const struct roots *roots; /* borrowed */
	const struct conf *conf;   /* borrowed, frozen */
	const char *self_path;     /* of leakdog, for `keep` */
	const char *fetch_path;    /* of leakdog-fetch */
	const char *run_dir;       /* for status.json and control; NULL: neither */
	bool by_hand;   /* one capture of every target now, then end (leakdog capture) */
	bool until_end; /* end when every target that was met has ended (leakdog watch) */
};

/* Outcomes of agent_turn. */
#define AGENT_ENDED 1

/* 0 or -errno, the reason logged; -EWOULDBLOCK: another agent has the archive. */
int agent_new(const struct agent_options *options, struct agent **ret) must_check;
void agent_free(struct agent *agent);
/* Sleeps until something is due, does it. 0: go on; AGENT_ENDED after a signal has been
 * obeyed (incidents sealed or left to be continued) or the options' end was reached. */
int agent_turn(struct agent *agent) must_check;
/* One tick at a given moment, for replays: find, sample, series, judge, jobs. Returns the
 * next deadline. */
int64_t agent_tick(struct agent *agent, int64_t now_ms);
/* What it knows now; valid until the next turn. */
void agent_status(struct agent *agent, struct status *ret);
