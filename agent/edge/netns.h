#pragma once
/* Network namespaces of others. A socket stays for ever in the one where it was made, so
 * reaching into a container takes no more than standing in there while socket() is
 * called. To open one takes CAP_SYS_PTRACE, to enter it CAP_SYS_ADMIN as well. */

#include "lib/def.h"

/* Whether the process behind dirfd (/proc/PID) is in another one than we are: 0, 1 or
 * -errno (-ENOENT, -ESRCH: it ended). Needs no right. */
int netns_differs(int dirfd) must_check;
/* What tells its namespace from all others of this moment. Needs no right; the same
 * outcomes. */
int netns_number(int dirfd, uint64_t *ret) must_check;
/* Its namespace, a descriptor of the caller's, or -errno (-EACCES without the right). */
int netns_open(int dirfd) must_check;
int netns_open_own(void) must_check;
/* Goes there and stays. 0 or -errno (-EPERM without the right). */
int netns_enter(int fd) must_check;

/* There and back, for one socket. */
struct netns_visit {
	int there, home; /* borrowed */
};
/* A socket that was made there: a descriptor of the caller's, or -errno. Whoever gets it
 * is home again, proved; where the way back is barred the process ends with a word on
 * stderr, because whatever it did next it would do in somebody else's network. */
int netns_socket(const struct netns_visit *visit, int family, int type,
		 int protocol) must_check;
