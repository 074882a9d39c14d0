#include "commands/probe_task.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/index_page.h"
#include "core/url.h"

/* --- To whom ---------------------------------------------------------------- */

static bool is_auto(const struct endpoint *endpoint)
{
	return !endpoint->urls[ARTIFACT_INDEX][0] && url_is_auto(endpoint);
}

/* The next place to try; the whole endpoint is its copy, as secrets go there, too. */
static int take_place(struct probe_task *task)
{
	struct endpoint *endpoint = &task->request.endpoint;
	const char *fault;

	(void)text_copy(endpoint->url, sizeof(endpoint->url), task->found->url[task->at]);
	return url_artifact(endpoint, ARTIFACT_INDEX, &task->url, &fault);
}

static int find_auto(const struct probe_home *home, struct probe_task *task,
		     char why[static REACH_WHY_MAX])
{
	int r;

	task->found = malloc(sizeof(*task->found));
	if (!task->found)
		return -ENOMEM;
	r = probe_auto(home, &task->request, task->found, why);
	return r < 0 ? r : take_place(task);
}

int probe_task_init(struct probe_task *task, const struct probe_home *home,
		    char why[static REACH_WHY_MAX])
{
	const char *fault = "no memory";
	int r;

	task->reach = PROBE_REACH_HERE;
	buf_init(&task->page, PROBE_PAGE_MAX);
	if (is_auto(&task->request.endpoint))
		return find_auto(home, task, why);
	r = url_artifact(&task->request.endpoint, ARTIFACT_INDEX, &task->url, &fault);
	if (r == 0)
		r = measuring_new(&task->request, &task->measuring, &fault);
	if (r < 0)
		(void)text_copy(why, REACH_WHY_MAX, fault);
	return r;
}

void probe_task_free(struct probe_task *task)
{
	probe_reach_fini(&task->reach);
	free(task->found);
	free(task->measuring);
	buf_fini(&task->page);
	free(task);
}

bool probe_task_goes_on(struct probe_task *task, const struct probe_reply *reply)
{
	if (!task->found || reply->kind == PROBE_COUNTED ||
	    ++task->at == task->found->n || take_place(task) < 0)
		return false;
	probe_reach_fini(&task->reach);
	buf_clear(&task->page);
	task->in_flight = task->reply.done = false;
	return true;
}

/* --- Asking ----------------------------------------------------------------- */

static int on_page(void *arg, const void *bytes, size_t len)
{
	struct probe_task *task = arg;

	if (task->measuring) {
		metrics_page_add(&task->measuring->page, bytes, len);
		return 0;
	}
	buf_add(&task->page, bytes, len);
	return buf_error(&task->page);
}

static const char *on_ready(void *arg, int socket)
{
	return probe_reach_meets(&((struct probe_task *)arg)->reach, socket);
}

bool probe_task_ask(struct probe_task *task, const struct probe_home *home,
		    struct http_request *ret)
{
	struct probe_reach *reach = &task->reach;
	char why[REACH_WHY_MAX];

	*ret = (struct http_request){
		.url = task->url.text,
		.socket = task->url.socket,
		.endpoint = &task->request.endpoint,
		.timeout_ms = PROBE_TIMEOUT_MS,
		.max_bytes = task->measuring ? MEASURING_BYTES_MAX : PROBE_PAGE_MAX,
		.body = on_page,
		.ready = on_ready,
		.arg = task,
	};
	if (probe_reach(home, &task->request, &task->url, reach, why) < 0) {
		task->reply = (struct http_reply){.done = true, .answer = ANSWER_LOCAL};
		(void)text_copy(task->reply.why, sizeof(task->reply.why), why);
		return false;
	}
	if (reach->visit.there >= 0)
		ret->visit = &reach->visit;
	if (reach->socket.fd >= 0)
		ret->socket = reach->socket.path;
	return true;
}

/* --- The answer ------------------------------------------------------------- */

static void judge_page(const struct probe_task *task, struct probe_reply *ret)
{
	struct index_page page;
	int status = task->reply.status;

	if (task->found)
		(void)text_copy(ret->url, sizeof(ret->url), task->found->url[task->at]);
	if (status == 200 &&
	    index_page_parse((struct span){task->page.data, task->page.len}, &page) ==
		    0) {
		ret->kind = PROBE_COUNTED;
		ret->goroutines = page.goroutines;
		ret->threads = page.threads;
		ret->places = page.places;
		return;
	}
	if (answer_is_foreign(status == 200 ? ANSWER_FOREIGN : ANSWER_HTTP_ERROR, status))
		ret->kind = PROBE_FOREIGN;
	(void)snprintf(ret->why, sizeof(ret->why),
		       status == 200 ? "HTTP %d, but no index page of pprof" : "HTTP %d",
		       status);
}

static void judge_one(const struct probe_task *task, struct probe_reply *ret)
{
	const struct http_reply *reply = &task->reply;

	*ret = (struct probe_reply){.id = task->request.id, .kind = PROBE_FAILED};
	if (reply->answer == ANSWER_REFUSED)
		ret->kind = PROBE_GONE;
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

void probe_task_judge(const struct probe_task *task, struct probe_reply *ret)
{
	judge_one(task, ret);
	if (!task->found || ret->kind == PROBE_COUNTED || task->at + 1 < task->found->n)
		return;
	ret->kind = PROBE_FOREIGN;
	(void)snprintf(ret->why, sizeof(ret->why),
		       "auto: none of its %zu ports on loopback serves pprof",
		       task->found->n);
}
