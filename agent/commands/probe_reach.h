#pragma once
/* Where one question of the probe is asked from: see commands/reach. */

#include "commands/auto_find.h"
#include "commands/reach.h"
#include "core/probe.h"
#include "edge/kernel/process.h"
#include "edge/netns.h"

struct probe_home {
	struct roots roots;
	int netns; /* ours; -1: no visits */
};
/* Without /proc everybody is asked from here. */
void probe_home_open(struct probe_home *home);
void probe_home_close(struct probe_home *home);

struct probe_reach {
	const struct probe_home *home;
	struct process process;   /* held where it is not as near as we are */
	struct netns_visit visit; /* there: its namespace, -1: asked from ours */
	struct reach_socket socket;
};
#define PROBE_REACH_HERE                                                                 \
	((struct probe_reach){                                                           \
		.process = {.dirfd = -1, .pidfd = -1, .stat_fd = -1, .status_fd = -1},   \
		.visit = {-1, -1},                                                       \
		.socket = {.fd = -1}})

/* 0, or -errno with the reason in words. The caller ends it in any case. */
int probe_reach(const struct probe_home *home, const struct probe_request *request,
		const struct url *url, struct probe_reach *ret,
		char why[static REACH_WHY_MAX]) must_check;
/* Where a process listens that is asked for by auto; the reason in words where that
 * cannot be told. 0 or -errno. */
int probe_auto(const struct probe_home *home, const struct probe_request *request,
	       struct auto_urls *ret, char why[static REACH_WHY_MAX]) must_check;
/* Whoever is connected to is the one that was meant: NULL, or why not. */
const char *probe_reach_meets(struct probe_reach *reach, int socket);
void probe_reach_fini(struct probe_reach *reach);
