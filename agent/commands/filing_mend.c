#include "commands/filing_mend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge/disk/artifact_file.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"

/* ".manifest.json.new": half a manifest, which nobody will finish. */
static bool is_replacement(const char *name)
{
	return name[0] == '.' && text_ends(name, ".new");
}

static int remove_replacement(void *context, const char *name)
{
	const int *dirfd = context;

	if (!is_replacement(name))
		return 0;
	return unlinkat(*dirfd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int mend_replacements(int dirfd)
{
	return folder_names(dirfd, remove_replacement, &dirfd);
}

/* The kind by the name of its file; what stands in proc/ and cgroup/ is the kernel's. */
static const char *kind_of(const char *path)
{
	for (int i = 0; i < ARTIFACT_N; i++) {
		const char *file = artifact_table[i].file;

		if (text_starts(path, file) &&
		    (!path[strlen(file)] ||
		     text_equal(path + strlen(file), ARTIFACT_PARTIAL)))
			return artifact_table[i].name;
	}
	return strchr(path, '/') ? artifact_table[ARTIFACT_KERNEL].name : "unknown";
}

static struct artifact_record *find(struct capture_record *record, const char *path)
{
	for (size_t i = 0; i < record->n_artifacts; i++) {
		if (record->artifacts[i].result <= KEPT_PARTIAL &&
		    text_equal(record->artifacts[i].name, path))
			return &record->artifacts[i];
	}
	return NULL;
}

struct mend {
	struct capture_record *record;
	int files;
};

static int read_digest(const struct folder_entry *file, struct artifact_record *artifact)
{
	AUTO_CLOSE int fd = fs_open_at(file->dirfd, file->name);

	return fd < 0 ? fd : digest_fd(fd, &artifact->bytes, artifact->sha256);
}

static int add_file(struct mend *mend, const struct folder_entry *file)
{
	struct artifact_record *artifact =
		capture_add(mend->record, file->path, kind_of(file->path));
	bool partial = text_ends(file->name, ARTIFACT_PARTIAL);

	if (!artifact || !text_equal(artifact->name, file->path)) /* none of ours */
		return -ENOSPC;
	artifact->at_ms = file->st.st_mtim.tv_sec * INT64_C(1000) +
			  file->st.st_mtim.tv_nsec / 1000000;
	artifact->result = partial ? KEPT_PARTIAL : KEPT_COMPLETE;
	if (partial)
		(void)text_copy(artifact->why, sizeof(artifact->why), MEND_WHY);
	mend->files++;
	return read_digest(file, artifact);
}

static int mend_file(void *context, const struct folder_entry *file)
{
	struct mend *mend = context;

	if (S_ISDIR(file->st.st_mode) || text_equal(file->path, STORE_NOTE))
		return 0;
	if (is_replacement(file->name) ||
	    (file->st.st_size == 0 && text_ends(file->name, ARTIFACT_PARTIAL)))
		return unlinkat(file->dirfd, file->name, 0) < 0 ? -errno : 0;
	if (!find(mend->record, file->path))
		return add_file(mend, file);
	mend->files++;
	return 0;
}

static void miss(int dirfd, struct artifact_record *artifact)
{
	if (artifact->result > KEPT_PARTIAL ||
	    faccessat(dirfd, artifact->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return;
	artifact->result = KEPT_FAILED;
	artifact->bytes = 0;
	artifact->sha256[0] = '\0';
	(void)text_copy(artifact->why, sizeof(artifact->why),
			"agent-restart: the file is gone");
}

static void say_cut(struct capture_record *record)
{
	struct artifact_record *last = capture_add(record, "", "capture");

	if (!last)
		return; /* ARTIFACTS_MAX files: nothing was missing */
	last->result = KEPT_FAILED;
	(void)text_copy(last->why, sizeof(last->why), MEND_WHY);
}

int mend_capture(int dirfd, struct capture_record *record)
{
	struct mend mend = {.record = record};
	bool cut = record->n_artifacts == 0;
	int r;

	for (size_t i = 0; i < record->n_artifacts; i++)
		miss(dirfd, &record->artifacts[i]);
	r = folder_walk(dirfd, mend_file, &mend);
	if (r < 0)
		return r;
	if (cut)
		say_cut(record);
	return mend.files;
}
