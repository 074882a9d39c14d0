/* What the cgroup, the program and the sockets of a process suggest. All of these texts
 * are foreign: anybody may name a program "x\n  y: z". */
#include "core/discover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/conf_selector.h"
#include "core/conf_value.h"

#define CONTAINER_ID 64 /* hex digits of an id: docker, containerd, CRI-O, podman */
#define NAME_ROOM 54    /* of SERVICE_MAX: leaves room for a number */

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

void discover_container(const char *path, char ret[static DISCOVER_CONTAINER_MAX])
{
	struct span rest = {path, strlen(path)}, part, above = {"", 0}, kind;
	size_t at = 0;

	ret[0] = '\0';
	while (text_next(&rest, '/', &part)) {
		if (hex_run(part, &at)) {
			/* "docker-ID.scope", or "docker/ID", or a pod's "ID" alone. */
			kind = at > 1 ? (struct span){part.at, at - 1} : above;
			if (kind.len == 0 || kind.len > 32 ||
			    (kind.len > 3 && !memcmp(kind.at, "pod", 3)))
				kind = (struct span){"container", 9};
			(void)snprintf(ret, DISCOVER_CONTAINER_MAX, "%.*s %.12s",
				       (int)kind.len, kind.at, part.at + at);
		}
		above = part;
	}
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

void discover_name(const struct discover_process *process,
		   bool (*taken)(const void *arg, const char *name), const void *arg,
		   char ret[static SERVICE_MAX])
{
	char base[SERVICE_MAX], slug[NAME_ROOM];
	const char *name = slug;

	if (process->unit[0])
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

/* ---- selectors ---- */

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
	else
		written =
			snprintf(ret, DISCOVER_PATTERN_MAX, "%d", process->facts.pid) > 0;
	return written && conf_selector_check(selector, ret, message) == 0;
}

#define BIT(selector) (UINT32_C(1) << (selector))
/* Those first that need no right and outlive a restart; a pid is the last resort. */
static const uint32_t ways[] = {
	BIT(SELECTOR_UNIT),
	BIT(SELECTOR_UNIT) | BIT(SELECTOR_NAME),
	BIT(SELECTOR_CGROUP),
	BIT(SELECTOR_EXE),
	BIT(SELECTOR_UNIT) | BIT(SELECTOR_EXE) | BIT(SELECTOR_LISTEN),
	BIT(SELECTOR_CGROUP) | BIT(SELECTOR_EXE),
	BIT(SELECTOR_EXE) | BIT(SELECTOR_LISTEN),
	BIT(SELECTOR_PID),
};

static bool write_way(const struct discover_process *process, uint32_t way,
		      struct discover_selector *ret)
{
	char container[DISCOVER_CONTAINER_MAX];

	*ret = (struct discover_selector){0};
	discover_container(process->path, container);
	if (way == BIT(SELECTOR_CGROUP) && container[0])
		return false; /* other containers look the same */
	for (unsigned i = 0; i < SELECTOR_N; i++) {
		if (way & BIT(i) && !write_selector(process, i, ret->text[i]))
			return false;
	}
	return true;
}

bool discover_way(const struct discover_process *process, size_t nth,
		  struct discover_selector *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (write_way(process, ways[i], ret) && nth-- == 0)
			return true;
	}
	return false;
}
