/* Between standing in a container and reading what it answers. Whoever takes this process
 * over by its answers finds no capability in it: all that takes one is done here, first.
 * That costs a race for memory a few milliseconds, for targets in containers alone; the
 * table that takes long (smaps_rollup, 44 ms at 4 GB) is only opened. */
#include <stdio.h>
#include <string.h>

#include "commands/taking.h"
#include "edge/fs.h"
#include "edge/kernel/endpoint_check.h"
#include "edge/kernel/shed.h"
#include "edge/warm.h"

static void read_early(struct taking *t, enum artifact artifact)
{
	struct taking_early *early = &t->early[artifact];

	if (!plan_comes(&t->plan, artifact))
		return;
	buf_init(&early->text, TABLE_MAX);
	early->result = taking_table(t, artifact, &early->text);
	early->have = true;
}

/* That of its address; another one of a single artifact is asked unverified. */
static void look_up_owner(struct taking *t)
{
	const char *fault;
	struct url url;

	if (!t->ports.n && url_artifact(&t->endpoint, ARTIFACT_HEAP, &url, &fault) == 0 &&
	    url_place(&url) != URL_FILE)
		(void)taking_owner(t, &url, false);
}

void taking_shed(struct taking *t)
{
	if (t->gone || (!t->inside && t->root_fd < 0 && !t->handed))
		return;
	if (plan_comes(&t->plan, ARTIFACT_KERNEL))
		taking_evidence(t);
	read_early(t, ARTIFACT_SOCKETS);
	read_early(t, ARTIFACT_FDS);
	read_early(t, ARTIFACT_GOENV);
	if (plan_comes(&t->plan, ARTIFACT_SMAPS))
		t->smaps_fd = fs_open_at(t->process.dirfd, "smaps_rollup");
	look_up_owner(t);
	warm_let_go();
	if (shed_all(t->filing.archive.fd) == 0)
		return;
	t->ports.n = 0;
	(void)text_copy(t->closed, sizeof(t->closed),
			"the capabilities that led there could not be given up");
	t->plan.http_closed = t->closed;
}

void taking_early_fini(struct taking *t)
{
	for (size_t i = 0; i < ARTIFACT_N; i++) {
		if (t->early[i].have)
			buf_fini(&t->early[i].text);
	}
	fs_close(&t->smaps_fd);
}
