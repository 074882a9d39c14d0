#pragma once
/* sockets.csv of two captures into groups of connections: base beside now. A group is a
 * state and who is at the other end: "10.0.0.9:8080" where the target is the client,
 * "10.0.0.3 -> :22" where it serves. One address with a thousand connections and a
 * thousand addresses with one each are both found: of a served port with many peers the
 * small ones are one group, "many -> :22". Counted are those that the target has open
 * itself; where the file does not say them, all of its network namespace (anybodys).
 *
 * Format: edge/kernel/sockets.h, sockets_csv. */

#include "prof/grew.h"

struct sockets_csv {
	struct socket_group *list; /* owned; by growth, then count now */
	size_t n;
};

void sockets_csv_fini(struct sockets_csv *sockets); /* a zeroed one is fine */
#define AUTO_SOCKETS_CSV __attribute__((cleanup(sockets_csv_fini)))
/* Whole files; an empty one is a side that was not taken. 0, -EBADMSG (not such a file;
 * *ret is untouched) or -ENOMEM. */
int sockets_csv_read(struct span base, struct span now,
		     struct sockets_csv *ret) must_check;
