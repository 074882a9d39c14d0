/* What killed builders left behind. Whatever is held by flock has a living builder and is
 * left alone. Of the rest: a capture with at least one file that says something is
 * published, a step that was begun is finished, everything else is removed. Every step of
 * it may be cut again. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/filing_parts.h"
#include "edge/clock.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "edge/log.h"

struct salvage {
	struct filing *filing;
	int stagingfd;
	int servicefd;
	struct buf *to; /* open incidents */
};

/* ------------------------------------------------------------------ .staging */

/* What is known without a note: power failed between the first file and its note. Nobody
 * will ever end such an incident, so it is sealed at once. */
static void say_lost(const struct store_name *name, struct manifest *manifest)
{
	(void)text_copy(manifest->service, sizeof(manifest->service), name->service);
	(void)text_copy(manifest->id, sizeof(manifest->id), name->name);
	(void)text_copy(manifest->reason.rule, sizeof(manifest->reason.rule), "unknown");
	manifest->reason.at_ms = manifest->captures[0].artifacts[0].at_ms;
	manifest->captures[0].at_ms = manifest->reason.at_ms;
	manifest->sealed = true;
	manifest->verdict.outcome = OUTCOME_AGENT_STOPPED;
	manifest->verdict.at_ms = clock_unix_ms();
	(void)text_copy(manifest->verdict.detail, sizeof(manifest->verdict.detail),
			"what the capture was for was lost with the power");
}

/* Gives a cut first capture what an incident needs beside it. */
static int complete(struct salvage *s, int topfd, struct manifest *manifest)
{
	struct job job;
	int r;

	manifest_to_job(manifest, &job);
	r = filing_link_base(s->servicefd, &job, topfd, manifest);
	if (r == 0)
		r = filing_link_recorder(s->servicefd, job.key, RECORDER_SALVAGED, topfd,
					 manifest);
	return r < 0 ? r : filing_write(s->filing, topfd, manifest);
}

/* 1: there is something to publish, with a manifest; 0: nothing; or -errno. */
static int mend_first(struct salvage *s, const struct store_name *name, int topfd,
		      struct manifest *manifest)
{
	AUTO_CLOSE int dir = archive_dir(topfd, name->tail, false);
	int r = dir;

	if (dir >= 0)
		r = filing_mend_note(dir, name->tail, manifest);
	if (r <= 0)
		return r == -ENOENT ? 0 : r;
	if (!text_equal(manifest->id, name->name))
		say_lost(name, manifest);
	(void)filing_settle_hold(&s->filing->archive, manifest); /* written below */
	r = complete(s, topfd, manifest);
	if (r == 0)
		r = filing_remove_note(dir);
	return r < 0 ? r : 1;
}

static int mend_incident(struct salvage *s, const struct store_name *name, int topfd,
			 struct manifest *manifest)
{
	char why[MANIFEST_WHY_MAX];
	int r = store_read(topfd, STORE_MANIFEST, manifest, why);

	if (r < 0)
		return store_is_capture(name->tail) ? mend_first(s, name, topfd, manifest)
						    : 0;
	r = filing_finish(s->filing, topfd, manifest);
	return r < 0 ? r : 1;
}

/* The incident came to stand by another capture meanwhile: this one joins it as .NN. */
static int join_incident(struct salvage *s, const struct store_name *name, int topfd)
{
	AUTO_CLOSE int incident = archive_dir(s->servicefd, name->name, false);
	char hidden[sizeof(name->tail) + 1];
	int r;

	(void)snprintf(hidden, sizeof(hidden), ".%s", name->tail);
	r = archive_publish(topfd, name->tail, incident, hidden);
	return r == -EEXIST || r == -ENOENT ? 0 : r;
}

static int salvage_incident(struct salvage *s, const char *entry,
			    const struct store_name *name, int topfd)
{
	AUTO_CLOSE int there = archive_dir(s->servicefd, name->name, false);
	AUTO_MANIFEST struct manifest manifest;
	int r;

	manifest_init(&manifest);
	if (there >= 0) {
		r = join_incident(s, name, topfd);
		return r < 0 ? r : folder_remove(s->stagingfd, entry);
	}
	r = mend_incident(s, name, topfd, &manifest);
	if (r == 0)
		return folder_remove(s->stagingfd, entry);
	if (r > 0)
		r = folder_sync(topfd);
	if (r == 0)
		r = archive_publish(s->stagingfd, entry, s->servicefd, name->name);
	if (r == 0)
		log_info("salvaged incident %s of '%s'", name->name, name->service);
	return r;
}

/* A base that was whole and had not reached its place, where there is none. */
static int salvage_base(struct salvage *s, const char *entry,
			const struct store_name *name, int topfd)
{
	AUTO_MANIFEST struct manifest note;
	char path[2 * TARGET_KEY_MAX], why[MANIFEST_WHY_MAX];
	AUTO_CLOSE int live = -1;
	int r = store_read(topfd, STORE_NOTE, &note, why);

	if (r == 0 && note.n_captures == 1 && note.captures[0].n_artifacts > 0) {
		(void)snprintf(path, sizeof(path), ARCHIVE_LIVE "/%s", name->name);
		live = archive_path(s->servicefd, path, true);
		if (live < 0)
			return live;
		r = archive_publish(s->stagingfd, entry, live, STORE_BASE);
		if (r != -EEXIST)
			return r;
	}
	return folder_remove(s->stagingfd, entry);
}

static int salvage_known(struct salvage *s, const char *entry,
			 const struct store_name *name, int topfd)
{
	bool base = text_equal(name->tail, STORE_BASE);
	bool incident = store_is_capture(name->tail) || text_equal(name->tail, "seal");
	AUTO_CLOSE int service = -1;
	int r;

	if (!base && !incident) /* a recorder heap, or something on its way out */
		return folder_remove(s->stagingfd, entry);
	service = archive_dir(s->filing->archive.fd, name->service, true);
	if (service < 0)
		return service;
	s->servicefd = service;
	r = base ? salvage_base(s, entry, name, topfd)
		 : salvage_incident(s, entry, name, topfd);
	s->servicefd = -1;
	return r;
}

static int remove_entry(int dirfd, const char *name)
{
	int r = folder_remove(dirfd, name);

	if (r == -ENOTDIR || r == -ELOOP)
		r = unlinkat(dirfd, name, 0) < 0 ? -errno : 0;
	return r;
}

static int salvage_entry(void *context, const char *entry)
{
	struct salvage *s = context;
	AUTO_CLOSE int fd = archive_dir(s->stagingfd, entry, false);
	struct store_name name;
	size_t len = strlen(entry);
	char plain[NAME_MAX + 1];
	int r = fd < 0 ? fd : archive_hold(fd, false);

	if (r == -EWOULDBLOCK)
		return 0;
	/* "...+base+old": the base that a later one was taking the place of. */
	(void)text_copy(plain, sizeof(plain), entry);
	if (text_ends(entry, "+old"))
		plain[len - strlen("+old")] = '\0';
	if (r < 0 || !store_split(plain, &name))
		return remove_entry(s->stagingfd, entry);
	r = salvage_known(s, entry, &name, fd);
	if (r < 0)
		log_error("cannot salvage " ARCHIVE_STAGING "/%s: %s", entry,
			  strerror(-r));
	return 0; /* one that resists does not keep the others from being salvaged */
}

/* ------------------------------------------------------------------ incidents that stand
 */

static void tell_open(const struct salvage *s, const struct manifest *manifest)
{
	struct job job;

	manifest_to_job(manifest, &job);
	if (!manifest->sealed && job_format(&job, s->to) < 0)
		log_error("too many open incidents: %s is left as it is", manifest->id);
}

static int look_through(struct salvage *s, const char *name)
{
	AUTO_CLOSE int fd = archive_dir(s->servicefd, name, false);
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	int r = fd < 0 ? fd : archive_hold(fd, true);

	manifest_init(&manifest);
	if (r < 0)
		return r;
	r = store_read(fd, STORE_MANIFEST, &manifest, why);
	if (r < 0) {
		log_error("incident %s: " STORE_MANIFEST ": %s", name, why);
		return 0;
	}
	r = filing_finish(s->filing, fd, &manifest);
	if (r == 0)
		tell_open(s, &manifest);
	return r;
}

static int salvage_standing(void *context, const char *name)
{
	struct salvage *s = context;
	int r;

	if (!job_is_component(name, INCIDENT_MAX))
		return 0;
	r = look_through(s, name);
	if (r < 0 && r != -ENOTDIR)
		log_error("cannot look through incident %s: %s", name, strerror(-r));
	return 0;
}

static int salvage_service(void *context, const char *name)
{
	struct salvage *s = context;
	AUTO_CLOSE int fd = -1;
	int r;

	if (!store_is_service(name))
		return 0;
	fd = archive_dir(s->filing->archive.fd, name, false);
	if (fd < 0)
		return fd == -ENOTDIR ? 0 : fd;
	s->servicefd = fd;
	r = folder_names(fd, salvage_standing, s);
	s->servicefd = -1;
	return r;
}

int filing_salvage(struct filing *filing, struct buf *to)
{
	AUTO_CLOSE int staging = archive_dir(filing->archive.fd, ARCHIVE_STAGING, true);
	struct salvage s = {filing, staging, -1, to};
	int r = staging < 0 ? staging : folder_names(staging, salvage_entry, &s);

	if (r == 0)
		r = archive_sync(staging);
	return r < 0 ? r : folder_names(filing->archive.fd, salvage_service, &s);
}
