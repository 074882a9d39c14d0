/* Where the target is asked from. One in a container has a loopback of its own: this
 * process goes into its network namespace before the first step and stays there, as it
 * ends after this one capture. Names the namespace by the descriptor that is held of this
 * very process, so that a number that was given to somebody else cannot lead astray. */
#include <errno.h>
#include <string.h>

#include "commands/taking.h"
#include "edge/fs.h"

/* Some address of the service is one that only exists in there. */
static bool wants_in(const struct taking *t)
{
	const char *fault;
	struct url url;

	for (int i = 0; i < ARTIFACT_N; i++) {
		if (artifact_table[i].path &&
		    t->job->capture.artifacts & UINT32_C(1) << i &&
		    url_artifact(&t->job->endpoint, i, &url, &fault) == 0 &&
		    reach_from(&url) == REACH_THERE)
			return true;
	}
	return false;
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
	t->elsewhere = t->process.dirfd >= 0 && netns_differs(t->process.dirfd) == 1;
	if (t->elsewhere && wants_in(t))
		t->entered = enter(t);
}

bool taking_reaches(const struct taking *t, const struct url *url,
		    char why[static REACH_WHY_MAX])
{
	enum reach from = t->elsewhere ? reach_from(url) : REACH_HERE;

	if (from == REACH_HERE || (from == REACH_THERE && t->entered == 0))
		return true;
	reach_why(url, from == REACH_THERE ? t->entered : 0, why);
	return false;
}
