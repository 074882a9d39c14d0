#pragma once
/* A job: what the agent tells a child to do, as data. It passes as one record
 * (lib/record) on a socket or in a memfd, so a child needs neither the configuration nor
 * the agent's memory, and a test can write one by hand. Incident and manifest are made of
 * the same parts, so they are stated here once. */

#include "core/conf.h"
#include "core/container.h"
#include "core/field.h"
#include "core/log_source.h"
#include "core/verdict.h"
#include "lib/text.h"

enum job_kind {
	JOB_CAPTURE, /* into an incident; number 1 creates it */
	JOB_BASE,    /* the reference profiles of a target */
	JOB_RECORD,  /* one plain heap for the recorder */
	JOB_SEAL, /* the verdict; creates the incident where there is none (oom kill) */
	JOB_N,
};
extern const char *const job_table[JOB_N];

#define SERVICE_MAX 64
#define INCIDENT_MAX 96
#define TARGET_KEY_MAX 48

/* Why a capture is taken. Times are Unix ms. */
struct reason {
	char rule[RULE_TEXT_MAX];
	char slug[RULE_SLUG_MAX];
	char signal[16];
	char unit[16]; /* "bytes", "count", "percent", "ms" */
	uint64_t value, threshold;
	int64_t at_ms;
};

struct target_facts {
	int32_t pid;
	uint64_t start_ticks;
	int64_t started_ms;
	char boot_id[40];
	char exe[256]; /* foreign bytes; "" where the right is missing */
	/* Tells one build of exe from another: "<inode>-<size>-<mtime,
	 * seconds.nanoseconds>" of /proc/PID/exe; "" where the right is missing. A base
	 * is borrowed within one build only. */
	char build[64];
	char cgroup[512]; /* "" without a domain */
	int32_t cgroup_version;
	uint64_t limit; /* effective, bytes; 0: none */
	char limit_from[512];
};

enum base_state {
	BASE_MISSING,
	BASE_EARLY,    /* at 30 s */
	BASE_TAKEN,    /* at base.after */
	BASE_LATE,     /* the process was older when leakdog met it */
	BASE_BORROWED, /* of another incarnation of the same service and build */
	BASE_N,
};
extern const char *const base_table[BASE_N];

/* What limits kept out of the archive. */
struct omitted {
	uint32_t suppressed; /* captures of this incident */
	char by[24];         /* the limit that forbade the last of them; "" */
	/* Incidents of the same rule that made room for this one or for those that did
	 * so before it, and when the first and the last of them began. */
	uint32_t folded;
	int64_t from_ms, to_ms;
};

struct job {
	enum job_kind kind;
	char service[SERVICE_MAX];
	/* "<8 of boot id>-<pid>-<start_ticks>": names its live files. */
	char key[TARGET_KEY_MAX];
	char incident[INCIDENT_MAX]; /* name of the incident's directory */
	uint32_t number;             /* NN of a capture, 1 is the first */
	struct reason reason;        /* of this capture (of the incident for a seal) */
	struct target_facts target;
	struct container_facts container; /* that it stands in */
	enum base_state base; /* JOB_BASE: what it will be called; else what there is */
	int64_t base_at_ms;
	char base_why[128]; /* why missing, borrowed from which, why late */
	struct endpoint endpoint;
	struct capture_conf capture;
	struct conf_hold hold; /* JOB_CAPTURE */
	struct log_source log; /* JOB_CAPTURE and JOB_SEAL */
	/* Without a process: watched over HTTP alone, pid is 0. What its page of metrics
	 * said last of its memory, bytes; 0: nothing. */
	bool far;
	uint64_t memory;
	bool only_verified; /* others have this address too: ask only its proved owner */
	uint32_t held; /* bit per artifact that this incident holds completely already */
	uint32_t recorder_keep; /* newest recorder heaps that go into an incident */
	/* JOB_SEAL */
	struct verdict verdict;
	struct omitted omitted;
	uint32_t keep_incidents; /* of one rule in an hour; 0: all */
};

/* Rows of the parts that job and manifest share, and of the endpoint (all of them texts).
 */
extern const struct fields reason_table, target_table, container_table, verdict_table,
	omitted_table, endpoint_info;

/* Safe as one component of a path: [A-Za-z0-9._-]+, shorter than size, no dot first. */
bool job_is_component(const char *text, size_t size);

#define JOB_TEXT_MAX 32768    /* any job fits: the longest texts, every byte escaped */
#define CAPTURE_NUMBER_MAX 99 /* the name of its directory has two digits */
/* Ends with the empty line of a record. 0, or -EFBIG where it does not fit the buffer's
 * cap. */
int job_format(const struct job *job, struct buf *to) must_check;
/* 0, -EBADMSG (not a job: no or a bad value where one must be, a name that is no safe
 * component, no empty line at the end), -ENAMETOOLONG. Unknown keys are ignored: an agent
 * may be newer. What follows the empty line belongs to the caller: job_rest. */
int job_parse(struct span record, struct job *ret) must_check;
/* What follows the first empty line; the text of timeline.csv after a JOB_SEAL. */
struct span job_rest(struct span record);

enum job_result_kind {
	RESULT_COMPLETE, /* every planned artifact is whole or skipped with a reason */
	RESULT_PARTIAL,  /* some are; the rest is named in the manifest */
	RESULT_FAILED,   /* nothing was filed */
	RESULT_GONE,     /* the target ended; what was whole is filed */
	RESULT_N,
};
extern const char *const result_table[RESULT_N];

/* What a child says at its end, one record on its socket (or stdout). */
struct job_result {
	enum job_result_kind kind;
	bool filed;            /* the capture's directory stands in the archive */
	uint32_t held;         /* bit per artifact that is complete now */
	uint64_t goroutines;   /* of the index page; 0: unknown */
	bool foreign_page;     /* the endpoint answers, but not as pprof */
	bool foreign_endpoint; /* the address belongs to another process: refused */
	uint64_t bytes, ms;
	char why[160]; /* of anything but complete: first failure, in words */
};
/* Ends with the empty line. */
void job_result_format(const struct job_result *result, struct buf *to);
int job_result_parse(struct span record, struct job_result *ret) must_check;
