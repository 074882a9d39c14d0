/* Finding targets: one look at the machine, one question per service. A match counts when
 * two scans have seen it, so that a process between fork and exec, or a shell that starts
 * the service, never becomes a target. */
#include "agent_parts.h"

#include <errno.h>
#include <string.h>

#include "edge/log.h"

/* Scans hasten while something is expected, and idle when every service has its target.
 */
#define SCAN_EXPECTING_MS 5000
#define SCAN_CALM_MS 10000
/* After a target's end its successor usually comes within a minute. */
#define SUCCESSOR_MS 60000
/* A meeting takes a fifth of a millisecond: those who are watched must not wait for a
 * thousand of them. */
#define MEETINGS_MAX 100
#define MEETINGS_EVERY_MS 50
/* Most services are a few processes. */
#define PIDS_LEAST 16

static uint32_t selectors_needed(const struct agent *agent)
{
	uint32_t needs = 0;

	for (size_t i = 0; i < agent->conf->n_services; i++) {
		for (int s = 0; s < SELECTOR_N; s++)
			needs |= (uint32_t) !!agent->conf->services[i].selector[s] << s;
	}
	return needs;
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool pids_have(const struct pids *pids, int pid)
{
	return pids->n > 0 &&
	       bsearch(&pid, pids->pid, pids->n, sizeof(pid), by_number) != NULL;
}

/* Room for so many, of which none is kept. 0 or -ENOMEM. */
static int pids_make(struct pids *pids, size_t n)
{
	*pids = (struct pids){.pid = calloc(MAX(n, (size_t)1), sizeof(int)), .room = n};
	return pids->pid ? 0 : -ENOMEM;
}

/* Those of the service that are watched already, ascending. */
static int pids_watched(const struct agent *agent, const struct service *service,
			struct pids *ret)
{
	if (pids_make(ret, service->n_targets) < 0)
		return -ENOMEM;
	for (const struct target *t = agent->targets; t && ret->n < ret->room;
	     t = t->next) {
		if (t->service == service && t->ended_ms == INT64_MAX)
			ret->pid[ret->n++] = t->process.pid;
	}
	qsort(ret->pid, ret->n, sizeof(int), by_number);
	return 0;
}

static void note_crowd(struct service *service, size_t n)
{
	if (n <= SERVICE_TARGETS_MAX || service->crowded)
		return;
	service->crowded = true;
	log_warn("service '%s' matches %zu processes; the first %d are watched",
		 service->conf->name, n, SERVICE_TARGETS_MAX);
}

static const char *trouble_of(int error)
{
	if (error == -EACCES)
		return "cannot be found: its selector asks for a right that is missing "
		       "(exe and listen of foreign processes need CAP_SYS_PTRACE and "
		       "CAP_DAC_READ_SEARCH)";
	if (error == -EMFILE)
		return "not all of its processes are watched: too few descriptors are "
		       "allowed (LimitNOFILE= of the unit, ulimit -Hn)";
	if (error == SCAN_HIDDEN)
		return "cannot be found: processes of other users are hidden here "
		       "(hidepid of /proc needs CAP_SYS_PTRACE or its group gid=)";
	return error < 0 ? strerrordesc_np(-error) : "";
}

/* The text is compared: what lasts is said once. */
static void note_trouble(struct service *service, int error)
{
	const char *trouble = trouble_of(error);

	if (text_equal(trouble, service->trouble))
		return;
	service->trouble = trouble;
	if (trouble[0])
		log_warn("service '%s': %s", service->conf->name, trouble);
}

/* The pids that match, ascending. Asked twice where there are more of them than at the
 * last scan. The outcomes of scan_match, or -ENOMEM. */
static int pids_matching(struct service *service, const struct scan *scan,
			 struct pids *ret)
{
	char *const *selector = service->conf->selector;
	size_t room = MAX(service->seen.n, (size_t)PIDS_LEAST), n = 0;
	int r;

	for (;;) {
		if (pids_make(ret, room) < 0)
			return -ENOMEM;
		r = scan_match(scan, selector, ret->pid, room, &n);
		if (r < 0 || n <= room || room == SERVICE_TARGETS_MAX)
			break;
		free(ret->pid);
		room = MIN(n, (size_t)SERVICE_TARGETS_MAX);
	}
	note_crowd(service, n);
	ret->n = r < 0 ? 0 : MIN(n, room);
	return r;
}

/* Meets those that were seen before and are not watched yet; *ret_waiting: the number of
 * matches that wait to be seen again. 0, or -EMFILE: some must be left out. */
static int meet(struct agent *agent, struct service *service, const struct pids *pids,
		const struct pids *watched, unsigned *ret_waiting)
{
	int r = 0;

	for (size_t i = 0; i < pids->n; i++) {
		int pid = pids->pid[i];

		if (pids_have(watched, pid))
			continue;
		if (!pids_have(&service->seen, pid)) {
			*ret_waiting += 1;
			continue;
		}
		if (r < 0 || agent->meetings++ >= MEETINGS_MAX)
			continue;
		if (target_meet(agent, service, pid, agent->tick_ms) == -EMFILE)
			r = -EMFILE;
	}
	return r;
}

/* The number of matches that wait to be seen again. */
static unsigned match_service(struct agent *agent, struct service *service,
			      const struct scan *scan)
{
	struct pids pids = {0}, watched = {0};
	unsigned waiting = 0;
	int r = pids_matching(service, scan, &pids);

	if (r >= 0 && pids_watched(agent, service, &watched) < 0)
		r = -ENOMEM;
	if (r >= 0 && meet(agent, service, &pids, &watched, &waiting) < 0)
		r = -EMFILE;
	note_trouble(service, r);
	free(watched.pid);
	if (r < 0 && r != -EMFILE) {
		free(pids.pid);
		return 0;
	}
	/* The next scan has seen these before. */
	free(service->seen.pid);
	service->seen = pids;
	return waiting;
}

static int64_t next_scan_ms(const struct agent *agent, unsigned waiting, int64_t now_ms)
{
	bool expecting = false;

	if (agent->puts_off)
		return now_ms + MEETINGS_EVERY_MS;
	if (waiting)
		return now_ms + SCAN_MS;
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		const struct service *service = &agent->services[i];

		if (service->n_targets)
			continue;
		if (now_ms < service->lost_ms + SUCCESSOR_MS)
			return now_ms + SCAN_MS;
		expecting = true;
	}
	return now_ms + (expecting ? SCAN_EXPECTING_MS : SCAN_CALM_MS);
}

void find_tick(struct agent *agent, int64_t now_ms)
{
	struct scan *scan = NULL;
	unsigned waiting = 0;
	int r;

	if (now_ms < agent->scan_ms)
		return;
	agent->scans++;
	agent->meetings = 0;
	r = scan_new(agent->options.roots, selectors_needed(agent), &scan);
	if (r < 0) {
		log_warn("cannot look for processes: %s; next try in 1 s", strerror(-r));
		agent->scan_ms = now_ms + SCAN_MS;
		return;
	}
	for (size_t i = 0; i < agent->conf->n_services; i++)
		waiting += match_service(agent, &agent->services[i], scan);
	scan_free(scan);
	agent->puts_off = agent->meetings > MEETINGS_MAX;
	agent->scan_ms = next_scan_ms(agent, waiting, now_ms);
}
