/* Foreign is an accusation that costs a capture, so it needs proof; see the header. */
#include "edge/kernel/endpoint_check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/listeners.h"
#include "edge/kernel/proclist.h"

#define ANCESTRY_MAX 64 /* parents that are followed */

static bool same_netns(int own_dirfd, int dirfd)
{
	char own[64], other[64];
	ssize_t n = readlinkat(own_dirfd, "ns/net", own, sizeof(own));

	return n > 0 && readlinkat(dirfd, "ns/net", other, sizeof(other)) == n &&
	       !memcmp(own, other, (size_t)n);
}

static int owned_by(const struct roots *roots, int pid, const struct listeners *listeners)
{
	AUTO_CLOSE int dirfd = process_dir(roots, pid);

	return dirfd < 0 ? dirfd : listeners_owned(dirfd, listeners);
}

/* Steps up from pid in the list; 0 at the end. */
static int parent_of(const struct proclist *list, int pid)
{
	const struct proclist_entry *entry = proclist_at(list, pid);

	return entry ? entry->ppid : 0;
}

static bool descends(const struct proclist *list, int pid, int from)
{
	for (int i = 0; i < ANCESTRY_MAX && pid > 1; i++) {
		pid = parent_of(list, pid);
		if (pid == from)
			return true;
	}
	return false;
}

/* Might an ancestor hold them: a master that listens for its worker, systemd that listens
 * for its service? Ancestors that may not be looked at are not suspected. */
static bool is_an_ancestors(const struct roots *roots, const struct proclist *list,
			    int target, const struct listeners *listeners)
{
	int pid = target;

	for (int i = 0; i < ANCESTRY_MAX && (pid = parent_of(list, pid)) > 0; i++)
		if (owned_by(roots, pid, listeners) > 0)
			return true;
	return false;
}

/* VERIFIED: one descendant has them all; FOREIGN: none has any; else UNVERIFIED. */
static enum endpoint_state ask_descendants(const struct roots *roots,
					   const struct proclist *list, int target,
					   const struct listeners *listeners)
{
	enum endpoint_state answer = ENDPOINT_FOREIGN;

	for (size_t i = 0; i < list->n; i++) {
		const struct proclist_entry *entry = &list->entry[i];
		int owned;

		if (entry->zombie || !descends(list, entry->pid, target))
			continue;
		owned = owned_by(roots, entry->pid, listeners);
		if (owned == (int)listeners->n)
			return ENDPOINT_VERIFIED;
		if (owned != 0 && owned != -ESRCH && owned != -ENOENT)
			answer = ENDPOINT_UNVERIFIED;
	}
	return answer;
}

static enum endpoint_state ask_relatives(const struct roots *roots, int target,
					 const struct listeners *listeners)
{
	struct proclist list;
	enum endpoint_state answer;

	if (proclist_read(roots, &list) < 0)
		return ENDPOINT_UNVERIFIED;
	answer = ask_descendants(roots, &list, target, listeners);
	if (answer == ENDPOINT_FOREIGN &&
	    is_an_ancestors(roots, &list, target, listeners))
		answer = ENDPOINT_UNVERIFIED;
	proclist_fini(&list);
	return answer;
}

static int find_listeners(int own_dirfd, const struct listen_at *at,
			  struct listeners *ret)
{
	if (!at->path && listeners_ask(at, ret) == 0)
		return 0;
	return listeners_find(own_dirfd, at, ret);
}

/* Without the right to see what the target has open, nothing of this can be known. */
static bool may_look(const struct process *process)
{
	AUTO_CLOSE int fd = fs_open_dir_at(process->dirfd, "fd");

	return fd >= 0;
}

enum endpoint_state endpoint_check(const struct roots *roots,
				   const struct process *process, const char *host,
				   uint16_t port, const char *unix_path)
{
	struct listen_at at = {.port = port};
	AUTO_CLOSE int own = -1;
	struct listeners listeners;
	int owned;

	if (!roots->live || (!unix_path && listen_host(host, &at) < 0))
		return ENDPOINT_UNVERIFIED;
	if (!may_look(process))
		return ENDPOINT_UNVERIFIED;
	at.path = unix_path;
	own = process_dir(roots, getpid());
	if (own < 0 || find_listeners(own, &at, &listeners) < 0 || listeners.n == 0)
		return ENDPOINT_UNVERIFIED;
	owned = listeners_owned(process->dirfd, &listeners);
	if (owned == (int)listeners.n)
		return ENDPOINT_VERIFIED;
	if (owned != 0 || !same_netns(own, process->dirfd))
		return ENDPOINT_UNVERIFIED;
	return ask_relatives(roots, process->pid, &listeners);
}

enum endpoint_state endpoint_check_there(const struct process *process, const char *host,
					 uint16_t port)
{
	struct listen_at at = {.port = port};
	struct listeners listeners;

	if (listen_host(host, &at) < 0 ||
	    listeners_find(process->dirfd, &at, &listeners) < 0 || listeners.n == 0)
		return ENDPOINT_UNVERIFIED;
	return listeners_owned(process->dirfd, &listeners) == (int)listeners.n
		       ? ENDPOINT_VERIFIED
		       : ENDPOINT_UNVERIFIED;
}

enum endpoint_state endpoint_peer(const struct roots *roots,
				  const struct process *process, int pid)
{
	enum endpoint_state answer = ENDPOINT_FOREIGN;
	struct proclist list;

	if (!roots->live || pid <= 0)
		return ENDPOINT_UNVERIFIED;
	if (pid == process->pid)
		return ENDPOINT_VERIFIED;
	if (proclist_read(roots, &list) < 0)
		return ENDPOINT_UNVERIFIED;
	if (descends(&list, pid, process->pid))
		answer = ENDPOINT_VERIFIED;
	else if (!proclist_at(&list, pid) || descends(&list, process->pid, pid))
		answer = ENDPOINT_UNVERIFIED;
	proclist_fini(&list);
	return answer;
}
