#include "commands/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/conf_open.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"

#define MACHINE_ARCHIVE "/var/lib/leakdog"

/* A configuration that is faulty or not readable is none of a reader's business. */
static void configured_dir(char *to, size_t size)
{
	struct conf_opened opened;
	char dir[CONF_ARCHIVE_DIR_MAX];

	conf_archive_dir(dir);
	if (conf_open_files(NULL, &opened) == 0)
		(void)text_copy(dir, sizeof(dir), opened.conf.archive.dir);
	conf_opened_fini(&opened);
	(void)text_copy(to, size, dir);
}

int reader_open(const char *command, const char *dir, struct reader *ret)
{
	const char *why = NULL;
	int r;

	if (dir && text_copy(ret->dir, sizeof(ret->dir), dir) < 0) {
		fprintf(stderr, "leakdog %s: --archive: the path is too long\n", command);
		return EXIT_USAGE;
	}
	if (!dir)
		configured_dir(ret->dir, sizeof(ret->dir));
	r = archive_open(ret->dir, NULL, ARCHIVE_READ, &ret->archive, &why);
	if (r == -ENOENT && !dir) {
		int again = archive_open(MACHINE_ARCHIVE, NULL, ARCHIVE_READ,
					 &ret->archive, NULL);

		if (again == 0) {
			memcpy(ret->dir, MACHINE_ARCHIVE, sizeof(MACHINE_ARCHIVE));
			return 0;
		}
	}
	if (r == 0)
		return 0;
	fprintf(stderr, "leakdog %s: the archive %s: %s; --archive DIR names another\n",
		command, ret->dir, why);
	if (r == -ENOENT)
		return EXIT_NO_MATCH;
	return r == -EACCES || r == -EPERM ? EXIT_NOT_PERMITTED : EXIT_FAILED;
}

void reader_list_fini(struct reader_list *list)
{
	free(list->list);
	*list = (struct reader_list){0};
}

struct gather {
	const struct reader *reader;
	struct reader_list *list;
	const char *only;
	const char *service;
	int servicefd;
};

static int add_incident(void *context, const char *name)
{
	struct gather *gather = context;
	struct reader_list *list = gather->list;
	struct reader_incident *more;

	if (!job_is_component(name, INCIDENT_MAX))
		return 0;
	more = reallocarray(list->list, list->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	list->list = more;
	(void)text_copy(more[list->n].service, SERVICE_MAX, gather->service);
	(void)text_copy(more[list->n].id, INCIDENT_MAX, name);
	list->n++;
	return 0;
}

static int add_service(void *context, const char *name)
{
	struct gather *gather = context;
	AUTO_CLOSE int fd = -1;

	if (!store_is_service(name) || (gather->only && !text_equal(gather->only, name)))
		return 0;
	fd = fs_open_dir_at(gather->reader->archive.fd, name);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	gather->service = name;
	return folder_names(fd, add_incident, gather);
}

static int compare(const void *left, const void *right)
{
	const struct reader_incident *a = left, *b = right;
	int ids = strcmp(b->id, a->id);

	return ids ? ids : strcmp(a->service, b->service);
}

int reader_incidents(const struct reader *reader, const char *service,
		     struct reader_list *ret)
{
	struct gather gather = {.reader = reader, .list = ret, .only = service};
	int r;

	*ret = (struct reader_list){0};
	r = folder_names(reader->archive.fd, add_service, &gather);
	if (r < 0)
		reader_list_fini(ret);
	else if (ret->n > 0)
		qsort(ret->list, ret->n, sizeof(*ret->list), compare);
	return r;
}

static bool is_meant(const struct reader_incident *incident, const char *meant)
{
	const char *dash = strrchr(incident->id, '-');

	return !meant || text_starts(incident->id, meant) ||
	       (dash && text_equal(dash + 1, meant));
}

static void tell_ambiguous(const char *command, const struct reader_list *list,
			   const char *meant)
{
	AUTO_BUF struct buf shown;

	buf_init(&shown, 4096);
	text_show(&shown, meant, strlen(meant), 256);
	fprintf(stderr, "leakdog %s: '%s' may be each of\n", command, shown.data);
	for (size_t i = 0; i < list->n; i++) {
		if (is_meant(&list->list[i], meant))
			fprintf(stderr, "  %s  %s\n", list->list[i].id,
				list->list[i].service);
	}
}

static int tell_none(const char *command, const struct reader *reader, const char *meant)
{
	AUTO_BUF struct buf shown;

	buf_init(&shown, 4096);
	text_show(&shown, meant ? meant : "", meant ? strlen(meant) : 0, 256);
	if (meant)
		fprintf(stderr,
			"leakdog %s: no incident '%s' in %s; leakdog list shows all\n",
			command, shown.data, reader->dir);
	else
		fprintf(stderr, "leakdog %s: there is no incident in %s\n", command,
			reader->dir);
	return EXIT_NO_MATCH;
}

int reader_find(const char *command, const struct reader *reader, const char *meant,
		struct reader_incident *ret)
{
	AUTO_READER_LIST struct reader_list list = {0};
	const struct reader_incident *found = NULL;
	int r = reader_incidents(reader, NULL, &list);

	if (r < 0) {
		fprintf(stderr, "leakdog %s: %s: %s\n", command, reader->dir,
			strerror(-r));
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < list.n; i++) {
		if (!is_meant(&list.list[i], meant))
			continue;
		if (found && meant) {
			tell_ambiguous(command, &list, meant);
			return EXIT_USAGE;
		}
		found = &list.list[i];
		if (!meant)
			break;
	}
	if (!found)
		return tell_none(command, reader, meant);
	*ret = *found;
	return 0;
}

int reader_dir(const struct reader *reader, const struct reader_incident *incident)
{
	AUTO_CLOSE int service = fs_open_dir_at(reader->archive.fd, incident->service);

	return service < 0 ? service : fs_open_dir_at(service, incident->id);
}

char *reader_path(const struct reader *reader, const struct reader_incident *incident)
{
	char *path;

	if (asprintf(&path, "%s/%s/%s", reader->dir, incident->service, incident->id) < 0)
		return NULL;
	return path;
}

int reader_read(const char *command, const struct reader *reader, const char *meant,
		struct reader_held *ret)
{
	char why[MANIFEST_WHY_MAX];
	int r;

	*ret = (struct reader_held){.dirfd = -1};
	manifest_init(&ret->manifest);
	r = reader_find(command, reader, meant, &ret->incident);
	if (r != 0)
		return r;
	ret->path = reader_path(reader, &ret->incident);
	ret->dirfd = reader_dir(reader, &ret->incident);
	if (ret->path && ret->dirfd >= 0 &&
	    store_read(ret->dirfd, STORE_MANIFEST, &ret->manifest, why) == 0)
		return 0;
	if (!ret->path)
		(void)text_copy(why, sizeof(why), strerror(ENOMEM));
	else if (ret->dirfd < 0)
		(void)text_copy(why, sizeof(why), strerror(-ret->dirfd));
	fprintf(stderr, "leakdog %s: %s/%s: %s\n", command, ret->incident.service,
		ret->incident.id, why);
	return EXIT_FAILED;
}

void reader_held_fini(struct reader_held *held)
{
	manifest_fini(&held->manifest);
	free(held->path);
	held->path = NULL;
	fs_close(&held->dirfd);
}

static int add_blocks(void *context, const struct folder_entry *entry)
{
	uint64_t *bytes = context;

	*bytes +=
		(uint64_t)entry->st.st_blocks * 512; /* whatever the file system's are */
	return 0;
}

uint64_t reader_size(int dirfd)
{
	uint64_t bytes = 0;

	if (folder_walk(dirfd, add_blocks, &bytes) < 0)
		return bytes; /* what cannot be read is not counted: it is for people */
	return bytes;
}

int reader_print(const char *command, const struct buf *text)
{
	int r = buf_error(text);

	if (r == 0)
		r = fs_write_all(STDOUT_FILENO, text->data, text->len);
	if (r == 0)
		return EXIT_OK;
	fprintf(stderr, "leakdog %s: cannot write: %s\n", command, strerror(-r));
	return EXIT_FAILED;
}
