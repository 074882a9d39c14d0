/* Where the target is asked from. One in a container has a loopback of its own: this
 * process goes into its network namespace before the first step and stays there, as it
 * ends after this one capture. Names the namespace by the descriptor that is held of this
 * very process, so that a number that was given to somebody else cannot lead astray. */
#include <errno.h>
#include <string.h>

#include "commands/taking.h"
#include "edge/fs.h"
#include "edge/kernel/endpoint_check.h"
#include "edge/netns.h"
#include "edge/peer.h"

/* The places of all addresses that this capture may ask, a bit for each. */
static uint32_t wanted(const struct taking *t)
{
	const char *fault;
	uint32_t places = 0;
	struct url url;

	for (int i = 0; i < ARTIFACT_N; i++) {
		if (artifact_table[i].path &&
		    t->job->capture.artifacts & UINT32_C(1) << i &&
		    url_artifact(&t->endpoint, i, &url, &fault) == 0)
			places |= UINT32_C(1) << url_place(&url);
	}
	if (url_is_auto(&t->endpoint)) /* found on loopback or not at all */
		places |= UINT32_C(1) << URL_LOOPBACK;
	return places;
}

/* Proved afterwards: the process that was held lives, so what was entered was its. */
static int enter(struct taking *t)
{
	AUTO_CLOSE int fd = netns_open(t->process.dirfd);
	int r = fd < 0 ? fd : netns_enter(fd);

	if (process_check(&t->process) != 0) {
		t->gone = true;
		return -ESRCH;
	}
	if (r < 0)
		return r;
	return netns_differs(t->process.dirfd) == 0 ? 0 : -EXDEV; /* it moved meanwhile */
}

void taking_enter(struct taking *t)
{
	const uint32_t inside = UINT32_C(1) << URL_LOOPBACK | UINT32_C(1) << URL_ABSTRACT;
	uint32_t places = wanted(t);

	if (t->process.dirfd < 0)
		return;
	t->elsewhere = netns_differs(t->process.dirfd) == 1;
	if (places & UINT32_C(1) << URL_FILE)
		t->root_error = reach_root(&t->process, t->elsewhere, &t->root_fd);
	if (t->elsewhere && places & inside) {
		t->entered = enter(t);
		t->inside = t->entered == 0;
	}
}

bool taking_reaches(const struct taking *t, const struct url *url,
		    struct reach_socket *ret, char why[static REACH_WHY_MAX])
{
	enum reach from = t->elsewhere ? reach_from(url) : REACH_HERE;

	*ret = REACH_SOCKET_NONE;
	if (from == REACH_NEVER || (from == REACH_THERE && t->entered < 0)) {
		reach_why(url, from == REACH_THERE ? t->entered : 0, why);
		return false;
	}
	if (url_place(url) != URL_FILE)
		return true;
	if (t->root_error < 0) {
		reach_why_root(t->root_error, why);
		return false;
	}
	return t->root_fd < 0 || reach_socket(t->root_fd, url, ret, why) == 0;
}

/* A listener that the target holds is the target's, whoever has begun to listen. */
const char *taking_meets(struct taking *t, int socket)
{
	enum endpoint_state peer;

	if (socket < 0 || t->owner == ENDPOINT_VERIFIED)
		return NULL;
	peer = endpoint_peer(&t->roots, &t->process, peer_pid(socket));
	t->owner = peer;
	t->result.foreign_endpoint = peer == ENDPOINT_FOREIGN;
	if (peer == ENDPOINT_FOREIGN)
		return "the socket is another process's, not the target's: not asked";
	if (peer != ENDPOINT_VERIFIED && t->job->only_verified)
		return "the socket is of several targets, and not proved to be this "
		       "one's: not asked";
	return NULL;
}
