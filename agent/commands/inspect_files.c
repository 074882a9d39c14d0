#include "commands/inspect_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edge/disk/digest.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"

void expectation_fini(struct expectation *e)
{
	free(e->list);
	*e = (struct expectation){0};
}

void expect_file(struct expectation *e, const char *directory, const char *name,
		 uint64_t bytes, const char *sha256)
{
	struct expected *list = reallocarray(e->list, e->n + 1, sizeof(*list));

	if (!list) {
		e->error = -ENOMEM;
		return;
	}
	e->list = list;
	list[e->n] = (struct expected){.bytes = bytes, .sha256 = sha256};
	(void)snprintf(list[e->n].path, sizeof(list[e->n].path), "%s%s%s", directory,
		       directory[0] ? "/" : "", name);
	e->n++;
}

void expect_artifacts(struct expectation *e, const char *directory,
		      const struct artifact_record *artifacts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (artifacts[i].result <= KEPT_PARTIAL)
			expect_file(e, directory, artifacts[i].name, artifacts[i].bytes,
				    artifacts[i].sha256);
	}
}

void expect_files(struct expectation *e, const char *directory,
		  const struct file_record *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_file(e, directory, files[i].name, files[i].bytes, files[i].sha256);
}

struct look {
	const struct inspect *inspect;
	struct expectation *expectation;
	char where[FINDING_TEXT_MAX];
};

#define found(look, ...)                                                                 \
	findings_add((look)->inspect->findings, (look)->where, __VA_ARGS__)

static void look_at_mode(struct look *look, const struct stat *st, unsigned allowed)
{
	if (st->st_mode & 07777 & ~S_ISGID & ~allowed)
		found(look, "mode %04o allows more than %04o", st->st_mode & 07777,
		      allowed);
}

static void look_at_bytes(struct look *look, const struct folder_entry *file,
			  const struct expected *expected)
{
	AUTO_CLOSE int fd = fs_open_at(file->dirfd, file->name);
	char sha256[SHA256_TEXT_MAX] = "";
	uint64_t bytes = 0;
	int r = fd < 0 ? fd : digest_fd(fd, &bytes, sha256);

	if (r < 0)
		found(look, "cannot be read: %s", strerror(-r));
	else if (bytes != expected->bytes)
		found(look, "has %llu bytes, the manifest says %llu",
		      (unsigned long long)bytes, (unsigned long long)expected->bytes);
	else if (strcmp(sha256, expected->sha256) != 0)
		found(look, "its SHA-256 is not the manifest's");
}

static struct expected *find(struct expectation *e, const char *path)
{
	for (size_t i = 0; i < e->n; i++) {
		if (!strcmp(e->list[i].path, path))
			return &e->list[i];
	}
	return NULL;
}

static void look_at_file(struct look *look, const struct folder_entry *file)
{
	struct expected *expected = find(look->expectation, file->path);

	look->inspect->findings->files++;
	if (expected)
		expected->seen = true;
	if (!S_ISREG(file->st.st_mode)) {
		found(look, S_ISLNK(file->st.st_mode) ? "is a symbolic link"
						      : "is not a regular file");
		return;
	}
	look_at_mode(look, &file->st, ARCHIVE_FILE_MODE);
	if (!expected)
		found(look, "is not in the manifest");
	else if (expected->sha256[0])
		look_at_bytes(look, file, expected);
}

/* A directory is fine where something in it is expected, and as base or recorder of an
 * incident that has none. */
static bool is_known_directory(const struct expectation *e, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < e->n; i++) {
		if (!strncmp(e->list[i].path, path, len) && e->list[i].path[len] == '/')
			return true;
	}
	return false;
}

/* What may be empty: files of these directories can fail to be taken. */
static bool may_be_bare(const char *path)
{
	static const char *const names[] = {STORE_BASE, STORE_RECORDER, "proc", "cgroup"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (text_equal(path, names[i]))
			return true;
	}
	return store_is_capture(path) || strchr(path, '/');
}

static void look_at_directory(struct look *look, const struct folder_entry *entry)
{
	look_at_mode(look, &entry->st, ARCHIVE_DIR_MODE);
	if (!may_be_bare(entry->path) &&
	    !is_known_directory(look->expectation, entry->path))
		found(look, "is a directory that the manifest does not know");
}

static int visit(void *context, const struct folder_entry *entry)
{
	struct look *look = context;

	(void)snprintf(look->where, sizeof(look->where), "%s/%s", look->inspect->where,
		       entry->path);
	if (S_ISDIR(entry->st.st_mode))
		look_at_directory(look, entry);
	else
		look_at_file(look, entry);
	return 0;
}

void inspect_files(const struct inspect *inspect, struct expectation *e)
{
	struct look look = {inspect, e, ""};
	int r = e->error ? e->error : folder_walk(inspect->dirfd, visit, &look);

	if (r < 0)
		findings_add(inspect->findings, inspect->where, "cannot be walked: %s",
			     strerror(-r));
	for (size_t i = 0; i < e->n; i++) {
		(void)snprintf(look.where, sizeof(look.where), "%s/%s", inspect->where,
			       e->list[i].path);
		if (!e->list[i].seen)
			found(&look, "is in the manifest and not on the disk");
	}
}
