/* By the system calls themselves: libcap would be a library for four numbers. The order
 * matters: the bounding set takes CAP_SETPCAP to empty, the group CAP_SETGID, so both go
 * before the capabilities do. A process without any may not empty its bounding set; it is
 * of no use to it then, as no_new_privs keeps exec from giving anything. */
#include "edge/kernel/shed.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUPS_MAX 64
#define WORDS _LINUX_CAPABILITY_U32S_3

static int get(struct __user_cap_data_struct sets[WORDS])
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &head, sets) < 0 ? -errno : 0;
}

static int set(const struct __user_cap_data_struct sets[WORDS])
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capset, &head, sets) < 0 ? -errno : 0;
}

int shed_lower(void)
{
	struct __user_cap_data_struct sets[WORDS];
	int r = get(sets);

	for (size_t i = 0; i < WORDS; i++)
		sets[i].effective = 0;
	return r < 0 ? r : set(sets);
}

int shed_raise(void)
{
	struct __user_cap_data_struct sets[WORDS];
	int r = get(sets);

	for (size_t i = 0; i < WORDS; i++)
		sets[i].effective = sets[i].permitted;
	return r < 0 ? r : set(sets);
}

/* Without CAP_FSETID the set-group-ID bit of a directory is kept for members only. */
static void keep_group(int owned)
{
	gid_t groups[GROUPS_MAX + 1];
	int n = getgroups(GROUPS_MAX, groups);
	struct stat st;

	if (n < 0 || fstat(owned, &st) < 0)
		return;
	groups[n] = st.st_gid;
	(void)setgroups((size_t)n + 1, groups); /* where it may not they are its own */
}

static bool is_bare(void)
{
	struct __user_cap_data_struct sets[WORDS];

	if (get(sets) < 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return false;
	for (size_t i = 0; i < WORDS; i++) {
		if (sets[i].effective || sets[i].permitted || sets[i].inheritable)
			return false;
	}
	return true;
}

int shed_all(int owned)
{
	const struct __user_cap_data_struct none[WORDS] = {{0}};
	int r;

	keep_group(owned);
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	r = set(none);
	if (r < 0)
		return r;
	return is_bare() ? 0 : -EPERM;
}
