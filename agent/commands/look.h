#pragma once
/* One look at one process: opened, with its domain, sampled once. What `check` resolves
 * rules against and `discover` lists. */

#include "core/job.h"
#include "edge/kernel/sampler.h"

struct look {
	const struct roots *roots; /* borrowed */
	struct process process;
	struct domain *domain; /* owned; NULL: none */
	bool hidden;           /* its cgroup cannot be seen from here */
	struct sample sample;
};

/* 0, PROCESS_GONE (also where its cgroup was just removed) or -errno; fini in any case.
 */
int look_open(const struct roots *roots, int pid, struct look *ret) must_check;
void look_fini(struct look *look);
#define AUTO_LOOK __attribute__((cleanup(look_fini)))
/* Samples all that is cheap, and what is wanted (bit per signal) besides. limit_bytes: of
 * the configuration; 0: the kernel's. 0, PROCESS_GONE, DOMAIN_GONE or -errno. */
int look_sample(struct look *look, uint32_t wanted, uint64_t limit_bytes) must_check;
/* What is known of it after the sample; limit_bytes as above. */
void look_facts(const struct look *look, uint64_t limit_bytes, struct target_facts *ret);
