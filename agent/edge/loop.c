/* Level-triggered epoll. The kernel's 64 bits of user data carry an index into nothing:
 * the kind stands in the pointer's lowest bits, which are free as every `who` is aligned
 * to 8. */
#include "edge/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "edge/fs.h"

#define KIND_MASK ((uintptr_t)LOOP_KIND_MAX)
#define EVENTS_MAX 64

int loop_init(struct loop *loop)
{
	loop->signals = -1;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? -errno : 0;
}

void loop_fini(struct loop *loop)
{
	fs_close(&loop->signals);
	fs_close(&loop->epoll);
}

int loop_add(struct loop *loop, int fd, int kind, void *who)
{
	struct epoll_event event = {.events = EPOLLIN};

	if ((uintptr_t)kind > KIND_MASK || ((uintptr_t)who & KIND_MASK))
		return -EINVAL;
	event.data.u64 = (uintptr_t)who | (uintptr_t)kind;
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

void loop_remove(struct loop *loop, int fd)
{
	if (fd >= 0)
		(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL); /* may be gone */
}

int loop_signals(struct loop *loop, int kind)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return -errno;
	return loop_add(loop, loop->signals, kind, NULL);
}

int loop_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

int loop_wait(struct loop *loop, int64_t timeout_ms, struct loop_event *events,
	      size_t max)
{
	struct epoll_event ready[EVENTS_MAX];
	int n, timeout;

	timeout = timeout_ms < 0 ? 0 : (int)MIN(timeout_ms, (int64_t)3600000);
	n = epoll_wait(loop->epoll, ready, (int)MIN(max, (size_t)EVENTS_MAX), timeout);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		events[i].kind = (int)(ready[i].data.u64 & KIND_MASK);
		events[i].who = (void *)(uintptr_t)(ready[i].data.u64 & ~KIND_MASK);
	}
	return n;
}
