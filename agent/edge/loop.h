#pragma once
/* The one place where the agent sleeps. Nothing is called back: what became ready returns
 * as data, and the agent decides in which order it looks at it. */

#include <stdbool.h>

#include "lib/def.h"

struct loop {
	int epoll;
	int signals; /* signalfd of TERM, INT and HUP; -1 until loop_signals */
};

struct loop_event {
	int kind;  /* as given to loop_add */
	void *who; /* as given to loop_add */
};
#define LOOP_KIND_MAX 7

int loop_init(struct loop *loop) must_check;
void loop_fini(struct loop *loop);
/* Reports fd as (kind, who) while it is readable or hung up. who is aligned to 8 bytes,
 * kind at most LOOP_KIND_MAX, else -EINVAL. */
int loop_add(struct loop *loop, int fd, int kind, void *who) must_check;
void loop_remove(struct loop *loop, int fd);
/* Blocks SIGTERM, SIGINT and SIGHUP and reports them as (kind, NULL). */
int loop_signals(struct loop *loop, int kind) must_check;
/* The next of these signals, 0 when there is none. */
int loop_signal(struct loop *loop);
/* Sleeps until something is ready, at most timeout_ms. The number of events, or -errno;
 * a signal's interruption counts as 0 events. */
int loop_wait(struct loop *loop, int64_t timeout_ms, struct loop_event *events,
	      size_t max) must_check;
