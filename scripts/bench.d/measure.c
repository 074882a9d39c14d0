/* measure COMMAND...: runs it with nothing to read and its output thrown away, and prints
 * how many milliseconds it took, how many of them of a processor, and kB of the largest
 * process that it was. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double of_ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
	double begin = now_ms();
	struct rusage usage;
	int status, null;
	pid_t pid;

	if (argc < 2)
		return 2;
	null = open("/dev/null", O_RDWR);
	pid = fork();
	if (pid == 0) {
		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 1;
	printf("%.3f %.3f %ld\n", now_ms() - begin,
	       of_ms(usage.ru_utime) + of_ms(usage.ru_stime), usage.ru_maxrss);
	return status ? 1 : 0;
}
