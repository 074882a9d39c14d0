#pragma once
/* A look at one target: its process and its domain into a sample. Descriptors are cached:
 * a steady target costs one pread, allocates nothing and opens nothing. */

#include "edge/kernel/domain.h"

struct sampler {
	const struct process *process; /* borrowed */
	struct domain *domain;         /* borrowed, NULL: none */
	int statm_fd, limits_fd;
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

/* One look. wanted: bit per signal. Memory and usage are read at each call, rss and anon
 * at each call where wanted (always without a domain, where memory is rss); all else,
 * wanted or not, where `slow` is set (every 10 s), except fds where they must be counted
 * and sockets (32 ms at 16,000): these only where wanted too. goroutines are not read
 * here. nearest: see judge_nearest. The sample keeps what is not read now, and all where
 * the outcome is not 0; `fresh` says what was; at_ms is the caller's. 0; PROCESS_GONE
 * (seen only where something of the process was read: the pidfd is quicker); DOMAIN_GONE
 * (the cgroup is removed: ask process_check, then open the domain anew); -errno never: a
 * reading that fails says so in the sample. */
int sampler_read(struct sampler *s, uint32_t wanted, bool slow, uint64_t nearest,
		 struct sample *sample) must_check;
/* Everything but sockets, exactly: before a capture and between its steps. */
int sampler_read_all(struct sampler *s, struct sample *sample) must_check;
