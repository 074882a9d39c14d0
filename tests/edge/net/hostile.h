#pragma once
/* A server that misbehaves on purpose, in a process of its own. The first part of the
 * path says how: GET /hang/heap is accepted and never answered. What was asked stands in
 * shared memory, so a test can say what was not asked. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct hostile {
	pid_t pid;
	int port;
	char socket[64]; /* "" where there is none */
	struct hostile_seen {
		int connections;
		int requests;
		char request[8192]; /* the last one */
		char paths[8192];   /* of all since hostile_forget, a blank behind each */
	} * seen;
};

#define HOSTILE_GZIP "\x1f\x8b\x08\x01some profile" /* a cut one, without a NUL */

/* "some profile", whole. */
static const char hostile_profile[] =
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff\x2b\xce\xcf\x4d\x55\x28"
	"\x28\xca\x4f\xcb\xcc\x49\x05\x00\x99\xab\x8d\x3c\x0c\x00\x00\x00";

static void hostile_send(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

		if (sent <= 0)
			_exit(0); /* the client went away */
		at += sent;
		len -= (size_t)sent;
	}
}

static void hostile_says(int fd, const char *text)
{
	hostile_send(fd, text, strlen(text));
}

static void hostile_whole(int fd, const char *head, const char *body, size_t len)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n",
		       head, len);
	hostile_says(fd, line);
	hostile_send(fd, body, len);
}

static void hostile_text(int fd, const char *head, const char *body)
{
	hostile_whole(fd, head, body, strlen(body));
}

static void hostile_chunk(int fd, const char *bytes, size_t len)
{
	char line[32];

	(void)snprintf(line, sizeof(line), "%zx\r\n", len);
	hostile_says(fd, line);
	hostile_send(fd, bytes, len);
	hostile_says(fd, "\r\n");
}

#define HOSTILE_CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

/* total bytes in chunks, beginning with `begins`. */
static void hostile_flood(int fd, const char *begins, uint64_t total)
{
	static char block[1 << 16];
	size_t first = strlen(begins);

	hostile_says(fd, HOSTILE_CHUNKED);
	memset(block, 'x', sizeof(block));
	hostile_chunk(fd, begins, first);
	for (uint64_t left = total - first; left;) {
		size_t len = left < sizeof(block) ? (size_t)left : sizeof(block);

		hostile_chunk(fd, block, len);
		left -= len;
	}
	hostile_says(fd, "0\r\n\r\n");
}

static void hostile_for_ever(int fd, const char *text)
{
	for (;;)
		hostile_says(fd, text);
}

static void hostile_trickle(int fd)
{
	hostile_says(fd, HOSTILE_CHUNKED);
	hostile_chunk(fd, HOSTILE_GZIP, sizeof(HOSTILE_GZIP) - 1);
	for (;;) {
		hostile_chunk(fd, "x", 1);
		usleep(20000); /* slower than any time-out of a test */
	}
}

static void hostile_reset(int fd)
{
	struct linger hard = {.l_onoff = 1, .l_linger = 0};

	hostile_says(fd, HOSTILE_CHUNKED);
	hostile_chunk(fd, HOSTILE_GZIP, sizeof(HOSTILE_GZIP) - 1);
	usleep(50000); /* the reset must not overtake the chunk */
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

static void hostile_cut(int fd)
{
	hostile_says(fd, HOSTILE_CHUNKED "100\r\n" HOSTILE_GZIP);
}

static const char hostile_index[] =
	"<html><table>\n<tr><td>68</td><td><a href='goroutine?debug=1'>goroutine</a></td>"
	"</tr>\n<tr><td>9</td><td><a "
	"href='threadcreate?debug=1'>threadcreate</a></td></tr>"
	"\n</table></html>\n";

/* Honest pprof below /ok/. */
static void hostile_honest(int fd, const char *request)
{
	if (strstr(request, "debug=1"))
		hostile_text(fd, "200 OK", "heap profile: 1: 2 [3: 4] @ heap/1048576\n");
	else if (strstr(request, "debug=2"))
		hostile_text(fd, "200 OK", "goroutine 1 [running]:\nmain.main()\n");
	else if (strstr(request, "/ ") == strstr(request, " HTTP") - 1)
		hostile_text(fd, "200 OK", hostile_index);
	else
		hostile_whole(fd, "200 OK", hostile_profile, sizeof(hostile_profile) - 1);
}

static void hostile_500flood(int fd)
{
	static const char zeros[1 << 20];

	hostile_says(fd, "HTTP/1.1 500 No\r\nContent-Length: 1048576000\r\n\r\n");
	for (unsigned i = 0; i < 1000; i++)
		hostile_send(fd, zeros, sizeof(zeros));
}

static void hostile_headers(int fd)
{
	hostile_says(fd, "HTTP/1.1 200 OK\r\n");
	hostile_for_ever(fd, "X-More: yes\r\n");
}

static void hostile_continue(int fd)
{
	hostile_for_ever(fd, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void hostile_chunked(int fd)
{
	hostile_flood(fd, HOSTILE_GZIP, 300000);
}

static void hostile_giga(int fd)
{
	hostile_flood(fd, HOSTILE_GZIP, UINT64_C(1) << 30);
}

static void hostile_cut64(int fd)
{
	hostile_flood(fd, "goroutine 1 [running]:\n", UINT64_C(64) << 20);
}

static void hostile_nearly64(int fd)
{
	hostile_flood(fd, "goroutine 1 [running]:\n", (UINT64_C(64) << 20) - 1);
}

static void hostile_hang(int fd)
{
	(void)fd;
	pause();
}

static const struct {
	const char *mode;
	void (*serve)(int fd);
	const char *head, *body; /* where there is no serve */
} hostile_modes[] = {
	{"chunked", hostile_chunked, NULL, NULL},
	{"giga", hostile_giga, NULL, NULL},
	{"cut64", hostile_cut64, NULL, NULL},
	{"nearly64", hostile_nearly64, NULL, NULL},
	{"broken", hostile_cut, NULL, NULL},
	{"reset", hostile_reset, NULL, NULL},
	{"500flood", hostile_500flood, NULL, NULL},
	{"headers", hostile_headers, NULL, NULL},
	{"continue", hostile_continue, NULL, NULL},
	{"trickle", hostile_trickle, NULL, NULL},
	{"hang", hostile_hang, NULL, NULL},
	{"pprof404", NULL, "404 Not Found\r\nX-Go-Pprof: 1", "Unknown profile\n"},
	{"404", NULL, "404 Not Found", "404 page not found\n"},
	{"401", NULL, "401 Unauthorized", ""},
	{"escape", NULL, "500 No", "\x1b]0;owned\x07\r\nforged line\n"},
	{"html", NULL, "200 OK", "<!DOCTYPE html><title>Welcome to nginx!</title>"},
	{"nearly", NULL, "200 OK", "\x1f"},
	{"empty", NULL, "200 OK", ""},
	{"redirect", NULL, "302 Found\r\nLocation: /ok/debug/pprof/heap", "moved"},
	{"bomb", NULL, "200 OK\r\nContent-Encoding: gzip", "\x1f\x8b\x08zeros"},
};

/* /die-before-3/...: honest until the third request since hostile_forget; then the server
 * (the target!) is killed, and of its answer nothing, a part or all is still on its way.
 */
static void hostile_die(int fd, const char *mode, const char *request, int number)
{
	pid_t parent = getppid();
	char when[16] = "";
	int at = 0;

	if (sscanf(mode, "die-%15[a-z]-%d", when, &at) != 2 || number != at) {
		hostile_honest(fd, request);
		return;
	}
	(void)prctl(PR_SET_PDEATHSIG, 0);
	kill(parent, SIGKILL);
	while (getppid() == parent)
		usleep(1000); /* until it is dead */
	if (strcmp(when, "after") == 0)
		hostile_honest(fd, request);
	else if (strcmp(when, "mid") == 0)
		hostile_says(fd, strstr(request, "debug=1") ? HOSTILE_CHUNKED
					 "20\r\nheap profile:"
				 : strstr(request, "debug=2")
					 ? HOSTILE_CHUNKED "20\r\ngoroutine 1"
					 : HOSTILE_CHUNKED "20\r\n" HOSTILE_GZIP);
}

static void hostile_answer(int fd, const char *mode, const char *request, int number)
{
	if (strcmp(mode, "ok") == 0)
		hostile_honest(fd, request);
	else if (strncmp(mode, "die-", 4) == 0)
		hostile_die(fd, mode, request, number);
	else if (strcmp(mode, "short") == 0)
		hostile_says(
			fd, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\x1f\x8b\x08x");
	else if (strcmp(mode, "noise") == 0)
		hostile_says(fd, "-ERR unknown command 'GET'\r\n");
	for (size_t i = 0; i < sizeof(hostile_modes) / sizeof(*hostile_modes); i++) {
		if (strcmp(mode, hostile_modes[i].mode) != 0)
			continue;
		if (hostile_modes[i].serve)
			hostile_modes[i].serve(fd);
		else
			hostile_text(fd, hostile_modes[i].head, hostile_modes[i].body);
	} /* "close" and what is unknown: no answer at all */
}

static void hostile_serve(int fd, struct hostile_seen *seen)
{
	char request[sizeof(seen->request)] = "", mode[32] = "", path[256] = "";
	size_t len = 0;
	int number;

	while (!strstr(request, "\r\n\r\n") && len < sizeof(request) - 1) {
		ssize_t got = recv(fd, request + len, sizeof(request) - 1 - len, 0);

		if (got <= 0)
			return;
		len += (size_t)got;
		request[len] = '\0';
	}
	memcpy(seen->request, request, sizeof(request));
	(void)sscanf(request, "GET /%31[^/ ]/%255[^ ]", mode, path);
	number = __atomic_add_fetch(&seen->requests, 1, __ATOMIC_SEQ_CST);
	len = strlen(seen->paths); /* of one target after the other: nobody else writes */
	(void)snprintf(seen->paths + len, sizeof(seen->paths) - len, "%s ", path);
	hostile_answer(fd, mode, request, number);
}

static void hostile_loop(int tcp, int local, struct hostile_seen *seen)
{
	struct pollfd fds[] = {{.fd = tcp, .events = POLLIN},
			       {.fd = local, .events = POLLIN}};
	pid_t server = getpid();

	signal(SIGCHLD, SIG_IGN);
	while (poll(fds, 2, -1) > 0) {
		int from = fds[0].revents ? tcp : local;
		int fd = accept(from, NULL, NULL);

		__atomic_add_fetch(&seen->connections, 1, __ATOMIC_SEQ_CST);
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != server) /* it was killed before that */
				_exit(0);
			hostile_serve(fd, seen);
			close(fd);
			_exit(0);
		}
		close(fd);
	}
}

static int hostile_listen(int family, const void *address, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, address, len) < 0 || listen(fd, 64) < 0)
		abort();
	return fd;
}

static void hostile_start(struct hostile *h)
{
	struct sockaddr_in tcp = {.sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(tcp);
	int tcp_fd, local_fd;

	*h = (struct hostile){0};
	h->seen = mmap(NULL, sizeof(*h->seen), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tcp_fd = hostile_listen(AF_INET, &tcp, sizeof(tcp));
	(void)getsockname(tcp_fd, (struct sockaddr *)&tcp, &len);
	h->port = ntohs(tcp.sin_port);
	(void)snprintf(h->socket, sizeof(h->socket), "/tmp/hostile-%d.sock",
		       (int)getpid());
	(void)snprintf(local.sun_path, sizeof(local.sun_path), "%s", h->socket);
	(void)unlink(h->socket);
	local_fd = hostile_listen(AF_UNIX, &local, sizeof(local));
	h->pid = fork();
	if (h->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		hostile_loop(tcp_fd, local_fd, h->seen);
		_exit(0);
	}
	close(tcp_fd);
	close(local_fd);
}

static inline void hostile_forget(struct hostile *h)
{
	h->seen->connections = h->seen->requests = 0;
	h->seen->paths[0] = '\0';
}

static void hostile_stop(struct hostile *h)
{
	kill(h->pid, SIGKILL);
	(void)waitpid(h->pid, NULL, 0);
	(void)unlink(h->socket);
	(void)munmap(h->seen, sizeof(*h->seen));
}
