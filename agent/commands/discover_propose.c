/* Services for what is not watched yet: each way to say which process is meant is tried
 * on this very machine, and the first that finds it and nothing else is written. */
#include "commands/discover_look.h"

#include <errno.h>

#include "edge/kernel/find.h"

#define PIDS_MAX 256 /* of one selector; with more it tells nothing apart */

static struct discover_process *by_pid(const struct discover *found, int pid)
{
	for (size_t i = 0; i < found->n_processes; i++) {
		if (found->processes[i].facts.pid == pid)
			return &found->processes[i];
	}
	return NULL;
}

static int mark_watched(const struct discovering *d, const struct scan *scan)
{
	size_t n_services = d->conf ? d->conf->n_services : 0;

	for (size_t i = 0; i < n_services; i++) {
		const struct conf_service *conf = &d->conf->services[i];
		int pids[PIDS_MAX], r;
		size_t n = 0;

		r = scan_match(scan, conf->selector, pids, ARRAY_SIZE(pids), &n);
		if (r == -ENOMEM)
			return r;
		for (size_t j = 0; r == 0 && j < MIN(n, ARRAY_SIZE(pids)); j++) {
			struct discover_process *process = by_pid(d->found, pids[j]);

			if (process && !process->watched)
				process->watched = conf;
		}
	}
	return 0;
}

/* Whether one address may serve both: each has it in a network of its own, as the pods of
 * one workload do. */
static bool same_address_elsewhere(const struct discover_process *a,
				   const struct discover_process *b)
{
	const struct discover_listen *at = discover_pprof(a), *bt = discover_pprof(b);

	return at && bt && text_equal(at->url, bt->url) && a->netns && b->netns &&
	       a->netns != b->netns;
}

/* Whether one service may have both. With pprof an address has one owner. */
static bool may_share(const struct discover_process *a, const struct discover_process *b)
{
	if (a == b)
		return true;
	if (!text_equal(a->facts.exe, b->facts.exe))
		return false;
	return (!discover_pprof(a) && !discover_pprof(b)) || same_address_elsewhere(a, b);
}

static bool is_another_services(const struct discover_process *process)
{
	return process->watched || (process->covered && discover_pprof(process));
}

/* Whether this way finds it and others at most that may share its service; they are
 * covered then. */
static bool finds(const struct discovering *d, const struct scan *scan,
		  const struct discover_process *process, struct discover_selector *way)
{
	char *selector[SELECTOR_N];
	bool itself = false;
	int pids[PIDS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < SELECTOR_N; i++)
		selector[i] = way->text[i][0] ? way->text[i] : NULL;
	if (scan_match(scan, selector, pids, ARRAY_SIZE(pids), &n) != 0 ||
	    n > ARRAY_SIZE(pids))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct discover_process *other = by_pid(d->found, pids[i]);

		for (size_t j = 0; other && j <= i; j++) {
			if (!may_share(by_pid(d->found, pids[j]), other))
				return false;
		}
		if (!other || (other != process && is_another_services(other)))
			return false;
		itself |= other == process;
	}
	for (size_t i = 0; itself && i < n; i++)
		by_pid(d->found, pids[i])->covered = true;
	return itself;
}

static bool is_taken(const void *arg, const char *name)
{
	const struct discovering *d = arg;

	for (size_t i = 0; d->conf && i < d->conf->n_services; i++) {
		if (text_equal(d->conf->services[i].name, name))
			return true;
	}
	for (size_t i = 0; i < d->found->n_services; i++) {
		const struct discover_service *other = &d->found->services[i];

		if (!other->left_out && text_equal(other->name, name))
			return true;
	}
	return false;
}

/* A service of the file finds it as well, it is a mere helper of one, or its address is
 * there. */
static const char *is_there(const struct discovering *d,
			    const struct discover_process *process)
{
	const struct discover_listen *pprof = discover_pprof(process);

	if (process->covered)
		return "another service of this file finds it";
	for (size_t i = 0; i < d->found->n_services; i++) {
		const struct discover_service *other = &d->found->services[i];

		if (other->left_out)
			continue;
		if (pprof && text_equal(other->url, pprof->url) &&
		    other->process->netns == process->netns)
			return "its address is another's in this file";
		if (!pprof && process->n_listens == 0 &&
		    discover_same_program(other->process, process))
			return "another process of its program is in this file";
	}
	return NULL;
}

static void propose(const struct discovering *d, const struct scan *scan,
		    const struct discover_process *process)
{
	const struct discover_listen *pprof = discover_pprof(process);
	struct discover_service *service = &d->found->services[d->found->n_services];
	size_t nth = 0;

	service->process = process;
	service->url = pprof ? pprof->url : "";
	service->left_out = discover_left_out(process);
	if (!service->left_out)
		service->left_out = is_there(d, process);
	discover_name(process, is_taken, d, service->name);
	while (!service->left_out && discover_way(process, nth, &service->selector) &&
	       !finds(d, scan, process, &service->selector))
		nth++;
	if (!service->left_out && !discover_way(process, nth, &service->selector))
		service->left_out = "no selector tells it from others";
	d->found->n_services++;
}

int discover_propose(const struct discovering *d)
{
	struct discover *found = d->found;
	struct scan *scan = NULL;
	int r = discover_services_init(found);

	if (r == 0)
		r = scan_new(d->roots, (UINT32_C(1) << SELECTOR_N) - 1, &scan);
	if (r == 0)
		scan_contain(scan, &d->naming.scan);
	if (r == 0)
		r = mark_watched(d, scan);
	/* Those with profiles first: the rest of their programs goes with them. */
	for (int with = 1; r == 0 && with >= 0; with--) {
		for (size_t i = 0; i < found->n_processes; i++) {
			const struct discover_process *process = &found->processes[i];

			if ((discover_pprof(process) != NULL) == with)
				propose(d, scan, process);
		}
	}
	scan_free(scan);
	return r;
}
