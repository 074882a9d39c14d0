#pragma once
/* A job: what the agent tells a child to do, as data. It passes as one record (lib/record)
 * on a socket or in a memfd, so a child needs neither the configuration nor the agent's
 * memory, and a test can write one by hand. Incident and manifest are made of the same
 * parts, so they are stated here once. */

#include "core/conf.h"
#include "core/verdict.h"
#include "lib/text.h"

enum job_kind {
	JOB_CAPTURE, /* into an incident; number 1 creates it */
	JOB_BASE,    /* the reference profiles of a target */
	JOB_RECORD,  /* one plain heap for the recorder */
	JOB_SEAL,    /* the verdict; creates the incident where there is none (oom kill) */
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
	char exe[256];    /* foreign bytes; "" where the right is missing */
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

struct job {
	enum job_kind kind;
	char service[SERVICE_MAX];
	char key[TARGET_KEY_MAX];    /* "<8 of boot id>-<pid>-<start_ticks>": names its live files */
	char incident[INCIDENT_MAX]; /* name of the incident's directory */
	uint32_t number;             /* NN of a capture, 1 is the first */
	struct reason reason;        /* of this capture (of the incident for a seal) */
	struct target_facts target;
	enum base_state base;  /* JOB_BASE: what it will be called; else what there is */
	int64_t base_at_ms;
	char base_why[128];    /* why missing, borrowed from which, why late */
	struct endpoint endpoint;
	struct capture_conf capture;
	uint32_t held;       /* bit per artifact that this incident holds completely already */
	uint32_t recorder_keep; /* newest recorder heaps that go into an incident */
	struct verdict verdict; /* JOB_SEAL */
};

/* 0, or -EFBIG where it does not fit the buffer's cap. */
int job_format(const struct job *job, struct buf *to) must_check;
/* 0, -EBADMSG (not a job), -ENAMETOOLONG. Unknown keys are ignored: an agent may be newer. */
int job_parse(struct span record, struct job *ret) must_check;

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
	bool filed;      /* the capture's directory stands in the archive */
	uint32_t held;   /* bit per artifact that is complete now */
	uint64_t goroutines; /* of the index page; 0: unknown */
	bool foreign_page; /* the endpoint answers, but not as pprof */
	bool foreign_endpoint; /* the address belongs to another process: refused */
	uint64_t bytes, ms;
	char why[160]; /* of anything but complete: first failure, in words */
};
void job_result_format(const struct job_result *result, struct buf *to);
int job_result_parse(struct span record, struct job_result *ret) must_check;
