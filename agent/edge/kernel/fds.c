/* Each link becomes a name "kind,target"; names are sorted and counted. A numbered target
 * (socket:[4711]) is dropped, as the numbers tell nothing and would be a line each. */
#include "edge/kernel/fds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"
#include "lib/text.h"

#define NAMES_CAP (1 << 20)
#define LINK_MAX_BYTES 512 /* of a path; longer ones are cut */

struct tally {
	struct buf names; /* NUL-terminated, one after another */
	size_t n, other;
};

struct row {
	const char *name;
	size_t count;
};

static bool is_number(const char *text, size_t len)
{
	return len > 0 && strspn(text, "0123456789") >= len;
}

/* "socket:[1]" -> socket,  "anon_inode:[eventpoll]" -> anon_inode,[eventpoll]
 * "/a \"b\"" -> file,"/a ""b""" */
static void add_name(struct buf *to, const char *link, size_t len)
{
	const char *colon = memchr(link, ':', len);
	size_t kind = colon ? (size_t)(colon - link) : len;
	AUTO_BUF struct buf shown;

	buf_init(&shown, 4 * LINK_MAX_BYTES);
	if (link[0] != '/' && colon) {
		buf_add(to, link, kind);
		buf_addc(to, ',');
		if (len < kind + 3 || is_number(link + kind + 2, len - kind - 3))
			return;
		link += kind + 1;
		len -= kind + 1;
	} else {
		buf_adds(to, "file,");
	}
	text_show(&shown, link, len, 4 * LINK_MAX_BYTES);
	buf_addc(to, '"');
	for (size_t i = 0; i < shown.len; i++) {
		if (shown.data[i] == '"')
			buf_addc(to, '"');
		buf_addc(to, shown.data[i]);
	}
	buf_addc(to, '"');
}

static void tally_add(struct tally *tally, const char *link, size_t len)
{
	AUTO_BUF struct buf name;

	buf_init(&name, 16 * LINK_MAX_BYTES);
	add_name(&name, link, len);
	if (buf_error(&name) < 0 || tally->names.len + name.len + 1 > NAMES_CAP) {
		tally->other++;
		return;
	}
	buf_add(&tally->names, name.data, name.len + 1);
	tally->n++;
}

static int read_links(int fd_dirfd, struct tally *tally)
{
	DIR *dir = fdopendir(fd_dirfd); /* takes the descriptor over where it succeeds */
	const struct dirent *entry;
	char link[LINK_MAX_BYTES];
	int error;

	if (!dir) {
		error = errno;
		(void)close(fd_dirfd);
		return -error;
	}
	while ((errno = 0, entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link));

		if (len > 0) /* "." and "..", and what was closed meanwhile, is none */
			tally_add(tally, link, (size_t)len);
	}
	error = errno;
	(void)closedir(dir);
	return -error;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static int by_count(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count ? 1 : -1) : by_name(a, b);
}

/* Sorts, counts and leaves one row per name: how many. */
static size_t fold(struct row *rows, size_t n)
{
	size_t kept = 0;

	qsort(rows, n, sizeof(*rows), by_name);
	for (size_t i = 0; i < n; i++) {
		if (kept && strcmp(rows[kept - 1].name, rows[i].name) == 0)
			rows[kept - 1].count++;
		else
			rows[kept++] = rows[i];
	}
	qsort(rows, kept, sizeof(*rows), by_count);
	return kept;
}

static int write_rows(const struct tally *tally, struct buf *to)
{
	AUTO_FREE struct row *rows = calloc(tally->n + 1, sizeof(*rows));
	const char *name = tally->names.data;
	size_t n = tally->n;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++, name += strlen(name) + 1)
		rows[i] = (struct row){name, 1};
	n = fold(rows, n);
	buf_adds(to, "kind,target,count\n");
	for (size_t i = 0; i < n; i++)
		buf_addf(to, "%s,%zu\n", rows[i].name, rows[i].count);
	if (tally->other)
		buf_addf(to, "other,,%zu\n", tally->other);
	return buf_error(to);
}

int fds_csv(const struct process *process, struct buf *to)
{
	struct tally tally = {.n = 0};
	int fd, r;

	fd = openat(process->dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	buf_init(&tally.names, NAMES_CAP);
	r = read_links(fd, &tally);
	if (r == 0)
		r = buf_error(&tally.names);
	if (r == 0)
		r = write_rows(&tally, to);
	buf_fini(&tally.names);
	return r;
}
