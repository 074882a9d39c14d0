/* Names of containers for one look: what the agent learns bit by bit is had at once. */
#include "commands/naming_look.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "commands/commands.h"
#include "commands/programs.h"
#include "edge/fs.h"
#include "edge/peer.h"

/* A daemon that hangs is given up after 2 s; many containers take longer. */
#define TIMEOUT_MS 20000
#define ANSWER_CAP (16u << 20)

static void questions(const struct names *names, bool socket, struct buf *to)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!named_waits_for_runtime(names->at[i], socket))
			continue;
		buf_adds(to, names->at[i]->facts.id);
		buf_addc(to, '\n');
	}
}

static int ask(const struct conf_runtime *runtime, const struct buf *ids,
	       struct buf *answers)
{
	struct child child = CHILD_NONE;
	struct programs programs;
	int r = programs_find(&programs);

	if (r == 0)
		r = containers_spawn(programs.fetch, runtime, ids, &child);
	if (r == 0)
		r = child_end(&child, TIMEOUT_MS);
	if (r >= 0)
		(void)!child_output(&child, answers); /* what there is */
	child_fini(&child);
	return r;
}

int naming_look(const struct roots *roots, const struct conf_runtime *runtime,
		struct naming *naming)
{
	AUTO_BUF struct buf ids, answers;
	int fd[2], r = 0;

	logs_open(roots, runtime->logs, fd);
	logs_learn(fd, &naming->names);
	naming->no_logs = fd[0] < 0;
	fs_close(&fd[0]);
	fs_close(&fd[1]);
	buf_init(&ids, NAMES_MAX * (CONTAINER_ID_MAX + 1));
	buf_init(&answers, ANSWER_CAP);
	questions(&naming->names, runtime->socket[0], &ids);
	if (ids.len)
		r = ask(runtime, &ids, &answers);
	naming_take(&naming->names, &answers);
	naming->denied = r == EXIT_NOT_PERMITTED;
	return MIN(r, 0);
}

/* "shop/order-0/api", or "shop" of one that is in no pod. */
static void add_name(const struct container_facts *facts, bool in_pod, struct buf *to)
{
	if (to->len)
		buf_adds(to, ", ");
	if (in_pod)
		buf_addf(to, "%s/%s/", facts->namespace, facts->pod);
	buf_adds(to, facts->name);
}

void naming_around(const struct naming *naming, char *const selector[SELECTOR_N],
		   struct buf *to)
{
	bool pods = selector[SELECTOR_POD] || selector[SELECTOR_POD_NAMESPACE] ||
		    selector[SELECTOR_POD_CONTAINER];

	for (size_t i = 0; i < naming->names.n; i++) {
		const struct container_facts *facts = &naming->names.at[i]->facts;

		if (facts->name[0] && pods == (facts->pod[0] != '\0'))
			add_name(facts, pods, to);
	}
}
