/* leakdog-fetch probe: goroutine counts of all targets from their index pages, a
 * coprocess that reads and writes the lines of core/probe. Never a dump; one question at
 * a time to each target. Ends when its stdin does and the last answer is out.
 *
 * Requests wait in a list and get a slot when one is free. What timed out last time is
 * slow: slow ones share a few slots, so 40 hung targets cannot take all of them for two
 * seconds while 50 healthy ones wait. */
#include "commands/commands.h"
#include "commands/probe_task.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/probe.h"
#include "edge/fs.h"
#include "edge/net/http.h"
#include "edge/warm.h"

#define IN_FLIGHT 32
#define SLOW_IN_FLIGHT 8 /* of these, for targets whose last answer timed out */
#define WAITING_MAX 4096
#define SLOW_IDS 256

struct probe {
	struct http *http;
	struct probe_home home;
	struct probe_task *first, **last;
	size_t waiting, in_flight, slow_in_flight;
	uint64_t slow[SLOW_IDS]; /* ids whose last answer timed out; id + 1, 0: free */
	size_t slow_at;
	struct buf input; /* a line that is not whole yet */
	bool ended;       /* stdin did */
};

/* --- Who is slow ----------------------------------------------------------- */

static bool slow_find(const struct probe *p, uint64_t id, size_t *ret_at)
{
	for (size_t i = 0; i < SLOW_IDS; i++) {
		if (p->slow[i] != id + 1)
			continue;
		*ret_at = i;
		return true;
	}
	return false;
}

static void slow_note(struct probe *p, uint64_t id, bool slow)
{
	size_t at;
	bool known = slow_find(p, id, &at);

	if (known && !slow)
		p->slow[at] = 0;
	if (!known && slow)
		p->slow[p->slow_at++ % SLOW_IDS] = id + 1; /* the oldest is forgotten */
}

/* --- Answers --------------------------------------------------------------- */

static int answer(const struct probe_reply *reply)
{
	AUTO_BUF struct buf line;
	int r;

	buf_init(&line, PROBE_LINE_MAX);
	r = probe_reply_format(reply, &line);
	return r < 0 ? r : fs_write_all(STDOUT_FILENO, line.data, line.len);
}

static int answer_failed(uint64_t id, const char *why)
{
	struct probe_reply reply = {.id = id, .kind = PROBE_FAILED};

	(void)text_copy(reply.why, sizeof(reply.why), why);
	return answer(&reply);
}

/* --- Questions ------------------------------------------------------------- */

static bool is_known(const struct probe *p, uint64_t id)
{
	for (const struct probe_task *task = p->first; task; task = task->next)
		if (task->request.id == id)
			return true;
	return false;
}

static int enqueue(struct probe *p, struct span line)
{
	AUTO_FREE struct probe_task *task = calloc(1, sizeof(*task));
	char why[REACH_WHY_MAX] = "no memory";
	size_t at;
	int r;

	if (!task)
		return -ENOMEM;
	r = probe_request_parse(line, &task->request);
	if (r < 0) {
		fprintf(stderr, "leakdog-fetch: probe: a line is no request: %s\n",
			strerror(-r));
		return 0; /* there is no id to answer to */
	}
	if (is_known(p, task->request.id))
		return answer_failed(task->request.id,
				     "the last answer is still awaited");
	if (p->waiting == WAITING_MAX)
		return answer_failed(task->request.id, "too many requests are waiting");
	if (probe_task_init(task, &p->home, why) < 0) {
		r = answer_failed(task->request.id, why);
		probe_task_free(TAKE(task));
		return r;
	}
	task->slow = slow_find(p, task->request.id, &at);
	*p->last = task;
	p->last = &task->next;
	p->waiting++;
	(void)TAKE(task);
	return 0;
}

static void start(struct probe *p, struct probe_task *task)
{
	struct http_request request;

	if (probe_task_ask(task, &p->home, &request) &&
	    http_start(p->http, &request, &task->reply) < 0) {
		probe_reach_fini(&task->reach);
		return; /* no slot: it goes on waiting */
	}
	task->in_flight = true;
	p->waiting--;
	p->in_flight++;
	p->slow_in_flight += task->slow;
}

static void start_all(struct probe *p)
{
	for (struct probe_task *task = p->first; task; task = task->next) {
		if (p->in_flight == IN_FLIGHT)
			return;
		if (!task->in_flight &&
		    (!task->slow || p->slow_in_flight < SLOW_IN_FLIGHT))
			start(p, task);
	}
}

static int answer_done(struct probe *p)
{
	struct probe_task **at = &p->first;
	struct probe_reply reply;
	int r = 0;

	while (*at && r == 0) {
		struct probe_task *task = *at;

		if (!task->in_flight || !task->reply.done) {
			at = &task->next;
			continue;
		}
		probe_task_judge(task, &reply);
		p->in_flight--;
		p->slow_in_flight -= task->slow;
		if (probe_task_goes_on(task, &reply)) {
			p->waiting++;
			continue;
		}
		slow_note(p, task->request.id, task->reply.answer == ANSWER_TIMEOUT);
		*at = task->next;
		if (!*at)
			p->last = at;
		probe_task_free(task);
		r = answer(&reply);
	}
	return r;
}

/* --- The loop -------------------------------------------------------------- */

static int take_lines(struct probe *p)
{
	AUTO_BUF struct buf rest_copy;
	struct span rest = {p->input.data, p->input.len}, line;
	int r = 0;

	while (r == 0 && memchr(rest.at, '\n', rest.len) && text_next(&rest, '\n', &line))
		r = enqueue(p, line);
	buf_init(&rest_copy, PROBE_LINE_MAX);
	buf_add(&rest_copy, rest.at, rest.len);
	buf_clear(&p->input);
	buf_add(&p->input, rest_copy.data, rest_copy.len);
	return r < 0 ? r : buf_error(&rest_copy);
}

static int read_input(struct probe *p)
{
	char bytes[4096];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	p->ended = got == 0;
	buf_add(&p->input, bytes, (size_t)got);
	return buf_error(&p->input) < 0 ? -EMSGSIZE : take_lines(p);
}

static int run(struct probe *p)
{
	int r = 0;

	while (r == 0 && (!p->ended || p->first)) {
		start_all(p);
		r = answer_done(p); /* of those that could not even begin */
		if (r < 0)
			return r;
		r = http_work(p->http, p->ended ? -1 : STDIN_FILENO, 1000);
		if (r == HTTP_READABLE)
			r = read_input(p);
		if (r == 0)
			r = answer_done(p);
	}
	return r;
}

int cmd_probe(int argc, char **argv)
{
	AUTO_FREE struct probe *p = calloc(1, sizeof(*p));
	int r;

	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: leakdog-fetch probe\n");
		return EXIT_USAGE;
	}
	r = p ? http_new(IN_FLIGHT, 16 << 10, &p->http) : -ENOMEM;
	if (r == 0) {
		warm_forget();
		p->last = &p->first;
		buf_init(&p->input, PROBE_LINE_MAX + 4096);
		probe_home_open(&p->home);
		r = run(p);
		probe_home_close(&p->home);
		http_free(p->http);
		buf_fini(&p->input);
	}
	while (p && p->first) {
		struct probe_task *next = p->first->next;

		probe_task_free(p->first);
		p->first = next;
	}
	if (r < 0)
		fprintf(stderr, "leakdog-fetch: probe: %s\n", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
