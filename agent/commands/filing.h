#pragma once
/* The walk "one change of an incident", for whoever changes one: the capture child, keep.
 *
 *   filing_open   the archive (a waiting spare does this long before there is a job)
 *   filing_begin  room, then the directory that is being built, with a note of what for
 *   filing_file   one file of it, streamed     } as often as needed,
 *   filing_kept   its record, made durable     } most valuable first
 *   filing_commit base and recorder linked in, renamed, manifest replaced: it is visible
 *   filing_retain the archive back within its bounds
 *   filing_close
 *
 * Killed before filing_commit: `keep salvage` publishes what was whole. Closed before it:
 * everything is removed.
 *
 *	struct filing filing;
 *	r = filing_open(&place, &filing, &why);
 *	r = filing_begin(&filing, &job);
 *	record = filing_record(&filing, "heap.pb.gz", "heap");
 *	r = filing_file(&filing, record, &file);
 *	... artifact_file_write(&file, bytes, n) ...
 *	r = artifact_file_end(&file, whole, record);
 *	r = filing_kept(&filing);
 *	record = filing_record(&filing, "goroutine.txt.gz", "goroutine-text");
 *	record->result = KEPT_SKIPPED; text_copy(record->why, ...);
 *	filing.record.goroutines = 4000;
 *	r = filing_commit(&filing);
 */

#include "core/manifest.h"
#include "core/retention.h"
#include "edge/disk/archive.h"
#include "edge/disk/artifact_file.h"

/* Which archive and within which bounds: the same options for every writing command. */
struct filing_place {
	const char *dir;
	const char *group; /* NULL: our own */
	struct retention_policy policy;
	bool locked; /* the agent that started us holds .lock */
};
/* --archive DIR --group NAME --max-use BYTES --keep-free BYTES --max-incidents N
 * --locked: for getopt_long, values from FILING_OPTION on. */
enum {
	FILING_OPTION = 0x1000,
	FILING_ARCHIVE = FILING_OPTION,
	FILING_GROUP,
	FILING_MAX_USE,
	FILING_KEEP_FREE,
	FILING_MAX_INCIDENTS,
	FILING_LOCKED,
	FILING_OPTION_END,
};
#define FILING_OPTIONS                                                                   \
	{"archive", 1, NULL, FILING_ARCHIVE}, {"group", 1, NULL, FILING_GROUP},          \
		{"max-use", 1, NULL, FILING_MAX_USE},                                    \
		{"keep-free", 1, NULL, FILING_KEEP_FREE},                                \
		{"max-incidents", 1, NULL, FILING_MAX_INCIDENTS},                        \
	{                                                                                \
		"locked", 0, NULL, FILING_LOCKED                                         \
	}
/* One option into place; value is borrowed. 0 or -EINVAL. */
int filing_place_option(struct filing_place *place, int option,
			const char *value) must_check;

/* Incidents that make room for one that is being sealed. */
#define FOLDED_MAX 8
struct folded {
	char names[FOLDED_MAX][INCIDENT_MAX];
	size_t n;
};

struct filing {
	struct archive archive;
	struct retention_policy policy;
	const struct job *job; /* borrowed from filing_begin on */
	/* Of this capture; the caller fills headroom, goroutines and endpoint. */
	struct capture_record record;
	int dirfd; /* of the capture that is being built: artifact files go there */
	/* Private from here on. */
	int servicefd; /* <archive>/<service> */
	int parentfd;  /* .staging, or the incident that gets a further capture */
	int topfd;     /* what is renamed, held by flock; the parent of dirfd or itself */
	char name[SERVICE_MAX + INCIDENT_MAX + 16]; /* of topfd in parentfd */
	bool noted;                                 /* the note is on the disk */
	struct folded folded;                       /* by the seal */
	bool leave; /* filing_close removes nothing: published, or left to salvage */
};

/* Opens archive and, unless place says that the agent holds it, its lock. 0,
 * -EWOULDBLOCK (another writer), or -errno with *ret_why as archive_open. */
int filing_open(const struct filing_place *place, struct filing *ret,
		const char **ret_why) must_check;
/* Outcome: even with everything dropped that may be dropped there would be less than
 * keep_free: nothing is begun. */
#define FILING_FULL 1
/* Makes room where the disk is short and begins the directory of the job: a new incident
 * in .staging (where the incident does not stand yet, whatever the number says), .NN in
 * one that does, a base, or the recorder's next heap. record.rule, at_ms and value come
 * from job->reason. 0, FILING_FULL, or -errno. */
int filing_begin(struct filing *filing, const struct job *job) must_check;
/* The record of a further artifact, zeroed but for name and kind, kept by filing.record;
 * NULL where ARTIFACTS_MAX are there. JOB_RECORD has one artifact; its name is ignored:
 * the ring names it by time. */
struct artifact_record *filing_record(struct filing *filing, const char *name,
				      const char *kind) must_check;
/* As artifact_file_open, in the directory of the filing, minding keep_free. */
int filing_file(struct filing *filing, const struct artifact_record *record,
		struct artifact_file *ret) must_check;
/* To be called after each file that ended: the note of what this directory is for reaches
 * the disk after the first file, so that it never delays it. 0 or -errno. */
int filing_kept(struct filing *filing) must_check;
/* Publishes whatever the record says, failed and skipped artifacts included. A base or a
 * recorder heap without any complete artifact is not published: -ENODATA. 0 or -errno
 * (then it is not visible, and salvage will find what is there). */
int filing_commit(struct filing *filing) must_check;
/* The archive back within its bounds. Another process at it: nothing to do. 0 or -errno.
 */
int filing_retain(struct filing *filing) must_check;
/* Removes what was begun and not committed, closes all. One that filing_open refused is
 * fine. After it the same filing may not be begun again. */
void filing_close(struct filing *filing);

/* For `report`: its three files, or why there are none (then those of an earlier run
 * stay). */
struct filing_report {
	struct span html, summary, json;
	const char *failed; /* NULL, or in words */
};
/* Outcome: the incident was dropped while the report was made. */
#define FILING_GONE 2
/* Replaces the report of an incident that stands, file by file, and says so in its
 * manifest; waits for whoever changes the incident. 0, FILING_GONE, FILING_FULL (there is
 * less than keep_free: nothing but the outcome is written) or -errno (the manifest says
 * that it failed, or salvage will). */
int filing_report(struct filing *filing, const char *service, const char *id,
		  const struct filing_report *report) must_check;

/* filing.record.hold is known: killed from here on, salvage knows it too. Not durable: a
 * raised limit does not outlive the machine either. 0 or -errno. */
int filing_held(const struct filing *filing) must_check;
/* For `unhold`: how the hold ended (result, time, and why where it has words), into every
 * capture of the incident that says that it is raised. 0, FILING_GONE or -errno. */
int filing_hold(struct archive *archive, const char *service, const char *id,
		const struct hold_record *end) must_check;

/* For `keep`: the seal of job->incident, which is created where it is not. 0 or -errno.
 */
struct filing_end {
	struct span timeline; /* the text of timeline.csv */
	int program; /* of the target, as process_program; -1: not held. Read where
			nothing else in the incident tells its build. */
};
int filing_seal(struct filing *filing, const struct job *job,
		const struct filing_end *end) must_check;
