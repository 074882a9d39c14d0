/* An incident that stands, looked through after a kill: further captures that were cut or
 * not named yet, base and recorder files and a timeline that the manifest does not know.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/filing_mend.h"
#include "commands/filing_parts.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"

struct finish {
	struct filing *filing;
	int dirfd; /* of the incident */
	struct manifest *manifest;
	bool changed;
};

static bool is_listed(const struct manifest *manifest, const char *dir)
{
	for (size_t i = 0; i < manifest->n_captures; i++) {
		if (text_equal(manifest->captures[i].dir, dir))
			return true;
	}
	return false;
}

int filing_mend_note(int dirfd, const char *dir, struct manifest *note)
{
	struct capture_record blank;
	char why[MANIFEST_WHY_MAX];
	int r = 0;

	if (store_read(dirfd, STORE_NOTE, note, why) < 0)
		manifest_init(note); /* it was cut itself, or the power failed */
	if (note->n_captures != 1) {
		manifest_fini(note);
		capture_record_init(&blank);
		r = manifest_add_capture(note, &blank);
	}
	if (r < 0)
		return r;
	(void)text_copy(note->captures[0].dir, sizeof(note->captures[0].dir), dir);
	r = mend_capture(dirfd, &note->captures[0]);
	if (r <= 0)
		manifest_fini(note);
	return r;
}

/* A capture's directory that the manifest does not name: NN, or .NN where it was cut. */
static int finish_capture(struct finish *f, const char *name)
{
	AUTO_CLOSE int fd = archive_dir(f->dirfd, name, false);
	const char *dir = name[0] == '.' ? name + 1 : name;
	AUTO_MANIFEST struct manifest note;
	int r = fd < 0 ? fd : archive_hold(fd, false);

	manifest_init(&note);
	if (r < 0)
		return r == -EWOULDBLOCK ? 0 : r; /* its builder lives */
	r = filing_mend_note(fd, dir, &note);
	if (r == 0)
		return folder_remove(f->dirfd, name);
	if (r > 0)
		r = store_write(fd, STORE_NOTE, &note, true);
	if (r == 0)
		r = folder_sync(fd);
	if (r == 0 && dir != name)
		r = archive_publish(f->dirfd, name, f->dirfd, dir);
	if (r == 0)
		r = manifest_add_capture(f->manifest, &note.captures[0]);
	f->changed |= r == 0;
	return r;
}

static int finish_entry(void *context, const char *name)
{
	struct finish *f = context;

	if (name[0] == '.' && store_is_capture(name + 1))
		return finish_capture(f, name);
	if (store_is_capture(name) && !is_listed(f->manifest, name))
		return finish_capture(f, name);
	return 0;
}

/* ------------------------------------------------------------------ what nobody names */

static bool names_base(const struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->base.n_artifacts; i++) {
		const struct artifact_record *artifact = &manifest->base.artifacts[i];

		if (artifact->result <= KEPT_PARTIAL && text_equal(artifact->name, path))
			return true;
	}
	return false;
}

static int keep_base(void *context, const struct folder_entry *file)
{
	struct finish *f = context;

	if (S_ISDIR(file->st.st_mode) || names_base(f->manifest, file->path))
		return 0;
	return unlinkat(file->dirfd, file->name, 0) < 0 ? -errno : 0;
}

static bool names_file(const struct file_record *files, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (text_equal(files[i].name, name))
			return true;
	}
	return false;
}

static int keep_recorder(void *context, const struct folder_entry *file)
{
	struct finish *f = context;

	if (S_ISDIR(file->st.st_mode) ||
	    names_file(f->manifest->recorder, f->manifest->n_recorder, file->path))
		return 0;
	return unlinkat(file->dirfd, file->name, 0) < 0 ? -errno : 0;
}

static int prune(struct finish *f, const char *name, folder_visit *visit)
{
	AUTO_CLOSE int fd = archive_dir(f->dirfd, name, false);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return folder_walk(fd, visit, f);
}

/* A timeline that no seal names: the seal is done again and writes it anew. */
static int prune_derived(struct finish *f)
{
	for (size_t i = 0; store_derived[i]; i++) {
		if (!names_file(f->manifest->derived, f->manifest->n_derived,
				store_derived[i]) &&
		    unlinkat(f->dirfd, store_derived[i], 0) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int prune_all(int dirfd, struct manifest *manifest)
{
	struct finish f = {.dirfd = dirfd, .manifest = manifest};
	int r = mend_replacements(dirfd);

	if (r == 0)
		r = prune(&f, STORE_BASE, keep_base);
	if (r == 0)
		r = prune(&f, STORE_RECORDER, keep_recorder);
	return r == 0 ? prune_derived(&f) : r;
}

static int remove_notes(const struct finish *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->manifest->n_captures; i++) {
		AUTO_CLOSE int fd =
			archive_dir(f->dirfd, f->manifest->captures[i].dir, false);

		if (fd >= 0)
			r = filing_remove_note(fd);
	}
	return r;
}

/* A report that was cut: each of its files is whole, of the one run or the other. */
static int finish_report(struct finish *f)
{
	if (!filing_settle_report(f->manifest))
		return 0;
	f->changed = true;
	return filing_derive_report(f->dirfd, f->manifest);
}

int filing_finish(struct filing *filing, int dirfd, struct manifest *manifest)
{
	struct finish f = {.filing = filing, .dirfd = dirfd, .manifest = manifest};
	int r = finish_report(&f);

	if (r == 0)
		r = prune_all(dirfd, manifest);
	if (r == 0)
		r = folder_names(dirfd, finish_entry, &f);
	f.changed |= r == 0 && filing_settle_hold(&filing->archive, manifest);
	if (r == 0 && f.changed)
		r = filing_write(filing, dirfd, manifest);
	return r < 0 ? r : remove_notes(&f);
}
