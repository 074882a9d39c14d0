#include "edge/warm.h"

#include <link.h>
#include <stdbool.h>
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

static bool holds(const struct dl_phdr_info *object, const ElfW(Phdr) * segment,
		  uintptr_t address)
{
	return address - (object->dlpi_addr + segment->p_vaddr) < segment->p_memsz;
}

/* Everybody on the machine has libc, and what is yet to come calls more of it. */
static bool is_libc(const struct dl_phdr_info *object)
{
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		if (holds(object, &object->dlpi_phdr[i], (uintptr_t)madvise))
			return true;
	}
	return false;
}

/* What may be written may have been, as the linker's tables are: it stays. */
static int forget(struct dl_phdr_info *object, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)arg;
	if (!object->dlpi_name[0] || is_libc(object))
		return 0;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t from = object->dlpi_addr + segment->p_vaddr;

		if (segment->p_type != PT_LOAD || segment->p_flags & PF_W)
			continue;
		(void)madvise((void *)(from & ~(page - 1)),
			      segment->p_memsz + (from & (page - 1)), MADV_DONTNEED);
	}
	return 0;
}

void warm_forget(void)
{
	(void)dl_iterate_phdr(forget, NULL);
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
