#pragma once
/* The socket tables of a network namespace, as /proc/PID/net shows them: tcp, tcp6, unix.
 * They are those of the whole namespace, readable without a right, and not atomic: rows
 * may be missing or twice while connections come and go. 32 ms for 16,000 sockets. */

#include "edge/kernel/process.h"
#include "lib/buf.h"
#include "lib/text.h"

enum socket_state { /* of TCP, as the kernel numbers them */
		    SOCKET_ESTABLISHED = 1,
		    SOCKET_SYN_SENT,
		    SOCKET_SYN_RECV,
		    SOCKET_FIN_WAIT1,
		    SOCKET_FIN_WAIT2,
		    SOCKET_TIME_WAIT,
		    SOCKET_CLOSE,
		    SOCKET_CLOSE_WAIT,
		    SOCKET_LAST_ACK,
		    SOCKET_LISTEN,
		    SOCKET_CLOSING,
		    SOCKET_NEW_SYN_RECV,
		    SOCKET_STATE_N,
};

enum socket_timer {
	TIMER_NONE,       /* ESTABLISHED and nothing sent: no keepalive is armed */
	TIMER_RETRANSMIT, /* hides the state of keepalive */
	TIMER_KEEPALIVE,
	TIMER_TIME_WAIT,
	TIMER_PROBE, /* zero window */
	TIMER_N,
};

struct socket_row {
	uint8_t state;               /* enum socket_state; of unix: SOCKET_LISTEN or 0 */
	uint8_t timer;               /* enum socket_timer */
	uint8_t local[16], peer[16]; /* network order; IPv4 as ::ffff:a.b.c.d */
	uint16_t local_port, peer_port;
	uint64_t inode;   /* 0: TIME_WAIT or without an owner */
	struct span path; /* of unix, '@' for abstract; valid until the next row */
};

enum socket_table { TABLE_TCP, TABLE_TCP6, TABLE_UNIX, TABLE_N };

/* Reads a table row by row without allocating; 16 KiB, meant for the stack. */
struct socket_reader {
	int fd;
	int table;
	int error; /* why socket_next ended: 0 at the end, else -errno */
	size_t at, len;
	char bytes[16384];
};
/* dirfd: /proc/PID. 0 or -errno (-ENOENT: no such table, IPv6 is off). */
int socket_reader_init(struct socket_reader *r, int dirfd,
		       enum socket_table table) must_check;
void socket_reader_fini(struct socket_reader *r);
/* Rows that make no sense are skipped. */
bool socket_next(struct socket_reader *r, struct socket_row *ret);

/* TCP sockets in this state, both families. 0 or -errno. */
int sockets_count(int dirfd, enum socket_state state, uint64_t *ret) must_check;
/* The inode of every socket that a process has open (dirfd: its /proc/PID), until the
 * sink gives another result than 0, which is passed up. 0; -EACCES without the right;
 * -ESRCH; -errno. */
int sockets_open(int dirfd, int (*sink)(void *arg, uint64_t inode), void *arg) must_check;

/* Inodes of the sockets that a process has open. */
struct own_sockets {
	uint64_t *inode; /* owned; ascending */
	size_t n;
};
/* dirfd: /proc/PID. 70 ms for 16,000. 0 or -errno (-EACCES without the right). */
int own_sockets_read(int dirfd, struct own_sockets *ret) must_check;
void own_sockets_fini(struct own_sockets *own); /* a zeroed one is fine */
bool own_sockets_has(const struct own_sockets *own, uint64_t inode);

/* The tables as CSV, most frequent first:
 * state,local_port,peer,peer_port,timer,count,own. Of a connection that came in (its
 * local port has a listener) peer_port is empty, of one that went out local_port; so a
 * client that leaks connections is one line. The tables are those of all processes of the
 * namespace: own says how many the process has open itself, and is empty without the
 * right to know. Rows beyond 4095 different ones are counted in a line "other". 0 or
 * -errno. */
int sockets_csv(const struct process *process, struct buf *to) must_check;
