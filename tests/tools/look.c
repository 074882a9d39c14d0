/* look PID: what leakdog sees of a process, one number a line. */
#include <stdio.h>

#include "edge/kernel/sampler.h"
#include "lib/num.h"

static void print(const char *name, const struct reading *reading)
{
	if (reading->have == HAVE_VALUE)
		printf("%s %llu\n", name, (unsigned long long)reading->value);
	else
		printf("%s %s %d\n", name,
		       reading->have == HAVE_ERROR ? "error" : "absent", reading->error);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum signal signal;
	} rows[] = {
		{"memory", SIGNAL_MEMORY},   {"rss", SIGNAL_RSS},
		{"anon", SIGNAL_ANON},       {"usage", SIGNAL_USAGE},
		{"threads", SIGNAL_THREADS}, {"tasks", SIGNAL_TASKS},
		{"fds", SIGNAL_FDS},         {"pressure", SIGNAL_PRESSURE},
	};
	struct domain *domain = NULL;
	struct sample sample = {0};
	struct process process;
	struct sampler sampler;
	struct roots roots;
	uint64_t pid;
	int r;

	if (argc != 2 || num_u64s(argv[1], INT32_MAX, &pid) < 0 ||
	    roots_open(NULL, &roots) < 0)
		return 2;
	r = process_open(&roots, (int)pid, &process);
	if (r == 0)
		r = domain_open(&roots, &process, &domain);
	if (r != 0 && r != DOMAIN_NONE && r != DOMAIN_HIDDEN) {
		fprintf(stderr, "look: %d\n", r);
		return 1;
	}
	if (sampler_init(&sampler, &process, domain, 0) != 0 ||
	    sampler_read_all(&sampler, &sample) != 0)
		return 1;
	printf("domain %s\n", domain ? domain_path(domain) : "none");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		print(rows[i].name, &sample.v[rows[i].signal]);
	print("limit", &sample.ceiling[CEILING_LIMIT]);
	print("headroom", &sample.headroom);
	print("oom_kill", &sample.oom_kill);
	sampler_fini(&sampler);
	domain_free(domain);
	process_fini(&process);
	roots_fini(&roots);
	return 0;
}
