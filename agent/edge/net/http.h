#pragma once
/* A careful GET: to one address, no redirect, no proxy, no decoding, no reused
 * connection, every limit counted here. Only http*.c know libcurl; one transfer and many
 * at once are the same code.
 *
 * Each request has a connection of its own. A kept one would save 0.1 ms on loopback and
 * cost the certainty that an answer comes from the target it was asked of: libcurl finds
 * kept connections by host and port, and repeats a request whose kept connection died. */

#include "core/answer.h"
#include "edge/net/secret.h"
#include "edge/netns.h"

#define HTTP_CONNECT_MS                                                                  \
	2000 /* to a connection, TLS included (a guess: far over any LAN) */
#define HTTP_WHY_MAX 160

struct http;

/* Ends the transfer in agreement; see http_body. */
#define HTTP_ENOUGH 1
/* Body bytes as they arrive, never more than max_bytes in all. 0, HTTP_ENOUGH, -errno. */
typedef int http_body(void *arg, const void *bytes, size_t len);
/* Asked when the connection stands and nothing was sent yet: whoever lives now is who has
 * been connected to, whatever happens later. socket: where it is a unix one, else -1.
 * NULL: go on; else why nothing is asked, static (STOPPED). */
typedef const char *http_ready(void *arg, int socket);

struct http_request {
	const char *url;    /* http:// or https:// */
	const char *socket; /* path of a unix socket, "@name" abstract; "": TCP */
	const struct endpoint *endpoint; /* its secrets and ca_file */
	/* Asked from within another network namespace, where names mean nothing: by a
	 * numeric address. NULL: ours. */
	const struct netns_visit *visit;
	uint64_t timeout_ms;
	uint64_t max_bytes;
	http_body *body;
	http_ready *ready; /* NULL: always */
	void *arg;         /* of both */
};

/* answer is OK where the answer came whole, whatever its status; else REFUSED (nothing
 * was asked), TIMEOUT, BROKEN, CAP, FOREIGN (no HTTP), TLS, DISK (the body's -errno),
 * STOPPED or LOCAL. Status and go_pprof are there from the first body byte on. */
struct http_reply {
	bool done;
	enum answer answer;
	int status;    /* of HTTP; 0: none came */
	bool go_pprof; /* the header X-Go-Pprof was there */
	bool enough;   /* HTTP_ENOUGH was said */
	int error;     /* -errno of the body */
	uint64_t bytes, ms;
	char why[HTTP_WHY_MAX]; /* in words, foreign bytes escaped; "" with OK */
};

/* slots: transfers at once. buffer: bytes per read from the network. Everything that can
 * be prepared is. 0 or -ENOMEM. */
int http_new(unsigned slots, size_t buffer, struct http **ret) must_check;
void http_free(struct http *http);

/* Begins a transfer; the texts of the request, its endpoint and the reply stay the
 * caller's and must live until reply->done. A transfer that cannot begin is done at once
 * (LOCAL). 0, or -EBUSY where all slots are taken. */
int http_start(struct http *http, const struct http_request *request,
	       struct http_reply *reply) must_check;
/* Works until some transfer is done, fd (-1: none) is readable or timeout_ms are over. 0,
 * HTTP_READABLE, or -ENOMEM. */
#define HTTP_READABLE 1
int http_work(struct http *http, int fd, int timeout_ms) must_check;
/* Ends a transfer now: its reply is done and says STOPPED. */
void http_stop(struct http *http, struct http_reply *reply);
/* One transfer from begin to end; readable stop_fd (-1: none) ends it. */
void http_get(struct http *http, const struct http_request *request, int stop_fd,
	      struct http_reply *reply);
