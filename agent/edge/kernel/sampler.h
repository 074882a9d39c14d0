#pragma once
/* A look at one target: its process and its domain into a sample. Descriptors are cached:
 * a steady target costs one pread, allocates nothing and opens nothing. */

#include "edge/kernel/domain.h"

struct sampler {
	const struct process *process; /* borrowed */
	struct domain *domain;         /* borrowed, NULL: none */
	int statm_fd, status_fd, fd_dirfd;
	uint64_t limit_override; /* bytes, 0: the kernel's (limit: of the configuration) */
	bool fds_by_size; /* st_size of /proc/PID/fd is the count (kernel >= 6.2) */
};

int sampler_init(struct sampler *s, const struct process *process, struct domain *domain,
		 uint64_t limit_override) must_check;
void sampler_fini(struct sampler *s);

/* wanted: bit per signal. Cheap ones (memory, usage, rss, anon) are read at each call,
 * slow ones (threads, tasks, fds, sockets, pressure) only where `slow` is set, every 10 s.
 * goroutines are not read here. nearest: see judge_nearest. 0, PROCESS_GONE, -errno. */
int sampler_read(struct sampler *s, uint32_t wanted, bool slow, uint64_t nearest,
		 struct sample *sample) must_check;
/* Everything, exactly: before a capture and between its steps. */
int sampler_read_all(struct sampler *s, struct sample *sample) must_check;
