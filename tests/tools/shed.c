/* shed PID DIR: a process that was taken over tries what its capabilities would have let
 * it do, to a process of somebody else, once with them and once after they were given up.
 * Exit 0: it could before, and can do nothing afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/kernel/shed.h"

static int pid, namespace = -1;
static const char *own_dir;

static int open_of(const char *name, int flags)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open(path, flags | O_CLOEXEC);
}

static int open_namespace(void)
{
	return open_of("ns/net", O_RDONLY);
}
static int open_root(void)
{
	return open_of("root/", O_PATH | O_DIRECTORY);
}
static int open_memory(void)
{
	return open_of("mem", O_RDONLY);
}
static int open_environment(void)
{
	return open_of("environ", O_RDONLY);
}
static int open_root_of_init(void)
{
	return open("/proc/1/root/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}
static int enter(void)
{
	return setns(namespace, CLONE_NEWNET);
}
static int leave_mounts(void)
{
	return unshare(CLONE_NEWNS);
}
static int mount_here(void)
{
	return mount("none", own_dir, "tmpfs", 0, NULL);
}
static int trace(void)
{
	int r = (int)ptrace(PTRACE_SEIZE, pid, NULL, NULL);

	if (r == 0)
		(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return r;
}
static int raise_again(void)
{
	if (shed_raise() < 0)
		return -1;
	return open_namespace();
}
/* What exec would give is nothing, either: it is asked what it has. */
static int exec_as_root(void)
{
	int status;

	pid_t child = fork();

	if (child == 0) {
		execlp("sh", "sh", "-c",
		       "! grep -E '^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]' /proc/self/status",
		       (char *)NULL);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status == 0) {
		errno = EPERM; /* nothing */
		return -1;
	}
	return 0;
}

static const struct {
	const char *name;
	int (*attempt)(void);
	int before; /* it can with the rights of the service */
} attempts[] = {
	{"open its namespace", open_namespace, 1},
	{"open its root", open_root, 1},
	{"open its environment", open_environment, 1},
	{"enter its namespace", enter, 1},
	{"open the root of init", open_root_of_init, 0},
	{"open its memory", open_memory, 0},
	{"trace it", trace, 0},
	{"unshare mounts", leave_mounts, 0},
	{"mount", mount_here, 0},
	{"raise capabilities", raise_again, 0},
	{"exec with capabilities", exec_as_root, 0},
};

int main(int argc, char **argv)
{
	size_t n = sizeof(attempts) / sizeof(attempts[0]);
	int faults = 0;

	if (argc != 3)
		return 2;
	pid = (int)strtol(argv[1], NULL, 10);
	own_dir = argv[2];
	namespace = open_namespace();
	for (size_t i = 0; i < n; i++) {
		if (attempts[i].before && attempts[i].attempt() < 0) {
			printf("before: %s: %s\n", attempts[i].name, strerror(errno));
			faults++;
		}
	}
	if (shed_all(STDIN_FILENO) < 0) {
		printf("the capabilities are not given up\n");
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		if (attempts[i].attempt() >= 0) {
			printf("afterwards it can: %s\n", attempts[i].name);
			faults++;
		} else {
			printf("afterwards: %s: %s\n", attempts[i].name, strerror(errno));
		}
	}
	return faults > 0;
}
