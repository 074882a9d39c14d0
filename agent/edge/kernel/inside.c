/* openat2(2): RESOLVE_IN_ROOT makes "/" and ".." those of the target also where links
 * lead through them, RESOLVE_NO_MAGICLINKS keeps out of /proc/PID/fd and the like in
 * there. A link on the way is followed (/var/run is one everywhere), one at its end is
 * not: what is connected to is a socket that stands where the configuration says. O_PATH
 * opens nothing, so a FIFO waits for nobody and a device is not touched. */
#include "edge/kernel/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/rights.h"

int inside_root(const struct process *process, int *ret)
{
	int fd;

	if (rights_same_files(process))
		return INSIDE_OURS;
	fd = openat(process->dirfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == EPERM ? -EACCES : -errno;
	*ret = fd;
	return 0;
}

int inside_socket(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	AUTO_CLOSE int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	return S_ISSOCK(st.st_mode) ? TAKE_FD(fd) : -ENOTSOCK;
}

void inside_path(int fd, char ret[static INSIDE_PATH_MAX])
{
	(void)snprintf(ret, INSIDE_PATH_MAX, "/proc/self/fd/%d", fd);
}
