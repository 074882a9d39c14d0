/* `rules:`, a list: each entry is the text of a rule, or a map with the text under `when`
 * and what else belongs to this rule alone. */
#include <errno.h>
#include <string.h>

#include "core/conf_load.h"
#include "core/conf_walk.h"
#include "lib/text.h"

#define IN_RULE "rules[]."

static bool rule_text(struct walk *walk, const struct tree *node, struct rule *rule)
{
	const struct conf_key *key = conf_key_find(&conf_service_table, IN_RULE, "when");
	struct rule_fault fault;
	uint64_t cooldown_ms = rule->cooldown_ms;

	if (!walk_expect(walk, node, TREE_SCALAR, key))
		return false;
	if (rule_parse(node->text, rule, &fault) < 0) {
		walk_fault_in(walk, node, fault.column - 1, fault.message);
		return false;
	}
	rule->cooldown_ms = cooldown_ms;
	return true;
}

static bool rule_map(struct walk *walk, const struct tree *map, struct rule *rule)
{
	const struct tree *when = tree_get(map, "when");
	const struct conf_key *key;
	size_t before = walk->faults->n;

	for (const struct tree *entry = map->first; entry; entry = entry->next) {
		key = walk_key(walk, &conf_service_table, IN_RULE, entry);
		if (key && key->type == KEY_DURATION)
			walk_value(walk, key, entry, (char *)rule + key->offset);
	}
	if (!when) {
		walk_fault(walk, map, "",
			   "a rule without its text: { when: memory > 5G }");
		return false;
	}
	return rule_text(walk, when, rule) && walk->faults->n == before;
}

static void rule_add(struct walk *walk, const struct tree *entry,
		     struct conf_service *service)
{
	const struct conf_key *key = conf_key_find(&conf_service_table, "", "rules");
	struct rule rule = {.cooldown_ms = UINT64_MAX};
	bool is_map = entry->kind == TREE_MAP;

	if (!is_map && !walk_expect(walk, entry, TREE_SCALAR, key))
		return;
	if (is_map ? !rule_map(walk, entry, &rule) : !rule_text(walk, entry, &rule))
		return;
	for (size_t i = 0; i < service->n_rules; i++) {
		if (!text_equal(service->rules[i].text, rule.text))
			continue;
		walk_fault(walk, entry, "", "the rule '%s' stands here twice", rule.text);
		return;
	}
	service->rules[service->n_rules++] = rule;
}

void conf_rules(struct walk *walk, const struct tree *list, struct conf_service *service)
{
	const struct conf_key *key = conf_key_find(&conf_service_table, "", "rules");
	struct rule *rules;
	size_t n = 0;

	if (!walk_expect(walk, list, TREE_LIST, key))
		return;
	for (const struct tree *entry = list->first; entry; entry = entry->next) {
		if (n++ == CONF_RULES_MAX) {
			walk_fault(walk, entry, "", "more than %d rules", CONF_RULES_MAX);
			return;
		}
	}
	rules = calloc(n + 1, sizeof(*rules)); /* an empty list is a list */
	if (!rules) {
		walk->error = -ENOMEM;
		return;
	}
	free(service->rules);
	service->rules = rules;
	service->n_rules = 0;
	for (const struct tree *entry = list->first; entry; entry = entry->next)
		rule_add(walk, entry, service);
}
