/* crowd N [DIR [EACH]]: N idle processes named crowd-idle; with DIR, the directory of a
 * cgroup, in cgroups below it, EACH (1) of them in one. Says "N are there" and waits;
 * ends them and removes the cgroups at SIGTERM or SIGINT. They share nearly all of their
 * memory, so that ten thousand fit on a small machine. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *top;
static long each = 1;

static void place_of(long i, char ret[static PATH_MAX])
{
	snprintf(ret, PATH_MAX, "%s/crowd-%ld", top, i);
}

/* "0" is whoever writes it. */
static int enter(long i)
{
	char dir[PATH_MAX], file[PATH_MAX + 16];
	int fd, r;

	place_of(i / each, dir);
	if (mkdir(dir, 0755) && errno != EEXIST)
		return -1;
	snprintf(file, sizeof(file), "%s/cgroup.procs", dir);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	r = write(fd, "0", 1) == 1 ? 0 : -1;
	close(fd);
	return r;
}

static void idle(long i, int ready)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "crowd-idle");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (top && enter(i)) {
		perror(top);
		_exit(1);
	}
	if (write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	for (;;)
		pause();
}

static void leave(pid_t *pids, long n)
{
	char dir[PATH_MAX];

	for (long i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (long i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
	for (long i = 0; top && i * each < n; i++) {
		place_of(i, dir);
		for (int tries = 0; rmdir(dir) && errno == EBUSY && tries < 100; tries++)
			usleep(10000);
	}
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	pid_t *pids = calloc(n > 0 ? (size_t)n : 1, sizeof(*pids));
	int ready[2], number;
	sigset_t end;
	long there = 0;
	char byte;

	if (n <= 0 || !pids || pipe(ready)) {
		fprintf(stderr, "usage: crowd N [CGROUP [EACH]]\n");
		return 2;
	}
	top = argc > 2 ? argv[2] : NULL;
	each = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
	if (each < 1)
		return 2;
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigprocmask(SIG_BLOCK, &end, NULL);
	for (long i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			idle(i, ready[1]);
		if (pids[i] < 0) {
			perror("fork");
			leave(pids, i);
			return 1;
		}
	}
	close(ready[1]);
	while (read(ready[0], &byte, 1) == 1)
		there++;
	printf("%ld are there\n", there);
	fflush(stdout);
	sigwait(&end, &number);
	leave(pids, n);
	free(pids);
	return there == n ? 0 : 1;
}
