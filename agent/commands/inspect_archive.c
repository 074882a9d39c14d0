/* What stands beside the incidents: the lock, what is being built, the live files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/held.h"
#include "commands/inspect_files.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"

struct round {
	struct findings *findings;
	int dirfd;
	const char *service;
};

static void say(const struct round *round, const char *below, const char *name,
		const char *what)
{
	char where[FINDING_TEXT_MAX];

	(void)snprintf(where, sizeof(where), "%s%s%s", below, below[0] ? "/" : "", name);
	findings_add(round->findings, where, "%s", what);
}

/* Whatever is built is held by its builder; what nobody holds was left behind. */
static int visit_staging(void *context, const char *name)
{
	struct round *round = context;
	AUTO_CLOSE int fd = fs_open_dir_at(round->dirfd, name);
	int r = fd < 0 ? fd : archive_hold(fd, false);

	if (r == -EWOULDBLOCK || r == -ENOENT)
		return 0;
	say(round, ARCHIVE_STAGING, name,
	    "was left behind by something that was killed: run leakdog keep salvage");
	return 0;
}

static int visit_incident(void *context, const char *name)
{
	struct round *round = context;
	char where[FINDING_TEXT_MAX];
	AUTO_CLOSE int fd = -1;

	if (text_equal(name, ARCHIVE_LIVE))
		return 0;
	if (!job_is_component(name, INCIDENT_MAX)) {
		say(round, round->service, name, "is no name of an incident");
		return 0;
	}
	fd = fs_open_dir_at(round->dirfd, name);
	if (fd == -ENOENT)
		return 0; /* dropped meanwhile */
	if (fd < 0) {
		say(round, round->service, name, strerror(-fd));
		return 0;
	}
	(void)snprintf(where, sizeof(where), "%s/%s", round->service, name);
	inspect_incident(&(struct inspect){round->findings, where, fd}, name,
			 round->service);
	return 0;
}

static int visit_service(void *context, const char *name)
{
	struct round *round = context;
	struct round inner = {round->findings, -1, name};
	char where[FINDING_TEXT_MAX];
	AUTO_CLOSE int fd = -1, live = -1;
	int r;

	if (text_equal(name, ARCHIVE_LOCK) || text_equal(name, ARCHIVE_STAGING) ||
	    text_equal(name, ARCHIVE_STATE) || text_equal(name, ARCHIVE_HOLDS) ||
	    text_equal(name, ARCHIVE_STATE_NEW))
		return 0;
	if (!store_is_service(name)) {
		say(round, "", name, "is no name of a service");
		return 0;
	}
	fd = fs_open_dir_at(round->dirfd, name);
	if (fd < 0) {
		say(round, "", name, strerror(-fd));
		return 0;
	}
	inner.dirfd = fd;
	r = folder_names(fd, visit_incident, &inner);
	live = fs_open_dir_at(fd, ARCHIVE_LIVE);
	(void)snprintf(where, sizeof(where), "%s/" ARCHIVE_LIVE, name);
	if (live >= 0)
		inspect_live(&(struct inspect){round->findings, where, live}, name);
	else if (live != -ENOENT)
		findings_add(round->findings, where, "%s", strerror(-live));
	return r;
}

static void inspect_top(int fd, struct findings *findings)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		findings_add(findings, ".", "%s", strerror(errno));
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		findings_add(findings, ".", "others may write to the archive");
}

int inspect_archive(int archivefd, struct findings *findings)
{
	AUTO_CLOSE int staging = fs_open_dir_at(archivefd, ARCHIVE_STAGING);
	struct round round = {findings, staging, ""};
	int r = 0;

	inspect_top(archivefd, findings);
	if (staging >= 0)
		r = folder_names(staging, visit_staging, &round);
	else if (staging != -ENOENT)
		findings_add(findings, ARCHIVE_STAGING, "%s", strerror(-staging));
	if (r == 0)
		r = held_inspect(&(struct archive){.fd = archivefd, .lockfd = -1},
				 findings);
	round.dirfd = archivefd;
	return r < 0 ? r : folder_names(archivefd, visit_service, &round);
}

/* ------------------------------------------------------------------ live files */

/* A directory with a note: a base, or one heap of the recorder. */
static void inspect_noted(const struct inspect *inspect, const char *service,
			  const char *key)
{
	AUTO_EXPECTATION struct expectation e = {0};
	AUTO_MANIFEST struct manifest note;
	char why[MANIFEST_WHY_MAX];

	manifest_init(&note);
	if (store_read(inspect->dirfd, STORE_NOTE, &note, why) < 0) {
		findings_add(inspect->findings, inspect->where, STORE_NOTE ": %s", why);
		return;
	}
	if (!text_equal(note.service, service) || !text_equal(note.key, key))
		findings_add(inspect->findings, inspect->where, "is of '%s' %s",
			     note.service, note.key);
	if (note.n_captures != 1)
		findings_add(inspect->findings, inspect->where,
			     STORE_NOTE ": no capture");
	expect_file(&e, "", STORE_NOTE, 0, "");
	for (size_t i = 0; i < note.n_captures; i++)
		expect_artifacts(&e, "", note.captures[i].artifacts,
				 note.captures[i].n_artifacts);
	inspect_files(inspect, &e);
}

struct live {
	const struct inspect *inspect;
	const char *service, *key;
	int dirfd;
	const char *below; /* of dirfd, under .live */
};

static int visit_noted(void *context, const char *name)
{
	struct live *live = context;
	AUTO_CLOSE int fd = fs_open_dir_at(live->dirfd, name);
	char where[FINDING_TEXT_MAX];

	(void)snprintf(where, sizeof(where), "%s/%s/%s", live->inspect->where,
		       live->below, name);
	if (fd >= 0)
		inspect_noted(&(struct inspect){live->inspect->findings, where, fd},
			      live->service, live->key);
	else if (fd != -ENOENT)
		findings_add(live->inspect->findings, where, "%s", strerror(-fd));
	return 0;
}

static int visit_part(void *context, const char *name)
{
	struct live *live = context;
	struct live inner = *live;
	char below[FINDING_TEXT_MAX], where[2 * FINDING_TEXT_MAX];
	AUTO_CLOSE int fd = -1;

	(void)snprintf(below, sizeof(below), "%s/%s", live->key, name);
	(void)snprintf(where, sizeof(where), "%s/%s", live->inspect->where, below);
	if (text_equal(name, STORE_BASE))
		return visit_noted(live, name);
	if (!text_equal(name, STORE_RECORDER)) {
		findings_add(live->inspect->findings, where, "is no live file");
		return 0;
	}
	fd = fs_open_dir_at(live->dirfd, name);
	if (fd < 0)
		return 0;
	inner.dirfd = fd;
	inner.below = below;
	return folder_names(fd, visit_noted, &inner);
}

static int visit_target(void *context, const char *name)
{
	struct live *live = context;
	struct live inner = *live;
	AUTO_CLOSE int fd = fs_open_dir_at(live->inspect->dirfd, name);

	inner.key = name;
	inner.below = name;
	inner.dirfd = fd;
	if (fd >= 0)
		return folder_names(fd, visit_part, &inner);
	if (fd != -ENOENT)
		findings_add(live->inspect->findings, name, "%s", strerror(-fd));
	return 0;
}

void inspect_live(const struct inspect *inspect, const char *service)
{
	struct live live = {.inspect = inspect, .service = service, .dirfd = -1};
	int r = folder_names(inspect->dirfd, visit_target, &live);

	if (r < 0)
		findings_add(inspect->findings, inspect->where, "%s", strerror(-r));
}
