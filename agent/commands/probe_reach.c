#include "commands/probe_reach.h"

#include <errno.h>
#include <string.h>

#include "edge/fs.h"

void probe_home_open(struct probe_home *home)
{
	home->netns = netns_open_own();
	if (roots_open(NULL, &home->roots) < 0)
		home->roots = (struct roots){.root = -1, .proc = -1};
}

void probe_home_close(struct probe_home *home)
{
	fs_close(&home->netns);
	roots_fini(&home->roots);
}

/* Held from here on, so that who is visited is who was meant. */
static int visit(const struct probe_home *home, const struct probe_request *request,
		 struct probe_reach *ret)
{
	int r = process_open(&home->roots, request->pid, &ret->process);

	if (r != 0)
		return r < 0 ? r : -ESRCH;
	if (ret->process.start_ticks != request->start_ticks)
		return -ESRCH;
	ret->visit.home = home->netns;
	ret->visit.there = netns_open(ret->process.dirfd);
	if (ret->visit.there < 0)
		return ret->visit.there;
	return home->netns < 0 ? home->netns : 0;
}

int probe_reach(const struct probe_home *home, const struct probe_request *request,
		const struct url *url, struct probe_reach *ret,
		char why[static REACH_WHY_MAX])
{
	AUTO_CLOSE int dirfd = -1;
	enum reach from;
	int r = 0;

	*ret = PROBE_REACH_HERE;
	if (request->pid)
		dirfd = process_dir(&home->roots, request->pid);
	if (dirfd < 0 || netns_differs(dirfd) != 1)
		return 0;
	from = reach_from(url);
	if (from == REACH_HERE)
		return 0;
	if (from == REACH_THERE)
		r = visit(home, request, ret);
	if (from == REACH_THERE && r == 0)
		return 0;
	reach_why(url, r, why);
	return r < 0 ? r : -EINVAL;
}

bool probe_reach_holds(struct probe_reach *reach)
{
	return reach->process.dirfd < 0 || process_check(&reach->process) == 0;
}

void probe_reach_fini(struct probe_reach *reach)
{
	fs_close(&reach->visit.there);
	process_fini(&reach->process);
	*reach = PROBE_REACH_HERE;
}
