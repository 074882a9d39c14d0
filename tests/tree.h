#pragma once
/* A tree of files for --root, written in code: what a test needs of /proc and of the
 * cgroup file systems, and nothing else. It lives below $TMPDIR and goes with tree_drop.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_UNUSED __attribute__((unused))

struct tree {
	char dir[128];
};

static void tree_fail(const char *what, const char *path)
{
	fprintf(stderr, "%s %s: %s\n", what, path, strerror(errno));
	abort();
}

TREE_UNUSED static void tree_make(struct tree *tree)
{
	const char *base = getenv("TMPDIR");

	snprintf(tree->dir, sizeof(tree->dir), "%s/leakdog-tree-XXXXXX",
		 base ? base : "/tmp");
	if (!mkdtemp(tree->dir))
		tree_fail("mkdtemp", tree->dir);
}

static int tree_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

TREE_UNUSED static void tree_drop(struct tree *tree)
{
	if (nftw(tree->dir, tree_remove, 16, FTW_DEPTH | FTW_PHYS) < 0)
		tree_fail("remove", tree->dir);
}

/* The path below the tree, with its directories made; static memory. */
static const char *tree_path(const struct tree *tree, const char *path)
{
	static char full[1024];

	snprintf(full, sizeof(full), "%s/%s", tree->dir, path);
	for (char *at = full + strlen(tree->dir) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(full, 0755) < 0 && errno != EEXIST)
			tree_fail("mkdir", full);
		*at = '/';
	}
	return full;
}

/* Writes in place: a descriptor that is open sees the new content, as with the kernel. */
TREE_UNUSED static void tree_put_bytes(const struct tree *tree, const char *path,
				       const void *bytes, size_t len)
{
	const char *full = tree_path(tree, path);
	int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		tree_fail("write", full);
	close(fd);
}

TREE_UNUSED __attribute__((format(printf, 3, 4))) static void
tree_put(const struct tree *tree, const char *path, const char *format, ...)
{
	char text[65536];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tree_put_bytes(tree, path, text, strlen(text));
}

TREE_UNUSED static void tree_link(const struct tree *tree, const char *path,
				  const char *target)
{
	const char *full = tree_path(tree, path);

	if (symlink(target, full) < 0)
		tree_fail("symlink", full);
}

TREE_UNUSED static void tree_unlink(const struct tree *tree, const char *path)
{
	const char *full = tree_path(tree, path);

	if (unlink(full) < 0)
		tree_fail("unlink", full);
}

/* A process as far as leakdog looks at one. Change a field, write it again. */
struct tree_process {
	int pid, ppid;
	const char *comm;    /* NULL: "service" */
	const char *cmdline; /* arguments joined by '\n'; NULL: comm */
	const char *cgroup;  /* content of the file; NULL: "0::/\n" */
	char state;          /* 0: 'S' */
	unsigned flags;      /* of stat; 0x200000: a kernel thread */
	unsigned long long start_ticks, start_code, start_stack;
	unsigned long size_pages, resident_pages, shared_pages; /* 0: 1000, 500, 100 */
	unsigned long peak_kb, text_kb, lib_kb;                 /* 0: 4000, 20, 1500 */
	unsigned threads;                                       /* 0: 1 */
};

#define TREE_OR(value, otherwise) ((value) ? (value) : (otherwise))

/* The name of a file of a process; static memory. */
static const char *tree_proc(int pid, const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "proc/%d/%s", pid, name);
	return path;
}

static void tree_put_status(const struct tree *tree, const struct tree_process *p)
{
	char sizes[256] = "";

	if (!(p->flags & 0x200000) && p->state != 'Z')
		snprintf(sizes, sizeof(sizes),
			 "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmExe:\t%8lu kB\n"
			 "VmLib:\t%8lu kB\n",
			 TREE_OR(p->peak_kb, 4000), TREE_OR(p->size_pages, 1000) * 4,
			 TREE_OR(p->text_kb, 20), TREE_OR(p->lib_kb, 1500));
	tree_put(tree, tree_proc(p->pid, "status"),
		 "Name:\t%s\nState:\t%c (x)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n%s"
		 "Threads:\t%u\n",
		 TREE_OR(p->comm, "service"), TREE_OR(p->state, 'S'), p->pid, p->pid,
		 p->ppid, sizes, TREE_OR(p->threads, 1));
}

TREE_UNUSED static void tree_put_process(const struct tree *tree,
					 const struct tree_process *p)
{
	const char *comm = TREE_OR(p->comm, "service");
	char cmdline[4096];
	size_t len;
	bool empty = p->state == 'Z' || (p->flags & 0x200000);

	tree_put(tree, tree_proc(p->pid, "stat"),
		 "%d (%s) %c %d %d 1 0 -1 %u 1 0 0 0 0 0 0 0 20 0 %u 0 %llu 4096000 %lu "
		 "18446744073709551615 %llu 1 %llu 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 "
		 "0 0 "
		 "0 0 0 0\n",
		 p->pid, comm, TREE_OR(p->state, 'S'), p->ppid, p->pid, p->flags,
		 TREE_OR(p->threads, 1), p->start_ticks, p->resident_pages,
		 TREE_OR(p->start_code, 1), p->start_stack);
	tree_put_status(tree, p);
	if (empty)
		tree_put(tree, tree_proc(p->pid, "statm"), "0 0 0 0 0 0 0\n");
	else
		tree_put(tree, tree_proc(p->pid, "statm"), "%lu %lu %lu 5 0 100 0\n",
			 TREE_OR(p->size_pages, 1000), TREE_OR(p->resident_pages, 500),
			 TREE_OR(p->shared_pages, 100));
	tree_put(tree, tree_proc(p->pid, "cgroup"), "%s", TREE_OR(p->cgroup, "0::/\n"));
	snprintf(cmdline, sizeof(cmdline), "%s", empty ? "" : TREE_OR(p->cmdline, comm));
	len = strlen(cmdline);
	for (size_t i = 0; i < len; i++)
		if (cmdline[i] == '\n')
			cmdline[i] = '\0';
	tree_put_bytes(tree, tree_proc(p->pid, "cmdline"), cmdline, len + !empty);
	tree_put(tree, tree_proc(p->pid, "limits"),
		 "Limit                     Soft Limit           Hard Limit           "
		 "Units\n"
		 "Max processes             96365                96365                "
		 "processes\n"
		 "Max open files            1024                 524288               "
		 "files\n");
}
