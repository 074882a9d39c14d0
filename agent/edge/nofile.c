#include "edge/nofile.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

uint64_t nofile_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 1024; /* cannot happen; what is usual */
	if (limit.rlim_cur < limit.rlim_max) {
		rlim_t before = limit.rlim_cur;

		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit))
			limit.rlim_cur = before;
	}
	return limit.rlim_cur;
}

uint64_t nofile_used(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 0); /* the lowest that is free */

	if (fd < 0)
		return 0;
	(void)close(fd);
	return (uint64_t)fd;
}

bool nofile_has_room(uint64_t allowed, int fd)
{
	return (uint64_t)fd + NOFILE_TARGET + NOFILE_OWN <= allowed;
}
