/* How a transfer is asked for. What libcurl does not do by itself is done in callbacks:
 * it counts no body that has no length (7.88: MAXFILESIZE looks at Content-Length alone,
 * and pprof sends chunks), and it connects wherever a name leads. */
#include "edge/net/http-parts.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "edge/net/address.h"

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

static int make_socket(const struct transfer *t, const struct curl_sockaddr *to)
{
	int type = to->socktype | SOCK_CLOEXEC, fd;

	if (t->request.visit)
		return netns_socket(t->request.visit, to->family, type, to->protocol);
	fd = socket(to->family, type, to->protocol);
	return fd < 0 ? -errno : fd;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = arg;
	int fd;

	(void)purpose;
	if (address_is_link_local(&to->addr)) {
		t->refused = "the address is link-local, where no target lives";
		return CURL_SOCKET_BAD;
	}
	fd = make_socket(t, to);
	t->local_fd = to->family == AF_UNIX ? fd : -1;
	if (fd >= 0)
		return fd;
	if (t->request.visit)
		t->refused = fd == -EPERM ? "its network namespace takes CAP_SYS_ADMIN "
					    "to enter"
					  : "no socket in its network namespace";
	return CURL_SOCKET_BAD;
}

static int on_ready(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct transfer *t = arg;

	(void)ip, (void)local_ip, (void)port, (void)local_port;
	if (t->request.ready)
		t->refused = t->request.ready(t->request.arg, t->local_fd);
	return t->refused ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* --- Options --------------------------------------------------------------- */

/* The first option that fails wins; all of them exist in every libcurl that CMake
 * accepts, so a failure is one of memory. */
#define SET(option, value) (code = code ? code : curl_easy_setopt(t->easy, option, value))

/* Defaults that are ours too: no netrc, no HTTP/0.9, and no Accept-Encoding, so bytes are
 * stored as they come and no bomb goes off. */
CURLcode transfer_law(struct transfer *t, size_t buffer)
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

CURLcode transfer_secret(struct transfer *t, const struct secret *secret)
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

CURLcode transfer_request(struct transfer *t)
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
