#pragma once
/* One process in one life. A pid and a start time are no identity (268 of 300 forced
 * reuses kept the start time), so a process is held by an open /proc/PID and a pidfd:
 * both answer ESRCH for ever after its end, whoever gets the number next.
 *
 * A life also ends at exec. What shows an exec, and with which rights:
 *   same uid or CAP_SYS_PTRACE  the addresses of code and stack in stat: the kernel draws
 *                               them anew at each exec, so even a re-exec of the same
 *                               program with the same arguments is certain (not where
 *                               address randomisation is off for it)
 *   none                        status: the size of the text changed, VmPeak fell (it
 * only rises within one life), or name, arguments and libraries all changed. A re-exec of
 * the same program goes unnoticed only where it has outgrown its forerunner's VmPeak
 * before the next look. Titles (PR_SET_NAME, setproctitle) are no exec. */

#include <stdbool.h>

#include "edge/roots.h"
#include "lib/def.h"

/* Outcome: the process ended (or is a zombie, or called exec). */
#define PROCESS_GONE 1

/* What stays the same within one life of a program; 0 where it cannot be seen. */
struct exec_mark {
	uint64_t start_code, start_stack;  /* addresses, of stat; 0 without the right */
	uint64_t text_kb, lib_kb, peak_kb; /* VmExe, VmLib, VmPeak of status */
	uint64_t cmdline;                  /* hash of its first KiB */
};

struct process {
	int pid;
	int dirfd;              /* O_PATH|O_DIRECTORY of /proc/PID */
	int pidfd;              /* readable (epoll) at its end; -1 in a captured tree */
	int stat_fd, status_fd; /* for process_check and the sampler, see process_lean */
	int ppid;
	uint64_t start_ticks; /* field 22 of stat, USER_HZ since boot */
	char comm[16];        /* foreign bytes */
	struct exec_mark mark;
};

/* O_PATH of /proc/PID, the caller's: for one look, where no identity is needed. -errno.
 */
int process_dir(const struct roots *roots, int pid) must_check;
/* Opens the directory first, then the pidfd, then reads through the directory: that it
 * still answers proves that the pidfd is of the same process. 0, PROCESS_GONE (no such
 * process, a zombie, a mere thread), or -errno; -EACCES or -ENOENT... under hidepid are
 * told apart from an end by nobody: both are PROCESS_GONE. process_fini closes. */
int process_open(const struct roots *roots, int pid, struct process *ret) must_check;
/* Takes over descriptors received from the agent, also where it fails; pidfd -1 where
 * there is none. 0, PROCESS_GONE or -errno. */
int process_adopt(int dirfd, int pidfd, struct process *ret) must_check;
void process_fini(struct process *process);
/* Keeps open only what tells this process from others: directory and pidfd. */
void process_lean(struct process *process);
/* 0: lives, same program. PROCESS_GONE: ended, is a zombie or called exec. One pread with
 * the right to see addresses, two without; opens nothing as long as the name is the same.
 */
int process_check(struct process *process) must_check;
/* It ended or is about to, as against having become another program. */
bool process_exited(const struct process *process);
/* Unix time of its start in ms, within a second: start_ticks and the boot time. */
int process_started(const struct roots *roots, const struct process *process,
		    int64_t *ret_unix_ms) must_check;
/* The machine's boot id, 36 characters and a NUL. */
#define BOOT_ID_MAX 37
int process_boot_id(const struct roots *roots, char ret[static BOOT_ID_MAX]) must_check;
/* readlink of exe into memory of the caller, foreign bytes; -EACCES without the right. */
int process_exe(const struct process *process, char *to, size_t size) must_check;
/* Tells one build of its program from another, also where the file was replaced
 * meanwhile:
 * "<inode>-<size>-<mtime, seconds.nanoseconds>" of what runs. 0; -EACCES without the
 * right; -ENOTSUP in a captured tree, whose exe is a link to some file of this machine.
 */
#define PROCESS_BUILD_MAX 64
int process_build(const struct process *process,
		  char ret[static PROCESS_BUILD_MAX]) must_check;
/* Holds the file that it runs, by O_PATH: its file system is not asked to open it, which
 * over a network may take for ever. Outlives the process, an exec and the file's removal.
 * The caller's descriptor, or -errno as process_build. */
int process_program(const struct process *process) must_check;
