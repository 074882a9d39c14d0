#pragma once
/* A place for code that reads hostile bytes: a child that is forked, gives up everything
 * but memory and the descriptors that it is left, does one piece of work and ends. In it
 * there is no way to open, create, connect, signal, trace, execute or fork: seccomp
 * answers EPERM. x86-64 and aarch64. */

#include <stdbool.h>

#include "lib/def.h"

struct jail {
	uint64_t memory_bytes; /* of address space (see jail.c for sanitizers) */
	uint64_t file_bytes;   /* largest offset that it may write to */
	unsigned cpu_s, wall_s;
	const int *keep; /* descriptors that stay open there; all others are closed */
	size_t n_keep;
};

struct jail_end {
	int code;      /* what work returned, 0 to 125; JAIL_NOT_BUILT */
	int signal;    /* that killed it; 0: none */
	bool too_long; /* it was killed as wall_s had passed */
};
#define JAIL_NOT_BUILT 126 /* the kernel refused to lock it in: work was not begun */

/* Forks, locks the child in, runs work there and waits for its end. work must neither
 * return an own exit path nor expect to be alone in the process: it is ended by _exit.
 * The child dies with us. 0 or -errno (nothing ran). */
int jail_run(const struct jail *jail, int (*work)(void *context), void *context,
	     struct jail_end *ret) must_check;
