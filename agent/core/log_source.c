#include "core/log_source.h"

#include <stdio.h>
#include <string.h>

#include "core/conf.h"
#include "core/job.h"
#include "lib/text.h"

const char *const log_kind_table[LOG_N] = {
	[LOG_NONE] = "none",
	[LOG_FILE] = "file",
	[LOG_CONTAINER] = "container",
	[LOG_JOURNAL] = "journal",
	[LOG_USER_JOURNAL] = "user-journal",
	[LOG_UNKNOWN] = "unknown",
};

static void set(struct log_source *ret, enum log_kind kind, const char *at)
{
	ret->kind = kind;
	if (text_copy(ret->at, sizeof(ret->at), at) < 0) /* a cut name is another's */
		*ret = (struct log_source){LOG_UNKNOWN, "its name is too long"};
}

/* What a journal can be asked for: scopes have none of their own where a service made
 * them, but the manager's words about them. */
static bool is_unit(const char *name)
{
	return text_ends(name, ".service") || text_ends(name, ".scope");
}

/* The first component that is no slice: what stands below a unit, it made and named
 * itself, also after another one, whose log is none of its business. Under
 * user@UID.service another manager has its own units. */
static void find_unit(const char *cgroup, struct log_source *ret)
{
	struct span rest = {cgroup, strlen(cgroup)}, part;
	char name[sizeof(ret->at)];
	bool user = false;

	set(ret, LOG_UNKNOWN,
	    "the process is in no unit of systemd, so it has no journal of its own: "
	    "name a file");
	while (text_next(&rest, '/', &part)) {
		if (part.len == 0)
			continue;
		if (part.len >= sizeof(name))
			return;
		memcpy(name, part.at, part.len);
		name[part.len] = '\0';
		if (text_ends(name, ".slice"))
			continue;
		if (!is_unit(name))
			return;
		set(ret, user ? LOG_USER_JOURNAL : LOG_JOURNAL, name);
		if (user || !text_starts(name, "user@"))
			return;
		user = true;
	}
}

void log_source_container(const struct conf_runtime *runtime,
			  const struct container_facts *container, struct log_source *ret)
{
	const struct container_facts *c = container;
	int len = 0;

	*ret = (struct log_source){.kind = LOG_UNKNOWN};
	if (job_is_component(c->pod_uid, sizeof(c->pod_uid)) &&
	    job_is_component(c->namespace, sizeof(c->namespace)) &&
	    job_is_component(c->pod, sizeof(c->pod)) &&
	    job_is_component(c->name, sizeof(c->name))) {
		ret->kind = LOG_CONTAINER;
		len = snprintf(ret->at, sizeof(ret->at), "%s/pods/%s_%s_%s/%s",
			       runtime->logs, c->namespace, c->pod, c->pod_uid, c->name);
	} else if (text_equal(c->runtime, runtime_table[RUNTIME_DOCKER]) &&
		   container_is_id(c->id)) {
		ret->kind = LOG_FILE;
		len = snprintf(ret->at, sizeof(ret->at), "%s/containers/%s/%s-json.log",
			       runtime->docker, c->id, c->id);
	} else if (text_equal(c->runtime, runtime_table[RUNTIME_PODMAN]) &&
		   container_is_id(c->id)) {
		ret->kind = LOG_FILE;
		len = snprintf(ret->at, sizeof(ret->at),
			       "%s/overlay-containers/%s/userdata/ctr.log",
			       runtime->podman, c->id);
	} else {
		set(ret, LOG_UNKNOWN,
		    "no log of its container is known: it is of no pod, of docker or of "
		    "podman; name a file");
	}
	if (len < 0 || (size_t)len >= sizeof(ret->at))
		*ret = (struct log_source){LOG_UNKNOWN, "its name is too long"};
}

void log_source_find(const char *configured, const char *cgroup,
		     const struct log_source *container, struct log_source *ret)
{
	*ret = (struct log_source){.kind = LOG_NONE};
	if (text_equal(configured, LOG_WORD_JOURNAL))
		find_unit(cgroup, ret);
	else if (text_equal(configured, LOG_WORD_CONTAINER))
		*ret = *container;
	else if (configured[0])
		set(ret, LOG_FILE, configured);
}
