/* The look at the machine: what the selectors ask for of each process, as facts in one
 * table and one arena. The pid of a row is trusted only as far as find_verify and the
 * second sighting confirm it.
 *
 * To read a process costs 25 us, to see in the directory that it is still the same a
 * fiftieth: whoever looks again carries over what it knows. What an exec after the first
 * minute of a life changes is seen when the process is read in its turn. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/find-parts.h"
#include "lib/num.h"

#define BY_PID (UINT32_C(1) << SELECTOR_PID | UINT32_C(1) << SELECTOR_PIDFILE)
#define YOUNG_MS 60000
#define TRUSTED_TIMES 10
/* Of one step, in processes carried over, and what reading one is worth. A guess: some
 * two milliseconds. */
#define STEP_WORK 1500
#define READ_WORK 20

void find_systemd_root(const struct roots *roots, char to[static CGROUP_PATH_MAX])
{
	AUTO_CLOSE int init = process_dir(roots, 1);
	struct cgroup cgroup;
	char *end;

	to[0] = '\0';
	if (init < 0 || cgroup_of(init, "name=systemd", &cgroup) != 0)
		return;
	end = strrchr(cgroup.path, '/');
	if (text_equal(end, "/init.scope") || cgroup.path[1] == '\0')
		*end = '\0';
	memcpy(to, cgroup.path, sizeof(cgroup.path));
}

/* Only a systemd with a scope of its own is a machine; without, pid 1 of a pid namespace
 * is in a container like any other. */
void find_machine(const struct roots *roots, char to[static CGROUP_PATH_MAX])
{
	static const char scope[] = "/init.scope";
	AUTO_CLOSE int init = process_dir(roots, 1);
	struct cgroup cgroup;

	to[0] = '\0';
	if (init < 0 || cgroup_of(init, "name=systemd", &cgroup) != 0 ||
	    !text_ends(cgroup.path, scope))
		return;
	cgroup.path[strlen(cgroup.path) - strlen(scope)] = '\0';
	memcpy(to, cgroup.path, sizeof(cgroup.path));
}

/* --- Containers -------------------------------------------------------------- */

const void *scan_container(const struct scan *scan, const char *cgroup)
{
	struct cgroup found;

	if (!scan->containers || !(scan->needs & SELECTORS_IN_CONTAINER) ||
	    cgroup_parse((struct span){cgroup, strlen(cgroup)}, "memory", &found) != 0)
		return NULL;
	return scan->containers->of(scan->containers->arg, found.path, scan->machine);
}

void scan_contain(struct scan *scan, const struct find_containers *containers)
{
	scan->containers = containers;
	find_machine(scan->roots, scan->machine);
	for (size_t i = 0; i < scan->now->n; i++) {
		struct facts *facts = &scan->now->facts[i];

		facts->container =
			scan_container(scan, scan->now->arena.data + facts->cgroup);
	}
}

/* --- One process ------------------------------------------------------------- */

/* As the last round has it; NULL: it was not there. In a captured tree inodes come back,
 * and what stands in it may have been written anew. */
static const struct sighting *known(const struct scan *scan, int pid, uint64_t inode)
{
	const struct sighting *old = census_sighting(scan->now, pid);

	return scan->roots->live && old && old->inode == inode ? old : NULL;
}

static bool is_trusted(const struct scan *scan, int pid)
{
	return scan->n_trusted > 0 && bsearch(&pid, scan->trusted, scan->n_trusted,
					      sizeof(pid), num_order_int) != NULL;
}

static bool is_due(const struct scan *scan, const struct sighting *old)
{
	unsigned turn = (unsigned)old->pid + scan->rounds;

	if (scan->round_ms - old->met_ms < YOUNG_MS || scan->share == 1)
		return true;
	return turn % scan->share == 0 &&
	       (turn / scan->share % TRUSTED_TIMES == 0 || !is_trusted(scan, old->pid));
}

void scan_trust(struct scan *scan, const int *pids, size_t n)
{
	scan->trusted = pids;
	scan->n_trusted = n;
}

/* 0, also of one without facts: it cannot be a target. */
static int carry(struct scan *scan, int pid)
{
	const struct facts *old = census_facts(scan->now, pid);
	struct facts facts;

	if (!old)
		return 0;
	facts = *old;
	facts_move(&facts, &scan->now->arena, &scan->next->arena);
	if (buf_error(&scan->next->arena))
		return buf_error(&scan->next->arena);
	return census_add(scan->next, &facts);
}

/* FACTS_NONE: no process to watch. Other outcomes than 0 and -errno of memory: it cannot
 * be read. */
static int add_read(struct scan *scan, int pid)
{
	AUTO_CLOSE int dirfd = process_dir(scan->roots, pid);
	struct facts facts;
	int r = dirfd;

	if (dirfd >= 0)
		r = facts_read(dirfd, scan->needs, &scan->next->arena, &facts);
	return r == 0 ? census_add(scan->next, &facts) : r;
}

/* One that cannot be read has ended, or may not be seen: it matches nothing, and is not
 * known the next time. The work that it was. */
static int add(struct scan *scan, int pid, uint64_t inode)
{
	struct sighting sighting = {pid, inode, scan->round_ms};
	const struct sighting *old = known(scan, pid, inode);
	bool reads = !old || is_due(scan, old);
	int r = reads ? add_read(scan, pid) : carry(scan, pid);

	if (old)
		sighting.met_ms = old->met_ms;
	if (r == 0 || r == FACTS_NONE)
		r = census_see(scan->next, &sighting);
	if (r == -ENOMEM || r == -EFBIG)
		return r;
	return reads ? READ_WORK : 1;
}

/* --- A round ------------------------------------------------------------------ */

static int proc_open(struct scan *scan)
{
	int fd = fs_open_dir_at(scan->roots->proc, ".");

	if (fd < 0)
		return fd;
	scan->proc = fdopendir(fd);
	if (!scan->proc)
		fs_close(&fd);
	return scan->proc ? 0 : -ENOMEM;
}

/* Drops what is under way; what the last round found stands. */
static void round_drop(struct scan *scan)
{
	if (scan->proc)
		(void)closedir(scan->proc); /* only read */
	scan->proc = NULL;
	census_free(scan->next);
	scan->next = NULL;
}

static void round_end(struct scan *scan)
{
	struct census *old = scan->now;

	census_sort(scan->next);
	scan->now = scan->next;
	scan->next = NULL;
	census_free(old);
	round_drop(scan);
}

void scan_begin(struct scan *scan, int64_t now_ms, unsigned share)
{
	round_drop(scan);
	scan->round_ms = now_ms;
	scan->share = MAX(share, 1U);
	scan->rounds++;
}

/* What a round stands on is opened with its first step. */
static int round_open(struct scan *scan)
{
	struct listening *listening = NULL;
	int r = listening_new(&listening);

	if (r < 0)
		return r;
	listening_free(scan->listening);
	scan->listening = listening;
	find_systemd_root(scan->roots, scan->systemd_root);
	scan->next = census_new();
	if (!scan->next)
		return -ENOMEM;
	return scan->needs & ~BY_PID ? proc_open(scan) : 0;
}

static int read_some(struct scan *scan)
{
	struct dirent *entry;
	int work = 0, r;
	uint64_t pid;

	while (scan->proc && (entry = readdir(scan->proc))) {
		if (num_u64s(entry->d_name, INT_MAX, &pid) < 0)
			continue;
		r = add(scan, (int)pid, entry->d_ino);
		if (r < 0)
			return r;
		work += r;
		if (work >= STEP_WORK)
			return SCAN_MORE;
	}
	return 0;
}

int scan_step(struct scan *scan)
{
	int r = scan->next ? 0 : round_open(scan);

	if (r == 0)
		r = read_some(scan);
	if (r < 0)
		round_drop(scan);
	if (r == 0)
		round_end(scan);
	return r;
}

/* --- A scan ------------------------------------------------------------------- */

int scan_open(const struct roots *roots, uint32_t needs, struct scan **ret)
{
	struct scan *scan = calloc(1, sizeof(*scan));

	if (!scan)
		return -ENOMEM;
	scan->roots = roots;
	scan->needs = needs;
	scan->self = getpid();
	scan->now = census_new();
	if (!scan->now) {
		free(scan);
		return -ENOMEM;
	}
	*ret = scan;
	return 0;
}

int scan_new(const struct roots *roots, uint32_t needs, struct scan **ret)
{
	struct scan *scan = NULL;
	int r = scan_open(roots, needs, &scan);

	if (r < 0)
		return r;
	scan_begin(scan, 0, 1);
	do
		r = scan_step(scan);
	while (r == SCAN_MORE);
	if (r < 0)
		scan_free(scan);
	else
		*ret = scan;
	return r;
}

void scan_free(struct scan *scan)
{
	if (!scan)
		return;
	round_drop(scan);
	census_free(scan->now);
	listening_free(scan->listening);
	free(scan);
}

bool scan_facts(const struct scan *scan, int pid, struct facts *ret)
{
	const struct facts *found = census_facts(scan->now, pid);
	AUTO_CLOSE int dirfd = -1;
	AUTO_BUF struct buf none;

	buf_init(&none, 0);
	if (found) {
		*ret = *found;
		return true;
	}
	dirfd = process_dir(scan->roots, pid);
	return dirfd >= 0 && facts_read(dirfd, 0, &none, ret) == 0;
}
