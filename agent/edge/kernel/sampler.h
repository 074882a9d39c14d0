#pragma once
/* A look at one target: its process and its domain into a sample. Descriptors are cached:
 * a steady target costs one pread, allocates nothing and opens nothing. */

#include "core/depth.h"
#include "edge/kernel/domain.h"

struct sampler {
	const struct process *process; /* borrowed */
	struct domain *domain;         /* borrowed, NULL: none */
	int statm_fd, limits_fd;
	uint64_t size_pages, text_pages; /* of statm, of the last look that read it */
	bool reshaped;           /* less memory was mapped than before, or other code */
	uint64_t limit_override; /* bytes, 0: none (limit: of the configuration) */
	bool fds_by_size; /* st_size of /proc/PID/fd is the count (kernel >= 6.2), and
			     asks no right; without it counting asks the right to list fd/
			   */
};

/* limit_override stands in where the kernel has no limit, and lowers one that is larger.
 * 0, PROCESS_GONE or -errno; fini closes. */
int sampler_init(struct sampler *s, const struct process *process, struct domain *domain,
		 uint64_t limit_override) must_check;
void sampler_fini(struct sampler *s);

struct sampler_look {
	enum look_depth how;
	uint32_t wanted;  /* bit per signal */
	uint64_t nearest; /* LOOK_FAST: see judge_nearest */
};

/* One look. Never read unless wanted: sockets (32 ms at 16,000), and fds where they must
 * be counted; goroutines are not read here at all. The sample keeps what is not read now,
 * and all where the outcome is not 0; `fresh` says what was; at_ms is the caller's, who
 * sets it before where domains are shared. 0; PROCESS_GONE (seen only where something of
 * the process was read: the pidfd is quicker); DOMAIN_GONE (the cgroup is removed: ask
 * process_check, then open the domain anew); -errno never: a reading that fails says so
 * in the sample. */
int sampler_read(struct sampler *s, const struct sampler_look *look,
		 struct sample *sample) must_check;
/* Whether looks since the last question say that the process may have called exec: cheap
 * to see, and true of every exec but that of a program of the same size that has mapped
 * as much already. */
bool sampler_reshaped(struct sampler *s);
/* Keeps open only what a fast look reads, and opens the rest for each read: 2 descriptors
 * of the process, 1 more without a domain, and those of domain_lean. */
void sampler_lean(struct sampler *s);
/* Everything but sockets, exactly: before a capture and between its steps. */
int sampler_read_all(struct sampler *s, struct sample *sample) must_check;
