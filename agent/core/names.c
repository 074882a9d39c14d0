/* A user's container has an entry of its own even under the id of another: the names of
 * the machine's are never joined to it. */
#include "core/names.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

static void named_free(struct named *named)
{
	free(named->labels);
	free(named);
}

void names_fini(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		named_free(names->at[i]);
	free(names->at);
	*names = (struct names){0};
}

/* ---- which ones there are ---- */

static int compare(const struct named *named, const char *id, bool of_user,
		   const char *runtime)
{
	int order = strcmp(named->facts.id, id);

	if (order == 0)
		order = named->of_user - of_user;
	return order ? order : strcmp(named->facts.runtime, runtime);
}

/* Where it stands or would stand. */
static size_t place_of(const struct names *names, const char *id, bool of_user,
		       const char *runtime)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(names->at[middle], id, of_user, runtime) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct named *named_new(const struct container_place *place)
{
	struct named *named = calloc(1, sizeof(*named));

	if (!named)
		return NULL;
	named->of_user = place->of_user;
	(void)text_copy(named->facts.runtime, sizeof(named->facts.runtime),
			runtime_table[place->runtime]);
	(void)text_copy(named->facts.id, sizeof(named->facts.id), place->id);
	(void)text_copy(named->facts.pod_uid, sizeof(named->facts.pod_uid),
			place->pod_uid);
	/* Those without an id are called by their name in the path itself. */
	if (!container_is_id(place->id) && !place->of_user)
		named_learn(named, place->id);
	return named;
}

static bool grow(struct names *names)
{
	size_t room = names->room ? names->room * 2 : 64;
	void *larger;

	if (names->n < names->room)
		return true;
	if (names->n == NAMES_MAX)
		return false;
	larger = reallocarray(names->at, room, sizeof(struct named *));
	if (!larger)
		return false;
	names->at = larger;
	names->room = room;
	return true;
}

struct named *names_meet(struct names *names, const struct container_place *place)
{
	const char *runtime = runtime_table[place->runtime];
	size_t at = place_of(names, place->id, place->of_user, runtime);
	struct named *named;

	if (at == names->n ||
	    compare(names->at[at], place->id, place->of_user, runtime) != 0) {
		named = grow(names) ? named_new(place) : NULL;
		if (!named)
			return NULL;
		memmove(names->at + at + 1, names->at + at,
			(names->n - at) * sizeof(struct named *));
		names->at[at] = named;
		named->met_ms = names->now_ms;
		names->n++;
		names->met++;
	}
	names->at[at]->seen = names->scan;
	return names->at[at];
}

struct named *names_find(const struct names *names, const char *id)
{
	size_t at = place_of(names, id, false, "");
	struct named *found = NULL;

	for (; at < names->n && text_starts(names->at[at]->facts.id, id); at++) {
		if (names->at[at]->of_user)
			continue;
		if (found)
			return NULL;
		found = names->at[at];
	}
	return found;
}

void names_begin(struct names *names, int64_t now_ms)
{
	names->scan++;
	names->now_ms = now_ms;
}

void names_end(struct names *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->n; i++) {
		struct named *named = names->at[i];

		if (named->seen == names->scan || named->holders)
			names->at[kept++] = named;
		else
			named_free(named);
	}
	names->n = kept;
}

/* ---- what is known of them ---- */

static void dispute(struct named *named)
{
	named->known = false;
	named->disputed = true;
	named->facts.name[0] = named->facts.pod[0] = named->facts.namespace[0] = '\0';
}

static bool same_pod(const struct named *named, const struct podlog *log)
{
	return text_equal(named->facts.pod, log->pod) &&
	       text_equal(named->facts.namespace, log->namespace);
}

static void learn_pod(struct named *named, const struct podlog *log)
{
	(void)text_copy(named->facts.pod, sizeof(named->facts.pod), log->pod);
	(void)text_copy(named->facts.namespace, sizeof(named->facts.namespace),
			log->namespace);
}

void names_learn_container(struct names *names, const struct podlog *log)
{
	struct named *named = names_find(names, log->id);

	if (!named || named->disputed)
		return;
	if (named->facts.pod[0] && !same_pod(named, log)) {
		dispute(named);
	} else if (named->known && !text_equal(named->facts.name, log->container)) {
		dispute(named);
	} else {
		learn_pod(named, log);
		(void)text_copy(named->facts.name, sizeof(named->facts.name),
				log->container); /* fits */
		named->known = true;
	}
}

void names_learn_pod(struct names *names, const struct podlog *log)
{
	for (size_t i = 0; i < names->n; i++) {
		struct named *named = names->at[i];

		if (!text_equal(named->facts.pod_uid, log->uid) || named->disputed)
			continue;
		if (named->facts.pod[0] && !same_pod(named, log))
			dispute(named);
		else
			learn_pod(named, log);
	}
}

void named_learn(struct named *named, const char *name)
{
	if (!named_waits_for_runtime(named, false) && container_is_id(named->facts.id))
		return;
	/* One that is cut would be another name. */
	named->known = name[0] &&
		       text_copy(named->facts.name, sizeof(named->facts.name), name) == 0;
	if (!named->known)
		named->facts.name[0] = '\0';
}

int named_label(struct named *named, const char *label)
{
	size_t used = 0, len = strlen(label) + 1;
	char *larger;

	if (len == 1 || len > LABEL_MAX)
		return 0;
	while (named->labels && named->labels[used])
		used += strlen(named->labels + used) + 1;
	if (used + len + 1 > LABELS_MAX)
		return -ENOSPC;
	larger = realloc(named->labels, used + len + 1);
	if (!larger)
		return -ENOMEM;
	memcpy(larger + used, label, len);
	larger[used + len] = '\0';
	named->labels = larger;
	return 0;
}

bool named_waits_for_log(const struct named *named)
{
	return !named->known && !named->disputed && !named->of_user &&
	       container_is_id(named->facts.id);
}

bool named_waits_for_runtime(const struct named *named, bool socket)
{
	if (named->of_user || named->disputed || !container_is_id(named->facts.id))
		return false;
	return (!named->known && !named->facts.pod_uid[0]) || (socket && !named->told);
}

/* ---- matching ---- */

static bool fits(const char *glob, const char *text)
{
	return !glob || (text[0] && fnmatch(glob, text, 0) == 0);
}

/* Of "KEY=VALUE" the whole, where the glob says a value, else the key. */
static bool label_fits(const char *glob, const char *label)
{
	char key[LABEL_MAX];
	size_t len = strcspn(label, "=");

	if (strchr(glob, '=') || len >= sizeof(key))
		return fnmatch(glob, label, 0) == 0;
	memcpy(key, label, len);
	key[len] = '\0';
	return fnmatch(glob, key, 0) == 0;
}

static bool labels_fit(const char *glob, const char *labels)
{
	if (!glob)
		return true;
	for (; labels && labels[0]; labels += strlen(labels) + 1) {
		if (label_fits(glob, labels))
			return true;
	}
	return false;
}

bool named_match(const struct named *named, char *const selector[SELECTOR_N])
{
	const struct container_facts *facts = &named->facts;
	const char *id = selector[SELECTOR_CONTAINER_ID];
	const char *container = selector[SELECTOR_POD_CONTAINER];
	bool by_pod =
		selector[SELECTOR_POD] || selector[SELECTOR_POD_NAMESPACE] || container;

	if (id && !text_starts(facts->id, id))
		return false;
	/* Without a name it is what holds the pod together, or not told yet. */
	if (by_pod && (!named->known || !facts->pod[0]))
		return false;
	return fits(selector[SELECTOR_CONTAINER], named->known ? facts->name : "") &&
	       fits(selector[SELECTOR_POD], facts->pod) &&
	       fits(selector[SELECTOR_POD_NAMESPACE], facts->namespace) &&
	       fits(container, facts->name) &&
	       fits(selector[SELECTOR_CONTAINER_IMAGE], facts->image) &&
	       labels_fit(selector[SELECTOR_CONTAINER_LABEL], named->labels);
}
