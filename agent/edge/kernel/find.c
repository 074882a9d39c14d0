/* Matching. Listening is asked last, and only of processes that match otherwise: it reads
 * every descriptor. */
#include "edge/kernel/find.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/find-parts.h"
#include "lib/num.h"

static uint32_t needs_of(char *const selector[SELECTOR_N])
{
	uint32_t needs = 0;

	for (int i = 0; i < SELECTOR_N; i++)
		needs |= selector[i] ? UINT32_C(1) << i : 0;
	return needs;
}

/* Ourselves, another leakdog, or what one of them has started. */
static bool is_leakdogs(const struct scan *scan, const struct facts *facts)
{
	struct facts at = *facts;

	for (int i = 0; i < ANCESTRY_MAX; i++) {
		if (scan->roots->live && at.pid == scan->self)
			return true;
		if (text_equal(at.comm, "leakdog") ||
		    text_equal(at.comm, "leakdog-fetch"))
			return true;
		if (at.ppid <= 0 || !scan_facts(scan, at.ppid, &at))
			return false;
	}
	return false;
}

/* --- What matches
 * ------------------------------------------------------------------------ */

int match_listens(struct match *m, int pid, const struct listen_at *at)
{
	AUTO_CLOSE int dirfd = process_dir(m->scan->roots, pid);
	int r = dirfd < 0 ? dirfd : listening_asked(m->scan->listening, pid, dirfd, at);

	return r == -EACCES || r == -EPERM ? -EACCES : MAX(r, 0);
}

/* 1, 0, or -EACCES as facts_match has it. */
static int matches(const struct facts *facts, const struct buf *arena,
		   char *const selector[SELECTOR_N], const struct scan *scan)
{
	int r = facts_match(facts, arena, selector, scan->systemd_root);

	if (r == 0 || !(needs_of(selector) & SELECTORS_IN_CONTAINER))
		return r;
	return facts->container && scan->containers->match(facts->container, selector)
		       ? r
		       : 0;
}

/* arena: where the texts of facts are. Collects it where it matches; 0 or -ENOMEM. */
static int consider(struct match *m, const struct facts *facts, const struct buf *arena)
{
	int r = matches(facts, arena, m->selector, m->scan);

	if (r == 0 || is_leakdogs(m->scan, facts))
		return 0;
	if (r > 0 && m->selector[SELECTOR_LISTEN])
		r = match_listens(m, facts->pid, &m->listen);
	m->denied |= r == -EACCES;
	if (r <= 0)
		return 0;
	if ((m->n & (m->n - 1)) == 0) { /* the room is always a power of two */
		void *more = reallocarray(m->hits, m->n ? m->n * 2 : 1, sizeof(*m->hits));

		if (!more)
			return -ENOMEM;
		m->hits = more;
	}
	m->hits[m->n++] = (struct hit){
		.pid = facts->pid,
		.ppid = facts->ppid,
		.start_ticks = facts->start_ticks,
		.container = m->in_container ? facts->container : NULL,
	};
	return 0;
}

static int consider_pid(struct match *m, int pid)
{
	AUTO_BUF struct buf arena;
	AUTO_CLOSE int dirfd = process_dir(m->scan->roots, pid);
	struct facts facts;
	int r;

	buf_init(&arena, ARENA_MAX);
	if (dirfd < 0)
		return 0;
	r = facts_read(dirfd, needs_of(m->selector), &arena, &facts);
	if (r == 0)
		facts.container = scan_container(m->scan, arena.data + facts.cgroup);
	if (r == 0 && facts.pid == pid)
		r = consider(m, &facts, &arena);
	return MIN(r, 0);
}

static int read_pidfile(const struct roots *roots, const char *path, uint64_t *ret)
{
	AUTO_CLOSE int fd = roots->live ? fs_open_path(path)
					: fs_open_at(roots->root, path + (*path == '/'));
	char text[64];
	ssize_t n = fd < 0 ? fd : fs_pread(fd, text, sizeof(text));
	struct span number = {text, (size_t)n};

	if (n < 0)
		return n == -EFBIG ? -EINVAL : (int)n;
	number = span_trim(number);
	return num_u64(number.at, number.len, ret) < 0 || *ret > INT_MAX ? -EINVAL : 0;
}

static int consider_all(struct match *m)
{
	const char *text = m->selector[SELECTOR_PID],
		   *file = m->selector[SELECTOR_PIDFILE];
	uint64_t pid = 0, filed = 0;
	int r = 0;

	if (text)
		r = num_u64s(text, INT_MAX, &pid) < 0 ? -EINVAL : 0;
	if (r == 0 && file)
		r = read_pidfile(m->scan->roots, file, &filed);
	if (r < 0)
		return r;
	if (text && file && pid != filed)
		return 0;
	if (text || file)
		return consider_pid(m, (int)(text ? pid : filed));
	for (size_t i = 0; i < m->scan->now->n && r == 0; i++)
		r = consider(m, &m->scan->now->facts[i], &m->scan->now->arena);
	return r;
}

/* Of the processes that may not be looked at one could be the listener, if there is one.
 */
static bool nobody_listens(const struct match *m)
{
	AUTO_CLOSE int own = process_dir(m->scan->roots, getpid());

	return m->scan->roots->live && own >= 0 &&
	       listening_anyone(m->scan->listening, own, &m->listen) == 0;
}

bool find_hidden(const struct roots *roots)
{
	AUTO_CLOSE int init = roots->live ? process_dir(roots, 1) : -1;
	AUTO_CLOSE int stat = init < 0 ? -1 : fs_open_at(init, "stat");

	return roots->live && stat < 0;
}

int scan_match(const struct scan *scan, char *const selector[SELECTOR_N], int *pids,
	       size_t max, size_t *ret_n)
{
	struct match m = {
		.scan = scan,
		.selector = selector,
		.in_container = needs_of(selector) & SELECTORS_IN_CONTAINER,
	};
	const char *listen = selector[SELECTOR_LISTEN];
	int r = listen ? listen_parse(listen, &m.listen) : 0;

	*ret_n = 0;
	if (needs_of(selector) == 0)
		return 0;
	if (r == 0)
		r = consider_all(&m);
	if (r == 0 && m.n == 0 && m.denied && !(listen && nobody_listens(&m)))
		r = -EACCES;
	if (r == 0)
		r = match_choose(&m);
	if (r == 0) {
		for (size_t i = 0; i < m.n && i < max; i++)
			pids[i] = m.hits[i].pid;
		*ret_n = m.n;
		if (m.n == 0 && find_hidden(scan->roots))
			r = SCAN_HIDDEN;
	}
	free(m.hits);
	return r;
}

int find_verify(const struct roots *roots, const struct process *process,
		char *const selector[SELECTOR_N],
		const struct find_containers *containers)
{
	struct scan scan = {.needs = needs_of(selector), .containers = containers};
	AUTO_BUF struct buf arena;
	struct facts facts;
	int r;

	buf_init(&arena, ARENA_MAX);
	find_systemd_root(roots, scan.systemd_root);
	find_machine(roots, scan.machine);
	r = facts_read(process->dirfd, scan.needs, &arena, &facts);
	if (r != 0)
		return MIN(r, 0);
	facts.container = scan_container(&scan, arena.data + facts.cgroup);
	return matches(&facts, &arena, selector, &scan);
}

const void *find_container(const struct roots *roots, const struct process *process,
			   const struct find_containers *containers)
{
	char machine[CGROUP_PATH_MAX];
	struct cgroup cgroup;

	if (cgroup_of(process->dirfd, "memory", &cgroup) != 0)
		return NULL;
	find_machine(roots, machine);
	return containers->of(containers->arg, cgroup.path, machine);
}
