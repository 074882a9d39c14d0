/* The journal is read by journalctl and not through libsystemd: its files are compressed
 * binary data of many writers, and a fault in reading them, a damaged file or a slow disk
 * ends a child here and not a capture; nothing has to be linked or loaded, and what it
 * prints is what a person would see. It takes about 20 ms. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/kernel/child.h"
#include "edge/kernel/tail-parts.h"
#include "lib/text.h"

/* Enough lines for 256 KiB of short ones; long ones are cut by bytes. */
#define LINES "4000"
#define TIMEOUT_MS 5000
#define CHUNK 16384

/* Bytes that are there now. 1 at the end, 0 for more to come, or -errno. */
static int take(int socket, size_t max, struct buf *to)
{
	char chunk[CHUNK];
	ssize_t n = recv(socket, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0
		       : errno == ECONNRESET             ? 1
							 : -errno;
	buf_add(to, chunk, (size_t)n);
	if (to->len >= 2 * max)
		buf_drop(to, to->len - max);
	return n == 0 ? 1 : buf_error(to);
}

static int take_all(const struct child *child, int64_t end_ms, size_t max, struct buf *to)
{
	int64_t left_ms;
	int r = 0;

	while (r == 0 && (left_ms = end_ms - clock_ms()) > 0) {
		struct pollfd more = {.fd = child->socket, .events = POLLIN};

		if (poll(&more, 1, (int)left_ms) < 0 && errno != EINTR)
			return -errno;
		if (more.revents)
			r = take(child->socket, max, to);
	}
	return r == 0 ? -ETIMEDOUT : MIN(r, 0);
}

static int end_of(struct child *child, int r)
{
	int status;

	if (r < 0)
		child_signal(child, SIGKILL);
	status = child_wait(child, 1000);
	if (status == -ETIMEDOUT) { /* it closed its output and goes on */
		child_signal(child, SIGKILL);
		status = child_wait(child, 1000);
	}
	if (r < 0)
		return r;
	return status == 0 ? 0 : -EIO;
}

int tail_program(const char *path, const char *const *argv, int64_t timeout_ms,
		 size_t max, struct buf *to)
{
	const struct child_spec spec = {
		.path = path, .argv = argv, .talk = CHILD_TALK_STDIO};
	AUTO_BUF struct buf text;
	struct child child;
	int r;

	buf_init(&text, 2 * max + CHUNK);
	r = child_spawn(&spec, &child);
	if (r < 0)
		return r;
	r = take_all(&child, clock_ms() + timeout_ms, max, &text);
	r = end_of(&child, r);
	child_fini(&child);
	if (text.len > max)
		buf_drop(&text, text.len - max);
	buf_add(to, text.data, text.len);
	return r;
}

static const char *find_journalctl(void)
{
	static const char *const places[] = {"/usr/bin/journalctl", "/bin/journalctl"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (access(places[i], X_OK) == 0)
			return places[i];
	}
	return NULL;
}

static int say(const struct log_source *source, int r, const char *what, char *why)
{
	(void)snprintf(why, TAIL_WHY_MAX, "the journal of %.60s: %s", source->at, what);
	return r;
}

int tail_journal(const struct log_source *source, size_t max, struct buf *to,
		 char why[static TAIL_WHY_MAX])
{
	bool user = source->kind == LOG_USER_JOURNAL;
	char match[sizeof(source->at) + 32];
	const char *argv[] = {"journalctl", "--quiet", "--no-pager",        "-n",
			      LINES,        "-o",      "short-iso-precise", match,
			      NULL};
	const char *program = find_journalctl();
	size_t before = to->len;
	int r;

	if (!program)
		return say(source, -ENOENT, "there is no journalctl: name a file", why);
	(void)snprintf(match, sizeof(match), "%s%s",
		       user ? "_SYSTEMD_USER_UNIT=" : "--unit=", source->at);
	r = tail_program(program, argv, TIMEOUT_MS, max, to);
	if (to->len > before)
		return 0; /* cut or not: these are words of the service */
	if (r == -ETIMEDOUT)
		return say(source, r, "journalctl took too long", why);
	return say(source, r < 0 ? r : -EACCES,
		   "nothing in it may be read: add leakdog's user to the group "
		   "systemd-journal",
		   why);
}
