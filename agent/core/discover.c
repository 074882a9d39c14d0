/* What the cgroup, the program and the sockets of a process suggest. All of these texts
 * are foreign: anybody may name a program "x\n  y: z". Selectors: discover_way.c. */
#include "core/discover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_ROOM 54 /* of SERVICE_MAX: leaves room for a number */

const char *const asked_table[ASKED_N] = {
	[ASKED_NOT] = "not asked",
	[ASKED_PPROF] = "pprof",
	[ASKED_OTHER] = "no pprof",
	[ASKED_UNPROVED] = "not asked",
	[ASKED_REMOTE] = "not on loopback: not asked",
	[ASKED_ELSEWHERE] = "in another network namespace: not asked",
};

/* ---- what was found ---- */

void discover_fini(struct discover *discover)
{
	for (size_t i = 0; i < discover->n_processes; i++)
		free(discover->processes[i].listens);
	free(discover->processes);
	free(discover->services);
	*discover = (struct discover){0};
}

struct discover_process *discover_add(struct discover *discover)
{
	struct discover_process *grown = reallocarray(
		discover->processes, discover->n_processes + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	discover->processes = grown;
	grown += discover->n_processes++;
	*grown = (struct discover_process){0};
	return grown;
}

struct discover_listen *discover_listen_add(struct discover_process *process)
{
	struct discover_listen *grown =
		reallocarray(process->listens, process->n_listens + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	process->listens = grown;
	grown += process->n_listens++;
	*grown = (struct discover_listen){0};
	return grown;
}

const struct discover_listen *discover_pprof(const struct discover_process *process)
{
	for (size_t i = 0; i < process->n_listens; i++) {
		if (process->listens[i].asked == ASKED_PPROF)
			return &process->listens[i];
	}
	return NULL;
}

int discover_services_init(struct discover *discover)
{
	discover->services =
		calloc(discover->n_processes + 1, sizeof(*discover->services));
	return discover->services ? 0 : -ENOMEM;
}

bool discover_same_program(const struct discover_process *a,
			   const struct discover_process *b)
{
	return text_equal(a->facts.exe, b->facts.exe) && text_equal(a->path, b->path);
}

const char *discover_left_out(const struct discover_process *process)
{
	if (process->watched)
		return "it is watched already";
	if (process->n_listens == 0 && !process->unit[0])
		return "it listens nowhere and is no unit of systemd: a tool, perhaps";
	return NULL;
}

/* ---- what a cgroup's path tells ---- */

bool discover_unit(const char *path, char ret[static DISCOVER_UNIT_MAX])
{
	struct span rest = {path, strlen(path)}, part;

	while (text_next(&rest, '/', &part)) {
		size_t skip =
			part.len > 0 && part.at[0] == '_'; /* systemd's own escape */

		if (part.len >= DISCOVER_UNIT_MAX)
			continue;
		memcpy(ret, part.at + skip, part.len - skip);
		ret[part.len - skip] = '\0';
		if (text_ends(ret, ".service") && !text_starts(ret, "user@"))
			return true;
	}
	return false;
}

/* ---- names ---- */

/* The part behind the last slash, without a suffix. */
static void base_name(const char *path, const char *suffix, char *to, size_t size)
{
	const char *slash = strrchr(path, '/');

	(void)text_copy(to, size, slash ? slash + 1 : path); /* cut is fine for a name */
	if (text_ends(to, suffix))
		to[strlen(to) - strlen(suffix)] = '\0';
}

/* Of a pod its workload, which its containers share. */
static void container_name(const struct container_facts *container, char *to, size_t size)
{
	char pattern[DISCOVER_PATTERN_MAX];

	discover_pod(container->pod, pattern);
	if (text_ends(pattern, "-*"))
		pattern[strlen(pattern) - 2] = '\0';
	(void)text_copy(to, size, pattern[0] ? pattern : container->name);
}

void discover_name(const struct discover_process *process,
		   bool (*taken)(const void *arg, const char *name), const void *arg,
		   char ret[static SERVICE_MAX])
{
	char base[SERVICE_MAX], slug[NAME_ROOM];
	const char *name = slug;

	if (process->container && process->container->name[0])
		container_name(process->container, base, sizeof(base));
	else if (process->unit[0])
		base_name(process->unit, ".service", base, sizeof(base));
	else
		base_name(process->facts.exe, ".exe", base, sizeof(base));
	text_slug(base, slug, sizeof(slug));
	while (*name == '.' || *name == '-' || *name == '_')
		name++;
	if (!*name)
		name = "service";
	(void)snprintf(ret, SERVICE_MAX, "%s", name);
	for (unsigned i = 2; taken(arg, ret); i++)
		(void)snprintf(ret, SERVICE_MAX, "%s-%u", name, i);
}
