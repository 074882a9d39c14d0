/* Ways to say which process is meant. Texts of programs and sockets are foreign; names of
 * containers and pods are what runtimes let pass, and are checked as all others are. */
#include "core/discover.h"

#include <stdio.h>
#include <string.h>

#include "core/conf_selector.h"
#include "core/conf_value.h"

#define ID_SHORT 12     /* as docker shows it */
#define CONTAINER_ID 64 /* hex digits of an id: docker, containerd, CRI-O, podman */
/* What Kubernetes makes the random parts of names of (k8s.io/apimachinery, util/rand). */
#define RANDOM_LETTERS "bcdfghjklmnpqrstvwxz2456789"
#define RANDOM_POD 5   /* letters behind the last dash of a pod that is one of many */
#define RANDOM_HASH 10 /* of its ReplicaSet before that, at most */
#define RANDOM_HASH_LEAST 6 /* a guess: what is shorter is rather a word */

/* ---- texts ---- */

static bool is_ascii(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* A text that a glob matches and that holds nothing but ASCII. False: too long. */
static bool glob_of(const char *text, char ret[static DISCOVER_PATTERN_MAX])
{
	size_t len = 0;

	for (; *text; text++) {
		bool escape = strchr("*?[]\\", *text) != NULL;

		if (len + 2 >= DISCOVER_PATTERN_MAX)
			return false;
		if (escape)
			ret[len++] = '\\';
		ret[len++] = is_ascii(*text) ? *text : '?';
	}
	ret[len] = '\0';
	return len > 0;
}

/* Of a key that takes no globs: as it is, or not at all. */
static bool exact_of(const char *text, char ret[static DISCOVER_PATTERN_MAX])
{
	for (size_t i = 0; text[i]; i++) {
		if (!is_ascii(text[i]))
			return false;
	}
	return text[0] && text_copy(ret, DISCOVER_PATTERN_MAX, text) == 0;
}

static size_t hex_run(struct span text, size_t *ret_at)
{
	size_t run = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		run = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ? run + 1 : 0;
		if (run == CONTAINER_ID) {
			*ret_at = i + 1 - run;
			return run;
		}
	}
	return 0;
}

/* "docker-ID.scope" -> "docker-*.scope": the id is another one after each start. */
static void forget_ids(char *pattern)
{
	size_t at = 0, len;

	while ((len = hex_run((struct span){pattern, strlen(pattern)}, &at)) > 0) {
		pattern[at] = '*';
		memmove(pattern + at + 1, pattern + at + len,
			strlen(pattern + at + len) + 1);
	}
}

static bool cgroup_of(const struct discover_process *process,
		      char ret[static DISCOVER_PATTERN_MAX])
{
	if (!process->facts.cgroup[0] || !glob_of(process->path, ret))
		return false;
	forget_ids(ret);
	return true;
}

/* Where it serves pprof, else the first place. */
static const char *listen_of(const struct discover_process *process)
{
	const struct discover_listen *listen = discover_pprof(process);

	if (listen)
		return listen->at;
	return process->n_listens > 0 ? process->listens[0].at : "";
}

/* Where the last part of a name begins, if it is random, of so many letters; else 0. */
static size_t random_part(const char *name, size_t len, size_t least, size_t most)
{
	size_t at = len;

	while (at > 0 && name[at - 1] != '-')
		at--;
	if (at < 2 || len - at < least || len - at > most ||
	    strspn(name + at, RANDOM_LETTERS) < len - at)
		return 0;
	return at;
}

void discover_pod(const char *pod, char ret[static DISCOVER_PATTERN_MAX])
{
	size_t len = strlen(pod), at, hash;

	(void)text_copy(ret, DISCOVER_PATTERN_MAX, pod); /* POD_NAME_MAX is less */
	at = random_part(pod, len, RANDOM_POD, RANDOM_POD);
	if (!at)
		return;
	hash = random_part(pod, at - 1, RANDOM_HASH_LEAST, RANDOM_HASH);
	(void)snprintf(ret, DISCOVER_PATTERN_MAX, "%.*s*", (int)(hash ? hash : at), pod);
}

/* Of what it runs in; false: not known. */
static bool write_of_container(const struct container_facts *container,
			       enum selector selector,
			       char ret[static DISCOVER_PATTERN_MAX])
{
	if (!container)
		return false;
	if (selector == SELECTOR_CONTAINER_ID)
		return snprintf(ret, DISCOVER_PATTERN_MAX, "%.*s", ID_SHORT,
				container->id) > 0;
	if (!container->name[0])
		return false;
	if (selector == SELECTOR_CONTAINER)
		return !container->pod[0] && glob_of(container->name, ret);
	if (selector == SELECTOR_POD_NAMESPACE)
		return glob_of(container->namespace, ret);
	if (selector == SELECTOR_POD)
		return glob_of(container->pod, ret);
	return selector == SELECTOR_POD_CONTAINER && container->pod[0] &&
	       glob_of(container->name, ret);
}

static bool write_selector(const struct discover_process *process, enum selector selector,
			   char ret[static DISCOVER_PATTERN_MAX])
{
	char message[VALUE_MESSAGE_MAX];
	bool written;

	if (selector == SELECTOR_UNIT)
		written = exact_of(process->unit, ret);
	else if (selector == SELECTOR_CGROUP)
		written = cgroup_of(process, ret);
	else if (selector == SELECTOR_NAME)
		written = glob_of(process->comm, ret);
	else if (selector == SELECTOR_EXE)
		written = glob_of(process->facts.exe, ret);
	else if (selector == SELECTOR_LISTEN)
		written = exact_of(listen_of(process), ret);
	else if (selector == SELECTOR_PID)
		written =
			snprintf(ret, DISCOVER_PATTERN_MAX, "%d", process->facts.pid) > 0;
	else
		written = write_of_container(process->container, selector, ret);
	return written && conf_selector_check(selector, ret, message) == 0;
}

/* ---- ways ---- */

#define BIT(selector) (UINT32_C(1) << (selector))
#define IN_POD                                                                           \
	(BIT(SELECTOR_POD_NAMESPACE) | BIT(SELECTOR_POD) | BIT(SELECTOR_POD_CONTAINER))
/* Those first that need no right and outlive a restart; a pid is the last resort. */
static const struct way {
	uint32_t selectors;
	bool any_pod; /* of its workload: the pod that replaces it has another name */
} ways[] = {
	{IN_POD, true},
	{IN_POD | BIT(SELECTOR_EXE), true},
	{IN_POD, false},
	{IN_POD | BIT(SELECTOR_EXE), false},
	{BIT(SELECTOR_CONTAINER), false},
	{BIT(SELECTOR_CONTAINER) | BIT(SELECTOR_EXE), false},
	{BIT(SELECTOR_UNIT), false},
	{BIT(SELECTOR_UNIT) | BIT(SELECTOR_NAME), false},
	{BIT(SELECTOR_CGROUP), false},
	{BIT(SELECTOR_EXE), false},
	{BIT(SELECTOR_UNIT) | BIT(SELECTOR_EXE) | BIT(SELECTOR_LISTEN), false},
	{BIT(SELECTOR_CGROUP) | BIT(SELECTOR_EXE), false},
	{BIT(SELECTOR_EXE) | BIT(SELECTOR_LISTEN), false},
	{BIT(SELECTOR_CONTAINER_ID), false},
	{BIT(SELECTOR_CONTAINER_ID) | BIT(SELECTOR_EXE), false},
	{BIT(SELECTOR_PID), false},
};

static bool write_way(const struct discover_process *process, const struct way *way,
		      struct discover_selector *ret)
{
	*ret = (struct discover_selector){0};
	if (way->selectors == BIT(SELECTOR_CGROUP) && process->container)
		return false; /* other containers look the same */
	for (unsigned i = 0; i < SELECTOR_N; i++) {
		if (way->selectors & BIT(i) && !write_selector(process, i, ret->text[i]))
			return false;
	}
	if (way->any_pod)
		discover_pod(process->container->pod, ret->text[SELECTOR_POD]);
	return true;
}

bool discover_way(const struct discover_process *process, size_t nth,
		  struct discover_selector *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (write_way(process, &ways[i], ret) && nth-- == 0)
			return true;
	}
	return false;
}
