/* The table and the questions to it. Bounds are guesses on the generous side; where one
 * is more than that, its row says why. */
#include "core/conf_keys.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/conf_value.h"
#include "lib/text.h"

#define S UINT64_C(1000)
#define M (60 * S)
#define H (60 * M)
#define D (24 * H)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define NO_BOUNDS 0, UINT64_MAX

#define IN_FILE(member) offsetof(struct conf, member)
static const struct conf_key file_rows[] = {
	{"services", KEY_BODIES, NO_BOUNDS, NULL,
	 "what is watched: names of services, under each its keys", 0},
	{"defaults", KEY_BODY, NO_BOUNDS, NULL,
	 "keys of a service, for every service: maps merge, lists replace", 0},
	/* 10 ms is the shortest tick there is; a minute misses what the rules ask. */
	{"interval", KEY_DURATION, 10, M, "1s",
	 "longest time between two looks; near a threshold they come by themselves "
	 "faster",
	 IN_FILE(interval_ms)},
	{"archive", KEY_MAP, NO_BOUNDS, NULL, "where incidents are kept and how many", 0},
	{"archive.dir", KEY_PATH, NO_BOUNDS, "/var/lib/leakdog",
	 "directory of the archive; without root the default is $XDG_STATE_HOME/leakdog",
	 IN_FILE(archive.dir)},
	{"archive.max_use", KEY_SHARE, MIB, UINT64_MAX, "10% up to 4G",
	 "largest size of the archive: a size, a share of its file system, or both",
	 IN_FILE(archive.max_use)},
	{"archive.keep_free", KEY_SHARE, 0, UINT64_MAX, "15% up to 4G",
	 "what stays free on its file system; below it nothing is captured",
	 IN_FILE(archive.keep_free)},
	{"archive.max_incidents", KEY_COUNT, 1, 100000, "200",
	 "largest number of incidents, all services together",
	 IN_FILE(archive.max_incidents)},
	/* On a tmpfs evidence takes the memory that it is about: in a pod it counts
	 * against the limit of the container that writes it. */
	{"archive.on_memory", KEY_FLAG, NO_BOUNDS, "no",
	 "whether it may lie on a tmpfs, where it takes memory and is gone with the "
	 "machine",
	 IN_FILE(archive.on_memory)},
	{"archive.group", KEY_GROUP, NO_BOUNDS, "leakdog",
	 "members of this group may read the archive and ask the agent",
	 IN_FILE(archive.group)},
	{"runtime", KEY_MAP, NO_BOUNDS, NULL,
	 "where names of containers are had, for container and pod", 0},
	{"runtime.socket", KEY_SOCKET, NO_BOUNDS, NULL,
	 "Docker-compatible API of docker or podman: names, labels, images",
	 IN_FILE(runtime.socket)},
	{"runtime.logs", KEY_PATH, NO_BOUNDS, "/var/log",
	 "where kubelet's pods/ and containers/ are: names of pods and of their "
	 "containers",
	 IN_FILE(runtime.logs)},
	{"runtime.docker", KEY_PATH, NO_BOUNDS, "/var/lib/docker",
	 "where docker keeps its containers: their names without a socket (root)",
	 IN_FILE(runtime.docker)},
	{"runtime.podman", KEY_PATH, NO_BOUNDS, "/var/lib/containers/storage",
	 "where podman keeps its containers: their names without a socket (root)",
	 IN_FILE(runtime.podman)},
};

#define IN_SERVICE(member) offsetof(struct conf_service, member)
#define ARTIFACT_URL(name, artifact)                                                     \
	{                                                                                \
		"pprof." name, KEY_URL, NO_BOUNDS, NULL,                                 \
			"whole address of this artifact, where it is not below url",     \
			IN_SERVICE(endpoint.urls[artifact])                              \
	}
static const struct conf_key service_rows[] = {
	{"unit", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "systemd unit, with or without .service: the processes of its control group",
	 IN_SERVICE(selector[SELECTOR_UNIT])},
	{"cgroup", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "path of a control group as in /proc/PID/cgroup, or its end; * ? [] allowed",
	 IN_SERVICE(selector[SELECTOR_CGROUP])},
	{"pid", KEY_SELECTOR, NO_BOUNDS, NULL, "one process, by its number",
	 IN_SERVICE(selector[SELECTOR_PID])},
	{"pidfile", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "one process, by the file that holds its number",
	 IN_SERVICE(selector[SELECTOR_PIDFILE])},
	{"name", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "name of the process (15 characters at most), * ? [] allowed",
	 IN_SERVICE(selector[SELECTOR_NAME])},
	{"cmdline", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "its arguments joined by blanks, * ? [] allowed",
	 IN_SERVICE(selector[SELECTOR_CMDLINE])},
	{"exe", KEY_SELECTOR, NO_BOUNDS, NULL, "path of its program, * ? [] allowed",
	 IN_SERVICE(selector[SELECTOR_EXE])},
	{"listen", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "PORT, ADDRESS:PORT or the path of a unix socket that it listens on",
	 IN_SERVICE(selector[SELECTOR_LISTEN])},
	{"container", KEY_CONTAINER, NO_BOUNDS, NULL,
	 "processes in the containers of this name, or of what stands below it", 0},
	{"container.name", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "name of a container, * ? [] allowed", IN_SERVICE(selector[SELECTOR_CONTAINER])},
	{"container.id", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "id of a container or its beginning",
	 IN_SERVICE(selector[SELECTOR_CONTAINER_ID])},
	{"container.label", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "one of its labels, KEY or KEY=VALUE, * ? [] allowed; needs runtime.socket",
	 IN_SERVICE(selector[SELECTOR_CONTAINER_LABEL])},
	{"container.image", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "its image as the runtime shows it, * ? [] allowed; needs runtime.socket",
	 IN_SERVICE(selector[SELECTOR_CONTAINER_IMAGE])},
	{"pod", KEY_MAP, NO_BOUNDS, NULL, "processes in the containers of pods", 0},
	{"pod.namespace", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "namespace of the pod, * ? [] allowed",
	 IN_SERVICE(selector[SELECTOR_POD_NAMESPACE])},
	{"pod.name", KEY_SELECTOR, NO_BOUNDS, NULL, "name of the pod, * ? [] allowed",
	 IN_SERVICE(selector[SELECTOR_POD])},
	{"pod.container", KEY_SELECTOR, NO_BOUNDS, NULL,
	 "name of the container in the pod, * ? [] allowed",
	 IN_SERVICE(selector[SELECTOR_POD_CONTAINER])},
	{"pprof", KEY_PPROF, NO_BOUNDS, "none",
	 "address of net/http/pprof; /debug/pprof is assumed where no path is given",
	 IN_SERVICE(endpoint)},
	{"pprof.url", KEY_URL, NO_BOUNDS, NULL,
	 "the same, beside addresses of single artifacts", IN_SERVICE(endpoint.url)},
	ARTIFACT_URL("heap", ARTIFACT_HEAP),
	ARTIFACT_URL("index", ARTIFACT_INDEX),
	ARTIFACT_URL("goroutine", ARTIFACT_GOROUTINE),
	ARTIFACT_URL("heap-gc", ARTIFACT_HEAP_GC),
	ARTIFACT_URL("memstats", ARTIFACT_MEMSTATS),
	ARTIFACT_URL("goroutineleak", ARTIFACT_GOROUTINELEAK),
	ARTIFACT_URL("goroutine-text", ARTIFACT_GOROUTINE_TEXT),
	{"metrics", KEY_URL, NO_BOUNDS, NULL,
	 "whole address of its Prometheus page, for rules on a metric",
	 IN_SERVICE(metrics)},
	{"auth", KEY_MAP, NO_BOUNDS, NULL, "how leakdog proves who it is to pprof", 0},
	{"auth.basic", KEY_BASIC, NO_BOUNDS, NULL, "file with one line user:password",
	 IN_SERVICE(endpoint)},
	{"auth.bearer", KEY_BEARER, NO_BOUNDS, NULL, "file with one line, the token",
	 IN_SERVICE(endpoint)},
	{"ca_file", KEY_PATH, NO_BOUNDS, NULL,
	 "PEM file of the authorities that https is checked against",
	 IN_SERVICE(endpoint.ca_file)},
	{"headers_file", KEY_HEADERS, NO_BOUNDS, NULL,
	 "file with lines 'Name: value', sent with each request",
	 IN_SERVICE(endpoint.headers_file)},
	{"limit", KEY_SIZE, MIB, UINT64_MAX, NULL,
	 "memory limit for percent and time to limit where the kernel knows none",
	 IN_SERVICE(limit_bytes)},
	{"rules", KEY_RULES, NO_BOUNDS,
	 "memory > 62%, memory > 92%, goroutines > 5x base", "when to capture", 0},
	{"rules[].when", KEY_RULE, NO_BOUNDS, NULL,
	 "the rule, beside a cooldown of its own", 0},
	{"rules[].cooldown", KEY_DURATION, S, 30 * D, NULL, "of this rule",
	 offsetof(struct rule, cooldown_ms)},
	{"cooldown", KEY_DURATION, S, 30 * D, "10m", "rest of a rule after its capture",
	 IN_SERVICE(cooldown_ms)},
	{"settle", KEY_DURATION, S, D, "5m",
	 "how long all must be calm before an incident is sealed as recovered",
	 IN_SERVICE(settle_ms)},
	{"at_most", KEY_DURATION, S, 30 * D, "1h",
	 "longest incident; it is sealed as persisting then", IN_SERVICE(at_most_ms)},
	{"again", KEY_PERIOD, S, D, "30s",
	 "time to the second capture of an incident, for rates; off: none",
	 IN_SERVICE(again_ms)},
	{"base", KEY_MAP, NO_BOUNDS, NULL, "reference profiles of a healthy process", 0},
	{"base.after", KEY_DURATION, 0, 30 * D, "5m",
	 "age of the process when its base is taken", IN_SERVICE(base_after_ms)},
	{"recorder", KEY_MAP, NO_BOUNDS, NULL, "heap profiles in calm times", 0},
	{"recorder.every", KEY_PERIOD, 10 * S, 7 * D, "10m",
	 "time between two of them; more often when memory grows; off: none",
	 IN_SERVICE(recorder_every_ms)},
	{"capture", KEY_MAP, NO_BOUNDS, NULL, "what a capture holds, and its bounds", 0},
	{"capture.artifacts", KEY_ARTIFACTS, NO_BOUNDS,
	 "kernel, heap, index, goroutine, heap-gc, memstats, goroutineleak, sockets, "
	 "smaps, "
	 "fds, goroutine-text, build, goenv, log",
	 "which artifacts; their order is leakdog's; a list with heap-gc takes it "
	 "always, not only where heap shows under three quarters of the memory",
	 IN_SERVICE(capture.artifacts)},
	{"capture.debug2_at_most", KEY_COUNT, 0, 10000000, "5000",
	 "goroutine-text stops the program again and again: not above so many goroutines",
	 IN_SERVICE(capture.debug2_at_most)},
	/* Serialising profiles took over 20 s in one real service (golang/go#69590). */
	{"capture.timeout", KEY_DURATION, 100, 10 * M, "30s",
	 "longest wait for an artifact", IN_SERVICE(capture.timeout_ms)},
	{"capture.max_bytes", KEY_SIZE, 64 << 10, 16 * GIB, "256M",
	 "largest artifact; what is longer is cut and called partial",
	 IN_SERVICE(capture.max_bytes)},
	{"hold", KEY_MAP, NO_BOUNDS, NULL,
	 "raises the memory limit while a capture runs, and puts it back", 0},
	{"hold.limit", KEY_RAISE, MIB, UINT64_MAX, "off",
	 "how far: 20G, +1G or +25%; needs root (leakdog-hold.conf)",
	 IN_SERVICE(hold.limit)},
	{"hold.at_most", KEY_DURATION, S, H, "60s",
	 "how long; it goes back earlier where the capture has ended",
	 IN_SERVICE(hold.at_most_ms)},
	{"log", KEY_LOG, NO_BOUNDS, "off",
	 "what it logs: the path of a file, journal (of its unit) or container; the last "
	 "256K are kept at a capture and at the seal",
	 IN_SERVICE(log)},
	{"limits", KEY_MAP, NO_BOUNDS, NULL,
	 "what a crash loop or a nervous rule may cost in an hour", 0},
	/* With the usual cooldown a rule fires six times an hour: room for two rules. */
	{"limits.per_target", KEY_COUNT, 1, LIMITS_MOST, "12",
	 "captures of one process in an hour; the first of a rule goes anyway",
	 IN_SERVICE(limits.target)},
	/* Two processes at their limit. At 10,000 goroutines a capture holds its target
	 * up for 0.14 s at most: these are 0.1 % of the hour. */
	{"limits.per_service", KEY_COUNT, 1, LIMITS_MOST, "24",
	 "captures of all processes of the service in an hour",
	 IN_SERVICE(limits.service)},
	/* First and newest, the worst, and three beside them to see how it went on. */
	{"limits.incidents", KEY_COUNT, 3, LIMITS_MOST, "6",
	 "incidents of one rule that are kept of an hour: the first, the worst, the "
	 "newest ones; the others are counted",
	 IN_SERVICE(limits.incidents)},
};

const struct conf_keys conf_file_table = {file_rows, ARRAY_SIZE(file_rows), "a file"};
const struct conf_keys conf_service_table = {service_rows, ARRAY_SIZE(service_rows),
					     "a service"};
_Static_assert(ARRAY_SIZE(file_rows) <= 64 && ARRAY_SIZE(service_rows) <= 64,
	       "given has a bit per row");

static const char *leaf_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* Is this the path of a key right below the prefix? */
static bool is_below(const char *path, const char *prefix)
{
	return text_starts(path, prefix) && leaf_of(path) == path + strlen(prefix);
}

const struct conf_key *conf_key_find(const struct conf_keys *keys, const char *prefix,
				     const char *key)
{
	for (size_t i = 0; i < keys->n; i++) {
		const char *path = keys->rows[i].path;

		if (is_below(path, prefix) && text_equal(leaf_of(path), key))
			return &keys->rows[i];
	}
	return NULL;
}

/* A row with this very name somewhere else in a table. */
static const struct conf_key *find_leaf(const struct conf_keys *keys, const char *key)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (text_equal(leaf_of(keys->rows[i].path), key))
			return &keys->rows[i];
	}
	return NULL;
}

static const char *nearest_sibling(const struct conf_keys *keys, const char *prefix,
				   const char *key)
{
	unsigned best = MIN(3U, (unsigned)strlen(key));
	const char *name = NULL;

	for (size_t i = 0; i < keys->n; i++) {
		const char *path = keys->rows[i].path;
		unsigned distance = text_distance(leaf_of(path), key);

		if (is_below(path, prefix) && distance < best) {
			best = distance;
			name = leaf_of(path);
		}
	}
	return name;
}

void conf_key_hint(const struct conf_keys *keys, const char *prefix, const char *key,
		   char *to, size_t size)
{
	bool in_file = keys == &conf_file_table;
	const struct conf_keys *others = in_file ? &conf_service_table : &conf_file_table;
	const char *near = nearest_sibling(keys, prefix, key);
	const struct conf_key *row = find_leaf(keys, key);

	to[0] = '\0';
	if (row)
		(void)snprintf(to, size, "it is written as %s", row->path);
	else if ((row = find_leaf(others, key)) != NULL)
		(void)snprintf(to, size, "%s is a key of %s", row->path, others->where);
	else if (!prefix[0] && signal_by_name(key, strlen(key)) != SIGNAL_N)
		(void)snprintf(to, size, "a threshold is a rule: rules: ['%s > ...']",
			       key);
	else if (near)
		(void)snprintf(to, size, "did you mean '%s'?", near);
}

static bool has_one_value(enum key_type type)
{
	return type < KEY_RULE && type != KEY_SELECTOR;
}

void conf_keys_preset(const struct conf_keys *keys, void *to)
{
	char message[VALUE_MESSAGE_MAX];

	for (size_t i = 0; i < keys->n; i++) {
		const struct conf_key *key = &keys->rows[i];

		if (!key->preset || !has_one_value(key->type))
			continue;
		/* Presets are literals; a test sets each of them. */
		if (conf_value_set(key, key->preset, (char *)to + key->offset, message) <
		    0)
			return;
	}
}
