#include "commands/probing.h"

#include <string.h>

#include "commands/programs.h"
#include "edge/kernel/child.h"

/* The probe gives up an address after 2 s and has 32 in flight. */
#define TIMEOUT_MS 20000
#define ANSWER_CAP ((size_t)PROBE_LINE_MAX)

int probing_run(const struct buf *asked, struct buf *answers)
{
	const char *argv[] = {"leakdog-fetch", "probe", NULL};
	struct child child = CHILD_NONE;
	struct programs programs;
	int r = programs_find(&programs);

	if (r < 0)
		return r;
	r = child_spawn(&(struct child_spec){.path = programs.fetch,
					     .argv = argv,
					     .input = asked->data,
					     .input_len = asked->len,
					     .output = true},
			&child);
	if (r == 0)
		r = child_end(&child, TIMEOUT_MS);
	if (r >= 0)
		r = child_output(&child, answers);
	child_fini(&child);
	return r;
}

int probing_one(const struct probe_request *request, struct probe_reply *ret)
{
	struct probe_reply reply = {.kind = PROBE_FAILED, .why = "no answer"};
	AUTO_BUF struct buf asked, answers;
	struct span rest, line;
	int r;

	buf_init(&asked, PROBE_LINE_MAX);
	buf_init(&answers, ANSWER_CAP);
	r = probe_request_format(request, &asked);
	if (r == 0)
		r = probing_run(&asked, &answers);
	if (r < 0)
		return r;
	rest = (struct span){answers.data, answers.len};
	if (text_next(&rest, '\n', &line) && probe_reply_parse(line, &reply) < 0)
		(void)text_copy(reply.why, sizeof(reply.why), "no answer");
	*ret = reply;
	return 0;
}
