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
#include "edge/kernel/journal.h"
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
	(void)snprintf(why, TAIL_WHY_MAX, "the journal of %.48s: %s", source->at, what);
	return r;
}

/* journalctl says nothing and fails alike where nothing may be read and where nothing is;
 * a journal of one's own user may be read without any right. */
static int say_silence(const struct log_source *source, int r, char *why)
{
	int access = journal_access();

	if (r == -ETIMEDOUT)
		return say(source, r, "journalctl took too long", why);
	if (access == -EACCES)
		return say(source, access, "may not be read: " JOURNAL_REMEDY, why);
	if (access < 0)
		return say(source, access, "there is none; name a file", why);
	return r < 0 ? say(source, r, "journalctl failed", why) : 0; /* it is empty */
}

int tail_journal_by(const struct journal_reader *by, const struct log_source *source,
		    size_t max, struct buf *to, char why[static TAIL_WHY_MAX])
{
	bool user = source->kind == LOG_USER_JOURNAL;
	char match[sizeof(source->at) + 32];
	/* --all: a line with colours or a control character is no "blob data" then. */
	const char *argv[] = {"journalctl", "--quiet", "--no-pager", "--all",
			      "-n",         LINES,     "-o",         "short-iso-precise",
			      match,        NULL};
	size_t before = to->len;
	int r;

	if (!by->program)
		return say(source, -ENOENT, "there is no journalctl: name a file", why);
	(void)snprintf(match, sizeof(match), "%s%s",
		       user ? "_SYSTEMD_USER_UNIT=" : "--unit=", source->at);
	r = tail_program(by->program, argv, by->timeout_ms, max, to);
	if (to->len == before)
		return say_silence(source, r, why);
	/* It prints the oldest first: the end is what it did not come to. */
	if (r == -ETIMEDOUT)
		return say(source, TAIL_CUT,
			   "journalctl took too long; the newest lines are missing", why);
	return 0; /* also where it failed later: these are words of the service */
}

int tail_journal(const struct log_source *source, size_t max, struct buf *to,
		 char why[static TAIL_WHY_MAX])
{
	const struct journal_reader by = {find_journalctl(), TIMEOUT_MS};

	return tail_journal_by(&by, source, max, to, why);
}
