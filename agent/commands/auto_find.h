#pragma once
/* `pprof: auto`: the ports on loopback where a process listens, and nobody else. Which of
 * them serves pprof is asked by its index page alone, which costs the service nothing. */

#include "edge/kernel/process.h"

#define AUTO_URLS_MAX 16 /* further ones are not looked at */
#define AUTO_URL_MAX 64
struct auto_urls {
	char url[AUTO_URLS_MAX][AUTO_URL_MAX];
	size_t n;
};

/* Those that listen on loopback alone first: that is where pprof belongs. 0 or -errno
 * (-EACCES: the right to see what it has open). */
int auto_find(const struct process *process, struct auto_urls *ret) must_check;
/* Why none of them is to be asked: there is none, or (error below 0) they are hidden. */
const char *auto_why(int error);
