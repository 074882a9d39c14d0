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

static uint32_t selectors_needed(const struct agent *agent)
{
	uint32_t needs = 0;

	for (size_t i = 0; i < agent->conf->n_services; i++) {
		for (int s = 0; s < SELECTOR_N; s++)
			needs |= (uint32_t) !!agent->conf->services[i].selector[s] << s;
	}
	return needs;
}

static bool is_target(const struct agent *agent, const struct service *service, int pid)
{
	for (const struct target *t = agent->targets; t; t = t->next) {
		if (t->service == service && t->process.pid == pid &&
		    t->ended_ms == INT64_MAX)
			return true;
	}
	return false;
}

/* True when the scan before this one saw the pid as well. */
static bool seen_before(const struct service *service, int pid)
{
	size_t low = 0, high = service->n_seen;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (service->seen[middle] == pid)
			return true;
		if (service->seen[middle] < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
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

/* The pids of a scan become those that the next one has seen before; they are ascending.
 */
static void remember(struct service *service, const int *pids, size_t n)
{
	memcpy(service->seen, pids, n * sizeof(*pids));
	service->n_seen = n;
}

/* The number of matches that wait to be seen again. */
static unsigned match_service(struct agent *agent, struct service *service,
			      const struct scan *scan, int64_t now_ms)
{
	int pids[SERVICE_TARGETS_MAX], r;
	unsigned waiting = 0;
	size_t n = 0;
	bool short_of_fds = false;

	r = scan_match(scan, service->conf->selector, pids, SERVICE_TARGETS_MAX, &n);
	if (r < 0) {
		note_trouble(service, r);
		return 0;
	}
	note_crowd(service, n);
	n = MIN(n, (size_t)SERVICE_TARGETS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (is_target(agent, service, pids[i]))
			continue;
		if (!seen_before(service, pids[i]))
			waiting++;
		else if (target_meet(agent, service, pids[i], now_ms) == -EMFILE)
			short_of_fds = true;
	}
	note_trouble(service, short_of_fds ? -EMFILE : r);
	remember(service, pids, n);
	return waiting;
}

static int64_t next_scan_ms(const struct agent *agent, unsigned waiting, int64_t now_ms)
{
	bool expecting = false;

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
	r = scan_new(agent->options.roots, selectors_needed(agent), &scan);
	if (r < 0) {
		log_warn("cannot look for processes: %s; next try in 1 s", strerror(-r));
		agent->scan_ms = now_ms + SCAN_MS;
		return;
	}
	for (size_t i = 0; i < agent->conf->n_services; i++)
		waiting += match_service(agent, &agent->services[i], scan, now_ms);
	scan_free(scan);
	agent->scan_ms = next_scan_ms(agent, waiting, now_ms);
}
