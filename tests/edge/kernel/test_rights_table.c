/* What can be seen of another user's process with which rights, /proc mounted with and
 * without hidepid: the table that README and `check` tell. Each row is a process of its
 * own that gives up what the row does not have, looks, and says what it saw. */
#include "edge/kernel/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/find.h"
#include "edge/kernel/sampler.h"
#include "tree.h"
#include "unit.h"

#define NOBODY 65534
#define PTRACE (UINT32_C(1) << CAP_SYS_PTRACE)
#define BOTH (PTRACE | UINT32_C(1) << CAP_DAC_READ_SEARCH)

enum {
	SEES_NAME = 1 << 0,   /* found by its name */
	SEES_EXE = 1 << 1,    /* found by its program, and which build it is */
	SEES_MEMORY = 1 << 2, /* and rss */
	SEES_THREADS = 1 << 3,
	SEES_FDS = 1 << 4,       /* how many */
	SEES_FILES = 1 << 5,     /* which */
	SEES_SMAPS = 1 << 6,     /* its memory map */
	SEES_NETNS = 1 << 7,     /* where its address would be */
	SAID_HIDDEN = 1 << 8,    /* not found, and told why */
	SAID_DENIED = 1 << 9,    /* exe: a right is missing */
	COULD_NOT_TRY = 1 << 30, /* here is no right to set the stage */
};
#define SEES_FREELY (SEES_NAME | SEES_MEMORY | SEES_THREADS | SEES_FDS)
#define SEES_ALL (SEES_FREELY | SEES_EXE | SEES_FILES | SEES_SMAPS | SEES_NETNS)

struct row {
	const char *who;
	uid_t uid;
	uint32_t capabilities;
	const char *hidepid;
	int sees;
};

/* --- The stage ------------------------------------------------------------- */

static int hide(const char *hidepid)
{
	char options[32];

	if (!hidepid)
		return 0;
	(void)snprintf(options, sizeof(options), "hidepid=%s", hidepid);
	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, options))
		return -errno;
	return 0;
}

static int become(uid_t uid, uint32_t capabilities)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = capabilities, .permitted = capabilities}};

	if (uid && (prctl(PR_SET_KEEPCAPS, 1) || setresgid(uid, uid, uid) ||
		    setresuid(uid, uid, uid)))
		return -errno;
	if (uid && syscall(SYS_capset, &head, data))
		return -errno;
	return 0;
}

/* --- The look -------------------------------------------------------------- */

static int look_for(const struct roots *roots, enum selector by, const char *text,
		    int pid)
{
	char *selector[SELECTOR_N] = {NULL};
	struct scan *scan = NULL;
	int pids[8], r;
	size_t n = 0;

	selector[by] = (char *)(uintptr_t)text;
	if (scan_new(roots, UINT32_C(1) << by, &scan) < 0)
		return 0;
	r = scan_match(scan, selector, pids, ARRAY_SIZE(pids), &n);
	scan_free(scan);
	for (size_t i = 0; r == 0 && i < n && i < ARRAY_SIZE(pids); i++) {
		if (pids[i] == pid)
			return by == SELECTOR_EXE ? SEES_EXE : SEES_NAME;
	}
	if (r == -EACCES)
		return SAID_DENIED;
	return r == SCAN_HIDDEN ? SAID_HIDDEN : 0;
}

static int look_into(const struct process *process)
{
	char build[PROCESS_BUILD_MAX];
	struct sample sample = {0};
	struct sampler sampler;
	uint32_t missing = rights_missing(process);
	int sees = 0;

	if (sampler_init(&sampler, process, NULL, 0) != 0)
		return 0;
	if (sampler_read_all(&sampler, &sample) == 0) {
		sees |= sample.v[SIGNAL_MEMORY].have == HAVE_VALUE ? SEES_MEMORY : 0;
		sees |= sample.v[SIGNAL_THREADS].have == HAVE_VALUE ? SEES_THREADS : 0;
		sees |= sample.v[SIGNAL_FDS].have == HAVE_VALUE ? SEES_FDS : 0;
	}
	if (!sampler.fds_by_size && sample.v[SIGNAL_FDS].error == EACCES)
		sees |= SEES_FDS; /* an old kernel counts by listing */
	sampler_fini(&sampler);
	sees |= missing & RIGHT_FDS ? 0 : SEES_FILES;
	sees |= missing & RIGHT_SMAPS ? 0 : SEES_SMAPS;
	sees |= missing & RIGHT_NETNS ? 0 : SEES_NETNS;
	if (!(missing & RIGHT_EXE) != (process_build(process, build) == 0))
		return -1; /* they ask the same right */
	return sees;
}

static int look(const struct row *row, int pid)
{
	struct process process;
	struct roots roots;
	int sees;

	if (hide(row->hidepid) < 0 || become(row->uid, row->capabilities) < 0)
		return COULD_NOT_TRY;
	if (roots_open(NULL, &roots) < 0)
		return -1;
	sees = look_for(&roots, SELECTOR_NAME, "rights-prey", pid) |
	       look_for(&roots, SELECTOR_EXE, "*/rights-prey", pid);
	if (process_open(&roots, pid, &process) == 0) {
		sees |= look_into(&process);
		process_fini(&process);
	}
	roots_fini(&roots);
	return sees;
}

/* --- The table ------------------------------------------------------------- */

/* A program of its own, so that nothing else matches. */
static const char *install_prey(const struct tree *tree)
{
	AUTO_BUF struct buf program;
	AUTO_CLOSE int fd = open("/bin/sleep", O_RDONLY | O_CLOEXEC);

	buf_init(&program, 16 << 20);
	assert_int_equal(fs_read_buf(fd, &program), 0);
	tree_put_bytes(tree, "rights-prey", program.data, program.len);
	assert_int_equal(chmod(tree_path(tree, "rights-prey"), 0755), 0);
	return tree_path(tree, "rights-prey");
}

static int start_prey(const char *program)
{
	char byte;
	int ends[2], pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever becomes of the test */
		execl(program, "rights-prey", "600", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* closed by its exec */
	close(ends[0]);
	return pid;
}

static int look_as(const struct row *row, int pid)
{
	int ends[2], sees = -1, child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		sees = look(row, pid);
		_exit(write(ends[1], &sees, sizeof(sees)) != sizeof(sees));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &sees, sizeof(sees)), sizeof(sees));
	close(ends[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	return sees;
}

static void rights_show_what_the_table_says(void **state)
{
	static const struct row rows[] = {
		{"root", 0, 0, NULL, SEES_ALL},
		{"nobody", NOBODY, 0, NULL, SEES_FREELY | SAID_DENIED},
		{"PTRACE", NOBODY, PTRACE, NULL, SEES_ALL & ~SEES_FILES},
		{"PTRACE, DAC", NOBODY, BOTH, NULL, SEES_ALL},
		{"nobody, noaccess", NOBODY, 0, "1", SAID_HIDDEN},
		{"nobody, invisible", NOBODY, 0, "2", SAID_HIDDEN},
		{"nobody, ptraceable", NOBODY, 0, "4", SAID_HIDDEN},
		{"PTRACE, invisible", NOBODY, PTRACE, "2", SEES_ALL & ~SEES_FILES},
		{"PTRACE, DAC, invisible", NOBODY, BOTH, "2", SEES_ALL},
	};
	struct tree tree;
	int pid;

	skip_under_valgrind(state, "it does not know pidfd_open");
	if (geteuid() != 0) { /* only root can become somebody else */
		skip();
		return;
	}
	tree_make(&tree);
	pid = start_prey(install_prey(&tree));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int sees = look_as(&rows[i], pid);

		if (sees == COULD_NOT_TRY)
			printf("row '%s' cannot be staged here\n", rows[i].who);
		else
			expect(sees == rows[i].sees, "%s: %#x, not %#x", rows[i].who,
			       (unsigned)sees, (unsigned)rows[i].sees);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	tree_drop(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights_show_what_the_table_says),
	};

	return cmocka_run_group_tests_name("rights table", tests, NULL, NULL);
}
