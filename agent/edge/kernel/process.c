/* Everything is read through the opened directory and descriptors below it, never by
 * number: a number may be someone else's by now. See the header for what proves identity
 * and exec. */
#include "edge/kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/procstat.h"
#include "lib/num.h"

#define STATUS_MAX 4096
#define CMDLINE_LOOKED_AT 1024 /* enough to tell two command lines apart */

/* ESRCH: it ended while it was open. ENOENT: it ended before the name was looked up. */
static int gone_or(int error)
{
	return error == -ESRCH || error == -ENOENT ? PROCESS_GONE : error;
}

static int read_stat(const struct process *p, struct procstat *ret)
{
	char text[PROCSTAT_MAX];
	ssize_t n = fs_pread_at(p->stat_fd, p->dirfd, "stat", text, sizeof(text));
	int r;

	if (n < 0)
		return gone_or((int)n);
	r = procstat_parse((struct span){text, (size_t)n}, ret);
	if (r < 0)
		return r;
	return ret->state == 'Z' || ret->state == 'X' ? PROCESS_GONE : 0;
}

/* No Vm lines: it has no memory any more (on its way out) or never had (kernel thread).
 */
static int read_sizes(const struct process *p, struct exec_mark *mark)
{
	char text[STATUS_MAX];
	ssize_t n = fs_pread_at(p->status_fd, p->dirfd, "status", text, sizeof(text));
	struct span lines = {text, (size_t)n};

	if (n < 0 && n != -EFBIG)
		return gone_or((int)n);
	if (n ==
	    -EFBIG) /* a long list of CPUs at its end: what is needed stands before */
		lines.len = strlen(text);
	if (text_field(lines, "VmPeak", &mark->peak_kb) < 0 ||
	    text_field(lines, "VmExe", &mark->text_kb) < 0 ||
	    text_field(lines, "VmLib", &mark->lib_kb) < 0)
		return PROCESS_GONE;
	return 0;
}

static int read_cmdline(const struct process *process, uint64_t *ret_hash)
{
	char cmdline[CMDLINE_LOOKED_AT];
	ssize_t n = fs_read_at(process->dirfd, "cmdline", cmdline, sizeof(cmdline));
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	if (n == -EFBIG)
		n = sizeof(cmdline);
	if (n < 0)
		return gone_or((int)n);
	for (ssize_t i = 0; i < n; i++) /* FNV-1a: nobody gains by a collision */
		hash = (hash ^ (unsigned char)cmdline[i]) * UINT64_C(0x100000001b3);
	*ret_hash = hash;
	return 0;
}

static int open_files(struct process *p)
{
	struct procstat stat;
	int r;

	p->stat_fd = fs_open_at(p->dirfd, "stat");
	if (p->stat_fd < 0)
		return gone_or(p->stat_fd);
	p->status_fd = fs_open_at(p->dirfd, "status");
	if (p->status_fd < 0)
		return gone_or(p->status_fd);
	r = read_stat(p, &stat);
	if (r != 0)
		return r;
	p->pid = stat.pid;
	p->ppid = stat.ppid;
	p->start_ticks = stat.start_ticks;
	memcpy(p->comm, stat.comm, sizeof(p->comm));
	p->mark.start_code = stat.start_code;
	p->mark.start_stack = stat.start_stack;
	r = read_sizes(p, &p->mark);
	return r != 0 ? r : read_cmdline(p, &p->mark.cmdline);
}

/* True where the process has ended; a pidfd outlives it. */
static bool pidfd_ended(int pidfd)
{
	struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};

	return pidfd >= 0 && poll(&poll_fd, 1, 0) > 0;
}

static int fill(struct process *p, struct process *ret)
{
	int r = open_files(p);

	if (r == 0 && pidfd_ended(p->pidfd))
		r = PROCESS_GONE;
	if (r != 0) {
		process_fini(p);
		return r;
	}
	*ret = *p;
	return 0;
}

int process_dir(const struct roots *roots, int pid)
{
	char name[16];
	int fd;

	(void)snprintf(name, sizeof(name), "%d", pid);
	fd = openat(roots->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int process_open(const struct roots *roots, int pid, struct process *ret)
{
	struct process p = {.pidfd = -1, .stat_fd = -1, .status_fd = -1};
	int r;

	p.dirfd = process_dir(roots, pid);
	if (p.dirfd < 0)
		return gone_or(p.dirfd);
	if (roots->live) {
		p.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (p.pidfd < 0) {
			/* EINVAL (ENOENT in newer kernels): a thread, not a process */
			r = errno == EINVAL ? PROCESS_GONE : gone_or(-errno);
			process_fini(&p);
			return r;
		}
	}
	return fill(&p, ret);
}

int process_adopt(int dirfd, int pidfd, struct process *ret)
{
	struct process p = {
		.dirfd = dirfd,
		.pidfd = pidfd,
		.stat_fd = -1,
		.status_fd = -1,
	};

	return fill(&p, ret);
}

void process_lean(struct process *process)
{
	fs_later(&process->stat_fd);
	fs_later(&process->status_fd);
}

void process_fini(struct process *process)
{
	fs_close(&process->dirfd);
	fs_close(&process->pidfd);
	fs_close(&process->stat_fd);
	fs_close(&process->status_fd);
}

/* Judges by what anyone may see; remembers the peak, which rises. */
static int check_sizes(struct process *p, const struct procstat *stat)
{
	struct exec_mark now = p->mark;
	int r = read_sizes(p, &now);

	if (r != 0)
		return r;
	if (now.text_kb != p->mark.text_kb || now.peak_kb < p->mark.peak_kb)
		return PROCESS_GONE;
	if (strcmp(stat->comm, p->comm) != 0 && now.lib_kb != p->mark.lib_kb) {
		r = read_cmdline(p, &now.cmdline);
		if (r != 0)
			return r;
		if (now.cmdline != p->mark.cmdline)
			return PROCESS_GONE;
	}
	p->mark.peak_kb = now.peak_kb;
	return 0;
}

int process_check(struct process *process)
{
	const struct exec_mark *mark = &process->mark;
	struct procstat stat;
	int r = read_stat(process, &stat);

	if (r == 0 && pidfd_ended(process->pidfd))
		r = PROCESS_GONE;
	if (r != 0)
		return r;
	if (!mark->start_stack || !stat.start_stack)
		return check_sizes(process, &stat);
	if (stat.start_stack != mark->start_stack || stat.start_code != mark->start_code)
		return PROCESS_GONE;
	return 0;
}

/* Gigabytes take seconds to free: one without memory has not ended yet, and is no other
 * program either, as an exec swaps the memory at once. */
bool process_exited(const struct process *process)
{
	struct exec_mark sizes;

	return pidfd_ended(process->pidfd) || read_sizes(process, &sizes) == PROCESS_GONE;
}

int process_started(const struct roots *roots, const struct process *process,
		    int64_t *ret_unix_ms)
{
	long ticks_per_s = sysconf(_SC_CLK_TCK);
	AUTO_BUF struct buf stat;
	uint64_t boot_s;
	int r;

	buf_init(&stat, 1 << 20); /* a line per CPU and one long line of interrupts */
	r = fs_read_buf_at(roots->proc, "stat", &stat);
	if (r == 0)
		r = text_field((struct span){stat.data, stat.len}, "btime", &boot_s);
	if (r < 0)
		return r;
	*ret_unix_ms = (int64_t)(boot_s * 1000 + num_scale(process->start_ticks, 1000,
							   (uint64_t)ticks_per_s));
	return 0;
}

int process_boot_id(const struct roots *roots, char ret[static BOOT_ID_MAX])
{
	char text[BOOT_ID_MAX + 2];
	ssize_t n =
		fs_read_at(roots->proc, "sys/kernel/random/boot_id", text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (n < BOOT_ID_MAX - 1)
		return -EBADMSG;
	memcpy(ret, text, BOOT_ID_MAX - 1);
	ret[BOOT_ID_MAX - 1] = '\0';
	return 0;
}

int process_exe(const struct process *process, char *to, size_t size)
{
	ssize_t n = readlinkat(process->dirfd, "exe", to, size);

	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	to[n] = '\0';
	return 0;
}

int process_build(const struct process *process, char ret[static PROCESS_BUILD_MAX])
{
	/* What is cached does: a file that runs is not written to, and one that lies on
	 * a network or in user space must not make anybody wait. */
	const int flags = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
	struct statx st;

	if (process->pidfd < 0)
		return -ENOTSUP;
	if (statx(process->dirfd, "exe", flags, STATX_INO | STATX_SIZE | STATX_MTIME,
		  &st) < 0)
		return -errno;
	(void)snprintf(ret, PROCESS_BUILD_MAX, "%" PRIu64 "-%" PRIu64 "-%" PRId64 ".%09u",
		       (uint64_t)st.stx_ino, (uint64_t)st.stx_size,
		       (int64_t)st.stx_mtime.tv_sec, st.stx_mtime.tv_nsec);
	return 0;
}

int process_program(const struct process *process)
{
	int fd;

	if (process->pidfd < 0)
		return -ENOTSUP;
	fd = openat(process->dirfd, "exe", O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
