/* A socket is the same one where the inode is: /proc/PID/net/tcp prints it, and the link
 * /proc/PID/fd/N reads "socket:[INODE]". */
#include "edge/kernel/listeners.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

void listeners_sort(struct listeners *listeners)
{
	if (listeners->n > 0)
		qsort(listeners->inode, listeners->n, sizeof(*listeners->inode),
		      num_order_u64);
}

static int each_of(int dirfd, enum socket_table table, listeners_sink *sink, void *arg)
{
	struct socket_reader reader;
	struct socket_row row;
	int r = socket_reader_init(&reader, dirfd, table);

	if (r < 0)
		return r == -ENOENT && table != TABLE_TCP ? 0 : r;
	while (r == 0 && socket_next(&reader, &row)) {
		if (row.state == SOCKET_LISTEN)
			r = sink(arg, &row);
	}
	socket_reader_fini(&reader);
	return r < 0 ? r : reader.error;
}

int listeners_each(int dirfd, bool local, listeners_sink *sink, void *arg)
{
	int r;

	if (local)
		return each_of(dirfd, TABLE_UNIX, sink, arg);
	r = each_of(dirfd, TABLE_TCP, sink, arg);
	return r < 0 ? r : each_of(dirfd, TABLE_TCP6, sink, arg);
}

int listeners_add(void *arg, const struct socket_row *row)
{
	struct listeners_of *of = arg;

	if (listen_reaches(of->at, row) && row->inode && of->to->n < LISTENERS_MAX)
		of->to->inode[of->to->n++] = row->inode;
	return 0;
}

int listeners_find(int dirfd, const struct listen_at *at, struct listeners *ret)
{
	struct listeners_of of = {.at = at, .to = ret};
	int r;

	ret->n = 0;
	r = listeners_each(dirfd, at->path, listeners_add, &of);
	listeners_sort(ret);
	return r;
}

struct owned {
	const struct listeners *of;
	bool seen[LISTENERS_MAX];
	size_t n;
};

/* Positive when all are found: there is nothing more to see. */
static int add_owned(void *arg, uint64_t inode)
{
	struct owned *owned = arg;
	const uint64_t *hit = NULL;

	if (owned->of->n > 0)
		hit = bsearch(&inode, owned->of->inode, owned->of->n, sizeof(inode),
			      num_order_u64);
	if (hit && !owned->seen[hit - owned->of->inode]) {
		owned->seen[hit - owned->of->inode] = true;
		owned->n++;
	}
	return owned->n == owned->of->n;
}

int listeners_owned(int dirfd, const struct listeners *listeners)
{
	struct owned owned = {.of = listeners};
	int r = sockets_open(dirfd, add_owned, &owned);

	return r < 0 ? r : (int)owned.n;
}
