#pragma once
/* What an incident's manifest.json says, as plain data: schema "leakdog.incident/1". The
 * same structure with one capture is the record of a directory that is being filled
 * (capture.json) and of a target's live base and recorder, so there is one reader and one
 * writer for all of them (view/manifest_json). What a profile says is never in here. */

#include "core/job.h"

#define MANIFEST_SCHEMA "leakdog.incident/1"
#define MANIFEST_UNKNOWN FIELD_UNKNOWN /* a number that could not be had: JSON null */

#define ARTIFACT_NAME_MAX 64 /* with at most one directory: "proc/status" */
#define ARTIFACTS_MAX 64     /* of one capture */
#define CAPTURES_MAX CAPTURE_NUMBER_MAX
#define RECORDER_MAX 16 /* recorder heaps in one incident */
#define DERIVED_MAX 8   /* timeline.csv, report.* */
#define JOINED_MAX 32   /* rules of one incident */
#define SHA256_TEXT_MAX 65

/* What became of an artifact. A file exists for complete (NAME) and partial
 * (NAME.partial, which is then what `name` says), never for the other two. */
enum kept {
	KEPT_COMPLETE,
	KEPT_PARTIAL,
	KEPT_FAILED,
	KEPT_SKIPPED,
	KEPT_N,
};
extern const char *const kept_table[KEPT_N];

enum endpoint_state {
	ENDPOINT_UNKNOWN,  /* not asked: no pprof, or the capture did not get that far */
	ENDPOINT_VERIFIED, /* the listening socket is the target's */
	ENDPOINT_UNVERIFIED, /* the right to find out is missing */
	ENDPOINT_FOREIGN,    /* the socket is another process's: nothing was fetched */
	ENDPOINT_N,
};
extern const char *const endpoint_table[ENDPOINT_N];

struct artifact_record {
	char name[ARTIFACT_NAME_MAX]; /* of the file, below the capture's directory */
	char kind[24];                /* artifact_table[].name */
	enum kept result;
	char why[160]; /* of anything but complete, in words */
	uint64_t bytes;
	char sha256[SHA256_TEXT_MAX]; /* 64 hex digits; "" without a file */
	uint64_t ms;                  /* it took */
	int64_t at_ms;                /* Unix, when it began */
};

/* What became of the target's memory limit while a capture ran. */
enum held {
	HELD_NONE,     /* it was not to be raised */
	HELD_REFUSED,  /* why says it; nothing was changed */
	HELD_RAISED,   /* and is not put back yet, as far as this manifest knows */
	HELD_RESTORED, /* put back by leakdog */
	HELD_LEFT,     /* not by leakdog: somebody else set it, or the cgroup is gone */
	HELD_N,
};
extern const char *const held_table[HELD_N];

struct hold_record {
	enum held result;
	uint64_t from, to; /* bytes, the effective limit */
	int64_t at_ms;     /* Unix, when it was raised or refused */
	int64_t restored_at_ms;
	char why[160];
};

struct capture_record {
	char dir[8]; /* "01"; "base" and "recorder" in the records of live files */
	char rule[RULE_TEXT_MAX];
	int64_t at_ms;       /* Unix */
	uint64_t value;      /* of the rule's signal; MANIFEST_UNKNOWN */
	uint64_t headroom;   /* bytes when it began; MANIFEST_UNKNOWN */
	uint64_t goroutines; /* of the index page; MANIFEST_UNKNOWN */
	enum endpoint_state endpoint;
	struct hold_record hold;
	struct artifact_record artifacts[ARTIFACTS_MAX];
	size_t n_artifacts;
};

/* Of a missing base there is at most the build. */
struct base_record {
	enum base_state state;
	int64_t at_ms;
	char why[128];
	struct artifact_record artifacts[ARTIFACTS_MAX];
	size_t n_artifacts;
};

/* A file of recorder/, and one of derived[] (there without time, and without digest until
 * the seal). */
struct file_record {
	char name[ARTIFACT_NAME_MAX];
	int64_t at_ms;
	uint64_t bytes;
	char sha256[SHA256_TEXT_MAX];
};

/* What became of the report (report.html, summary.txt, report.json in derived[]), never
 * what it says. */
enum report_result {
	REPORT_NONE,     /* nobody has tried */
	REPORT_COMPLETE, /* the files are there, all of one run */
	REPORT_FAILED,   /* why says it; files of an earlier run stay */
	/* Some of the files may be new already and derived[] names none of them: who
	 * finds this and nobody at work settles it. */
	REPORT_WRITING,
	REPORT_RESULT_N,
};
extern const char *const report_result_table[REPORT_RESULT_N];

struct report_record {
	enum report_result result;
	int64_t at_ms; /* Unix */
	char why[160];
};

struct manifest {
	char id[INCIDENT_MAX];
	char service[SERVICE_MAX];
	bool sealed;
	struct reason reason; /* of the first firing */
	struct target_facts target;
	struct container_facts container;       /* of the target; JSON: target.container,
						   left out without an id */
	char key[TARGET_KEY_MAX];               /* of its live files */
	enum endpoint_state endpoint;           /* of the newest capture that asked */
	char joined[JOINED_MAX][RULE_TEXT_MAX]; /* rules that fired later */
	size_t n_joined;
	struct base_record base;
	struct file_record recorder[RECORDER_MAX];
	size_t n_recorder;
	struct capture_record *captures; /* owned, in the order of their directories */
	size_t n_captures;
	struct file_record derived[DERIVED_MAX];
	size_t n_derived;
	struct omitted omitted; /* JSON: "limits", left out where nothing was */
	struct report_record reported;
	/* What the service logged to the end, as the seal found it; no kind: it has no
	 * log. JSON: "log", left out then. */
	struct artifact_record log;
	struct verdict verdict;
};

extern const struct fields artifact_record_table, capture_record_table, base_record_table,
	file_record_table, report_record_table, hold_record_table;

void manifest_init(struct manifest *manifest);
void manifest_fini(struct manifest *manifest); /* a zeroed one is fine */
#define AUTO_MANIFEST __attribute__((cleanup(manifest_fini)))
/* An open incident without captures, from the job that opens it. */
void manifest_from_job(const struct job *job, struct manifest *ret);
/* The JOB_SEAL that would end this incident, but for its verdict: number is that of its
 * highest capture, held what its captures hold. */
void manifest_to_job(const struct manifest *manifest, struct job *ret);
/* Unknown numbers are unknown, nothing is held. */
void capture_record_init(struct capture_record *record);
/* Adds a copy, in the order of directories, replacing one of the same directory; its rule
 * joins where it is not the incident's own. 0, -ENOMEM, -ENOSPC (CAPTURES_MAX). */
int manifest_add_capture(struct manifest *manifest,
			 const struct capture_record *record) must_check;
/* The artifact's slot, or NULL where ARTIFACTS_MAX are there; zeroed except for name and
 * kind, which are cut to fit. */
struct artifact_record *capture_add(struct capture_record *record, const char *name,
				    const char *kind) must_check;
/* The first of a kind in a list that is kept at least so well: KEPT_COMPLETE, or
 * KEPT_PARTIAL for both that have a file. NULL: there is none. */
const struct artifact_record *artifact_find(const struct artifact_record *list, size_t n,
					    enum artifact kind, enum kept worst);
/* Adds or replaces an entry of derived[] by its name. 0 or -ENOSPC. */
int manifest_add_derived(struct manifest *manifest,
			 const struct file_record *record) must_check;
/* Forgets the entry of derived[] with this name; none is fine. */
void manifest_drop_derived(struct manifest *manifest, const char *name);
/* Bit per enum artifact of which some capture holds a complete file. */
uint32_t manifest_held(const struct manifest *manifest);
/* Whether every name in it is safe to be used as a path below its directory and every
 * digest is one: an archive may come from anywhere. 0, or -EBADMSG with why (size bytes).
 */
int manifest_check(const struct manifest *manifest, char *why, size_t size) must_check;
