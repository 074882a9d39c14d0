/* The keys of a service, as they stand under its name or under `defaults:`. What a body
 * does not say stays as it was: that is how defaults reach a service (maps merge, lists
 * replace). */
#include <stdio.h>
#include <string.h>

#include "core/conf_walk.h"
#include "lib/text.h"

static void load_map(struct walk *walk, const struct tree *map, const char *prefix,
		     struct conf_service *service);

static void load_artifacts(struct walk *walk, const struct conf_key *key,
			   const struct tree *list, struct conf_service *service)
{
	uint32_t artifacts = 0;

	if (!walk_expect(walk, list, TREE_LIST, key))
		return;
	for (const struct tree *entry = list->first; entry; entry = entry->next) {
		unsigned i = 0;

		if (!walk_expect(walk, entry, TREE_SCALAR, key))
			continue;
		while (i < ARTIFACT_N && !text_equal(artifact_table[i].name, entry->text))
			i++;
		if (i == ARTIFACT_N)
			walk_fault(walk, entry, "", "no artifact is called '%.64s': %s",
				   entry->text, key->preset);
		else
			artifacts |= 1U << i;
	}
	service->capture.artifacts = artifacts;
	service->capture.collect = artifacts & 1U << ARTIFACT_HEAP_GC;
}

/* An address, `none`, or a map; a new address forgets the single ones of the defaults. */
static void load_pprof(struct walk *walk, const struct conf_key *key,
		       const struct tree *node, struct conf_service *service)
{
	struct endpoint *endpoint = &service->endpoint;

	if (node->kind == TREE_MAP) {
		load_map(walk, node, "pprof.", service);
		return;
	}
	if (!walk_expect(walk, node, TREE_SCALAR, key))
		return;
	memset(endpoint->url, 0, sizeof(endpoint->url));
	memset(endpoint->urls, 0, sizeof(endpoint->urls));
	if (!text_equal(node->text, "none"))
		walk_value(walk, conf_key_find(&conf_service_table, "pprof.", "url"),
			   node, endpoint->url);
}

static void load_auth(struct walk *walk, const struct tree *map,
		      struct conf_service *service)
{
	const struct tree *basic = tree_get(map, "basic"),
			  *bearer = tree_get(map, "bearer");

	load_map(walk, map, "auth.", service);
	if (basic && bearer)
		walk_fault(walk, bearer->key, "", "auth is basic or bearer, not both");
}

/* The name of a container, or a map; a new name forgets what the defaults say beside it.
 */
static void load_container(struct walk *walk, const struct conf_key *key,
			   const struct tree *node, struct conf_service *service)
{
	const struct conf_key *name =
		conf_key_find(&conf_service_table, "container.", "name");

	if (node->kind == TREE_MAP) {
		load_map(walk, node, "container.", service);
		return;
	}
	if (!walk_expect(walk, node, TREE_SCALAR, key))
		return;
	for (int s = SELECTOR_CONTAINER; s <= SELECTOR_CONTAINER_IMAGE; s++) {
		free(service->selector[s]);
		service->selector[s] = NULL;
	}
	service->asks_runtime.line = 0;
	walk_value(walk, name, node, (char *)service + name->offset);
}

static void load_selector(struct walk *walk, const struct conf_key *key,
			  const struct tree *node, struct conf_service *service)
{
	struct conf_place *asks = &service->asks_runtime;

	walk_value(walk, key, node, (char *)service + key->offset);
	if (!text_equal(key->path, selector_table[SELECTOR_CONTAINER_LABEL]) &&
	    !text_equal(key->path, selector_table[SELECTOR_CONTAINER_IMAGE]))
		return;
	(void)text_copy(asks->file, sizeof(asks->file), walk->source->path);
	asks->line = node->key->line;
	asks->column = node->key->column;
}

static void load_key(struct walk *walk, const struct conf_key *key,
		     const struct tree *node, struct conf_service *service)
{
	char prefix[64];

	switch (key->type) {
	case KEY_RULES:
		conf_rules(walk, node, service);
		return;
	case KEY_ARTIFACTS:
		load_artifacts(walk, key, node, service);
		return;
	case KEY_PPROF:
		load_pprof(walk, key, node, service);
		return;
	case KEY_CONTAINER:
		load_container(walk, key, node, service);
		return;
	case KEY_SELECTOR:
		load_selector(walk, key, node, service);
		return;
	case KEY_MAP:
		if (!walk_expect(walk, node, TREE_MAP, key))
			return;
		if (text_equal(key->path, "auth")) {
			load_auth(walk, node, service);
			return;
		}
		(void)snprintf(prefix, sizeof(prefix), "%s.", key->path); /* short */
		load_map(walk, node, prefix, service);
		return;
	case KEY_DURATION:
	case KEY_PERIOD:
	case KEY_SIZE:
	case KEY_COUNT:
	case KEY_FLAG:
	case KEY_SHARE:
	case KEY_RAISE:
	case KEY_PATH:
	case KEY_LOG:
	case KEY_HEADERS:
	case KEY_GROUP:
	case KEY_URL:
	case KEY_BASIC:
	case KEY_BEARER:
	case KEY_SOCKET:
		walk_value(walk, key, node, (char *)service + key->offset);
		return;
	case KEY_RULE: /* not below a service */
	case KEY_BODY:
	case KEY_BODIES:
	case KEY_TYPE_N:
		return;
	}
}

static void load_map(struct walk *walk, const struct tree *map, const char *prefix,
		     struct conf_service *service)
{
	for (const struct tree *entry = map->first; entry; entry = entry->next) {
		const struct conf_key *key =
			walk_key(walk, &conf_service_table, prefix, entry);

		if (!key)
			continue;
		service->given |= UINT64_C(1) << (key - conf_service_table.rows);
		load_key(walk, key, entry, service);
	}
}

void conf_body(struct walk *walk, const struct tree *map, struct conf_service *service)
{
	load_map(walk, map, "", service);
}
