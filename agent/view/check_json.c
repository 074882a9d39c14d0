/* The same as JSON. What is not known is null, never 0. A failed allocation leaves a gap
 * in the tree, which is then not printed. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/conf_keys.h"
#include "lib/stamp.h"
#include "lib/text.h"
#include "view/check.h"

struct writer {
	bool failed;
};

static void put(struct writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		w->failed = true;
}

static void append(struct writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		w->failed = true;
}

static json_t *foreign(const char *text)
{
	AUTO_BUF struct buf shown = {0};

	if (!text[0])
		return json_null();
	buf_init(&shown, 8192);
	text_show(&shown, text, strlen(text), 2000);
	return buf_error(&shown) ? NULL : json_stringn(shown.data, shown.len);
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

static json_t *notes_json(struct writer *w, const struct check_notes *notes)
{
	json_t *array = json_array();

	for (size_t i = 0; i < notes->n; i++) {
		json_t *note = json_object();

		put(w, note, "key", json_string(notes->at[i].key));
		put(w, note, "text", foreign(notes->at[i].text));
		append(w, array, note);
	}
	return array;
}

static json_t *rule_json(struct writer *w, const struct rule *rule,
			 const struct check_rule *found)
{
	json_t *object = json_object();

	put(w, object, "rule", json_string(rule->text));
	put(w, object, "threshold", number(found->blind == BLIND_NOT, found->amount));
	put(w, object, "unit", json_string(unit_table[found->unit]));
	put(w, object, "of", reading(&found->ceiling));
	put(w, object, "now", reading(&found->now));
	put(w, object, "blind",
	    found->stays_blind ? json_string(blind_table[found->blind]) : json_null());
	return object;
}

static json_t *target_json(struct writer *w, const struct conf_service *conf,
			   const struct check_target *target)
{
	const struct target_facts *facts = &target->facts;
	json_t *object = json_object(), *rules = json_array();
	char started[STAMP_MAX];

	put(w, object, "pid", number(facts->pid != 0, (uint64_t)facts->pid));
	put(w, object, "started",
	    facts->started_ms ? json_string(stamp_format(facts->started_ms, started))
			      : json_null());
	put(w, object, "exe", foreign(facts->exe));
	put(w, object, "cgroup", foreign(facts->cgroup));
	put(w, object, "cgroup_version",
	    number(facts->cgroup_version != 0, (uint64_t)facts->cgroup_version));
	put(w, object, "limit", number(facts->limit != 0, facts->limit));
	put(w, object, "limit_from", foreign(facts->limit_from));
	for (size_t i = 0; i < conf->n_rules; i++)
		append(w, rules, rule_json(w, &conf->rules[i], &target->rules[i]));
	put(w, object, "rules", rules);
	put(w, object, "notes", notes_json(w, &target->notes));
	return object;
}

/* Defaults that apply because nobody wrote the key. */
static json_t *presets(struct writer *w, const struct conf_keys *keys, uint64_t given)
{
	json_t *object = json_object();

	for (size_t i = 0; i < keys->n; i++) {
		const struct conf_key *key = &keys->rows[i];

		/* The archive's place depends on who runs it, and is shown above. */
		if (key->preset && !(given & UINT64_C(1) << i) && key->type != KEY_PATH)
			put(w, object, key->path, json_string(key->preset));
	}
	return object;
}

static json_t *service_json(struct writer *w, const struct check_service *service)
{
	const struct conf_service *conf = service->conf;
	json_t *object = json_object(), *selectors = json_object(),
	       *targets = json_array();

	put(w, object, "name", json_string(conf->name));
	put(w, object, "file", foreign(conf->place.file));
	put(w, object, "line", number(true, conf->place.line));
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (conf->selector[i])
			put(w, selectors, selector_table[i], foreign(conf->selector[i]));
	}
	put(w, object, "selectors", selectors);
	put(w, object, "pprof", foreign(conf->endpoint.url));
	put(w, object, "matched", number(true, service->n_matched));
	for (size_t i = 0; i < service->n_targets; i++)
		append(w, targets, target_json(w, conf, &service->targets[i]));
	put(w, object, "targets", targets);
	put(w, object, "defaults", presets(w, &conf_service_table, conf->given));
	put(w, object, "notes", notes_json(w, &service->notes));
	return object;
}

static json_t *faults_json(struct writer *w, const struct faults *faults)
{
	json_t *array = json_array();

	for (size_t i = 0; i < faults->n; i++) {
		const struct fault *fault = &faults->at[i];
		json_t *object = json_object();

		put(w, object, "file", foreign(fault->file));
		put(w, object, "line", number(fault->line > 0, fault->line));
		put(w, object, "column", number(fault->line > 0, fault->column));
		put(w, object, "message", foreign(fault->message));
		put(w, object, "hint", foreign(fault->hint));
		append(w, array, object);
	}
	return array;
}

static json_t *tree(struct writer *w, const struct check *check,
		    const struct faults *faults)
{
	json_t *root = json_object(), *services = json_array();

	put(w, root, "schema", json_string("leakdog.check/1"));
	put(w, root, "faults", faults_json(w, faults));
	if (check) {
		put(w, root, "uid", number(true, check->uid));
		put(w, root, "archive", foreign(check->conf->archive.dir));
		put(w, root, "defaults",
		    presets(w, &conf_file_table, check->conf->given));
		put(w, root, "notes", notes_json(w, &check->notes));
		for (size_t i = 0; i < check->n_services; i++)
			append(w, services, service_json(w, &check->services[i]));
	}
	put(w, root, "services", services);
	return root;
}

static int add_bytes(const char *bytes, size_t len, void *to)
{
	buf_add(to, bytes, len);
	return buf_error(to);
}

int check_json(const struct check *check, const struct faults *faults, struct buf *to)
{
	struct writer w = {0};
	json_t *root = tree(&w, check, faults);
	int r = w.failed ? -1 : json_dump_callback(root, add_bytes, to, JSON_INDENT(2));

	json_decref(root);
	buf_addc(to, '\n');
	return r < 0 || buf_error(to) ? -ENOMEM : 0;
}
