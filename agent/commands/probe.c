/* leakdog-fetch probe: goroutine counts of all targets from their index pages, a
 * coprocess that reads and writes the lines of core/probe. Never a dump; one question at
 * a time to each target. Ends when its stdin does and the last answer is out.
 *
 * Requests wait in a list and get a slot when one is free. What timed out last time is
 * slow: slow ones share a few slots, so 40 hung targets cannot take all of them for two
 * seconds while 50 healthy ones wait. */
#include "commands/commands.h"
#include "commands/probe_reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/probe_metrics.h"
#include "core/index_page.h"
#include "core/probe.h"
#include "core/url.h"
#include "edge/fs.h"
#include "edge/net/http.h"

#define TIMEOUT_MS 2000 /* measured: an answer takes 0.2 to 3 ms */
#define IN_FLIGHT 32
#define SLOW_IN_FLIGHT 8 /* of these, for targets whose last answer timed out */
#define WAITING_MAX 4096
#define PAGE_MAX (64 * 1024) /* an index page has 2 to 4 KB */
#define SLOW_IDS 256

/* One question, waiting or in flight. */
struct task {
	struct task *next; /* in the order of arrival */
	struct probe_request request;
	struct url url;
	struct probe_reach reach; /* while it is in flight */
	struct buf page;
	struct measuring *measuring; /* owned; NULL: it is the index page */
	struct http_reply reply;
	bool in_flight, slow;
};

struct probe {
	struct http *http;
	struct probe_home home;
	struct task *first, **last;
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
	struct buf AUTO_BUF line;
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

static void judge_page(const struct task *task, struct probe_reply *ret)
{
	struct index_page page;
	int status = task->reply.status;

	if (status == 200 &&
	    index_page_parse((struct span){task->page.data, task->page.len}, &page) ==
		    0) {
		ret->kind = PROBE_COUNTED;
		ret->goroutines = page.goroutines;
		ret->threads = page.threads;
		return;
	}
	if (answer_is_foreign(status == 200 ? ANSWER_FOREIGN : ANSWER_HTTP_ERROR, status))
		ret->kind = PROBE_FOREIGN;
	(void)snprintf(ret->why, sizeof(ret->why),
		       status == 200 ? "HTTP %d, but no index page of pprof" : "HTTP %d",
		       status);
}

static void judge_reply(const struct task *task, struct probe_reply *ret)
{
	const struct http_reply *reply = &task->reply;

	*ret = (struct probe_reply){.id = task->request.id, .kind = PROBE_FAILED};
	if (task->measuring) {
		measuring_judge(task->measuring, reply, ret);
		return;
	}
	if (reply->answer == ANSWER_OK || reply->answer == ANSWER_CAP) {
		judge_page(task, ret);
		return;
	}
	if (reply->answer == ANSWER_FOREIGN)
		ret->kind = PROBE_FOREIGN;
	(void)text_copy(ret->why, sizeof(ret->why), reply->why);
}

/* --- Questions ------------------------------------------------------------- */

static int on_page(void *arg, const void *bytes, size_t len)
{
	struct task *task = arg;

	if (task->measuring) {
		metrics_page_add(&task->measuring->page, bytes, len);
		return 0;
	}
	buf_add(&task->page, bytes, len);
	return buf_error(&task->page);
}

static void task_free(struct task *task)
{
	probe_reach_fini(&task->reach);
	buf_fini(&task->page);
	free(task->measuring);
	free(task);
}

static bool is_known(const struct probe *p, uint64_t id)
{
	for (const struct task *task = p->first; task; task = task->next)
		if (task->request.id == id)
			return true;
	return false;
}

static int enqueue(struct probe *p, struct span line)
{
	struct task AUTO_FREE *task = calloc(1, sizeof(*task));
	const char *fault = NULL;
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
	if (url_artifact(&task->request.endpoint, ARTIFACT_INDEX, &task->url, &fault) < 0)
		return answer_failed(task->request.id, fault);
	r = measuring_new(&task->request, &task->measuring, &fault);
	if (r < 0)
		return r == -EINVAL ? answer_failed(task->request.id, fault) : r;
	task->reach = PROBE_REACH_HERE;
	buf_init(&task->page, PAGE_MAX);
	task->slow = slow_find(p, task->request.id, &at);
	*p->last = task;
	p->last = &task->next;
	p->waiting++;
	(void)TAKE(task);
	return 0;
}

/* Out of reach: answered as if it had been asked. */
static void refuse(struct task *task, const char *why)
{
	task->reply = (struct http_reply){.done = true, .answer = ANSWER_LOCAL};
	(void)text_copy(task->reply.why, sizeof(task->reply.why), why);
}

static const char *on_ready(void *arg, int socket)
{
	return probe_reach_meets(&((struct task *)arg)->reach, socket);
}

static void start(struct probe *p, struct task *task)
{
	struct http_request request = {
		.url = task->url.text,
		.socket = task->url.socket,
		.endpoint = &task->request.endpoint,
		.timeout_ms = TIMEOUT_MS,
		.max_bytes = task->measuring ? MEASURING_BYTES_MAX : PAGE_MAX,
		.body = on_page,
		.ready = on_ready,
		.arg = task,
	};
	char why[REACH_WHY_MAX];

	if (probe_reach(&p->home, &task->request, &task->url, &task->reach, why) < 0) {
		refuse(task, why);
	} else {
		request.visit = task->reach.visit.there >= 0 ? &task->reach.visit : NULL;
		if (task->reach.socket.fd >= 0)
			request.socket = task->reach.socket.path;
		if (http_start(p->http, &request, &task->reply) < 0) {
			probe_reach_fini(&task->reach);
			return; /* no slot: it goes on waiting */
		}
	}
	task->in_flight = true;
	p->waiting--;
	p->in_flight++;
	p->slow_in_flight += task->slow;
}

static void start_all(struct probe *p)
{
	for (struct task *task = p->first; task; task = task->next) {
		if (p->in_flight == IN_FLIGHT)
			return;
		if (!task->in_flight &&
		    (!task->slow || p->slow_in_flight < SLOW_IN_FLIGHT))
			start(p, task);
	}
}

static int answer_done(struct probe *p)
{
	struct task **at = &p->first;
	struct probe_reply reply;
	int r = 0;

	while (*at && r == 0) {
		struct task *task = *at;

		if (!task->in_flight || !task->reply.done) {
			at = &task->next;
			continue;
		}
		judge_reply(task, &reply);
		slow_note(p, task->request.id, task->reply.answer == ANSWER_TIMEOUT);
		*at = task->next;
		if (!*at)
			p->last = at;
		p->in_flight--;
		p->slow_in_flight -= task->slow;
		task_free(task);
		r = answer(&reply);
	}
	return r;
}

/* --- The loop -------------------------------------------------------------- */

static int take_lines(struct probe *p)
{
	struct buf AUTO_BUF rest_copy;
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
	struct probe AUTO_FREE *p = calloc(1, sizeof(*p));
	int r;

	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: leakdog-fetch probe\n");
		return EXIT_USAGE;
	}
	r = p ? http_new(IN_FLIGHT, 16 << 10, &p->http) : -ENOMEM;
	if (r == 0) {
		p->last = &p->first;
		buf_init(&p->input, PROBE_LINE_MAX + 4096);
		probe_home_open(&p->home);
		r = run(p);
		probe_home_close(&p->home);
		http_free(p->http);
		buf_fini(&p->input);
	}
	while (p && p->first) {
		struct task *next = p->first->next;

		task_free(p->first);
		p->first = next;
	}
	if (r < 0)
		fprintf(stderr, "leakdog-fetch: probe: %s\n", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
