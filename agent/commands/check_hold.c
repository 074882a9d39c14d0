/* Whether the limit of a process could be raised from here: asked by trying. */
#include <errno.h>
#include <string.h>

#include "commands/check_look.h"
#include "edge/kernel/ceiling.h"

void check_hold_note(const struct look *look, const struct conf_service *conf,
		     struct check_notes *notes)
{
	struct ceilings ceilings = {0};
	int r;

	if (!conf_raises(&conf->hold.limit))
		return;
	if (!look->domain) {
		check_note(notes, "hold",
			   "it has no memory cgroup of its own: nothing "
			   "can be raised");
		return;
	}
	r = ceilings_open(look->roots, &look->process, &ceilings);
	if (r == 0)
		r = ceilings_writable(&ceilings);
	if (r < 0)
		check_note(notes, "hold",
			   "its limit cannot be written: %s; needs root and a cgroup "
			   "file system that may be written (leakdog-hold.conf)",
			   strerror(-r));
	ceilings_fini(&ceilings);
}
