#include "commands/readout_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/pair.h"
#include "edge/fs.h"

/* ------------------------------------------------------------------ opening */

static int open_at(int dirfd, const char *path, size_t *ret_size)
{
	const char *name = strrchr(path, '/');
	char parent[sizeof(((struct readout_file *)0)->path)];
	AUTO_CLOSE int dir = -1, fd = -1;
	struct stat st;

	(void)text_copy(parent, sizeof(parent), path);
	if (name) {
		parent[name - path] = '\0';
		dir = archive_path(dirfd, parent, false);
		if (dir < 0)
			return dir;
	}
	fd = fs_open_at(name ? dir : dirfd, name ? name + 1 : path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if ((uint64_t)st.st_size > READOUT_FILE_MAX)
		return -EFBIG;
	*ret_size = (size_t)st.st_size;
	return TAKE_FD(fd);
}

static void add(struct readout_files *files, int dirfd, struct readout_file file)
{
	if (files->n == READOUT_FILES_MAX)
		return; /* as many as there can be artifacts */
	file.fd = open_at(dirfd, file.path, &file.size);
	files->list[files->n++] = file;
}

static bool is_heap(const struct artifact_record *artifact)
{
	return text_equal(artifact->kind, artifact_table[ARTIFACT_HEAP].name) ||
	       text_equal(artifact->kind, artifact_table[ARTIFACT_HEAP_GC].name);
}

static void add_artifact(struct readout_files *files, int dirfd, enum readout_role role,
			 const char *dir, const struct artifact_record *artifact)
{
	struct readout_file file = {.role = role, .artifact = artifact};

	if (artifact->result > KEPT_PARTIAL ||
	    (role == READOUT_EARLIER && !is_heap(artifact)))
		return;
	(void)snprintf(file.path, sizeof(file.path), "%s/%s", dir, artifact->name);
	add(files, dirfd, file);
}

static void add_capture(struct readout_files *files, int dirfd, enum readout_role role,
			size_t index)
{
	const struct capture_record *c = &files->manifest->captures[index];

	for (size_t i = 0; i < c->n_artifacts; i++)
		add_artifact(files, dirfd, role, c->dir, &c->artifacts[i]);
}

static void add_recorded(struct readout_files *files, int dirfd, enum readout_role role,
			 const struct file_record *record)
{
	struct readout_file heap = {.role = role};

	(void)snprintf(heap.path, sizeof(heap.path), STORE_RECORDER "/%s", record->name);
	add(files, dirfd, heap);
}

static void add_other(struct readout_files *files, int dirfd)
{
	const struct manifest *m = files->manifest;
	struct readout_file timeline = {.role = READOUT_TIMELINE, .path = STORE_TIMELINE};

	for (size_t i = 0; i < m->n_derived; i++) {
		if (text_equal(m->derived[i].name, STORE_TIMELINE))
			add(files, dirfd, timeline);
	}
	if (m->n_recorder > 0)
		add_recorded(files, dirfd, READOUT_OLDEST, &m->recorder[0]);
	if (m->n_recorder > 1)
		add_recorded(files, dirfd, READOUT_NEWEST,
			     &m->recorder[m->n_recorder - 1]);
}

void readout_open(int dirfd, const struct manifest *manifest, struct readout_files *ret)
{
	ret->manifest = manifest;
	ret->n = 0;
	ret->capture = pair_capture(manifest);
	ret->earlier = pair_earlier(manifest, ret->capture);
	for (size_t i = 0; i < manifest->base.n_artifacts; i++)
		add_artifact(ret, dirfd, READOUT_BASE, STORE_BASE,
			     &manifest->base.artifacts[i]);
	if (manifest->n_captures > 0)
		add_capture(ret, dirfd, READOUT_NOW, ret->capture);
	if (ret->earlier != SIZE_MAX)
		add_capture(ret, dirfd, READOUT_EARLIER, ret->earlier);
	add_other(ret, dirfd);
}

void readout_use_timeline(struct readout_files *files, int fd)
{
	struct readout_file file = {.role = READOUT_TIMELINE, .path = STORE_TIMELINE};
	struct stat st;

	for (size_t i = 0; i < files->n; i++) {
		if (files->list[i].role == READOUT_TIMELINE)
			return; /* what was sealed is the whole of it */
	}
	if (files->n == READOUT_FILES_MAX || fstat(fd, &st) < 0 || st.st_size == 0)
		return;
	file.fd = S_ISREG(st.st_mode) ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -EINVAL;
	file.size = (size_t)st.st_size;
	files->list[files->n++] = file;
}

void readout_close(struct readout_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		fs_close(&files->list[i].fd);
	files->n = 0;
}

struct readout_file *readout_find(struct readout_files *files, enum readout_role role,
				  enum artifact kind, bool partial)
{
	for (size_t i = 0; i < files->n; i++) {
		struct readout_file *file = &files->list[i];

		if (file->role == role && !file->spoilt && file->artifact &&
		    text_equal(file->artifact->kind, artifact_table[kind].name) &&
		    file->artifact->result <= (partial ? KEPT_PARTIAL : KEPT_COMPLETE))
			return file;
	}
	return NULL;
}
