/* Where the agent has not learned it yet, as with a base of a process that was just met,
 * this process asks by itself: index pages, one after the other, each at a port that only
 * the target has. */
#include <stdio.h>
#include <string.h>

#include "commands/taking.h"
#include "core/index_page.h"

#define PAGE_MAX (256 << 10)
#define PAGE_MS 2000 /* measured: an answer takes 0.2 to 3 ms */

static int on_page(void *arg, const void *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return buf_error(arg);
}

static bool serves_pprof(const struct taking *t, const struct url *url)
{
	AUTO_BUF struct buf page;
	const struct http_request request = {
		.url = url->text,
		.socket = "",
		.endpoint = &t->endpoint,
		.timeout_ms = PAGE_MS,
		.max_bytes = PAGE_MAX,
		.body = on_page,
		.arg = &page,
	};
	struct index_page counts;
	struct http_reply reply;

	buf_init(&page, PAGE_MAX);
	http_get(t->http, &request, t->stop_fd, &reply);
	return reply.answer == ANSWER_OK && reply.status == 200 &&
	       index_page_parse((struct span){page.data, page.len}, &counts) == 0;
}

static bool try(struct taking *t, const char *address)
{
	const char *fault;
	struct url url;

	(void)text_copy(t->endpoint.url, sizeof(t->endpoint.url), address);
	return url_artifact(&t->endpoint, ARTIFACT_INDEX, &url, &fault) == 0 &&
	       process_check(&t->process) == 0 && serves_pprof(t, &url);
}

void taking_find_ports(struct taking *t)
{
	int r;

	if (!url_is_auto(&t->endpoint) || t->process.dirfd < 0)
		return;
	t->plan.http_closed = t->closed;
	if (t->elsewhere && t->entered < 0) {
		reach_why(NULL, t->entered, t->closed);
		return;
	}
	r = auto_find(&t->process, &t->ports);
	(void)text_copy(t->closed, sizeof(t->closed), auto_why(r));
}

/* Nobody else listens there: the ports were chosen so. */
static void settle(struct taking *t)
{
	const char *fault;

	t->plan.http_closed = NULL;
	t->closed[0] = '\0';
	if (url_artifact(&t->endpoint, ARTIFACT_HEAP, &t->checked, &fault) == 0)
		t->owner = ENDPOINT_VERIFIED;
}

void taking_find(struct taking *t)
{
	for (size_t i = 0; i < t->ports.n; i++) {
		if (try(t, t->ports.url[i])) {
			settle(t);
			return;
		}
	}
	if (t->ports.n)
		(void)snprintf(t->closed, sizeof(t->closed),
			       "auto: none of its %zu ports on loopback serves pprof",
			       t->ports.n);
}
