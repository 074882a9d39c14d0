#include "edge/warm.h"

#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ /* <sys/mman.h> has it since glibc 2.35 */
#define MADV_POPULATE_READ 22
#endif

extern const char __executable_start, etext; /* of the linker: ld(1) */

void warm_program(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)&__executable_start & ~(page - 1);

	/* Kernels before 5.14 cannot. */
	(void)madvise((void *)from, (uintptr_t)&etext - from, MADV_POPULATE_READ);
}

void warm_keep(void)
{
	const struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_MEMLOCK, &any);
	/* ONFAULT: else it would read the whole of every library, 20 MB. */
	(void)mlockall(MCL_CURRENT | MCL_ONFAULT);
}

/* A locked stack that grows beyond RLIMIT_MEMLOCK is a SIGSEGV in a process that has no
 * right any more to pass it. */
void warm_let_go(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur != RLIM_INFINITY)
		(void)munlockall();
}
