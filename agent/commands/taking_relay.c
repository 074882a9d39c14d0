/* The agent and its children have no capability where they run as a service. What takes
 * one, a target in a container, is handed on: systemd starts a capture process with the
 * rights for it behind a socket (systemd/leakdog-capture.socket), and this process passes
 * on the job, the target's pidfd and what is said. The archive needs no door of its own
 * for that: the other process runs as the same user.
 *
 * To start one takes time (an emulated guest: 0.8 s from the wish to the heap on the
 * disk, 0.5 s without) and memory, which may be short by then. So where such targets are,
 * a spare dials before it has a job: the other process prepares itself beside it, and
 * waits as long. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "commands/handed.h"
#include "commands/taking.h"
#include "edge/fs.h"
#include "edge/kernel/child.h"
#include "edge/kernel/place.h"
#include "edge/peer.h"

static int dial(void)
{
	const char *path = getenv(HANDED_SOCKET_VARIABLE);

	/* systemd accepts at once; where it hangs nobody must hang with it. */
	return peer_dial(path ? path : HANDED_SOCKET, SOCK_SEQPACKET | SOCK_NONBLOCK);
}

static int send_to(int fd, const struct buf *text, int pidfd)
{
	const int fds[CHILD_FDS_MAX] = {pidfd, -1, -1};

	return child_send(&(struct child){.socket = fd}, text->data, text->len, fds);
}

static bool has_rights(const struct taking *t)
{
	const uint32_t both = 1U << CAPABILITY_SYS_PTRACE | 1U << CAPABILITY_SYS_ADMIN;

	return (place_capabilities(&t->roots) & both) == both;
}

void taking_dial_ahead(struct taking *t)
{
	AUTO_BUF struct buf text;
	int fd;

	buf_init(&text, HANDED_TEXT_MAX);
	if (t->ahead_fd >= 0 || has_rights(t) || handed_format(t->place, &text) < 0)
		return;
	fd = dial();
	if (fd >= 0 && send_to(fd, &text, -1) < 0)
		fs_close(&fd);
	t->ahead_fd = MAX(fd, -1); /* nobody there: the manifest will say it */
}

/* The one that waits, which has nothing to say before it has a job: what can be read is
 * its end. -1: nobody waits. */
static int take_ahead(struct taking *t)
{
	struct pollfd end = {.fd = t->ahead_fd, .events = POLLIN};

	if (t->ahead_fd >= 0 && poll(&end, 1, 0) != 0)
		fs_close(&t->ahead_fd);
	return TAKE_FD(t->ahead_fd);
}

static int hand_on(const struct taking *t, int fd)
{
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, HANDED_TEXT_MAX);
	r = job_format(t->job, &text);
	if (r == 0)
		r = handed_format(t->place, &text);
	return r < 0 ? r : send_to(fd, &text, t->process.pidfd);
}

/* One thing that it says; the result is told by this process itself. False: the end. */
static bool pass_on(struct taking *t, int fd, bool *answered)
{
	int fds[CHILD_FDS_MAX];
	char text[4096];
	ssize_t len = child_receive(fd, text, sizeof(text), fds);
	struct buf record = {.data = text, .len = len > 0 ? (size_t)len : 0};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) /* nobody sends us any */
		fs_close(&fds[i]);
	if (len <= 0)
		return false;
	if (text_starts(text, "result."))
		*answered = job_result_parse((struct span){text, (size_t)len},
					     &t->result) == 0;
	else
		taking_tell(t, &record);
	return true;
}

static void listen_to(struct taking *t, int fd)
{
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
			       {.fd = t->stop_fd, .events = POLLIN}};
	bool answered = false, goes_on = true;

	while (goes_on) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents) { /* told once; what is whole is still filed */
			(void)shutdown(fd, SHUT_WR);
			fds[1].fd = -1;
			fds[1].revents = 0;
		}
		if (fds[0].revents)
			goes_on = pass_on(t, fd, &answered);
	}
	if (answered)
		return;
	t->result = (struct job_result){.kind = RESULT_FAILED};
	(void)text_copy(t->result.why, sizeof(t->result.why),
			"the capture process of leakdog-capture.socket ended without a "
			"result: see its journal");
}

static bool lacks_rights(const struct taking *t)
{
	return t->entered == -EPERM || t->entered == -EACCES || t->root_error == -EACCES;
}

bool taking_relay(struct taking *t)
{
	AUTO_CLOSE int fd = take_ahead(t);

	if (t->handed || t->gone || !lacks_rights(t) || t->process.pidfd < 0)
		return false;
	if (fd < 0 || hand_on(t, fd) < 0) {
		fs_close(&fd);
		fd = dial();
		if (fd < 0 || hand_on(t, fd) < 0)
			return false; /* nobody there: the manifest names the right */
	}
	listen_to(t, fd);
	return true;
}
