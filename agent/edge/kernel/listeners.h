#pragma once
/* Who listens where: the inodes of listening sockets, and whether a process has one open.
 */

#include "edge/kernel/sockets.h"

/* What is looked for. */
struct listen_at {
	const char *path; /* of a unix socket ('@' for abstract), borrowed; NULL: TCP */
	uint16_t port;    /* 0: any */
	bool any;         /* any address of this machine */
	bool loopback;    /* 127.0.0.1 or ::1, whichever "localhost" means */
	uint8_t address[16]; /* else this one; IPv4 as ::ffff:a.b.c.d */
};

/* PORT, ADDRESS:PORT, [ADDRESS]:PORT, localhost:PORT, or a path beginning with '/' or
 * '@'. 0 or -EINVAL. */
int listen_parse(const char *text, struct listen_at *ret) must_check;
/* A numeric address or "localhost", with or without brackets. 0 or -EINVAL (a name). */
int listen_host(const char *host, struct listen_at *ret) must_check;

#define LISTENERS_MAX 1024
struct listeners {
	uint64_t inode[LISTENERS_MAX]; /* ascending, each once */
	size_t n;                      /* those beyond LISTENERS_MAX are not looked at */
};
/* Takes a listening socket; a negative result ends the walk and is passed up. */
typedef int listeners_sink(void *arg, const struct socket_row *row);
/* All listening sockets of a process's network namespace: TCP, or unix where local. 0 or
 * -errno. */
int listeners_each(int dirfd, bool local, listeners_sink *sink, void *arg) must_check;
/* The same of TCP in our own namespace, from the kernel: see listeners_ask. */
int listeners_each_asked(listeners_sink *sink, void *arg) must_check;
struct listeners_of {
	const struct listen_at *at;
	struct listeners *to;
};
/* A sink: adds what the address of a struct listeners_of reaches. */
int listeners_add(void *of, const struct socket_row *row);
/* Sockets that a connect to this address would reach (a listener on all addresses counts)
 * in the network namespace of a process. dirfd: /proc/PID. 0 or -errno. */
int listeners_find(int dirfd, const struct listen_at *at,
		   struct listeners *ret) must_check;
/* The same of TCP in our own namespace by asking the kernel for listeners alone: 0.1 ms,
 * where reading the tables walks all that are connected as well (5 ms and more). 0 or
 * -errno: where netlink is closed to us or the kernel has no tcp_diag, ask
 * listeners_find. */
int listeners_ask(const struct listen_at *at, struct listeners *ret) must_check;
/* Would a connect to what is looked for reach this socket? */
bool listen_reaches(const struct listen_at *at, const struct socket_row *row);
/* Ascending, as the others give them. */
void listeners_sort(struct listeners *listeners);
/* How many of them the process has open: 0 and up; -EACCES without the right, -ESRCH. */
int listeners_owned(int dirfd, const struct listeners *listeners) must_check;
