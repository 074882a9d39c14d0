#include "edge/nofile.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>

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
	struct dirent *entry;
	struct stat st;
	uint64_t n = 0;
	DIR *stream;

	if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0)
		return (uint64_t)st.st_size;
	stream = opendir("/proc/self/fd");
	while (stream && (entry = readdir(stream)))
		n += entry->d_name[0] != '.';
	if (stream)
		(void)closedir(stream); /* only read */
	return n;
}

bool nofile_has_room(uint64_t allowed)
{
	return nofile_used() + NOFILE_TARGET + NOFILE_OWN <= allowed;
}
