#pragma once
/* `log:` of a service: where the last words of its processes stand. Pure: which place is
 * meant, never what is in it. A child gets a source that says all of it (a path, a
 * directory, a unit), so that it can be read when the process is gone. */

#include <stdbool.h>

enum log_kind {
	LOG_NONE,
	LOG_FILE,      /* at: an absolute path */
	LOG_CONTAINER, /* at: the directory of a container's log, as kubelet lays it out:
			  N.log, where the highest N is the newest life's */
	LOG_JOURNAL,   /* at: a unit of the system's manager */
	LOG_USER_JOURNAL, /* at: a unit of a user's own manager */
	LOG_UNKNOWN,      /* at: why the place cannot be told */
	LOG_N,
};
extern const char *const log_kind_table[LOG_N];

struct log_source {
	enum log_kind kind;
	char at[512];
};

/* The words of the configuration beside a path. */
#define LOG_WORD_JOURNAL "journal"
#define LOG_WORD_CONTAINER "container"

/* The newest bytes that are kept; what stands before them is not. */
#define LOG_TAIL_MAX (256U << 10)

/* Where the log of a target is. configured: conf_service.log. cgroup: of its memory
 * domain, "" without one. container: what log_source_container found. */
void log_source_find(const char *configured, const char *cgroup,
		     const struct log_source *container, struct log_source *ret);

struct conf_runtime;
struct container_facts;
/* Where the log of a container is: below kubelet's pods/ where it is one of a pod, else
 * where docker and podman keep the files of theirs by default. */
void log_source_container(const struct conf_runtime *runtime,
			  const struct container_facts *container,
			  struct log_source *ret);
