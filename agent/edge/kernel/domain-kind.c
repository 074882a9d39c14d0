/* Which cgroups are domains: the definition in domain.h, line by line. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/domain-parts.h"
#include "edge/kernel/procstat.h"
#include "lib/num.h"

#define PROCS_MAX                                                                        \
	65536           /* bytes of cgroup.procs: with more, a session is surely shared  \
			 */
#define ANCESTRY_MAX 64 /* parents that are followed */

bool domain_has(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, 0) == 0;
}

static bool is_session_scope(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	if (!text_ends(name, ".scope"))
		return false;
	return text_starts(name, "session-") || strstr(path, "/user.slice/") ||
	       strstr(path, "/user@");
}

/* Is pid the target or below it? Unreadable or ended on the way: no. */
static bool descends(const struct roots *roots, int pid, int target)
{
	for (int i = 0; i < ANCESTRY_MAX && pid > 1; i++) {
		char name[32], text[PROCSTAT_MAX];
		struct procstat stat;
		ssize_t n;

		if (pid == target)
			return true;
		(void)snprintf(name, sizeof(name), "%d/stat", pid);
		n = fs_read_at(roots->proc, name, text, sizeof(text));
		if (n < 0 || procstat_parse((struct span){text, (size_t)n}, &stat) < 0)
			return false;
		pid = stat.ppid;
	}
	return pid == target;
}

static bool holds_only(const struct roots *roots, int dirfd, int target)
{
	AUTO_BUF struct buf text;
	struct span lines, line;
	uint64_t pid;

	buf_init(&text, PROCS_MAX);
	if (fs_read_buf_at(dirfd, "cgroup.procs", &text) < 0)
		return false;
	lines = (struct span){text.data, text.len};
	while (text_next(&lines, '\n', &line))
		if (num_u64(line.at, line.len, &pid) < 0 || pid > INT32_MAX ||
		    !descends(roots, (int)pid, target))
			return false;
	return true;
}

bool domain_is(const struct roots *roots, const struct cgroup *cgroup, int target)
{
	const char *name = strrchr(cgroup->path, '/') + 1;

	if (cgroup->n == 0 ||
	    !domain_has(cgroup->dirfd[0], domain_names[cgroup->version].usage))
		return false;
	if (cgroup->version == 1 && domain_has(cgroup->dirfd[0], "cgroup.sane_behavior"))
		return false; /* a file of v1's root only; v2's root has no memory.current
			       */
	if (text_ends(name, ".slice"))
		return false;
	if (text_starts(name, "user@") && text_ends(name, ".service"))
		return false; /* all of a person's session, with no controller below it */
	return !is_session_scope(cgroup->path) ||
	       holds_only(roots, cgroup->dirfd[0], target);
}
