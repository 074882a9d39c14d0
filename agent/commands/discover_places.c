/* Where a process listens, and whether pprof answers there. A question goes only where
 * the kernel says that the listening socket is this very process's, before and after it;
 * one at a time; it is the index page, which costs the service nothing. */
#include "commands/discover_look.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "commands/probing.h"
#include "commands/reach.h"
#include "core/url.h"
#include "edge/fs.h"
#include "edge/kernel/endpoint_check.h"
#include "edge/kernel/listen_text.h"
#include "edge/kernel/rights.h"
#include "edge/peer.h"

static int add_place(void *arg, const struct socket_row *row)
{
	struct discover_process *process = arg;
	struct discover_listen *listen;
	char host[LISTEN_TEXT_MAX];

	if (row->path.at && row->path.len == 0)
		return 0; /* nobody can connect to a socket without a name */
	if (process->n_listens == DISCOVER_LISTENS_MAX) {
		process->more_listens++;
		return 0;
	}
	listen = discover_listen_add(process);
	if (!listen)
		return -ENOMEM;
	listen_text(row, listen->at);
	if (row->path.at)
		(void)snprintf(listen->url, sizeof(listen->url), "unix://%s", listen->at);
	else if (listen_loopback(row, host))
		(void)snprintf(listen->url, sizeof(listen->url), "http://%s:%u", host,
			       row->local_port);
	else
		listen->asked = ASKED_REMOTE;
	return 0;
}

/* A path leads to whatever stands there in its file system: who listens at the other end
 * is told by the kernel, and nothing is written to it. */
static bool is_proved_inside(const struct look *look, const struct url *url)
{
	struct reach_socket to = REACH_SOCKET_NONE;
	AUTO_CLOSE int root = -1, file = -1, fd = -1;
	char why[REACH_WHY_MAX];

	if (reach_root(&look->process, true, &root) < 0 || root < 0 ||
	    reach_socket(root, url, &to, why) < 0)
		return false;
	file = to.fd;
	fd = peer_dial(to.path, SOCK_STREAM | SOCK_NONBLOCK);
	return fd >= 0 && endpoint_peer(look->roots, &look->process, peer_pid(fd)) ==
				  ENDPOINT_VERIFIED;
}

static bool is_proved(const struct look *look, bool elsewhere, const struct url *url)
{
	if (url_place(url) == URL_FILE && !rights_same_files(&look->process))
		return is_proved_inside(look, url);
	if (elsewhere)
		return endpoint_check_there(&look->process, url->host, url->port) ==
		       ENDPOINT_VERIFIED;
	return endpoint_check(look->roots, &look->process, url->host, url->port,
			      url->socket[0] ? url->socket : NULL) == ENDPOINT_VERIFIED;
}

static void refuse(struct discover_listen *listen, enum asked asked, const char *why)
{
	listen->asked = asked;
	(void)text_copy(listen->why, sizeof(listen->why), why);
}

/* The address as the client will read it; a path may look like another address. */
static bool write_url(const struct discover_listen *listen, struct endpoint *endpoint,
		      struct url *url)
{
	bool local = text_starts(listen->url, "unix://");
	const char *fault;

	if (text_copy(endpoint->url, sizeof(endpoint->url), listen->url) < 0 ||
	    url_check(endpoint->url, false, &fault) < 0 ||
	    url_artifact(endpoint, ARTIFACT_INDEX, url, &fault) < 0)
		return false;
	return !local || text_equal(url->socket, listen->at);
}

/* The probe goes to where the process is: its pid and start time say who is meant. */
static int ask(const struct look *look, bool elsewhere, struct discover_listen *listen)
{
	struct probe_request request = {.id = 1,
					.pid = look->process.pid,
					.start_ticks = look->process.start_ticks};
	struct probe_reply reply;
	struct url url;
	int r;

	if (!write_url(listen, &request.endpoint, &url)) {
		listen->url[0] = '\0';
		refuse(listen, ASKED_UNPROVED, "no address can be written for it");
		return 0;
	}
	if (elsewhere && url_place(&url) == URL_ABSTRACT) {
		listen->asked = ASKED_ELSEWHERE;
		return 0;
	}
	if (!is_proved(look, elsewhere, &url)) {
		refuse(listen, ASKED_UNPROVED,
		       "that it alone listens there cannot be proved");
		return 0;
	}
	r = probing_one(&request, &reply);
	if (r < 0)
		refuse(listen, ASKED_UNPROVED, strerror(-r));
	else if (!is_proved(look, elsewhere, &url))
		refuse(listen, ASKED_UNPROVED, "it listens there no longer");
	else if (reply.kind != PROBE_COUNTED)
		refuse(listen, ASKED_OTHER, reply.why);
	else
		listen->asked = ASKED_PPROF;
	if (listen->asked == ASKED_PPROF)
		listen->goroutines = reply.goroutines;
	return r == -ENOMEM ? r : 0;
}

int discover_places(const struct discovering *d, const struct look *look,
		    struct discover_process *process)
{
	int pid = look->process.pid, dirfd = look->process.dirfd, r = 0;

	for (int local = 0; r == 0 && local < 2; local++)
		r = listening_each(d->listening, pid, dirfd, local, add_place, process);
	process->listens_hidden = r == -EACCES;
	if (r < 0 && r != -ENOMEM)
		return r == -ESRCH || r == -ENOENT ? PROCESS_GONE : 0;
	for (size_t i = 0; r == 0 && i < process->n_listens; i++) {
		struct discover_listen *listen = &process->listens[i];

		if (process->other_netns && !d->joins)
			listen->asked = ASKED_ELSEWHERE;
		else if (listen->asked == ASKED_NOT && d->probe && d->roots->live)
			r = ask(look, process->other_netns, listen);
	}
	return r;
}
