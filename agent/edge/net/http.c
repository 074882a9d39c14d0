/* The transfers, by libcurl's multi interface. */
#include "edge/net/http-parts.h"

#include <errno.h>
#include <string.h>

#include "lib/text.h"

struct http {
	CURLM *multi;
	size_t buffer;
	unsigned n;
	struct transfer slots[];
};

/* --- One transfer ---------------------------------------------------------- */

static void finish(struct transfer *t, enum answer answer, const char *why)
{
	struct http_reply *reply = TAKE(t->reply);
	AUTO_BUF struct buf text;

	buf_init(&text, sizeof(reply->why) - 1);
	text_show(&text, why, strlen(why), sizeof(reply->why) - 1);
	(void)text_copy(reply->why, sizeof(reply->why), text.data);
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	reply->answer = answer;
	reply->done = true;
}

static void begin(struct http *http, struct transfer *t)
{
	char fault[SECRET_FAULT_MAX];
	struct secret secret;
	CURLcode code;

	if (secret_read(t->request.endpoint, &secret, fault) < 0) {
		finish(t, ANSWER_LOCAL, fault);
		return;
	}
	curl_easy_reset(t->easy);
	code = transfer_law(t, http->buffer);
	code = code ? code : transfer_request(t);
	code = code ? code : transfer_secret(t, &secret);
	secret_wipe(&secret);
	if (code != CURLE_OK)
		finish(t, ANSWER_LOCAL, curl_easy_strerror(code));
	else if (curl_multi_add_handle(http->multi, t->easy) != CURLM_OK)
		finish(t, ANSWER_LOCAL, "no memory");
}

int http_start(struct http *http, const struct http_request *request,
	       struct http_reply *reply)
{
	for (unsigned i = 0; i < http->n; i++) {
		struct transfer *t = &http->slots[i];

		if (t->reply)
			continue;
		*reply = (struct http_reply){0};
		t->request = *request;
		t->reply = reply;
		t->refused = NULL;
		t->capped = false;
		t->local_fd = -1;
		t->error[0] = '\0';
		begin(http, t);
		return 0;
	}
	return -EBUSY;
}

static void end(struct http *http, struct transfer *t, CURLcode code)
{
	enum answer answer = transfer_judge(t, code);
	curl_off_t us = 0;
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->reply->ms = (uint64_t)us / 1000;
	t->reply->status = (int)status;
	(void)curl_multi_remove_handle(http->multi, t->easy);
	finish(t, answer, transfer_words(t, answer, code));
}

void http_stop(struct http *http, struct http_reply *reply)
{
	for (unsigned i = 0; i < http->n; i++) {
		struct transfer *t = &http->slots[i];

		if (t->reply != reply)
			continue;
		end(http, t, CURLE_OK);
		reply->answer = ANSWER_STOPPED;
		(void)text_copy(reply->why, sizeof(reply->why), "stopped in the middle");
	}
}

/* --- All of them ----------------------------------------------------------- */

static bool collect(struct http *http)
{
	struct CURLMsg *message;
	bool any = false;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct transfer *t = NULL;

		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
					(char **)&t);
		if (message->msg != CURLMSG_DONE || !t)
			continue;
		end(http, t, message->data.result);
		any = true;
	}
	return any;
}

int http_work(struct http *http, int fd, int timeout_ms)
{
	struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
	unsigned n = fd >= 0 ? 1 : 0;
	int running;

	if (curl_multi_perform(http->multi, &running) != CURLM_OK)
		return -ENOMEM; /* all that can fail there is memory */
	if (collect(http))
		return 0;
	if (curl_multi_poll(http->multi, &extra, n, timeout_ms, NULL) != CURLM_OK)
		return -ENOMEM;
	if (curl_multi_perform(http->multi, &running) != CURLM_OK)
		return -ENOMEM;
	(void)collect(http);
	return extra.revents ? HTTP_READABLE : 0;
}

void http_get(struct http *http, const struct http_request *request, int stop_fd,
	      struct http_reply *reply)
{
	int r = http_start(http, request, reply);

	while (r == 0 && !reply->done)
		r = http_work(http, stop_fd, 1000);
	if (r == 0 || reply->done)
		return;
	http_stop(http, reply);
	if (r == HTTP_READABLE)
		return;
	*reply = (struct http_reply){.done = true, .answer = ANSWER_LOCAL};
	(void)text_copy(reply->why, sizeof(reply->why), strerror(-r));
}

void http_free(struct http *http)
{
	if (!http)
		return;
	for (unsigned i = 0; i < http->n; i++) {
		if (http->slots[i].reply)
			http_stop(http, http->slots[i].reply);
		curl_easy_cleanup(http->slots[i].easy);
	}
	(void)curl_multi_cleanup(http->multi);
	free(http);
	curl_global_cleanup();
}

int http_new(unsigned slots, size_t buffer, struct http **ret)
{
	struct http *http = calloc(1, sizeof(*http) + slots * sizeof(*http->slots));
	bool made;

	if (!http)
		return -ENOMEM;
	http->buffer = buffer;
	made = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	http->multi = curl_multi_init();
	made = made && http->multi;
	for (; http->n < slots; http->n++) {
		struct transfer *t = &http->slots[http->n];

		t->easy = curl_easy_init();
		made = made && t->easy && transfer_law(t, buffer) == CURLE_OK;
	}
	if (!made) {
		http_free(http);
		return -ENOMEM;
	}
	*ret = http;
	return 0;
}
