/* A 200 proves nothing: routers answer every path with their front page. What pprof
 * serves begins in a known way, so the first bytes are held back until they have been
 * looked at. */
#include "edge/net/pprof.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

#define GZIP_MAGIC "\x1f\x8b"
#define HEAD_MAX 120 /* of a body that is none, for the reason in words */

/* How the body of an artifact begins (runtime/pprof of Go 1.19). The index page has many
 * forms: it is judged whole by core/index_page. */
static const char *const begins_table[ARTIFACT_N] = {
	[ARTIFACT_HEAP] = GZIP_MAGIC,          [ARTIFACT_HEAP_GC] = GZIP_MAGIC,
	[ARTIFACT_GOROUTINE] = GZIP_MAGIC,     [ARTIFACT_GOROUTINELEAK] = GZIP_MAGIC,
	[ARTIFACT_MEMSTATS] = "heap profile:", [ARTIFACT_GOROUTINE_TEXT] = "goroutine ",
};

struct body {
	const struct pprof_request *request;
	const struct http_reply *reply;
	const char *begins;
	char head[HEAD_MAX];
	size_t len;  /* of head */
	bool passed; /* the head is what it should be and went to the sink */
	bool foreign;
};

static const char *on_ready(void *arg, int socket)
{
	const struct pprof_request *request = ((struct body *)arg)->request;

	return request->ready ? request->ready(request->arg, socket) : NULL;
}

static size_t keep_head(struct body *body, const char *bytes, size_t len)
{
	size_t take = MIN(len, sizeof(body->head) - body->len);

	memcpy(body->head + body->len, bytes, take);
	body->len += take;
	return take;
}

/* An error's body is a message: its head is enough. */
static int take_message(struct body *body, const char *bytes, size_t len)
{
	(void)keep_head(body, bytes, len);
	return body->len == sizeof(body->head) ? HTTP_ENOUGH : 0;
}

static int on_body(void *arg, const void *bytes, size_t len)
{
	struct body *body = arg;
	size_t need = strlen(body->begins), took = 0;
	int r;

	if (body->reply->status != 200)
		return take_message(body, bytes, len);
	if (!body->passed) {
		took = keep_head(body, bytes, len);
		body->foreign =
			memcmp(body->head, body->begins, MIN(need, body->len)) != 0;
		if (body->foreign)
			return HTTP_ENOUGH;
		if (body->len < need)
			return 0;
		body->passed = true;
		r = body->request->sink(body->request->arg, body->head, body->len);
		if (r < 0 || took == len)
			return r;
	}
	return body->request->sink(body->request->arg, (const char *)bytes + took,
				   len - took);
}

/* "HTTP 404: Unknown profile", one line, escaped. */
static void tell_status(const struct body *body, char *why)
{
	const char *end = memchr(body->head, '\n', body->len);
	size_t len = end ? (size_t)(end - body->head) : body->len;
	struct buf text;

	buf_init(&text, HTTP_WHY_MAX - 1);
	buf_addf(&text, "HTTP %d", body->reply->status);
	if (body->reply->status / 100 == 3) {
		buf_adds(&text, ": redirects are not followed");
	} else if (len) {
		buf_adds(&text, ": ");
		text_show(&text, body->head, len, HTTP_WHY_MAX - 1 - text.len);
	}
	(void)text_copy(why, HTTP_WHY_MAX, text.data);
	buf_fini(&text);
}

static void tell_foreign(const struct body *body, char *why)
{
	size_t len = MIN(body->len, (size_t)40);
	struct buf text;

	buf_init(&text, HTTP_WHY_MAX - 1);
	if (body->len == 0) {
		buf_adds(&text, "HTTP 200, but nothing in it");
	} else {
		buf_adds(&text, "HTTP 200, but no pprof: it begins with \"");
		text_show(&text, body->head, len, HTTP_WHY_MAX - 2 - text.len);
		buf_addc(&text, '"');
	}
	(void)text_copy(why, HTTP_WHY_MAX, text.data);
	buf_fini(&text);
}

/* The transfer ended well; what was it? */
static enum answer judge_whole(const struct body *body, char *why)
{
	if (body->reply->status != 200) {
		tell_status(body, why);
		return body->reply->go_pprof ? ANSWER_PPROF_ERROR : ANSWER_HTTP_ERROR;
	}
	if (body->foreign || !body->passed) {
		tell_foreign(body, why);
		return ANSWER_FOREIGN;
	}
	if (body->request->artifact == ARTIFACT_GOROUTINE_TEXT &&
	    body->reply->bytes == PPROF_TEXT_CUT) {
		(void)snprintf(why, HTTP_WHY_MAX, "Go cuts this text at 64 MiB");
		return ANSWER_CUT;
	}
	return ANSWER_OK;
}

void pprof_get(struct http *http, const struct pprof_request *request, int stop_fd,
	       struct pprof_reply *ret)
{
	const char *begins = begins_table[request->artifact];
	struct http_reply reply;
	struct body body = {
		.request = request,
		.reply = &reply,
		.begins = begins ? begins : "",
	};
	struct http_request get = {
		.url = request->url.text,
		.socket = request->socket ? request->socket : request->url.socket,
		.endpoint = request->endpoint,
		.timeout_ms = request->timeout_ms,
		.max_bytes = request->max_bytes,
		.body = on_body,
		.ready = on_ready,
		.arg = &body,
	};

	http_get(http, &get, stop_fd, &reply);
	*ret = (struct pprof_reply){reply.answer, reply.status, reply.bytes, reply.ms,
				    ""};
	if (reply.answer == ANSWER_OK)
		ret->answer = judge_whole(&body, ret->why);
	else if (reply.answer == ANSWER_CAP)
		(void)snprintf(ret->why, sizeof(ret->why), "cut at max_bytes, %llu bytes",
			       (unsigned long long)request->max_bytes);
	else
		(void)text_copy(ret->why, sizeof(ret->why), reply.why);
}
