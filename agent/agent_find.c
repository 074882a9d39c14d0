/* Finding targets: one look at the machine, one question per service. A match counts when
 * two scans have seen it, so that a process between fork and exec, or a shell that starts
 * the service, never becomes a target. */
#include "agent_parts.h"

#include <errno.h>
#include <string.h>

#include "edge/log.h"
#include "lib/num.h"

/* Scans hasten while something is expected, and idle when every service has its target.
 * Of whom a scan knows since a minute it reads so few anew that an exec is seen within
 * pause x rereads at the latest: 10 s, 15 s, and a minute in calm times. */
struct haste {
	int64_t pause_ms;
	unsigned rereads; /* one in so many */
};
static const struct haste haste_now = {SCAN_MS, 10}, haste_expecting = {5000, 3},
			  haste_none = {10000, 6}, haste_told = {60000, 1};
/* After a target's end its successor usually comes within a minute. */
#define SUCCESSOR_MS 60000
/* A meeting takes a fifth of a millisecond: those who are watched must not wait for a
 * thousand of them. */
#define MEETINGS_MAX 20
#define MEETINGS_EVERY_MS 20
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

static bool pids_have(const struct pids *pids, int pid)
{
	return pids->n > 0 &&
	       bsearch(&pid, pids->pid, pids->n, sizeof(pid), num_order_int) != NULL;
}

/* Room for so many, of which none is kept. 0 or -ENOMEM. */
static int pids_make(struct pids *pids, size_t n)
{
	*pids = (struct pids){.pid = calloc(MAX(n, (size_t)1), sizeof(int)), .room = n};
	return pids->pid ? 0 : -ENOMEM;
}

/* Those of the service (NULL: of all) that are watched already, ascending. */
static int pids_watched(const struct agent *agent, const struct service *service,
			struct pids *ret)
{
	if (pids_make(ret, service ? service->n_targets : agent->roster.n) < 0)
		return -ENOMEM;
	for (const struct target *t = agent->targets; t && ret->n < ret->room;
	     t = t->next) {
		if ((!service || t->service == service) && t->ended_ms == INT64_MAX)
			ret->pid[ret->n++] = t->process.pid;
	}
	qsort(ret->pid, ret->n, sizeof(int), num_order_int);
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
static void note_trouble(struct service *service, const char *trouble)
{
	if (text_equal(trouble, service->trouble))
		return;
	service->trouble = trouble;
	if (trouble[0])
		log_warn("service '%s': %s", service->conf->name, trouble);
}

/* ------------------------------------------------------------------ matching */

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

/* Of the matches, those that were seen before and are not watched yet are due; the number
 * of those that wait to be seen again. */
static unsigned sort_out(const struct service *service, const struct pids *pids,
			 const struct pids *watched, struct pids *due)
{
	unsigned waiting = 0;

	for (size_t i = 0; i < pids->n; i++) {
		int pid = pids->pid[i];

		if (pids_have(watched, pid))
			continue;
		if (pids_have(&service->seen, pid))
			due->pid[due->n++] = pid;
		else
			waiting++;
	}
	return waiting;
}

static const char *trouble_with(const struct agent *agent, const struct service *service,
				int r, const struct pids *found)
{
	const char *unnamed = naming_trouble(&agent->naming, service->conf->selector);

	return r == 0 && found->n == 0 && unnamed ? unnamed : trouble_of(r);
}

static void pids_put(struct pids *to, struct pids pids)
{
	free(to->pid);
	*to = pids;
}

/* The number of matches that wait to be seen again. */
static unsigned match_service(struct agent *agent, struct service *service)
{
	struct pids pids = {0}, watched = {0}, due = {0};
	unsigned waiting = 0;
	int r = pids_matching(service, agent->scan, &pids);

	if (r >= 0 &&
	    (pids_watched(agent, service, &watched) < 0 || pids_make(&due, pids.n) < 0))
		r = -ENOMEM;
	if (r >= 0)
		waiting = sort_out(service, &pids, &watched, &due);
	free(watched.pid);
	if (r < 0 || !due.n) /* else their meeting tells */
		note_trouble(service, trouble_with(agent, service, r, &pids));
	service->met = 0;
	pids_put(&service->due, due);
	if (r < 0)
		free(pids.pid);
	else /* the next scan has seen these before */
		pids_put(&service->seen, pids);
	return waiting;
}

/* ------------------------------------------------------------------ meeting */

/* At most so many; how many there were. */
static unsigned meet_some(struct agent *agent, struct service *service, unsigned most)
{
	const struct pids *due = &service->due;
	unsigned n = 0;
	int r = 0;

	if (service->met == due->n)
		return 0;
	while (service->met < due->n && n < most && r != -EMFILE) {
		r = target_meet(agent, service, due->pid[service->met++], agent->tick_ms);
		n++;
	}
	if (r == -EMFILE)
		service->met = due->n; /* the next scan tries again */
	if (service->met == due->n)
		note_trouble(service, trouble_of(r == -EMFILE ? r : 0));
	return n;
}

static void meet_tick(struct agent *agent, int64_t now_ms)
{
	unsigned n = 0;

	agent->puts_off = false;
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		struct service *service = &agent->services[i];

		n += meet_some(agent, service, MEETINGS_MAX - n);
		agent->puts_off |= service->met < service->due.n;
	}
	agent->meet_ms = agent->puts_off ? now_ms + MEETINGS_EVERY_MS : INT64_MAX;
}

/* ------------------------------------------------------------------ scanning */

static struct haste haste_of(const struct agent *agent, unsigned waiting, int64_t now_ms)
{
	bool expecting = false;

	if (waiting || agent->scans < 2) /* captures wait for the second scan */
		return haste_now;
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		const struct service *service = &agent->services[i];

		if (service->n_targets || service->met < service->due.n ||
		    conf_is_far(service->conf))
			continue;
		if (now_ms < service->lost_ms + SUCCESSOR_MS)
			return haste_now;
		expecting = true;
	}
	if (cgroups_tell_all(agent))
		return haste_told;
	return expecting ? haste_expecting : haste_none;
}

/* The looks at them see an exec sooner than a scan does. */
static void trust_watched(struct agent *agent)
{
	struct pids watched;

	if (pids_watched(agent, NULL, &watched) < 0)
		return; /* those of before will do */
	scan_trust(agent->scan, watched.pid, watched.n);
	pids_put(&agent->watched, watched);
}

static int scan_start(struct agent *agent, int64_t now_ms)
{
	int r = 0;

	if (!agent->scan)
		r = scan_open(agent->options.roots, selectors_needed(agent),
			      &agent->scan);
	if (r != 0)
		return r;
	trust_watched(agent);
	scan_begin(agent->scan, now_ms, agent->rereads);
	return 0;
}

/* SCAN_MORE; 0: at its end; -errno. */
static int scan_part(struct agent *agent, int64_t now_ms)
{
	int r = agent->scanning ? 0 : scan_start(agent, now_ms);

	if (r == 0)
		r = scan_step(agent->scan);
	agent->scanning = r == SCAN_MORE;
	return r;
}

static void scan_tick(struct agent *agent, int64_t now_ms)
{
	unsigned waiting = 0;
	struct haste haste;
	int r = scan_part(agent, now_ms);

	agent->scan_ms = now_ms; /* the looks that are due come between its parts */
	if (r == SCAN_MORE)
		return;
	if (r < 0) {
		log_warn("cannot look for processes: %s; next try in 1 s", strerror(-r));
		agent->scan_ms = now_ms + SCAN_MS;
		return;
	}
	agent->scans++;
	agent->scanned_ms = now_ms;
	naming_begin(agent, now_ms);
	for (size_t i = 0; i < agent->conf->n_services; i++)
		waiting += conf_is_far(&agent->conf->services[i])
				   ? 0
				   : match_service(agent, &agent->services[i]);
	waiting += naming_end(agent, now_ms);
	agent->meet_ms = now_ms;
	haste = haste_of(agent, waiting, now_ms);
	agent->rereads = haste.rereads;
	agent->scan_ms = now_ms + haste.pause_ms;
}

void find_tick(struct agent *agent, int64_t now_ms)
{
	if (now_ms >= agent->scan_ms)
		scan_tick(agent, now_ms);
	if (now_ms >= agent->meet_ms)
		meet_tick(agent, now_ms);
}

int64_t find_next_ms(const struct agent *agent)
{
	return MIN(agent->scan_ms, agent->meet_ms);
}
