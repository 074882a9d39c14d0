/* libcurl by its multi interface. What it does not do by itself is done in callbacks: it
 * counts no body that has no length (7.88: MAXFILESIZE looks at Content-Length alone, and
 * pprof sends chunks), and it connects wherever a name leads. */
#include "edge/net/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "edge/net/address.h"
#include "lib/text.h"

struct transfer {
	CURL *easy;
	struct http_request request;
	struct http_reply *reply; /* NULL: this slot is free */
	struct curl_slist *headers;
	const char *refused; /* by a callback of ours, in words; else NULL */
	bool capped;
	char error[CURL_ERROR_SIZE];
};

struct http {
	CURLM *multi;
	size_t buffer;
	unsigned n;
	struct transfer slots[];
};

/* --- Callbacks ------------------------------------------------------------- */

static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
	struct transfer *t = arg;
	struct http_reply *reply = t->reply;
	uint64_t room = t->request.max_bytes - reply->bytes;
	size_t take = MIN(len, (size_t)room);
	long status = 0;
	int r;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	reply->bytes += take;
	r = take ? t->request.body(t->request.arg, bytes, take) : 0;
	reply->enough = r == HTTP_ENOUGH;
	reply->error = r < 0 ? r : 0;
	t->capped = take < len;
	return r == 0 && !t->capped ? one * len : 0; /* one is 1 */
}

static size_t on_header(char *bytes, size_t one, size_t len, void *arg)
{
	static const char name[] = "X-Go-Pprof:";
	struct transfer *t = arg;

	if (len >= sizeof(name) - 1 && strncasecmp(bytes, name, sizeof(name) - 1) == 0)
		t->reply->go_pprof = true;
	return one * len;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = arg;

	(void)purpose;
	if (address_is_link_local(&to->addr)) {
		t->refused = "the address is link-local, where no target lives";
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int on_ready(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct transfer *t = arg;

	(void)ip, (void)local_ip, (void)port, (void)local_port;
	if (!t->request.ready || t->request.ready(t->request.arg))
		return CURL_PREREQFUNC_OK;
	t->refused = "it ended before it was asked";
	return CURL_PREREQFUNC_ABORT;
}

/* --- One transfer ---------------------------------------------------------- */

/* The first option that fails wins; all of them exist in every libcurl that CMake
 * accepts, so a failure is one of memory. */
#define SET(option, value) (code = code ? code : curl_easy_setopt(t->easy, option, value))

/* Defaults that are ours too: no netrc, no HTTP/0.9, and no Accept-Encoding, so bytes are
 * stored as they come and no bomb goes off. */
static CURLcode set_law(struct transfer *t, size_t buffer)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, ""); /* http_proxy would take 127.0.0.1 with it */
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs holds up nobody */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	SET(CURLOPT_BUFFERSIZE, (long)buffer);
	SET(CURLOPT_USERAGENT, "leakdog/" LEAKDOG_VERSION);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_PREREQFUNCTION, on_ready);
	SET(CURLOPT_PREREQDATA, t);
	return code;
}

static CURLcode set_secret(struct transfer *t, const struct secret *secret)
{
	CURLcode code = CURLE_OK;
	struct curl_slist *longer;

	if (secret->basic) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERPWD, secret->text);
	} else if (secret->bearer) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		SET(CURLOPT_XOAUTH2_BEARER, secret->text);
	}
	for (size_t at = 0; at < secret->headers_len;
	     at += strlen(secret->headers + at) + 1) {
		longer = curl_slist_append(t->headers, secret->headers + at);
		if (!longer)
			return CURLE_OUT_OF_MEMORY;
		t->headers = longer;
	}
	SET(CURLOPT_HTTPHEADER, t->headers);
	return code;
}

static CURLcode set_request(struct transfer *t)
{
	const struct http_request *request = &t->request;
	const char *socket = request->socket;
	CURLcode code = CURLE_OK;

	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	if (socket[0] == '@')
		SET(CURLOPT_ABSTRACT_UNIX_SOCKET, socket + 1);
	else if (socket[0])
		SET(CURLOPT_UNIX_SOCKET_PATH, socket);
	if (request->endpoint->ca_file[0]) {
		SET(CURLOPT_CAINFO, request->endpoint->ca_file);
		SET(CURLOPT_CAPATH, NULL); /* this authority and no other */
	}
	return code;
}

static void finish(struct transfer *t, enum answer answer, const char *why)
{
	struct http_reply *reply = TAKE(t->reply);
	struct buf AUTO_BUF text;

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
	code = set_law(t, http->buffer);
	code = code ? code : set_request(t);
	code = code ? code : set_secret(t, &secret);
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
		t->error[0] = '\0';
		begin(http, t);
		return 0;
	}
	return -EBUSY;
}

/* --- How it ended ---------------------------------------------------------- */

static bool was_asked(CURL *easy)
{
	curl_off_t asked_us = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &asked_us);
	return asked_us > 0;
}

static enum answer judge_write_error(const struct transfer *t)
{
	if (t->reply->enough)
		return ANSWER_OK;
	if (t->reply->error < 0)
		return ANSWER_DISK;
	return t->capped ? ANSWER_CAP : ANSWER_LOCAL;
}

static enum answer judge_end(const struct transfer *t, CURLcode code)
{
	switch ((int)code) {
	case CURLE_OK:
		return ANSWER_OK;
	case CURLE_WRITE_ERROR:
		return judge_write_error(t);
	case CURLE_OPERATION_TIMEDOUT:
		return was_asked(t->easy) ? ANSWER_TIMEOUT : ANSWER_REFUSED;
	case CURLE_ABORTED_BY_CALLBACK:
		return ANSWER_STOPPED;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return ANSWER_REFUSED;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return ANSWER_TLS;
	case CURLE_UNSUPPORTED_PROTOCOL: /* an answer without a status line */
	case CURLE_WEIRD_SERVER_REPLY:
		return was_asked(t->easy) ? ANSWER_FOREIGN : ANSWER_LOCAL;
	case CURLE_URL_MALFORMAT:
		return ANSWER_LOCAL;
	default:
		return was_asked(t->easy) ? ANSWER_BROKEN : ANSWER_REFUSED;
	}
}

static const char *words(const struct transfer *t, enum answer answer, CURLcode code)
{
	if (answer == ANSWER_OK)
		return "";
	if (t->refused)
		return t->refused;
	if (answer == ANSWER_DISK)
		return strerror(-t->reply->error);
	return t->error[0] ? t->error : curl_easy_strerror(code);
}

static void end(struct http *http, struct transfer *t, CURLcode code)
{
	enum answer answer = judge_end(t, code);
	curl_off_t us = 0;
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->reply->ms = (uint64_t)us / 1000;
	t->reply->status = (int)status;
	(void)curl_multi_remove_handle(http->multi, t->easy);
	finish(t, answer, words(t, answer, code));
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
		made = made && t->easy && set_law(t, buffer) == CURLE_OK;
	}
	if (!made) {
		http_free(http);
		return -ENOMEM;
	}
	*ret = http;
	return 0;
}
