#include "edge/kernel/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "edge/fs.h"
#include "edge/netns.h"
#include "lib/num.h"
#include "lib/text.h"

/* Opening is what the kernel checks; nothing is read (smaps_rollup would take 44 ms). */
static bool denied(const struct process *process, const char *name, int flags)
{
	AUTO_CLOSE int fd = openat(process->dirfd, name, O_RDONLY | O_CLOEXEC | flags);

	return fd < 0 && (errno == EACCES || errno == EPERM);
}

uint32_t rights_missing(const struct process *process)
{
	uint64_t netns;
	char exe[16];
	uint32_t missing = 0;

	if (process_exe(process, exe, sizeof(exe)) == -EACCES)
		missing |= RIGHT_EXE;
	if (denied(process, "fd", O_DIRECTORY))
		missing |= RIGHT_FDS;
	if (denied(process, "smaps_rollup", O_NOFOLLOW))
		missing |= RIGHT_SMAPS;
	if (rights_netns(process, &netns) == -EACCES)
		missing |= RIGHT_NETNS;
	return missing;
}

/* "net:[4026531840]", namespaces(7). */
static int netns_at(int dirfd, const char *name, uint64_t *ret)
{
	static const char prefix[] = "net:[";
	char text[64];
	ssize_t n = readlinkat(dirfd, name, text, sizeof(text) - 1);
	size_t skip = sizeof(prefix) - 1;

	if (n < 0)
		return errno == EPERM ? -EACCES : -errno;
	text[n] = '\0';
	if (!text_starts(text, prefix) || !text_ends(text, "]"))
		return -EBADMSG;
	return num_u64(text + skip, (size_t)n - skip - 1, ret);
}

int rights_netns(const struct process *process, uint64_t *ret)
{
	int r = netns_at(process->dirfd, "ns/net", ret);

	return r == -ESRCH || r == -ENOENT ? PROCESS_GONE : r;
}

int rights_own_netns(const struct roots *roots, uint64_t *ret)
{
	return netns_at(roots->proc, "self/ns/net", ret);
}

uint64_t rights_netns_number(const struct roots *roots, const struct process *process)
{
	uint64_t number = 0;

	if (process->pidfd >= 0)
		return netns_number(process->dirfd, &number) == 0 ? number : 0;
	if (rights_netns(process, &number) != 0 && rights_own_netns(roots, &number) < 0)
		return 0; /* a captured tree: all are in one */
	return number;
}

bool rights_same_files(const struct process *process)
{
	struct stat own, its, own_root, its_root;

	return stat("/proc/self/ns/mnt", &own) == 0 &&
	       fstatat(process->dirfd, "ns/mnt", &its, 0) == 0 &&
	       own.st_ino == its.st_ino && own.st_dev == its.st_dev &&
	       stat("/", &own_root) == 0 &&
	       fstatat(process->dirfd, "root", &its_root, 0) == 0 &&
	       own_root.st_ino == its_root.st_ino && own_root.st_dev == its_root.st_dev;
}
