/* The socket table of a capture: thousands of connections become a few lines. Memory is
 * constant: a hash table of 4096 kinds of rows. The kernel prints listening sockets
 * before all others, so which local ports are served is known when the connections come.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "edge/kernel/sockets.h"

#define KINDS 4096 /* a power of two */

struct kind {
	uint8_t state, timer;
	uint16_t local_port, peer_port; /* 0: not told apart */
	uint8_t peer[16];
	uint64_t count; /* 0: a free place */
	uint64_t own;   /* of it */
};

struct census {
	struct kind kind[KINDS];
	size_t n;
	uint64_t other, other_own;
	bool knows_own;
	struct own_sockets own;
	uint8_t served[(UINT16_MAX + 1) / 8]; /* bit per local port with a listener */
};

static const char *const state_name[SOCKET_STATE_N] = {
	[SOCKET_ESTABLISHED] = "ESTABLISHED",
	[SOCKET_SYN_SENT] = "SYN_SENT",
	[SOCKET_SYN_RECV] = "SYN_RECV",
	[SOCKET_FIN_WAIT1] = "FIN_WAIT1",
	[SOCKET_FIN_WAIT2] = "FIN_WAIT2",
	[SOCKET_TIME_WAIT] = "TIME_WAIT",
	[SOCKET_CLOSE] = "CLOSE",
	[SOCKET_CLOSE_WAIT] = "CLOSE_WAIT",
	[SOCKET_LAST_ACK] = "LAST_ACK",
	[SOCKET_LISTEN] = "LISTEN",
	[SOCKET_CLOSING] = "CLOSING",
	[SOCKET_NEW_SYN_RECV] = "NEW_SYN_RECV",
};

static const char *const timer_name[TIMER_N] = {
	[TIMER_NONE] = "none",           [TIMER_RETRANSMIT] = "retransmit",
	[TIMER_KEEPALIVE] = "keepalive", [TIMER_TIME_WAIT] = "time-wait",
	[TIMER_PROBE] = "zero-window",
};

static bool is_served(const struct census *c, uint16_t port)
{
	return c->served[port / 8] & 1 << port % 8;
}

static struct kind kind_of(struct census *c, const struct socket_row *row)
{
	struct kind kind = {.state = row->state, .timer = row->timer};

	memcpy(kind.peer, row->peer, sizeof(kind.peer));
	if (row->state == SOCKET_LISTEN)
		c->served[row->local_port / 8] |= (uint8_t)(1 << row->local_port % 8);
	if (is_served(c, row->local_port))
		kind.local_port = row->local_port;
	else
		kind.peer_port = row->peer_port;
	return kind;
}

static bool same_kind(const struct kind *a, const struct kind *b)
{
	return a->state == b->state && a->timer == b->timer &&
	       a->local_port == b->local_port && a->peer_port == b->peer_port &&
	       !memcmp(a->peer, b->peer, sizeof(a->peer));
}

static size_t hash_of(const struct kind *kind)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	const uint8_t small[] = {kind->state, kind->timer};

	for (size_t i = 0; i < sizeof(kind->peer); i++)
		hash = (hash ^ kind->peer[i]) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < sizeof(small); i++)
		hash = (hash ^ small[i]) * UINT64_C(0x100000001b3);
	hash = (hash ^ kind->local_port) * UINT64_C(0x100000001b3);
	hash = (hash ^ kind->peer_port) * UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 32);
}

/* One place always stays free, so that every search ends. */
static void count_row(struct census *c, const struct socket_row *row)
{
	struct kind kind = kind_of(c, row), *at;
	bool own = row->inode && own_sockets_has(&c->own, row->inode);
	size_t i = hash_of(&kind);

	while ((at = &c->kind[i % KINDS])->count > 0 && !same_kind(at, &kind))
		i++;
	if (at->count == 0 && c->n == KINDS - 1) {
		c->other++;
		c->other_own += own;
		return;
	}
	if (at->count == 0) {
		*at = kind;
		c->n++;
	}
	at->count++;
	at->own += own;
}

static int count_table(struct census *c, int dirfd, enum socket_table table)
{
	struct socket_reader reader;
	struct socket_row row;
	int r = socket_reader_init(&reader, dirfd, table);

	if (r < 0)
		return r == -ENOENT && table == TABLE_TCP6 ? 0 : r;
	while (socket_next(&reader, &row))
		count_row(c, &row);
	socket_reader_fini(&reader);
	return reader.error;
}

static int most_first(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (x->local_port != y->local_port)
		return x->local_port < y->local_port ? -1 : 1;
	return memcmp(x->peer, y->peer, sizeof(x->peer));
}

static void add_port(struct buf *to, uint16_t port)
{
	if (port)
		buf_addf(to, "%u", port);
	buf_addc(to, ',');
}

static void add_counts(struct buf *to, const struct census *c, uint64_t count,
		       uint64_t own)
{
	buf_addf(to, "%llu,", (unsigned long long)count);
	if (c->knows_own)
		buf_addf(to, "%llu", (unsigned long long)own);
	buf_addc(to, '\n');
}

static void add_line(struct buf *to, const struct census *c, const struct kind *kind)
{
	static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};
	char peer[INET6_ADDRSTRLEN] = "";

	if (!memcmp(kind->peer, v4, sizeof(v4)))
		(void)inet_ntop(AF_INET, kind->peer + sizeof(v4), peer, sizeof(peer));
	else
		(void)inet_ntop(AF_INET6, kind->peer, peer, sizeof(peer));
	buf_addf(to, "%s,", state_name[kind->state] ? state_name[kind->state] : "");
	add_port(to, kind->local_port);
	buf_addf(to, "%s,", kind->state == SOCKET_LISTEN ? "" : peer);
	add_port(to, kind->peer_port);
	buf_addf(to, "%s,", timer_name[kind->timer]);
	add_counts(to, c, kind->count, kind->own);
}

static void write_census(struct census *c, struct buf *to)
{
	qsort(c->kind, KINDS, sizeof(c->kind[0]), most_first); /* free places go last */
	buf_adds(to, "state,local_port,peer,peer_port,timer,count,own\n");
	for (size_t i = 0; i < c->n; i++)
		add_line(to, c, &c->kind[i]);
	if (c->other) {
		buf_adds(to, "other,,,,,");
		add_counts(to, c, c->other, c->other_own);
	}
}

int sockets_csv(const struct process *process, struct buf *to)
{
	AUTO_FREE struct census *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->knows_own = own_sockets_read(process->dirfd, &c->own) == 0;
	r = count_table(c, process->dirfd, TABLE_TCP);
	if (r == 0)
		r = count_table(c, process->dirfd, TABLE_TCP6);
	own_sockets_fini(&c->own);
	if (r < 0)
		return r;
	write_census(c, to);
	return buf_error(to);
}
