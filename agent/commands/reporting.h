#pragma once
/* A readout made into texts, in a jail: what `report` files and what `show` prints. */

#include "commands/readout.h"

/* A usual report needs 10 MB and 0.1 s; a dump of 64 MiB and a profile of 300,000 samples
 * together a tenth of the time and half of the memory. */
#define REPORTING_MEMORY_MAX (UINT64_C(256) << 20)
#define REPORTING_TEXT_MAX (16U << 20)
#define REPORTING_CPU_S 20
#define REPORTING_WALL_S 60

enum reporting_text {
	REPORTING_PAGE,
	REPORTING_SUMMARY,
	REPORTING_JSON,
	REPORTING_FINDINGS, /* what grew, where the memory is, notes: for a terminal */
	REPORTING_N,
};

struct reporting {
	const struct manifest *manifest;
	int dirfd;        /* of the incident */
	const char *path; /* of it, for commands to type */
	int timeline_fd;  /* see readout_use_timeline; -1: none */
	uint32_t wanted;  /* bit per enum reporting_text */
};

#define REPORTING_WHY_MAX 160
struct reporting_result {
	struct buf text[REPORTING_N];
	char why[REPORTING_WHY_MAX]; /* of a failure, in words */
};

/* 0 or -errno; either way ret is to be finished. */
int reporting_run(const struct reporting *reporting,
		  struct reporting_result *ret) must_check;
void reporting_fini(struct reporting_result *result);
#define AUTO_REPORTING __attribute__((cleanup(reporting_fini)))
