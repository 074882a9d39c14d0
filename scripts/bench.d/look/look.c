/* Median and extremes of 15 rounds, wall time: on a busy machine read the least. */
#include <stdio.h>
#include <time.h>

#include "edge/kernel/evidence.h"
#include "edge/kernel/find.h"
#include "edge/kernel/sampler.h"
#include "lib/num.h"

#define ROUNDS 15

static struct roots roots;
static struct process process;
static struct domain *domain;
static struct sampler sampler;
static struct evidence_files evidence;
static struct sample sample;

static int look_at(struct sampler *s, uint32_t wanted, bool slow, uint64_t nearest,
		   struct sample *ret)
{
	const struct sampler_look look = {.how = slow ? LOOK_WHOLE : LOOK_FAST,
					  .wanted = wanted,
					  .nearest = nearest};

	return sampler_read(s, &look, ret);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int tick(void)
{
	return look_at(&sampler, 0, false, UINT64_MAX, &sample);
}

static int near(void)
{
	return look_at(&sampler, 0, false, 0, &sample);
}

static int slow(void)
{
	return look_at(&sampler, 0, true, UINT64_MAX, &sample);
}

static int check(void)
{
	return process_check(&process);
}

static int take(void)
{
	return evidence_take(&evidence, &process, domain);
}

static int scan(void)
{
	char *selector[SELECTOR_N] = {[SELECTOR_UNIT] = (char *)"none.service",
				      [SELECTOR_NAME] = (char *)"none"};
	struct scan *s;
	size_t n = 0;
	int pid, r;

	r = scan_new(&roots, 1 << SELECTOR_UNIT | 1 << SELECTOR_NAME, &s);
	if (r == 0) {
		r = scan_match(s, selector, &pid, 1, &n);
		scan_free(s);
	}
	return r;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(const char *what, int (*look)(void), unsigned times)
{
	uint64_t ns[ROUNDS];
	int r = 0;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t begin = now_ns();

		for (unsigned i = 0; i < times && r == 0; i++)
			r = look();
		ns[round] = (now_ns() - begin) / times;
	}
	qsort(ns, ROUNDS, sizeof(*ns), by_number);
	printf("%-44s %9.2f us (%.2f..%.2f)%s\n", what, (double)ns[ROUNDS / 2] / 1000,
	       (double)ns[0] / 1000, (double)ns[ROUNDS - 1] / 1000, r ? " FAILED" : "");
}

int main(int argc, char **argv)
{
	uint64_t pid;

	if (argc != 2 || num_u64s(argv[1], INT32_MAX, &pid) < 0 ||
	    roots_open(NULL, &roots) < 0 || process_open(&roots, (int)pid, &process) != 0)
		return 2;
	if (domain_open(&roots, &process, &domain) < 0 ||
	    sampler_init(&sampler, &process, NULL, 0) != 0)
		return 2;
	evidence_init(&evidence);
	measure("tick of a steady target without a domain", tick, 10000);
	sampler.domain = domain;
	if (domain) {
		printf("domain %s\n", domain_path(domain));
		measure("tick of a steady target", tick, 10000);
		measure("tick near a threshold", near, 2000);
	}
	measure("slow look", slow, 1000);
	measure("is it still the same program", check, 2000);
	measure("evidence of a capture", take, 500);
	measure("scan of all processes, unit and name", scan, 20);
	return 0;
}
