/* When the machine has no memory left, each page of a library that is touched for the
 * first time is one to be read from a disk that everybody waits for. A request that
 * nobody answers would miss all that an answer needs: parsing, checking, hashing. */
#include "commands/rehearsal.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "edge/disk/digest.h"
#include "edge/fs.h"
#include "edge/warm.h"

#define NAME_MAX_TEXT 16
#define BODY_MAX 4096
#define ROUNDS 16 /* of waiting, 1 s each at most */

struct rehearsal {
	struct taking *t;
	struct digest *digest;
	struct buf answer;
	int server; /* listens */
	char name[NAME_MAX_TEXT];
};

/* An abstract name of the kernel's choice: nobody else is on it. */
static int listen_here(char name[static NAME_MAX_TEXT])
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(at.sun_family);
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 1) < 0)
		return -1;
	len = sizeof(at);
	if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		return -1;
	(void)snprintf(name, NAME_MAX_TEXT, "@%.*s",
		       (int)(len - offsetof(struct sockaddr_un, sun_path) - 1),
		       at.sun_path + 1);
	return TAKE_FD(fd);
}

static int add_body(void *arg, const void *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return buf_error(arg);
}

/* As pprof answers: compressed, in chunks. */
static int make_answer(struct rehearsal *r)
{
	AUTO_BUF struct buf body;
	char text[BODY_MAX];
	int error;

	buf_init(&body, 2 * BODY_MAX);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * i >> 7);
	gzip_begin(r->t->gzip, add_body, &body);
	error = gzip_add(r->t->gzip, text, sizeof(text));
	if (error == 0)
		error = gzip_end(r->t->gzip);
	buf_addf(&r->answer,
		 "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n%zx\r\n",
		 body.len);
	buf_add(&r->answer, body.data, body.len);
	buf_adds(&r->answer, "\r\n0\r\n\r\n");
	return error < 0 ? error : buf_error(&r->answer);
}

static void serve(const struct rehearsal *r)
{
	AUTO_CLOSE int fd = accept4(r->server, NULL, NULL, SOCK_CLOEXEC);
	char request[1024];

	if (fd < 0)
		return;
	(void)!recv(fd, request, sizeof(request), MSG_DONTWAIT);
	(void)!send(fd, r->answer.data, r->answer.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)shutdown(fd, SHUT_WR);
}

static int on_body(void *arg, const void *bytes, size_t len)
{
	struct rehearsal *r = arg;

	gzip_check_add(r->t->check, bytes, len);
	digest_add(r->digest, bytes, len);
	return 0;
}

static void ask(struct rehearsal *r)
{
	static const struct endpoint nobody;
	const struct http_request request = {
		.url = "http://localhost/",
		.socket = r->name,
		.endpoint = &nobody,
		.timeout_ms = 5000,
		.max_bytes = 2 * BODY_MAX,
		.body = on_body,
		.arg = r,
	};
	struct http_reply reply = {0};
	int done = http_start(r->t->http, &request, &reply);

	gzip_check_begin(r->t->check);
	for (int i = 0; done >= 0 && !reply.done && i < ROUNDS; i++) {
		done = http_work(r->t->http, r->server, 1000);
		if (done == HTTP_READABLE)
			serve(r);
	}
	if (!reply.done)
		http_stop(r->t->http, &reply);
	(void)gzip_check_whole(r->t->check);
}

static void play(struct taking *t)
{
	struct rehearsal r = {.t = t, .digest = digest_new()};
	char sum[SHA256_TEXT_MAX];

	buf_init(&r.answer, 4 * BODY_MAX);
	r.server = listen_here(r.name);
	if (r.digest && r.server >= 0 && make_answer(&r) == 0) {
		ask(&r);
		digest_end(r.digest, sum);
	}
	fs_close(&r.server);
	buf_fini(&r.answer);
	digest_free(r.digest);
}

/* The first time much is set up that is never asked for again. */
void rehearse(struct taking *t)
{
	play(t);
	warm_forget();
	play(t);
	warm_program();
}
