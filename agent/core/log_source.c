#include "core/log_source.h"

#include <string.h>

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

/* The last component that is a unit: below it stand cgroups that the unit made itself.
 * Under user@UID.service another manager has its own units. */
static void find_unit(const char *cgroup, struct log_source *ret)
{
	struct span rest = {cgroup, strlen(cgroup)}, part;
	char name[sizeof(ret->at)];
	bool user = false;

	set(ret, LOG_UNKNOWN,
	    "the process is in no unit of systemd, so it has no journal of its own: "
	    "name a file");
	while (text_next(&rest, '/', &part)) {
		if (part.len >= sizeof(name))
			continue;
		memcpy(name, part.at, part.len);
		name[part.len] = '\0';
		if (!is_unit(name))
			continue;
		set(ret, user ? LOG_USER_JOURNAL : LOG_JOURNAL, name);
		user = user || text_starts(name, "user@");
	}
}

void log_source_find(const char *configured, const char *cgroup,
		     const char *container_dir, struct log_source *ret)
{
	*ret = (struct log_source){.kind = LOG_NONE};
	if (text_equal(configured, LOG_WORD_JOURNAL))
		find_unit(cgroup, ret);
	else if (text_equal(configured, LOG_WORD_CONTAINER) && !container_dir[0])
		set(ret, LOG_UNKNOWN,
		    "no log of its container is known below /var/log/pods: name a file");
	else if (text_equal(configured, LOG_WORD_CONTAINER))
		set(ret, LOG_CONTAINER, container_dir);
	else if (configured[0])
		set(ret, LOG_FILE, configured);
}
