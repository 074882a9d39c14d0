#include "commands/usage.h"

#include <errno.h>
#include <string.h>

#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "lib/num.h"
#include "lib/stamp.h"

/* A file with several names, as one entry met it. */
struct usage_link {
	ino_t inode;
	uint64_t bytes;
	size_t entry;
};

#define BLOCK 512 /* st_blocks are of this size whatever the file system's are */

void usage_fini(struct usage *usage)
{
	free(usage->entries);
	free(usage->links);
	*usage = (struct usage){0};
}

struct scan {
	struct archive *archive;
	struct usage *usage;
	const struct living *living;
	int servicefd;
	const char *service;
};

static int add_link(struct usage *usage, const struct usage_link *link)
{
	struct usage_link *links = usage->links;

	if ((usage->n_links & (usage->n_links - 1)) == 0) { /* doubles at powers of two */
		size_t room = usage->n_links ? 2 * usage->n_links : 1;

		links = reallocarray(links, room, sizeof(*links));
		if (!links)
			return -ENOMEM;
		usage->links = links;
	}
	links[usage->n_links++] = *link;
	return 0;
}

static int add_file(void *context, const struct folder_entry *file)
{
	struct usage *usage = context;
	uint64_t bytes = num_mul((uint64_t)file->st.st_blocks, BLOCK);
	struct usage_link link = {file->st.st_ino, bytes, usage->n - 1};

	if (!S_ISDIR(file->st.st_mode) && file->st.st_nlink > 1)
		return add_link(usage, &link);
	usage->entries[usage->n - 1].bytes =
		num_add(usage->entries[usage->n - 1].bytes, bytes);
	return 0;
}

static struct retention_entry *add_entry(const struct scan *scan, const char *name)
{
	struct usage *usage = scan->usage;
	struct retention_entry *entries =
		reallocarray(usage->entries, usage->n + 1, sizeof(*entries));
	struct retention_entry *entry;

	if (!entries)
		return NULL;
	usage->entries = entries;
	entry = &entries[usage->n++];
	*entry = (struct retention_entry){0};
	(void)text_copy(entry->service, sizeof(entry->service), scan->service);
	(void)text_copy(entry->name, sizeof(entry->name), name);
	return entry;
}

/* "20261121T201204Z-..." : when the manifest cannot say it, the name does. */
static int64_t time_of_name(const char *name)
{
	char stamp[17] = "";
	int64_t unix_ms = 0;

	(void)text_copy(stamp, sizeof(stamp), name);
	return stamp_parse(stamp, &unix_ms) < 0 ? 0 : unix_ms;
}

static void judge_incident(int fd, struct retention_entry *entry)
{
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];

	entry->kind = RETAIN_INCIDENT;
	entry->at_ms = time_of_name(entry->name);
	if (store_read(fd, STORE_MANIFEST, &manifest, why) < 0)
		return;
	entry->open = !manifest.sealed;
	if (manifest.reason.at_ms)
		entry->at_ms = manifest.reason.at_ms;
	if (manifest.reason.threshold)
		entry->score =
			num_scale(manifest.reason.value, 1000, manifest.reason.threshold);
}

/* A directory of the service, open until the caller closes *ret_fd. 0, ENTRY_NONE (it is
 * no directory, or gone meanwhile) or -errno. */
#define ENTRY_NONE 1
static int open_entry(struct scan *scan, const char *name, int *ret_fd,
		      struct retention_entry **ret)
{
	int fd = archive_dir(scan->servicefd, name, false);

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? ENTRY_NONE : fd;
	*ret_fd = fd;
	*ret = add_entry(scan, name);
	return *ret ? 0 : -ENOMEM;
}

static int add_incident(void *context, const char *name)
{
	struct scan *scan = context;
	AUTO_CLOSE int fd = -1;
	struct retention_entry *entry;
	int r;

	if (!job_is_component(name, INCIDENT_MAX))
		return 0;
	r = open_entry(scan, name, &fd, &entry);
	if (r != 0)
		return r < 0 ? r : 0;
	judge_incident(fd, entry);
	return folder_walk(fd, add_file, scan->usage);
}

static bool is_living(const struct living *living, const char *key)
{
	for (size_t i = 0; living && i < living->n; i++) {
		if (text_equal(living->keys[i], key))
			return true;
	}
	return false;
}

static void judge_live(int fd, struct retention_entry *entry)
{
	AUTO_CLOSE int base = archive_dir(fd, STORE_BASE, false);
	AUTO_MANIFEST struct manifest note;
	char why[MANIFEST_WHY_MAX];

	manifest_init(&note);
	entry->kind = RETAIN_LIVE;
	if (base < 0 || store_read(base, STORE_NOTE, &note, why) < 0)
		return;
	entry->has_base = true;
	entry->at_ms = note.base.at_ms;
}

static int add_live(void *context, const char *name)
{
	struct scan *scan = context;
	AUTO_CLOSE int fd = -1;
	struct retention_entry *entry;
	int r;

	if (!job_is_component(name, TARGET_KEY_MAX))
		return 0;
	r = open_entry(scan, name, &fd, &entry);
	if (r != 0)
		return r < 0 ? r : 0;
	judge_live(fd, entry);
	entry->living = is_living(scan->living, name);
	entry->pinned = !scan->living;
	return folder_walk(fd, add_file, scan->usage);
}

static int add_service(void *context, const char *name)
{
	struct scan *scan = context;
	AUTO_CLOSE int fd = -1, live = -1;
	struct scan inner = *scan;
	int r;

	if (!store_is_service(name))
		return 0;
	fd = archive_dir(scan->archive->fd, name, false);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	inner.service = name;
	inner.servicefd = fd;
	r = folder_names(fd, add_incident, &inner);
	live = archive_dir(fd, ARCHIVE_LIVE, false);
	inner.servicefd = live;
	if (r == 0 && live >= 0)
		r = folder_names(live, add_live, &inner);
	return r;
}

static int compare_links(const void *left, const void *right)
{
	const struct usage_link *a = left, *b = right;

	return a->inode != b->inode ? (a->inode < b->inode ? -1 : 1) : 0;
}

/* Live files go last, and of incidents the newest: what they link stays longest. */
static bool outlives(const struct retention_entry *a, const struct retention_entry *b)
{
	if (a->kind != b->kind)
		return a->kind == RETAIN_LIVE;
	return a->at_ms > b->at_ms;
}

static void charge_links(struct usage *usage)
{
	if (usage->n_links > 0)
		qsort(usage->links, usage->n_links, sizeof(*usage->links), compare_links);
	for (size_t i = 0, next; i < usage->n_links; i = next) {
		const struct usage_link *link = &usage->links[i];
		struct retention_entry *owner = &usage->entries[link->entry];

		for (next = i;
		     next < usage->n_links && usage->links[next].inode == link->inode;
		     next++) {
			struct retention_entry *other =
				&usage->entries[usage->links[next].entry];

			if (outlives(other, owner))
				owner = other;
		}
		owner->bytes = num_add(owner->bytes, link->bytes);
	}
}

int usage_read(struct archive *archive, const struct living *living, struct usage *ret)
{
	struct usage usage = {0};
	struct scan scan = {.archive = archive, .usage = &usage, .living = living};
	int r = folder_names(archive->fd, add_service, &scan);

	if (r < 0) {
		usage_fini(&usage);
		return r;
	}
	charge_links(&usage);
	*ret = usage;
	return 0;
}
