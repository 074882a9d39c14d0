#include "commands/probe_reach.h"

#include <errno.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/endpoint_check.h"
#include "edge/peer.h"

#define ENDED "it ended before it was asked"

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
static int hold(const struct probe_home *home, const struct probe_request *request,
		struct probe_reach *ret)
{
	int r = process_open(&home->roots, request->pid, &ret->process);

	if (r == 0 && ret->process.start_ticks != request->start_ticks)
		r = PROCESS_GONE;
	return r == PROCESS_GONE ? -ESRCH : r;
}

int probe_auto(const struct probe_home *home, const struct probe_request *request,
	       struct auto_urls *ret, char why[static REACH_WHY_MAX])
{
	struct probe_reach reach = PROBE_REACH_HERE;
	int r = request->pid ? hold(home, request, &reach) : -ESRCH;

	ret->n = 0;
	if (r == 0)
		r = auto_find(&reach.process, ret);
	if (r < 0 || ret->n == 0)
		(void)text_copy(why, REACH_WHY_MAX, auto_why(r));
	probe_reach_fini(&reach);
	return r < 0 || ret->n ? r : -ENOENT;
}

static int visit(const struct probe_home *home, struct probe_reach *ret)
{
	ret->visit.home = home->netns;
	ret->visit.there = netns_open(ret->process.dirfd);
	if (ret->visit.there < 0)
		return ret->visit.there;
	return home->netns < 0 ? home->netns : 0;
}

static int find_socket(const struct url *url, bool elsewhere, struct probe_reach *ret,
		       char why[static REACH_WHY_MAX])
{
	AUTO_CLOSE int root = -1;
	int r = reach_root(&ret->process, elsewhere, &root);

	if (r < 0) {
		reach_why_root(r, why);
		return r;
	}
	return root < 0 ? 0 : reach_socket(root, url, &ret->socket, why);
}

int probe_reach(const struct probe_home *home, const struct probe_request *request,
		const struct url *url, struct probe_reach *ret,
		char why[static REACH_WHY_MAX])
{
	bool file = url_place(url) == URL_FILE, elsewhere;
	AUTO_CLOSE int dirfd = -1;
	enum reach from;
	int r = 0;

	*ret = PROBE_REACH_HERE;
	ret->home = home;
	if (request->pid)
		dirfd = process_dir(&home->roots, request->pid);
	elsewhere = dirfd >= 0 && netns_differs(dirfd) == 1;
	from = elsewhere ? reach_from(url) : REACH_HERE;
	if (request->pid && dirfd < 0 && home->roots.proc >= 0) {
		/* Not from here instead: on our loopback is somebody else. */
		(void)text_copy(why, REACH_WHY_MAX, ENDED);
		return -ESRCH;
	}
	if (dirfd < 0 || (from == REACH_HERE && !file))
		return 0;
	if (from != REACH_NEVER)
		r = hold(home, request, ret);
	if (r == 0 && file)
		return find_socket(url, elsewhere, ret, why);
	if (r == 0 && from == REACH_THERE)
		r = visit(home, ret);
	if (r == 0 && from == REACH_THERE)
		return 0;
	reach_why(url, r, why);
	return r < 0 ? r : -EINVAL;
}

const char *probe_reach_meets(struct probe_reach *reach, int socket)
{
	if (reach->process.dirfd < 0)
		return NULL;
	if (process_check(&reach->process) != 0)
		return ENDED;
	if (socket >= 0 && endpoint_peer(&reach->home->roots, &reach->process,
					 peer_pid(socket)) == ENDPOINT_FOREIGN)
		return "the socket is another process's: not asked";
	return NULL;
}

void probe_reach_fini(struct probe_reach *reach)
{
	fs_close(&reach->visit.there);
	fs_close(&reach->socket.fd);
	process_fini(&reach->process);
	*reach = PROBE_REACH_HERE;
}
