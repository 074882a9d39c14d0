#pragma once
/* One process in one life. A pid and a start time are no identity (268 of 300 forced reuses
 * kept the start time), so a process is held by an open /proc/PID and a pidfd: both answer
 * ESRCH for ever after its end, whoever gets the number next. */

#include <stdbool.h>

#include "edge/roots.h"
#include "lib/def.h"

/* Outcome: the process ended. */
#define PROCESS_GONE 1

struct process {
	int pid;
	int dirfd; /* O_PATH|O_DIRECTORY of /proc/PID */
	int pidfd; /* readable (epoll) at its end; -1 in a captured tree */
	int ppid;
	uint64_t start_ticks; /* field 22 of stat, USER_HZ since boot */
	uint64_t exec_mark;   /* changes when the process calls exec: an exec ends a target */
	char comm[16];        /* foreign bytes */
};

/* Opens the directory first, then the pidfd, then reads through the directory, then asks the
 * pidfd again. 0, PROCESS_GONE (zombies too), or -errno. process_fini closes. */
int process_open(const struct roots *roots, int pid, struct process *ret) must_check;
/* Takes over descriptors received from the agent (they are the process's from now on). */
int process_adopt(int dirfd, int pidfd, struct process *ret) must_check;
void process_fini(struct process *process);
/* 0: lives, same program. PROCESS_GONE: ended, is a zombie or called exec. */
int process_check(const struct process *process) must_check;
/* Unix time of its start in ms, from start_ticks and the boot time. */
int process_started(const struct roots *roots, const struct process *process,
		    int64_t *ret_unix_ms) must_check;
/* The machine's boot id, 36 characters and a NUL. */
#define BOOT_ID_MAX 37
int process_boot_id(const struct roots *roots, char ret[static BOOT_ID_MAX]) must_check;
/* readlink of exe into memory of the caller, foreign bytes; -EACCES without the right. */
int process_exe(const struct process *process, char *to, size_t size) must_check;
