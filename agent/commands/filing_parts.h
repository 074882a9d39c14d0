#pragma once
/* What the files of the filing share among themselves; nobody else includes this. */

#include "commands/filing.h"
#include "commands/store.h"

/* Links the base of the job's target into the directory top (as base/) and says so in the
 * manifest: its own, or the newest of the same service and build, or why there is none.
 */
int filing_link_base(int servicefd, const struct job *job, int topfd,
		     struct manifest *manifest) must_check;
/* Links the newest `keep` heaps of the target's recorder into top (as recorder/). */
int filing_link_recorder(int servicefd, const char *key, uint32_t keep, int topfd,
			 struct manifest *manifest) must_check;
/* Drops the oldest recorder heaps of the job's target beyond those that it keeps. */
int filing_prune_recorder(const struct filing *filing, int recorderfd) must_check;
/* Removes the directory NAME by way of .staging: half a removal is not half of what it
 * was. One that is not there is fine. service and label make its name there. */
int filing_trash(const struct archive *archive, const char *service, const char *label,
		 int dirfd, const char *name) must_check;

/* Who of the live targets is still there; NULL where nobody knows: then none of their
 * files goes. */
struct living {
	char (*keys)[TARGET_KEY_MAX];
	size_t n;
};
/* Brings the archive within the policy. Another process at it: nothing to do. */
int filing_retain_with(struct archive *archive, const struct retention_policy *policy,
		       const struct living *living) must_check;
/* Drops until the archive holds 1/share less than now. */
int filing_retain_share(struct archive *archive, uint64_t share) must_check;
/* Bytes that the file system of the archive has free for us. */
uint64_t filing_free(const struct archive *archive);

/* Removes what is being built, as far as possible; closes its directories. */
void filing_remove(struct filing *filing);
void filing_close_dirs(struct filing *filing);
bool filing_is_full(int r); /* an errno that room would cure */
/* Drops what may be dropped until there is room for a beginning. 0, FILING_FULL, -errno.
 */
int filing_make_room(struct filing *filing) must_check;
/* Drops some of the archive, whatever the policy says. */
int filing_drop_some(struct filing *filing) must_check;
/* store_write of an incident's manifest; where the disk is full, old incidents give way
 * and it is tried once more. */
int filing_write(struct filing *filing, int dirfd,
		 const struct manifest *manifest) must_check;
/* Writes what the directory is for, and filing->record as it is now, into it. */
int filing_note(const struct filing *filing, bool durable) must_check;

/* Chooses who makes room by job->keep_incidents and counts them in the manifest. */
int filing_fold(const struct filing *filing, struct manifest *manifest,
		struct folded *ret) must_check;
/* After the seal. One that cannot be dropped is told in the log. */
void filing_fold_drop(struct filing *filing, const struct folded *folded);

/* A capture's note with its record completed from its files, or a blank one. Returns how
 * many files there are (0: ret is finished, there is nothing to keep), or -errno. */
int filing_mend_note(int dirfd, const char *dir, struct manifest *ret) must_check;
/* Removes the note of a capture that the manifest names. */
int filing_remove_note(int dirfd) must_check;
/* Finishes what was begun in an incident and removes what its manifest does not name. */
int filing_finish(struct filing *filing, int dirfd, struct manifest *manifest) must_check;

/* The files of the report that are on the disk into derived[], with their digests where
 * the incident is sealed; those that are not there out of it. 0 or -errno. */
int filing_derive_report(int dirfd, struct manifest *manifest) must_check;
/* Nobody is writing the report any more: where the manifest believes so, it was
 * interrupted. True: it did. */
bool filing_settle_report(struct manifest *manifest);

/* An incident that says that a limit is raised while there is no note of that: it was put
 * back while nobody could tell. True: it says so now. */
bool filing_settle_hold(const struct archive *archive, struct manifest *manifest);

/* Is the directory, which is held now, still the one of this name? */
bool filing_stands(int servicefd, const char *id, int dirfd);

/* How many recorder heaps a salvaged first capture gets: nobody is there to ask. */
#define RECORDER_SALVAGED 5
/* What killed builders left behind; open incidents are told on `to` as JOB_SEAL records.
 */
int filing_salvage(struct filing *filing, struct buf *to) must_check;
