#pragma once
/* The agent's own state and the parts that work on it; nobody else includes this. Every
 * part is one file; what it offers to the others stands under its name below. */

#include "agent.h"
#include "agent_names.h"
#include "agent_report.h"
#include "agent_steady.h"
#include "agent_target.h"
#include "core/lateness.h"
#include "core/probe.h"
#include "core/queue.h"
#include "edge/disk/archive.h"
#include "edge/kernel/child.h"
#include "edge/loop.h"

/* Every 10 s: slow signals, index pages, a look for new processes of quiet services. */
#define SLOW_MS 10000
/* A match counts when seen twice, this far apart; so a new target is met within two
 * scans. */
#define SCAN_MS 1000
/* A target that ended is sealed this much later: siblings and a successor show by then.
 */
#define AFTERMATH_MS 2500
/* Jobs under way at once: captures, and one base or recording. */
#define WORKERS_N (QUEUE_CAPTURES_MAX + 1)
/* Of one service, so that a selector that matches everything does no harm. */
#define SERVICE_TARGETS_MAX 16384

/* What the loop reports. */
enum event {
	EVENT_SIGNAL,
	EVENT_TARGET, /* ended */
	EVENT_SOCKET, /* a capture child says something */
	EVENT_CHILD,  /* a capture child ended */
	EVENT_HELPER, /* keeper, reporter, holder or asker ended, a cgroup was made: who
			says which */
	EVENT_PROBE,
	EVENT_CONTROL, /* somebody connects */
	EVENT_CLIENT,  /* and asks */
};
_Static_assert(EVENT_CLIENT <= LOOP_KIND_MAX, "a kind fits beside its pointer");

struct worker {
	struct child child;
	enum { WORKER_EMPTY, WORKER_WARMING, WORKER_READY, WORKER_BUSY } is;
	struct target *target; /* NULL: it gave way to a capture and ends */
	enum job_kind kind;
	enum base_state base; /* JOB_BASE: what it will be called */
	int64_t began_ms;
	struct job_result result;
	bool ahead;   /* told that targets are apart */
	bool stepped; /* its first artifact is on the disk, or had its try */
	bool answered;
};

/* An incident of an earlier agent that waits for its seal. */
struct orphan {
	struct orphan *next;
	struct job job;
};

struct keeper {
	struct child child;
	enum { KEEP_NONE, KEEP_SALVAGE, KEEP_SEAL, KEEP_RETAIN } does;
	struct target *target; /* KEEP_SEAL: of this target, or else */
	struct orphan *orphan; /* of this earlier incident */
	int64_t retry_at_ms;
};

/* A report that is to be made, the first of them first. */
struct report_order {
	struct report_order *next;
	char service[SERVICE_MAX], incident[INCIDENT_MAX];
	unsigned tries;
};

struct reporter {
	struct child child;
	bool busy; /* with the first of agent.reports */
	int64_t retry_at_ms;
};

/* Somebody at the control socket. */
struct client {
	struct client *next;
	int fd;
};

/* Every target of the agent in the order of their ids, and beside it when it is to be
 * looked at: a turn walks these eight bytes a target, and not what stands behind them. */
struct roster {
	struct target **target;
	int64_t *due_ms; /* INT64_MAX: has ended */
	struct steady *steady;
	size_t n, room;
};

struct agent {
	struct agent_options options;
	const struct conf *conf;
	struct loop loop;
	struct archive archive;
	uint64_t max_use, keep_free; /* of the archive, bytes, resolved at start */
	uint64_t nofile;             /* descriptors that are allowed */
	bool lean;                   /* few of them are left: see sampler_lean */
	char arguments[3][24];       /* of the children: the bounds as text */
	char boot_id[BOOT_ID_MAX];

	struct service *services; /* conf->n_services */
	struct target *targets;   /* newest first */
	struct roster roster;
	/* Those with something under way: an incident, a wish, a job, their end. Of a
	 * thousand targets these are the ones that every turn looks after. */
	struct target *stirred;
	struct place *places;
	struct worker workers[WORKERS_N + 1]; /* one of them is the warm spare */
	struct keeper keeper;
	struct orphan *orphans;
	struct reporter reporter;
	struct report_order *reports;
	struct holder holder;
	struct naming naming;
	uint64_t last_id;
	unsigned salvage_tries;
	int64_t retain_ms;
	struct child probe;
	int64_t probe_again_ms;
	int64_t probe_ms;               /* nobody is to be asked before */
	struct buf probe_in, probe_out; /* partial lines of the talk with it */
	struct buf job;                 /* a job's text; allocated once */

	int run_fd;  /* the directory of status.json and control; -1: none */
	int control; /* listening; -1: none */
	struct client *clients;
	unsigned n_clients;
	int publish_error;

	int64_t tick_ms;     /* of this turn */
	int64_t began_ms;    /* its looks, by the clock even where time is replayed */
	struct scan *scan;   /* kept, so that a look need not read everybody */
	struct pids watched; /* when the last one began */
	bool apart;          /* a target was met in another network namespace */
	bool scanning;       /* one is under way */
	unsigned scans,
		rereads;     /* ended; of whom is known, one in so many is read anew */
	int64_t scanned_ms;  /* when the last scan ended */
	int64_t scan_ms;     /* next look for processes, or the next part of it */
	bool puts_off;       /* some that were seen twice are yet to be met */
	int64_t meet_ms;     /* when; INT64_MAX: nobody */
	size_t saved_at;     /* where in `saved` the next target probably stands */
	unsigned wish_waits; /* 1: for a second spare; the last one is for captures */
	int64_t spare_ms;    /* not before: a spare that dies at once must not spin */
	int64_t status_ms;   /* when it was published last; 0: not yet */
	int64_t state_ms, watchdog_ms, watchdog_every_ms;
	struct buf saved; /* the state of an earlier agent, until everybody is known */
	int state_error;
	bool state_read;
	bool salvaged; /* jobs begin after that */
	bool stopping, ready, touched, met_any;
	int64_t stop_by_ms;
	int64_t started_unix_ms;
	struct status_target *status_targets;
	size_t status_room;
	struct status_service *status_services;
	uint64_t ticks, captures, captures_failed, captures_partial, incidents, sealed;
	struct lateness lateness;
};

/* agent */
void agent_stop(struct agent *agent, int64_t now_ms);

/* agent_roster */
/* Its place in the roster and the agent's list; due at once. 0 or -ENOMEM. */
int roster_add(struct agent *agent, struct target *target) must_check;
void roster_remove(struct agent *agent, struct target *target);
/* The target of this id; NULL: gone. */
struct target *roster_find(const struct agent *agent, uint64_t id);
/* Its next look is a full one again. */
void roster_rouse(struct agent *agent, struct target *target);
void roster_due(struct agent *agent, const struct target *target, int64_t due_ms);
/* The next moment at which one is due; INT64_MAX: none lives. */
int64_t roster_next_ms(const struct agent *agent);
/* Something is under way with it, from this turn on. */
void target_stir(struct agent *agent, struct target *target);
/* Lets go of those with which nothing is under way any more. */
void roster_settle(struct agent *agent);

/* agent_find */
void find_tick(struct agent *agent, int64_t now_ms);
int64_t find_next_ms(const struct agent *agent); /* not before */

/* agent_cgroups */
void cgroups_open(struct agent *agent);
void cgroups_hear(struct agent *agent, int64_t now_ms);
/* After a scan: has it met a container of which nothing was told? */
void cgroups_judge(struct agent *agent, int64_t now_ms);
/* Every service is told when it appears: nothing is to be looked for. */
bool cgroups_tell_all(const struct agent *agent);
void cgroups_close(struct agent *agent);

/* agent_far */
/* A question for a service of which no life is known has this bit and its number. */
#define FAR_ID (UINT64_C(1) << 61)
/* Asks for those without a process that are not there. */
void far_tick(struct agent *agent, int64_t now_ms);
/* An answer to that. */
void far_meet(struct agent *agent, const struct probe_reply *reply, int64_t now_ms);
/* An answer of one that is known: false where there is nothing in it to be judged. */
bool far_hear(struct agent *agent, struct target *target, const struct probe_reply *reply,
	      int64_t now_ms) must_check;
/* Facts and key in place of those of a process. */
void far_facts(struct agent *agent, struct target *target);
/* The largest usage at its end, by what it was and how fast it grew. */
struct reading far_usage(const struct target *target);

/* agent_place */
/* The target's domain and the descriptors of a look. 0, PROCESS_GONE or -errno. */
int place_open(struct agent *agent, struct target *target) must_check;
void place_leave(struct agent *agent, struct target *target); /* of none is fine */
/* The target has ended: the next oldest of its service is judged for both. */
void place_succeed(struct target *target);
void place_facts(struct target *target);
/* Kills are counted from the counters as they were just read. */
void kills_begin(struct target *target);
void kills_age(struct target *target); /* after a slow look */
/* It stands in another cgroup now, or its own was removed under it. 0 or PROCESS_GONE. */
int place_move(struct agent *agent, struct target *target) must_check;

/* agent_facts */
void target_facts_read(struct agent *agent, struct target *target);
void target_facts_refresh(
	struct target *target); /* the limit can change while it lives */
void program_hold(struct target *target);

/* agent_watch */
struct target *target_new(struct service *service) must_check; /* NULL: no memory */
int target_series(struct target *target) must_check;
void target_free(struct agent *agent, struct target *target); /* NULL is fine */
/* It is open and in the roster: its watch begins. */
void target_begin(struct agent *agent, struct target *target, int64_t now_ms);
/* 0 (also where it ended meanwhile: an outcome), or why it is not watched: -errno, told
 * in the log but for -EMFILE, which is a trouble of the service. */
int target_meet(struct agent *agent, struct service *service, int pid,
		int64_t now_ms) must_check;
void target_look(struct agent *agent, struct target *target, int64_t now_ms, bool slow);
/* At that moment its usage was still that of its last look. */
void target_seen(struct target *target, int64_t at_ms);
/* From this usage on memory must be read exactly: only where it is judged. */
uint64_t target_nearest(const struct target *target);
void target_end(struct agent *agent, struct target *target, int64_t now_ms);
void target_forget(struct agent *agent, struct target *target);

/* agent_address */
/* Where it is asked: as configured, or where it was found. */
void address_of(const struct target *target, struct endpoint *ret);
/* What the probe found out about an address that is to be found. */
void address_hear(struct target *target, const struct probe_reply *reply);
/* Rest between two questions of the probe. */
int64_t address_pace_ms(const struct target *target);
/* A new target: does another one have its pprof address? */
void address_claim(struct agent *agent, struct target *target);

/* agent_rules */
void rules_judge(struct agent *agent, struct target *target, int64_t now_ms);
/* The capture of this target has ended: its firing rules cool down, and where something
 * was filed those of the processes that follow, too. */
void rules_captured(struct target *target, bool filed, int64_t now_ms);
bool rules_calm(const struct target *target);
/* Some rule is past half of its threshold: no time for a base. */
bool rules_tense(const struct target *target);

/* agent_incidents */
void incidents_fire(struct agent *agent, struct target *target, const struct rule *rule,
		    const struct judgement *judgement, int64_t now_ms);
void incidents_tick(struct agent *agent, struct target *target, int64_t now_ms);
/* Seals what is open, because nobody will go on with it. */
void incidents_stop(struct agent *agent);
/* Opens an incident because a person asked for it. */
void incidents_by_hand(struct agent *agent, struct target *target, int64_t now_ms);

/* agent_base */
/* What the manifest says beside the state, "" where the state says all. */
const char *base_why(enum base_state state);
void base_plan(struct target *target, int64_t now_ms);
void base_tick(struct target *target, int64_t now_ms);
int64_t base_next_ms(const struct target *target); /* when it has something to do */
/* It gave way to a capture. */
void base_put_off(struct target *target, enum base_state state, int64_t now_ms);
void base_done(struct target *target, const struct worker *worker, int64_t now_ms);

/* agent_spare */
/* A spare that ended without a job is started again after this. */
#define SPARE_RETRY_MS 2000
struct worker *worker_that(struct agent *agent, int is); /* NULL: none */
unsigned spares_ready(const struct agent *agent);
void worker_clear(struct agent *agent, struct worker *worker);
void spare_keep(struct agent *agent, int64_t now_ms);

/* agent_queue */
bool queue_wants_capture(const struct target *target);
bool queue_wants_other(const struct target *target);
/* Of those that want it and can have it now the one whose turn it is; NULL: nobody. */
struct target *queue_next(struct agent *agent, bool (*wants)(const struct target *),
			  int64_t now_ms);
/* Its place among those that wait for a capture, from 1; 0: it does not wait. */
unsigned queue_place(const struct agent *agent, const struct target *target,
		     int64_t now_ms);

/* agent_jobs */
void jobs_tick(struct agent *agent, int64_t now_ms);
void jobs_hear(struct agent *agent, struct worker *worker);
void jobs_end(struct agent *agent, struct worker *worker, int64_t now_ms);
void jobs_stop(struct agent *agent);
bool jobs_busy(const struct agent *agent);
void job_fill(const struct target *target, struct job *ret);
void job_seal(const struct target *target, struct job *ret);

/* agent_log */
void log_of_job(const struct agent *agent, const struct conf_service *conf,
		struct job *job);
void log_of_orphan(const struct agent *agent, struct job *job);

/* agent_yield */
/* Bases and recordings that stand in the way of a capture end. */
void jobs_yield(struct agent *agent, int64_t now_ms);

/* agent_keep */
void keep_tick(struct agent *agent, int64_t now_ms);
void keep_end(struct agent *agent, int64_t now_ms);
bool keep_busy(const struct agent *agent);

/* agent_probe */
void probe_tick(struct agent *agent, int64_t now_ms);
void probe_hear(struct agent *agent, int64_t now_ms);
/* One question for a service that has no target, with this id. */
void probe_service(struct agent *agent, const struct conf_service *conf, uint64_t id,
		   int64_t now_ms);

/* agent_state */
int state_read(struct agent *agent) must_check;
void state_restore(struct agent *agent, struct target *target, int64_t now_ms);
void state_orphans(struct agent *agent);
void state_touch(struct agent *agent); /* something changed that must survive */
void state_tick(struct agent *agent, int64_t now_ms);
void state_now(struct agent *agent, int64_t now_ms);

/* agent_orphans */
void orphan_add(struct agent *agent, const struct job *job);
void orphan_drop(struct agent *agent, struct orphan *orphan);
void orphans_save(const struct agent *agent, struct buf *to);
/* Records of open incidents, as `keep salvage` prints them. */
void incidents_adopt(struct agent *agent, struct span records, int64_t now_ms);
void rules_unstick(struct agent *agent);

/* agent_publish */
void publish_tick(struct agent *agent, int64_t now_ms);
int control_open(struct agent *agent) must_check;
void control_accept(struct agent *agent);
void control_hear(struct agent *agent, struct client *client, int64_t now_ms);
void control_close(struct agent *agent);

/* The options by which a child knows the archive; fills at most ARCHIVE_ARGS_MAX + NULL.
 */
#define ARCHIVE_ARGS_MAX 11
void archive_args(struct agent *agent, const char **argv);
