#pragma once
/* Finding the processes of services. One scan looks at the machine once and is asked once
 * per service. leakdog, what it started, kernel threads and zombies never match; where a
 * process and a descendant both match, the one that listens on TCP counts, else the upper
 * one. That a match counts only when seen twice is the agent's to keep.
 *
 *   unit     NAME[.service]: the systemd unit whose cgroup holds the process; only slices
 *            (and user@UID.service) may stand above it, so no container can pose as it
 *   cgroup   glob over the paths of /proc/PID/cgroup; '*' crosses '/'; a pattern without
 *            leading '/' may begin at any component
 *   pid, pidfile   exactly this process
 *   name     glob over comm (15 bytes)
 *   cmdline  glob over the arguments joined by blanks (first 4095 bytes)
 *   exe      glob over the path of the program
 *   listen   PORT, ADDRESS:PORT, [ADDRESS]:PORT or the path of a unix socket
 *   container.*, pod.*   what whoever knows containers says of its cgroup; all that runs
 *            in one container is a family, the head of which is the oldest
 *
 * A glob is fnmatch(3) without flags. */

#include "core/conf.h"
#include "edge/kernel/process.h"

struct scan;

/* Whoever knows containers; here only their cgroups are seen. */
struct find_containers {
	void *arg;
	/* The container of a path of the memory hierarchy, or NULL. machine: see
	 * container_parse. */
	const void *(*of)(void *arg, const char *path, const char *machine);
	bool (*match)(const void *container, char *const selector[SELECTOR_N]);
};

/* needs: bit per enum selector that will be asked for (a scan for pids alone opens
 * nothing). roots are borrowed. 0 or -errno. */
int scan_new(const struct roots *roots, uint32_t needs, struct scan **ret) must_check;
void scan_free(struct scan *scan); /* NULL is fine */

/* A scan for who looks again and again: it knows nobody until its first round has ended,
 * and keeps what the last one found. 0 or -ENOMEM. */
int scan_open(const struct roots *roots, uint32_t needs, struct scan **ret) must_check;
/* A process is read that was not there in the last round, or is known for less than a
 * minute (a shell becomes the service by exec), and of the others one in `share`, other
 * ones each time. share 1: everybody, as in a captured tree always. */
void scan_begin(struct scan *scan, int64_t now_ms, unsigned share);
/* Who is watched anyhow is seen to call exec by those who watch: of these one in ten
 * times `share` is read. pids ascending, borrowed until the next call; NULL, 0: nobody.
 */
void scan_trust(struct scan *scan, const int *pids, size_t n);
/* Outcome: the round has not ended. */
#define SCAN_MORE 2
/* Some of it, a millisecond or two. SCAN_MORE; 0: ended, and scan_match answers by it;
 * -errno: given up, what the last one found stands. */
int scan_step(struct scan *scan) must_check;
/* Asks for the containers of all that the last round found, where a selector needs them;
 * they live until the scan is asked again. Without it nothing matches a selector that
 * asks for a container. */
void scan_contain(struct scan *scan, const struct find_containers *containers);
/* Whether processes of other users are hidden from us: not even pid 1, which is always
 * there, may be read (hidepid= of /proc, a security module). False in a captured tree. */
bool find_hidden(const struct roots *roots);
/* Outcome: nothing matched, but what matches may be hidden. */
#define SCAN_HIDDEN 1
/* Pids, ascending, that match all selectors given (NULL: not given; without any nobody
 * matches); at most max, *ret_n may be larger than max: then the rest is not in pids. 0
 * (*ret_n 0: nothing matches); SCAN_HIDDEN; -EACCES where nothing matched and a process
 * that may not be looked at could be the one (exe; listen, where somebody in our network
 * namespace does listen there); -EINVAL for a selector that cannot be read (pid, listen);
 * -errno of the pidfile
 * (-ENOENT: not there yet; -EINVAL: no number in it). */
int scan_match(const struct scan *scan, char *const selector[SELECTOR_N], int *pids,
	       size_t max, size_t *ret_n) must_check;
/* A pid found may be another's when it is opened: does the opened process itself match
 * (all but listen, and not which of parent and child counts)? 1; 0 (also where it has
 * ended); -EACCES as above. */
int find_verify(const struct roots *roots, const struct process *process,
		char *const selector[SELECTOR_N],
		const struct find_containers *containers) must_check;
/* The container that the process stands in, or NULL. */
const void *find_container(const struct roots *roots, const struct process *process,
			   const struct find_containers *containers);
