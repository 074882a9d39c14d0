/* A socket is the same one where the inode is: /proc/PID/net/tcp prints it, and the link
 * /proc/PID/fd/N reads "socket:[INODE]". */
#include "edge/kernel/listeners.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edge/fs.h"
#include "lib/num.h"

static const uint8_t any_v6[16], any_v4[16] = {[10] = 0xff, [11] = 0xff};
static const uint8_t loopback_v6[16] = {[15] = 1};
static const uint8_t loopback_v4[16] = {[10] = 0xff, [11] = 0xff, 127, 0, 0, 1};

static bool same(const uint8_t a[16], const uint8_t b[16])
{
	return memcmp(a, b, 16) == 0;
}

static bool is_v4(const uint8_t address[16])
{
	return memcmp(address, any_v4, 12) == 0;
}

int listen_host(const char *host, struct listen_at *ret)
{
	struct listen_at at = {.port = ret->port};
	char bare[INET6_ADDRSTRLEN];
	size_t len = strlen(host);

	if (len > 1 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len >= sizeof(bare))
		return -EINVAL;
	memcpy(bare, host, len);
	bare[len] = '\0';
	if (text_equal(bare, "localhost"))
		at.loopback = true;
	else if (inet_pton(AF_INET, bare, at.address + 12) == 1)
		memcpy(at.address, any_v4, 12);
	else if (inet_pton(AF_INET6, bare, at.address) != 1)
		return -EINVAL;
	/* To connect to "any" is to connect to the machine itself. */
	at.loopback |= same(at.address, any_v4) || same(at.address, any_v6);
	*ret = at;
	return 0;
}

int listen_parse(const char *text, struct listen_at *ret)
{
	struct listen_at at = {.any = true};
	const char *colon = strrchr(text, ':');
	char host[64];
	uint64_t port;

	if (*text == '/' || *text == '@') {
		*ret = (struct listen_at){.path = text};
		return 0;
	}
	if (num_u64s(colon ? colon + 1 : text, UINT16_MAX, &port) < 0 || port == 0)
		return -EINVAL;
	if (colon) {
		int n = snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);

		if (n < 0 || (size_t)n >= sizeof(host) || listen_host(host, &at) < 0)
			return -EINVAL;
	}
	at.port = (uint16_t)port;
	*ret = at;
	return 0;
}

bool listen_reaches(const struct listen_at *at, const struct socket_row *row)
{
	if (row->state != SOCKET_LISTEN)
		return false;
	if (at->path)
		return span_is(row->path, at->path);
	if (at->port && row->local_port != at->port)
		return false;
	if (at->any || same(row->local, any_v6)) /* both families, unless it is V6ONLY */
		return true;
	if (at->loopback)
		return same(row->local, any_v4) || same(row->local, loopback_v4) ||
		       same(row->local, loopback_v6);
	return same(row->local, at->address) ||
	       (is_v4(at->address) && same(row->local, any_v4));
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void listeners_sort(struct listeners *listeners)
{
	if (listeners->n > 0)
		qsort(listeners->inode, listeners->n, sizeof(*listeners->inode),
		      by_number);
}

static int add_table(int dirfd, enum socket_table table, const struct listen_at *at,
		     struct listeners *to)
{
	struct socket_reader reader;
	struct socket_row row;
	int r = socket_reader_init(&reader, dirfd, table);

	if (r < 0)
		return r == -ENOENT && table != TABLE_TCP ? 0 : r;
	while (to->n < LISTENERS_MAX && socket_next(&reader, &row))
		if (listen_reaches(at, &row) && row.inode)
			to->inode[to->n++] = row.inode;
	socket_reader_fini(&reader);
	return reader.error;
}

int listeners_find(int dirfd, const struct listen_at *at, struct listeners *ret)
{
	int r = 0;

	ret->n = 0;
	if (at->path) {
		r = add_table(dirfd, TABLE_UNIX, at, ret);
	} else {
		r = add_table(dirfd, TABLE_TCP, at, ret);
		if (r == 0)
			r = add_table(dirfd, TABLE_TCP6, at, ret);
	}
	listeners_sort(ret);
	return r;
}

int listeners_owned(int dirfd, const struct listeners *listeners)
{
	bool seen[LISTENERS_MAX] = {false};
	int fd = fs_open_dir_at(dirfd, "fd"), owned = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	if (!stream) {
		fs_close(&fd);
		return -ENOMEM;
	}
	while ((size_t)owned < listeners->n && (entry = readdir(stream))) {
		uint64_t inode = socket_inode(fd, entry->d_name);
		const uint64_t *hit = bsearch(&inode, listeners->inode, listeners->n,
					      sizeof(inode), by_number);

		if (hit && !seen[hit - listeners->inode]) {
			seen[hit - listeners->inode] = true;
			owned++;
		}
	}
	(void)closedir(stream); /* only read */
	return owned;
}
