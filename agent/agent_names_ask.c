/* Names that only runtimes know: `leakdog-fetch containers` asks them, one child at a
 * time with a deadline, so that a daemon that hangs keeps nobody waiting but its own
 * containers. */
#include "agent_parts.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "edge/log.h"

/* The child gives up each question after 2 s and has asked all by then. */
#define ASK_AT_MOST_MS 20000
/* A container that nobody knows yet is asked for after 1, 2, 4 ... s. */
#define AGAIN_MS 1000
#define AGAIN_MOST_MS 60000
/* In one child: the rest waits for the next. */
#define ASKED_MAX 64
/* `leakdog-fetch containers`: EXIT_NOT_PERMITTED of its commands. */
#define NAMING_DENIED 6
/* Who has got a name is looked for at once. */
#define NAMED_SCAN_MS 10
#define ANSWER_CAP (ASKED_MAX * (LABELS_MAX + 4096))

static bool has_socket(const struct agent *agent)
{
	return agent->conf->runtime.socket[0];
}

static bool is_due(const struct agent *agent, const struct named *named, int64_t now_ms)
{
	return now_ms >= named->ask_ms &&
	       named_waits_for_runtime(named, has_socket(agent));
}

/* Their ids, a line each. The number of them. */
static unsigned questions(struct agent *agent, int64_t now_ms, struct buf *to)
{
	struct names *names = &agent->naming.names;
	unsigned n = 0;

	for (size_t i = 0; i < names->n && n < ASKED_MAX; i++) {
		struct named *named = names->at[i];

		if (!is_due(agent, named, now_ms))
			continue;
		named->ask_ms = now_ms + MIN((int64_t)AGAIN_MS << named->asked,
					     (int64_t)AGAIN_MOST_MS);
		named->asked = MIN(named->asked + 1, 16U);
		buf_adds(to, named->facts.id);
		buf_addc(to, '\n');
		n++;
	}
	return n;
}

int containers_spawn(const char *fetch, const struct conf_runtime *runtime,
		     const struct buf *ids, struct child *ret)
{
	const char *argv[] = {"leakdog-fetch",
			      "containers",
			      "--docker",
			      runtime->docker,
			      "--podman",
			      runtime->podman,
			      runtime->socket[0] ? "--socket" : NULL,
			      runtime->socket,
			      NULL};
	const struct child_spec spec = {.path = fetch,
					.argv = argv,
					.input = ids->data,
					.input_len = ids->len,
					.output = true};

	return child_spawn(&spec, ret);
}

static int spawn(struct agent *agent, const struct buf *ids)
{
	struct naming *naming = &agent->naming;
	int r = containers_spawn(agent->options.fetch_path, &agent->conf->runtime, ids,
				 &naming->asking);

	if (r == 0)
		r = loop_add(&agent->loop, naming->asking.pidfd, EVENT_HELPER, naming);
	return r;
}

static void ask(struct agent *agent, int64_t now_ms)
{
	struct naming *naming = &agent->naming;
	AUTO_BUF struct buf ids;
	int r;

	buf_init(&ids, ASKED_MAX * (CONTAINER_ID_MAX + 1));
	if (!questions(agent, now_ms, &ids))
		return;
	r = spawn(agent, &ids);
	naming->asks = r == 0;
	naming->ask_until_ms = now_ms + ASK_AT_MOST_MS;
	if (r == 0)
		return;
	naming->ask_next_ms = now_ms + AGAIN_MOST_MS;
	log_warn("cannot start `leakdog-fetch containers`: %s; names of containers are "
		 "asked for again in a minute",
		 strerror(-r));
}

void naming_tick(struct agent *agent, int64_t now_ms)
{
	struct naming *naming = &agent->naming;

	if (naming->asks && now_ms >= naming->ask_until_ms)
		child_signal(&naming->asking, SIGKILL);
	if (!naming->asks && !agent->stopping && now_ms >= naming->ask_next_ms &&
	    naming->names.n)
		ask(agent, now_ms);
}

void naming_take(struct names *names, const struct buf *answers)
{
	struct span rest = {answers->data, answers->len};
	const char *end;

	while ((end = memmem(rest.at, rest.len, "\n\n", 2))) {
		struct span record = {rest.at, (size_t)(end + 2 - rest.at)};

		(void)!names_answer(names, record); /* no answer, then */
		rest = (struct span){record.at + record.len, rest.len - record.len};
	}
}

void naming_answered(struct agent *agent, int64_t now_ms)
{
	struct naming *naming = &agent->naming;
	uint64_t before = naming->names.answers;
	AUTO_BUF struct buf answers;
	int status = child_exit(&naming->asking);

	buf_init(&answers, ANSWER_CAP);
	if (status == -EAGAIN)
		return;
	if (child_output(&naming->asking, &answers) == 0)
		naming_take(&naming->names, &answers);
	/* Nothing that it may read tells any name: not for each container again. */
	naming->denied = status == NAMING_DENIED;
	if (naming->denied && !has_socket(agent))
		naming->ask_next_ms = now_ms + AGAIN_MOST_MS;
	else if (naming->names.answers != before)
		agent->scan_ms = MIN(agent->scan_ms, now_ms + NAMED_SCAN_MS);
	loop_remove(&agent->loop, naming->asking.pidfd);
	child_fini(&naming->asking);
	naming->asking = CHILD_NONE;
	naming->asks = false;
}

void naming_free(struct agent *agent)
{
	child_fini(&agent->naming.asking);
	names_fini(&agent->naming.names);
}
