/* Names of containers for one look: what the agent learns bit by bit is had at once. */
#include "commands/naming_look.h"

#include <string.h>

#include "commands/commands.h"
#include "commands/programs.h"
#include "edge/fs.h"

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
