#pragma once
/* One fixed pprof address for several processes: whoever answers there, the profiles of
 * the others would be filed under a wrong name. `check` and `run` refuse it. */

#include "core/conf.h"

/* A process that would be asked. */
struct conf_asked {
	const struct endpoint *endpoint; /* borrowed */
	uint64_t netns; /* inode of its network namespace; unknown: as good as ours */
};

/* True where the two would be asked at the same place: the same host and port, or socket.
 * Loopback addresses and sockets in different network namespaces are different places. */
bool conf_clash(const struct conf_asked *a, const struct conf_asked *b);
/* For n processes: the first that clashes with one before it (*ret_with), or n. */
size_t conf_clash_find(const struct conf_asked *asked, size_t n, size_t *ret_with);
