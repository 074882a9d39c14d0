#include "commands/handed.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/child.h"
#include "edge/peer.h"
#include "lib/num.h"
#include "lib/record.h"

#define FDINFO_MAX 1024

int handed_format(const struct filing_place *place, struct buf *to)
{
	record_add(to, "archive", place->dir);
	record_add(to, "group", place->group ? place->group : "");
	record_add_u64(to, "max_use", place->policy.max_use);
	record_add_u64(to, "keep_free", place->policy.keep_free);
	record_add_u64(to, "max_incidents", place->policy.max_incidents);
	record_end(to);
	return buf_error(to);
}

static int take_line(const struct record_line *line, struct handed *ret)
{
	const struct {
		const char *key;
		uint64_t *to;
	} numbers[] = {
		{"max_use", &ret->place.policy.max_use},
		{"keep_free", &ret->place.policy.keep_free},
		{"max_incidents", &ret->place.policy.max_incidents},
	};

	if (span_is(line->key, "archive"))
		return record_text(line, ret->dir, sizeof(ret->dir));
	if (span_is(line->key, "group"))
		return record_text(line, ret->group, sizeof(ret->group));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (span_is(line->key, numbers[i].key))
			return record_u64(line, numbers[i].to);
	}
	return 0;
}

static int parse_place(struct span rest, struct handed *ret)
{
	struct record_line line;
	int error = 0, r = 0;

	while (r == 0 && record_next(&rest, &line, &error))
		r = take_line(&line, ret);
	if (r == 0 && (error < 0 || ret->dir[0] != '/'))
		r = -EBADMSG;
	ret->place.dir = ret->dir;
	ret->place.group = ret->group[0] ? ret->group : NULL;
	ret->place.locked = true; /* by whom the job comes from */
	return r;
}

static int parse_job(struct span text, struct handed *ret)
{
	int r = job_parse(text, &ret->job);

	if (r == 0 && ret->job.kind == JOB_SEAL)
		r = -EBADMSG;
	return r < 0 ? r : parse_place(job_rest(text), ret);
}

/* With a pidfd it is a job; a place alone begins with the archive. */
static int parse(struct span text, struct handed *ret)
{
	int r;

	if (ret->pidfd >= 0)
		return parse_job(text, ret);
	if (!text_starts(text.at, "archive="))
		return -EBADF;
	r = parse_place(text, ret);
	return r < 0 ? r : HANDED_AHEAD;
}

/* proc(5): only a pidfd has this line; it reads -1 when the process has ended. */
static int pid_of(const struct roots *roots, int pidfd)
{
	char name[32], text[FDINFO_MAX];
	AUTO_CLOSE int dir = fs_open_dir_at(roots->proc, "self/fdinfo");
	uint64_t pid;
	ssize_t n;

	if (dir < 0)
		return dir;
	(void)snprintf(name, sizeof(name), "%d", pidfd);
	n = fs_read_at(dir, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	if (!memmem(text, (size_t)n, "\nPid:\t", 6))
		return -EBADF;
	if (text_field((struct span){text, (size_t)n}, "Pid", &pid) < 0 || pid == 0 ||
	    pid > INT32_MAX)
		return -ESRCH;
	return (int)pid;
}

static bool has_ended(int pidfd)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};

	return poll(&end, 1, 0) != 0;
}

/* By its number, which is its own as long as the pidfd says that it lives. */
static int open_target(const struct roots *roots, int pidfd, struct process *ret)
{
	int pid = pid_of(roots, pidfd), r;

	if (pid == -ESRCH)
		return PROCESS_GONE;
	r = pid < 0 ? pid : process_open(roots, pid, ret);
	if (r != 0 || !has_ended(pidfd))
		return r;
	process_fini(ret);
	return PROCESS_GONE;
}

static int tell(int error, const char *what)
{
	fprintf(stderr, "leakdog-fetch: capture: %s: %s\n", what, strerror(-error));
	return error;
}

static int refuse(int r)
{
	return tell(r, "no job, or none with the pidfd of its target");
}

int handed_receive(int socket, struct handed *ret)
{
	AUTO_FREE char *text = malloc(HANDED_TEXT_MAX);
	int fds[CHILD_FDS_MAX], r;
	ssize_t len;

	memset(ret, 0, sizeof(*ret));
	ret->pidfd = -1;
	if (!text)
		return -ENOMEM;
	if (!peer_is_own(socket))
		return tell(-EPERM, "the peer is neither our user nor root");
	len = child_receive(socket, text, HANDED_TEXT_MAX, fds);
	if (len < 0 && len != -ECONNRESET)
		return tell((int)len, "no job came");
	for (size_t i = 1; i < ARRAY_SIZE(fds); i++)
		fs_close(&fds[i]);
	if (len <= 0) {
		fs_close(&fds[0]);
		return HANDED_END;
	}
	ret->pidfd = fds[0];
	r = parse((struct span){text, (size_t)len}, ret);
	if (r < 0)
		fs_close(&ret->pidfd);
	return r < 0 ? refuse(r) : r;
}

int handed_open(const struct roots *roots, struct handed *handed)
{
	int r = open_target(roots, handed->pidfd, &handed->process);

	fs_close(&handed->pidfd);
	return r < 0 ? refuse(r) : r;
}

bool handed_same_place(const struct handed *a, const struct handed *b)
{
	return text_equal(a->dir, b->dir) && text_equal(a->group, b->group) &&
	       memcmp(&a->place.policy, &b->place.policy, sizeof(a->place.policy)) == 0;
}
