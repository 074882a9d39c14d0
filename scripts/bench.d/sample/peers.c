/* peers pread|libproc2 ROUNDS PAUSE PID...: what it takes to learn the resident size of a
 * process: by pread of a descriptor that is kept, which is the floor, or by libproc2, 255
 * at a time, which is its most. PAUSE: seconds after each round, in which the caches of
 * the processor cool down. Prints processor microseconds per sample. */
#include <fcntl.h>
#include <libproc2/pids.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BATCH 255

static double spent_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static unsigned long long pages; /* so that what was read is used */

static int by_pread(const int *fds, int n)
{
	char text[128];

	for (int i = 0; i < n; i++) {
		ssize_t len = pread(fds[i], text, sizeof(text) - 1, 0);
		unsigned long size, resident;

		if (len <= 0)
			return -1;
		text[len] = '\0';
		if (sscanf(text, "%lu %lu", &size, &resident) != 2)
			return -1;
		pages += resident;
	}
	return 0;
}

static int by_libproc2(struct pids_info *info, unsigned *pids, int n)
{
	for (int i = 0; i < n; i += BATCH) {
		int batch = n - i < BATCH ? n - i : BATCH;
		struct pids_fetch *got =
			procps_pids_select(info, pids + i, batch, PIDS_SELECT_PID);

		if (!got || got->counts->total != batch)
			return -1;
		pages += PIDS_VAL(0, ul_int, got->stacks[0], info);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static enum pids_item items[] = {PIDS_VM_RSS, PIDS_NLWP};
	int rounds = argc > 4 ? atoi(argv[2]) : 0, n = argc - 4, r = 0;
	unsigned pause_s = argc > 4 ? (unsigned)atoi(argv[3]) : 0;
	struct pids_info *info = NULL;
	unsigned *pids;
	int *fds;
	double begin;

	if (rounds < 1)
		return 2;
	pids = calloc((size_t)n, sizeof(*pids));
	fds = calloc((size_t)n, sizeof(*fds));
	if (!pids || !fds || procps_pids_new(&info, items, 2) < 0)
		return 1;
	for (int i = 0; i < n; i++) {
		char path[64];

		pids[i] = (unsigned)atoi(argv[i + 4]);
		(void)snprintf(path, sizeof(path), "/proc/%u/statm", pids[i]);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
	begin = spent_us();
	for (int i = 0; i < rounds && r == 0; i++) {
		r = argv[1][0] == 'p' ? by_pread(fds, n) : by_libproc2(info, pids, n);
		sleep(pause_s);
	}
	if (r < 0) {
		fprintf(stderr, "peers: a process cannot be read\n");
		return 1;
	}
	printf("%.3f\n", (spent_us() - begin) / rounds / n);
	return pages ? 0 : 1;
}
