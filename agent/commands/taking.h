#pragma once
/* The walk "one capture": plan -> step -> file -> plan ..., in a straight line, by a
 * process that has nothing else to do and ends afterwards. All memory, descriptors and
 * libraries are prepared before there is a job. What goes wrong on the way is an outcome:
 * what is whole is filed, and the manifest says the rest. */

#include "commands/auto_find.h"
#include "commands/filing.h"
#include "commands/reach.h"
#include "core/plan.h"
#include "core/url.h"
#include "edge/kernel/evidence.h"
#include "edge/kernel/sampler.h"
#include "edge/net/http.h"
#include "prof/gzip.h"
#include "prof/shown.h"

#define TABLE_MAX (4 << 20) /* bytes of one table */

/* In place of a process that has ended. */
#define TAKING_NOBODY                                                                    \
	((struct process){.dirfd = -1, .pidfd = -1, .stat_fd = -1, .status_fd = -1})

/* A table that was read before the rights to it were given up. */
struct taking_early {
	struct buf text;
	int result; /* of its reading */
	bool have;
};

struct taking {
	/* Prepared. */
	struct roots roots;
	struct filing filing;
	struct http *http;
	struct gzip *gzip;
	struct gzip_check *check;
	struct shown shown; /* of the plain heap */
	struct evidence_files *evidence;
	int stop_fd; /* readable: end the step and file what is whole; -1: never */
	int talk_fd; /* progress and result go here, one record at a time */
	const struct filing_place *place;
	int ahead_fd; /* who waits with more rights, see taking_relay; -1: nobody */
	bool handed;  /* by systemd, for a target that the agent may not reach */
	/* Of the job. */
	const struct job *job;
	struct endpoint endpoint; /* the job's; with its url found, where that is open */
	struct process process;
	int program;           /* its file, as process_program; -1: not held */
	struct domain *domain; /* NULL: none */
	struct sampler sampler;
	struct sample sample;
	struct plan_state plan;
	char closed[PLAN_WHY_MAX]; /* plan.http_closed */
	bool gone, stopped;
	bool elsewhere; /* the target is in another network namespace than the agent; */
	int entered;    /* why this process could not go there, -errno; 0: it did, */
	bool inside;    /* or had no reason to */
	int root_fd;    /* of its file system; -1: ours, or none (-errno): */
	int root_error;
	struct auto_urls ports; /* where its pprof may be */
	struct taking_early early[ARTIFACT_N];
	int smaps_fd; /* the same: opened before, read in its turn; -1 */
	int hold_fd;  /* the locked note of a raised limit, until this process ends; -1 */
	bool evidence_waits;    /* in memory, not filed yet; read at: */
	int64_t evidence_at_ms; /* Unix */
	struct url checked;     /* the address whose owner is known: */
	enum endpoint_state owner;
	struct job_result result;
};

/* Everything that can be done without a job; the archive is opened. 0, or -errno with the
 * reason told on stderr. fini in any case. */
int taking_prepare(struct taking *t, const struct filing_place *place) must_check;
void taking_fini(struct taking *t);
/* Takes the capture of a process, which it takes over, as it does t->program. The outcome
 * is in t->result. */
void taking_run(struct taking *t, const struct job *job, const struct process *process);
/* Does the target of the job still live? */
bool taking_lives(struct taking *t) must_check;
/* One record to whoever is listening; nobody is fine. */
void taking_tell(const struct taking *t, const struct buf *record);

/* For the files of this walk. The record of a step, with its name and the time it began;
 * NULL where the manifest has no place for another (told once). */
struct artifact_record *taking_record(struct taking *t,
				      enum artifact artifact) must_check;
/* Files bytes that are there already: the record says what became of them. */
void taking_put(struct taking *t, struct span bytes, struct artifact_record *record);
/* Where rights were used to get there: reads what takes them, then gives all of them up,
 * before anything comes from the target. */
void taking_shed(struct taking *t);
void taking_early_fini(struct taking *t);
/* Somebody with more rights gets ready for the job to come, where a socket is there. */
void taking_dial_ahead(struct taking *t);
/* A capture that this process may not take is taken by one that systemd hands out: true,
 * and its result is ours. */
bool taking_relay(struct taking *t);
/* `pprof: auto`: first where the target listens, which takes rights, then which of these
 * places serves pprof; where none does, nothing is asked over HTTP. */
void taking_find_ports(struct taking *t);
void taking_find(struct taking *t);
/* Into the network namespace of the target, where that is another one and its address is
 * one of in there. */
void taking_enter(struct taking *t);
/* False, with the reason in words, where this address is out of reach. What is in ret is
 * the caller's in any case. */
bool taking_reaches(const struct taking *t, const struct url *url,
		    struct reach_socket *ret, char why[static REACH_WHY_MAX]) must_check;
/* Whose address it is; file: of a socket in the target's own file system. */
enum endpoint_state taking_owner(struct taking *t, const struct url *url, bool file);
/* Whose the connected unix socket is: NULL, or why it is not asked. */
const char *taking_meets(struct taking *t, int socket);
/* For the kernel's tables, see taking_kernel. */
void taking_evidence(struct taking *t);
int taking_table(const struct taking *t, enum artifact artifact,
		 struct buf *to) must_check;
/* A step has ended: its record is complete. */
void taking_done(struct taking *t, enum artifact artifact,
		 const struct artifact_record *record);
void taking_http(struct taking *t, enum artifact artifact);
void taking_kernel(struct taking *t, enum artifact artifact);
/* Raises the limit as the job asks, or says in the record why not. */
void taking_hold(struct taking *t);
/* Writes the evidence that waits in memory. */
void taking_file_evidence(struct taking *t);
