#pragma once
/* The line of /proc/PID/stat, proc(5). comm may hold anything, also ") R 1 (" and a
 * newline, so what follows it starts behind the last ')' of the whole file. */

#include "lib/text.h"

struct procstat {
	int pid, ppid;
	char state;    /* Z: zombie, X: dead */
	bool kthread;  /* PF_KTHREAD of flags */
	char comm[16]; /* foreign bytes, cut at 15 */
	uint64_t start_ticks;
	uint64_t start_code, start_stack; /* 0 where the right to see them is missing */
};

#define PROCSTAT_MAX 1024 /* bytes: 52 numbers of at most 20 digits fit with room */

/* 0 or -EBADMSG; *ret is untouched then. */
int procstat_parse(struct span file, struct procstat *ret) must_check;
