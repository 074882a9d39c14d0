/* posix_spawn, because it neither copies the agent's page tables nor runs its code in the
 * child; descriptors are all O_CLOEXEC, and the few that a child gets are put in place by
 * the spawn itself. */
#include "edge/kernel/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "edge/fs.h"

extern char **environ;

#define CHILD_THIRD_FD 3

static int input_open(const struct child_spec *spec, int *ret)
{
	AUTO_CLOSE int fd = -1;
	int r;

	if (!spec->input) {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	} else {
		fd = memfd_create("leakdog-job", MFD_CLOEXEC);
		if (fd < 0)
			return -errno;
		r = fs_write_all(fd, spec->input, spec->input_len);
		if (r < 0)
			return r;
		if (lseek(fd, 0, SEEK_SET) < 0)
			return -errno;
	}
	if (fd < 0)
		return -errno;
	*ret = TAKE_FD(fd);
	return 0;
}

/* dup2 onto itself keeps O_CLOEXEC, so a descriptor that already has the wanted number
 * would be lost; all of ours are above 3 as 0 to 3 are opened at start. */
static int actions_fill(posix_spawn_file_actions_t *actions, int in, int out, int third)
{
	int r;

	r = posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	if (!r && out >= 0)
		r = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	if (!r && third >= 0)
		r = posix_spawn_file_actions_adddup2(actions, third, CHILD_THIRD_FD);
	return -r;
}

static int attributes_fill(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attributes, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(attributes, &all);
	/* A group of its own: Ctrl-C in a terminal is for the agent, which tells its
	 * children. */
	if (!r)
		r = posix_spawnattr_setpgroup(attributes, 0);
	if (!r)
		r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
								 POSIX_SPAWN_SETSIGDEF |
								 POSIX_SPAWN_SETPGROUP);
	return -r;
}

static int spawn(const struct child_spec *spec, int in, int out, int third, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	if (posix_spawn_file_actions_init(&actions))
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&actions);
		return -ENOMEM;
	}
	r = actions_fill(&actions, in, out, third);
	if (!r)
		r = attributes_fill(&attributes);
	if (!r)
		r = -posix_spawn(ret, spec->path, &actions, &attributes,
				 (char *const *)(uintptr_t)spec->argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

int child_spawn(const struct child_spec *spec, struct child *ret)
{
	AUTO_CLOSE int in = -1, out = -1, ours = -1, theirs = -1;
	int pair[2], r;
	pid_t pid;

	r = input_open(spec, &in);
	if (r < 0)
		return r;
	if (spec->output && (out = memfd_create("leakdog-out", MFD_CLOEXEC)) < 0)
		return -errno;
	if (spec->talk != CHILD_TALK_NONE) {
		int type = spec->talk == CHILD_TALK_FD3 ? SOCK_SEQPACKET : SOCK_STREAM;

		if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair))
			return -errno;
		ours = pair[0];
		theirs = pair[1];
		if (fcntl(ours, F_SETFL, O_NONBLOCK))
			return -errno;
	}
	if (spec->talk == CHILD_TALK_STDIO)
		r = spawn(spec, theirs, theirs, -1, &pid);
	else
		r = spawn(spec, in, out, spec->pass ? *spec->pass : theirs, &pid);
	if (r < 0)
		return r;
	*ret = (struct child){.pid = pid, .socket = TAKE_FD(ours), .out = TAKE_FD(out)};
	ret->pidfd =
		(int)syscall(SYS_pidfd_open, pid, 0); /* ours: cannot be reused yet */
	return ret->pidfd < 0 ? -errno : 0;
}

int child_exit(struct child *child)
{
	int status;
	pid_t pid;

	pid = waitpid(child->pid, &status, WNOHANG);
	if (pid == 0)
		return -EAGAIN;
	if (pid < 0)
		return -errno;
	child->pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_wait(struct child *child, int64_t timeout_ms)
{
	struct pollfd end = {.fd = child->pidfd, .events = POLLIN};
	int n = poll(&end, 1, (int)timeout_ms);

	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : child_exit(child);
}

int child_end(struct child *child, int64_t timeout_ms)
{
	int r = child_wait(child, timeout_ms);

	if (r != -ETIMEDOUT)
		return r;
	child_signal(child, SIGKILL);
	return child_wait(child, timeout_ms);
}

void child_signal(const struct child *child, int signal)
{
	if (child->pid > 0)
		(void)kill(child->pid,
			   signal); /* ours and not yet reaped: the right one */
}

int child_output(const struct child *child, struct buf *to)
{
	char chunk[4096];
	ssize_t n;

	for (off_t at = 0; (n = pread(child->out, chunk, sizeof(chunk), at)) > 0; at += n)
		buf_add(to, chunk, (size_t)n);
	return n < 0 ? -errno : buf_error(to);
}

void child_fini(struct child *child)
{
	fs_close(&child->pidfd);
	fs_close(&child->socket);
	fs_close(&child->out);
	child->pid = 0;
}

int child_send(const struct child *child, const void *bytes, size_t len,
	       const int fds[static CHILD_FDS_MAX])
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(CHILD_FDS_MAX * sizeof(int))];
	} control = {0};
	struct iovec io = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
	struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};
	size_t n = 0;

	while (n < CHILD_FDS_MAX && fds[n] >= 0)
		n++;
	if (n) {
		struct cmsghdr *head;

		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(head), fds, n * sizeof(int));
	}
	return sendmsg(child->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno
										 : 0;
}

static void fds_take(struct msghdr *message, int ret_fds[static CHILD_FDS_MAX])
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);
	size_t n;

	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
		return;
	n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(ret_fds, CMSG_DATA(head), MIN(n, (size_t)CHILD_FDS_MAX) * sizeof(int));
}

ssize_t child_receive(int socket, char *to, size_t size,
		      int ret_fds[static CHILD_FDS_MAX])
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(CHILD_FDS_MAX * sizeof(int))];
	} control;
	struct iovec io = {.iov_base = to, .iov_len = size - 1};
	struct msghdr message = {.msg_iov = &io,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	for (size_t i = 0; i < CHILD_FDS_MAX; i++)
		ret_fds[i] = -1;
	n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	fds_take(&message, ret_fds);
	if (message.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	to[n] = '\0';
	return n;
}
