/* The filter is written by hand: it is forty lines, and a library for it would be one
 * more that the agent has linked. What is allowed is what memory, read and write need;
 * everything that is not named fails with EPERM, so code that asks for more (jansson for
 * /dev/urandom, glibc's qsort for the size of the machine) takes its way without. */
#include "edge/kernel/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "edge/fs.h"
#include "lib/num.h"

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "which AUDIT_ARCH is this? The filter must know whose system calls it counts."
#endif

/* The shadow memory of a sanitizer is terabytes of address space, and its findings are
 * printed by a process that still has its standard error. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* ------------------------------------------------------------------ the filter */

static const unsigned allowed[] = {
	SYS_read,           SYS_pread64,         SYS_write,
	SYS_munmap,         SYS_mremap,          SYS_brk,
	SYS_madvise,        SYS_futex,           SYS_getpid,
	SYS_getrandom,      SYS_clock_gettime,   SYS_exit,
	SYS_exit_group,     SYS_sched_yield,     SYS_rt_sigreturn,
	SYS_rt_sigprocmask, SYS_restart_syscall, SYS_sigaltstack,
};
/* Memory, but none that can be executed: their third argument is prot. */
static const unsigned mapping[] = {SYS_mmap, SYS_mprotect};

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define FILTER_MAX (5 + 2 * ARRAY_SIZE(allowed) + 5 * ARRAY_SIZE(mapping))

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short len;
};

static void load(struct filter *f, size_t offset)
{
	f->code[f->len++] =
		(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

static void answer(struct filter *f, uint32_t what)
{
	f->code[f->len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what);
}

/* The next instruction where the number is the loaded one (or has the bits in it), else
 * skip so many. */
static void when(struct filter *f, unsigned short how, uint32_t number,
		 unsigned char skip)
{
	f->code[f->len++] = (struct sock_filter)BPF_JUMP(
		(unsigned short)(BPF_JMP | how | BPF_K), number, 0, skip);
}

static void build_filter(struct filter *f)
{
	f->len = 0;
	load(f, offsetof(struct seccomp_data, arch));
	f->code[f->len++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
	answer(f, SECCOMP_RET_KILL_PROCESS); /* a 32-bit call has other numbers */
	load(f, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		when(f, BPF_JEQ, allowed[i], 1);
		answer(f, SECCOMP_RET_ALLOW);
	}
	for (size_t i = 0; i < ARRAY_SIZE(mapping); i++) {
		when(f, BPF_JEQ, mapping[i], 4);
		/* The lower half of the argument: both machines are little-endian. */
		load(f, offsetof(struct seccomp_data, args[2]));
		when(f, BPF_JSET, PROT_EXEC, 1);
		answer(f, REFUSE);
		answer(f, SECCOMP_RET_ALLOW);
	}
	answer(f, REFUSE);
}

static int install_filter(void)
{
	struct filter f;
	struct sock_fprog program = {.filter = f.code};

	build_filter(&f);
	program.len = f.len;
	/* By prctl, not seccomp(2): systemd's @system-service knows the first only. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------ the child */

static int close_gap(unsigned from, unsigned to)
{
	if (from > to)
		return 0;
	return syscall(SYS_close_range, from, to, 0) < 0 ? -errno : 0;
}

/* Descriptors are rights: of a directory, of the archive's lock, of a terminal. */
static int close_others(const int *keep, size_t n)
{
	AUTO_FREE int *sorted = malloc((n + 1) * sizeof(*sorted));
	unsigned from = SANITIZED ? STDERR_FILENO + 1 : 0;
	int r = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = keep[i];
	qsort(sorted, n, sizeof(*sorted), num_order_int);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (sorted[i] < 0 || (unsigned)sorted[i] < from)
			continue;
		if ((unsigned)sorted[i] > from)
			r = close_gap(from, (unsigned)sorted[i] - 1);
		from = (unsigned)sorted[i] + 1;
	}
	return r < 0 ? r : close_gap(from, UINT_MAX);
}

static int limit(int what, uint64_t value, uint64_t more)
{
	const struct rlimit both = {.rlim_cur = value, .rlim_max = value + more};

	return setrlimit((__rlimit_resource_t)what, &both) < 0 ? -errno : 0;
}

static int limit_all(const struct jail *jail)
{
	int r = SANITIZED ? 0 : limit(RLIMIT_AS, jail->memory_bytes, 0);

	if (r == 0)
		r = limit(RLIMIT_CPU, jail->cpu_s, 1); /* SIGXCPU, a second later KILL */
	if (r == 0)
		r = limit(RLIMIT_FSIZE, jail->file_bytes, 0);
	if (r == 0)
		r = limit(RLIMIT_CORE, 0, 0); /* it would hold what the service had */
	return r;
}

/* Among all that is ours this is what may go first. Raising it is always allowed; where
 * there is no /proc, there are still the limits. */
static void be_the_victim(void)
{
	AUTO_CLOSE int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!fs_write_all(fd, "1000", 4);
	(void)setpriority(PRIO_PROCESS, 0, 10); /* a courtesy to those who capture */
}

static int lock_in(const struct jail *jail, pid_t parent)
{
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	if (getppid() != parent) /* it died before it could be watched */
		return -ESRCH;
	(void)signal(SIGXFSZ, SIG_IGN); /* a file that is too large is an error, EFBIG */
	be_the_victim();
	r = close_others(jail->keep, jail->n_keep);
	if (r == 0)
		r = limit_all(jail);
	if (r == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		r = -errno;
	return r < 0 ? r : install_filter();
}

/* ------------------------------------------------------------------ the parent */

static bool ends_within(int pidfd, unsigned wall_s)
{
	struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
	int r;

	/* A signal that is caught starts the wait anew: this is a bound for a child that
	 * hangs, not a promise. */
	do
		r = poll(&poll_fd, 1, (int)MIN(wall_s, (unsigned)INT_MAX / 1000) * 1000);
	while (r < 0 && errno == EINTR);
	return r > 0;
}

static int wait_for(pid_t pid, unsigned wall_s, struct jail_end *ret)
{
	AUTO_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct jail_end end = {0};
	int status;

	if (pidfd < 0 || !ends_within(pidfd, wall_s)) {
		end.too_long = pidfd >= 0;
		(void)kill(pid, SIGKILL); /* ours and not yet reaped: the right one */
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (WIFSIGNALED(status))
		end.signal = WTERMSIG(status);
	else
		end.code = WEXITSTATUS(status);
	*ret = end;
	return 0;
}

int jail_run(const struct jail *jail, int (*work)(void *context), void *context,
	     struct jail_end *ret)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(lock_in(jail, parent) < 0 ? JAIL_NOT_BUILT : work(context));
	return wait_for(pid, jail->wall_s, ret);
}
