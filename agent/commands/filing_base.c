/* An incident stands alone: base and recorder are linked into it. Which base there is, is
 * decided by what is on the disk, not by what somebody believes to have put there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/filing_parts.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "lib/stamp.h"

/* The best base that was found so far while the live directories are looked through. */
struct search {
	const struct job *job;
	int livefd;
	struct manifest best; /* its note; no captures: none was found */
	char key[TARGET_KEY_MAX];
};

static int read_base(int livefd, const char *key, struct manifest *ret)
{
	char path[TARGET_KEY_MAX + sizeof(STORE_BASE) + 1], why[MANIFEST_WHY_MAX];
	AUTO_CLOSE int fd = -1;
	int r;

	(void)snprintf(path, sizeof(path), "%s/" STORE_BASE, key);
	fd = archive_path(livefd, path, false);
	if (fd < 0)
		return fd;
	r = store_read(fd, STORE_NOTE, ret, why);
	if (r == 0 && ret->n_captures != 1) {
		manifest_fini(ret);
		r = -EBADMSG;
	}
	return r;
}

/* The same build where both say so; where one could not be read, the same program. */
static bool is_same_program(const struct target_facts *a, const struct target_facts *b)
{
	if (a->build[0] && b->build[0])
		return text_equal(a->build, b->build) && text_equal(a->exe, b->exe);
	return text_equal(a->exe, b->exe);
}

static int look_at(void *context, const char *key)
{
	struct search *search = context;
	struct manifest note;

	if (!job_is_component(key, TARGET_KEY_MAX) ||
	    read_base(search->livefd, key, &note) < 0)
		return 0; /* no base, or one that cannot be read: none for us */
	if (!is_same_program(&note.target, &search->job->target) ||
	    (search->best.n_captures && note.base.at_ms <= search->best.base.at_ms)) {
		manifest_fini(&note);
		return 0;
	}
	manifest_fini(&search->best);
	search->best = note;
	(void)text_copy(search->key, sizeof(search->key), key);
	return 0;
}

static void say_borrowed(const struct job *job, const struct manifest *from,
			 struct base_record *base)
{
	bool build = job->target.build[0] && from->target.build[0];
	char stamp[STAMP_MAX];

	base->state = BASE_BORROWED;
	snprintf(base->why, sizeof(base->why), "of pid %d, started %s, of the same %s",
		 from->target.pid, stamp_format(from->target.started_ms, stamp),
		 build                ? "build"
		 : job->target.exe[0] ? "path (the build could not be read)"
				      : "service (the program could not be read)");
}

/* Its own base, or the newest of another incarnation. 0, -ENOENT, or -errno. */
static int find_base(struct search *search, struct base_record *ret)
{
	const struct job *job = search->job;
	int r = read_base(search->livefd, job->key, &search->best);

	if (r == 0) {
		(void)text_copy(search->key, sizeof(search->key), job->key);
		*ret = search->best.base;
		return 0;
	}
	manifest_init(&search->best);
	r = folder_names(search->livefd, look_at, search);
	if (r < 0)
		return r;
	if (!search->best.n_captures)
		return -ENOENT;
	*ret = search->best.base;
	say_borrowed(job, &search->best, ret);
	return 0;
}

static int link_artifacts(int fromfd, const struct capture_record *from, int topfd,
			  struct base_record *base)
{
	AUTO_CLOSE int to = archive_dir(topfd, STORE_BASE, true);

	if (to < 0)
		return to;
	base->n_artifacts = 0;
	for (size_t i = 0; i < from->n_artifacts; i++) {
		struct artifact_record *artifact = &base->artifacts[base->n_artifacts++];
		int r = 0;

		*artifact = from->artifacts[i];
		if (artifact->result <= KEPT_PARTIAL)
			r = folder_link(fromfd, artifact->name, to, artifact->name);
		if (r < 0 && r != -EEXIST) { /* linked before the first try failed */
			artifact->result = KEPT_FAILED;
			artifact->sha256[0] = '\0';
			artifact->bytes = 0;
			snprintf(artifact->why, sizeof(artifact->why),
				 "could not be linked: %s", strerror(-r));
		}
	}
	return archive_sync(to);
}

static int link_found(struct search *search, int topfd, struct base_record *base)
{
	char path[TARGET_KEY_MAX + sizeof(STORE_BASE) + 1];
	AUTO_CLOSE int from = -1;

	(void)snprintf(path, sizeof(path), "%s/" STORE_BASE, search->key);
	from = archive_path(search->livefd, path, false);
	if (from < 0)
		return from;
	return link_artifacts(from, &search->best.captures[0], topfd, base);
}

static void say_missing(const struct job *job, struct base_record *base)
{
	*base = (struct base_record){.state = BASE_MISSING};
	(void)text_copy(base->why, sizeof(base->why),
			job->base == BASE_MISSING && job->base_why[0]
				? job->base_why
				: "no base was taken of this target or this build");
}

int filing_link_base(int servicefd, const struct job *job, int topfd,
		     struct manifest *manifest)
{
	struct search search = {.job = job, .livefd = -1};
	AUTO_CLOSE int live = archive_dir(servicefd, ARCHIVE_LIVE, false);
	int r = live;

	search.livefd = live;
	if (live >= 0)
		r = find_base(&search, &manifest->base);
	if (r == 0)
		r = link_found(&search, topfd, &manifest->base);
	manifest_fini(&search.best);
	if (r == -ENOENT) {
		say_missing(job, &manifest->base);
		return 0;
	}
	return r;
}

/* ------------------------------------------------------------------ recorder */

struct ring {
	int fd;
	size_t n; /* heaps that are there */
	size_t skip;
	int topfd;
	struct manifest *manifest; /* NULL: drop what is skipped instead of linking */
	const struct filing *filing;
};

static int count(void *context, const char *name)
{
	struct ring *ring = context;

	ring->n += job_is_component(name, ARTIFACT_NAME_MAX);
	return 0;
}

static int link_heap(const struct ring *ring, const char *name, int fromfd,
		     const struct capture_record *from)
{
	const struct artifact_record *heap = &from->artifacts[0];
	struct file_record *file = &ring->manifest->recorder[ring->manifest->n_recorder];
	char path[2 * ARTIFACT_NAME_MAX];
	int r;

	if (from->n_artifacts == 0 || heap->result != KEPT_COMPLETE)
		return 0;
	*file = (struct file_record){.at_ms = from->at_ms, .bytes = heap->bytes};
	(void)snprintf(file->name, sizeof(file->name), "%.40s.pb.gz", name);
	(void)text_copy(file->sha256, sizeof(file->sha256), heap->sha256);
	(void)snprintf(path, sizeof(path), STORE_RECORDER "/%s", file->name);
	r = folder_link(fromfd, heap->name, ring->topfd, path);
	if (r == 0 || r == -EEXIST)
		ring->manifest->n_recorder++;
	return 0; /* one heap less is no reason to lose the capture */
}

static int drop_heap(const struct ring *ring, const char *name)
{
	const struct job *job = ring->filing->job;

	return filing_trash(&ring->filing->archive, job->service, job->key, ring->fd,
			    name);
}

static int visit_heap(void *context, const char *name)
{
	struct ring *ring = context;
	char why[MANIFEST_WHY_MAX];
	AUTO_MANIFEST struct manifest note;
	AUTO_CLOSE int fd = -1;

	manifest_init(&note);
	if (!job_is_component(name, ARTIFACT_NAME_MAX))
		return 0;
	if (ring->skip > 0) {
		ring->skip--;
		return ring->manifest ? 0 : drop_heap(ring, name);
	}
	if (!ring->manifest || ring->manifest->n_recorder == RECORDER_MAX)
		return 0;
	fd = archive_dir(ring->fd, name, false);
	if (fd < 0 || store_read(fd, STORE_NOTE, &note, why) < 0 || note.n_captures != 1)
		return 0; /* one heap less */
	return link_heap(ring, name, fd, &note.captures[0]);
}

/* Names sort by time: all but the newest `keep` are skipped. */
static int visit_ring(struct ring *ring, uint32_t keep)
{
	int r = folder_names(ring->fd, count, ring);

	ring->skip = ring->n > keep ? ring->n - keep : 0;
	return r < 0 ? r : folder_names(ring->fd, visit_heap, ring);
}

int filing_link_recorder(int servicefd, const char *key, uint32_t keep, int topfd,
			 struct manifest *manifest)
{
	char path[2 * TARGET_KEY_MAX];
	struct ring ring = {.topfd = topfd, .manifest = manifest};
	AUTO_CLOSE int fd = -1;

	(void)snprintf(path, sizeof(path), ARCHIVE_LIVE "/%s/" STORE_RECORDER, key);
	fd = archive_path(servicefd, path, false);
	if (fd == -ENOENT || keep == 0)
		return 0;
	if (fd < 0)
		return fd;
	ring.fd = fd;
	return visit_ring(&ring, MIN(keep, RECORDER_MAX));
}

int filing_prune_recorder(const struct filing *filing, int recorderfd)
{
	struct ring ring = {.fd = recorderfd, .filing = filing};

	/* A ring of nothing would forget the heap that was just put there. */
	return visit_ring(&ring, MAX(filing->job->recorder_keep, 1));
}
