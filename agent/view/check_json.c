/* The same as JSON. What is not known is null, never 0. A failed allocation leaves a gap
 * in the tree, which is then not printed. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/conf_keys.h"
#include "lib/stamp.h"
#include "lib/text.h"
#include "view/check.h"

static void put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

static void append(json_t *array, json_t *value)
{
	(void)json_array_append_new(array, value);
}

static json_t *foreign(const char *text)
{
	AUTO_BUF struct buf shown = {0};

	if (!text[0])
		return json_null();
	buf_init(&shown, 8192);
	text_show(&shown, text, strlen(text), 2000);
	return json_stringn(shown.data, shown.len);
}

static json_t *number(bool known, uint64_t value)
{
	return known ? json_integer((json_int_t)MIN(value, (uint64_t)INT64_MAX))
		     : json_null();
}

static json_t *reading(const struct reading *r)
{
	return number(r->have == HAVE_VALUE, r->value);
}

static json_t *notes_json(const struct check_notes *notes)
{
	json_t *array = json_array();

	for (size_t i = 0; i < notes->n; i++) {
		json_t *note = json_object();

		put(note, "key", json_string(notes->at[i].key));
		put(note, "text", foreign(notes->at[i].text));
		append(array, note);
	}
	return array;
}

static json_t *rule_json(const struct rule *rule, const struct check_rule *found)
{
	json_t *object = json_object();

	put(object, "rule", json_string(rule->text));
	put(object, "threshold", number(found->blind == BLIND_NOT, found->amount));
	put(object, "unit", json_string(unit_table[found->unit]));
	put(object, "of", reading(&found->ceiling));
	put(object, "now", reading(&found->now));
	put(object, "blind",
	    found->stays_blind ? json_string(blind_table[found->blind]) : json_null());
	return object;
}

static json_t *target_json(const struct conf_service *conf,
			   const struct check_target *target)
{
	const struct target_facts *facts = &target->facts;
	json_t *object = json_object(), *rules = json_array();
	char started[STAMP_MAX];

	put(object, "pid", number(facts->pid != 0, (uint64_t)facts->pid));
	put(object, "started",
	    facts->started_ms ? json_string(stamp_format(facts->started_ms, started))
			      : json_null());
	put(object, "exe", foreign(facts->exe));
	put(object, "cgroup", foreign(facts->cgroup));
	put(object, "cgroup_version",
	    number(facts->cgroup_version != 0, (uint64_t)facts->cgroup_version));
	put(object, "limit", number(facts->limit != 0, facts->limit));
	put(object, "limit_from", foreign(facts->limit_from));
	for (size_t i = 0; i < conf->n_rules; i++)
		append(rules, rule_json(&conf->rules[i], &target->rules[i]));
	put(object, "rules", rules);
	put(object, "notes", notes_json(&target->notes));
	return object;
}

/* Defaults that apply because nobody wrote the key. */
static json_t *presets(const struct conf_keys *keys, uint64_t given)
{
	json_t *object = json_object();

	for (size_t i = 0; i < keys->n; i++) {
		if (keys->rows[i].preset && !(given & UINT64_C(1) << i))
			put(object, keys->rows[i].path,
			    json_string(keys->rows[i].preset));
	}
	return object;
}

static json_t *service_json(const struct check_service *service)
{
	const struct conf_service *conf = service->conf;
	json_t *object = json_object(), *selectors = json_object(),
	       *targets = json_array();

	put(object, "name", json_string(conf->name));
	put(object, "file", foreign(conf->place.file));
	put(object, "line", number(true, conf->place.line));
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (conf->selector[i])
			put(selectors, selector_table[i], foreign(conf->selector[i]));
	}
	put(object, "selectors", selectors);
	put(object, "pprof", foreign(conf->endpoint.url));
	put(object, "matched", number(true, service->n_matched));
	for (size_t i = 0; i < service->n_targets; i++)
		append(targets, target_json(conf, &service->targets[i]));
	put(object, "targets", targets);
	put(object, "defaults", presets(&conf_service_table, conf->given));
	put(object, "notes", notes_json(&service->notes));
	return object;
}

static json_t *faults_json(const struct faults *faults)
{
	json_t *array = json_array();

	for (size_t i = 0; i < faults->n; i++) {
		const struct fault *fault = &faults->at[i];
		json_t *object = json_object();

		put(object, "file", foreign(fault->file));
		put(object, "line", number(fault->line > 0, fault->line));
		put(object, "column", number(fault->line > 0, fault->column));
		put(object, "message", foreign(fault->message));
		put(object, "hint", foreign(fault->hint));
		append(array, object);
	}
	return array;
}

static json_t *tree(const struct check *check, const struct faults *faults)
{
	json_t *root = json_object(), *services = json_array();

	put(root, "schema", json_string("leakdog.check/1"));
	put(root, "faults", faults_json(faults));
	if (check) {
		put(root, "uid", number(true, check->uid));
		put(root, "archive", foreign(check->conf->archive.dir));
		put(root, "defaults", presets(&conf_file_table, check->conf->given));
		put(root, "notes", notes_json(&check->notes));
		for (size_t i = 0; i < check->n_services; i++)
			append(services, service_json(&check->services[i]));
	}
	put(root, "services", services);
	return root;
}

static int add_bytes(const char *bytes, size_t len, void *to)
{
	buf_add(to, bytes, len);
	return buf_error(to);
}

int check_json(const struct check *check, const struct faults *faults, struct buf *to)
{
	json_t *root = tree(check, faults);
	int r = json_dump_callback(root, add_bytes, to, JSON_INDENT(2));

	json_decref(root);
	buf_addc(to, '\n');
	return r < 0 || buf_error(to) ? -ENOMEM : 0;
}
