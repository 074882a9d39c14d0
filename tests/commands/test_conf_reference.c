/* The key table, config/leakdog.yaml, config/leakdog.schema.json and the examples say the
 * same. In the reference a key without a default stands behind a '#' ("#limit: 8G"); text
 * has a blank behind it. */
#include <dirent.h>
#include <jansson.h>
#include <regex.h>
#include <stdio.h>

#include "commands/conf_text.h"
#include "core/conf_keys.h"

#define REFERENCE SOURCE_DIR "/config/leakdog.yaml"
#define SCHEMA SOURCE_DIR "/config/leakdog.schema.json"
#define EXAMPLES SOURCE_DIR "/config/examples"

static void read_file(const char *path, struct buf *to)
{
	char chunk[4096];
	size_t n;
	FILE *file = fopen(path, "re");

	expect(file, "%s", path);
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_add(to, chunk, n);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(buf_error(to), 0);
}

static void expect_loads(const char *path)
{
	AUTO_BUF struct buf text;
	struct conf_text c;
	int r;

	buf_init(&text, YAML_BYTES_MAX);
	read_file(path, &text);
	r = conf_text_one(&c, text.data);
	expect(r == 0, "%s:%u:%u: %s", path, c.faults.n ? c.faults.at[0].line : 0,
	       c.faults.n ? c.faults.at[0].column : 0,
	       c.faults.n ? c.faults.at[0].message : "");
	conf_text_fini(&c);
}

static void reference_loads(void **state)
{
	(void)state;
	expect_loads(REFERENCE);
}

static void examples_load(void **state)
{
	const struct dirent *entry;
	DIR *dir = opendir(EXAMPLES);
	unsigned n = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[512];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", EXAMPLES, entry->d_name);
		expect_loads(path);
		n++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(n >= 5);
}

/* ---- the reference ---- */

struct seen {
	const struct conf_keys *keys;
	uint64_t rows;     /* found */
	uint64_t defaults; /* found with their preset as value */
};

/* "#key: value" becomes "key: value", "# text" stays. */
static void switch_on(struct buf *from, struct buf *to)
{
	for (size_t i = 0; i < from->len; i++) {
		char next = i + 1 < from->len ? from->data[i + 1] : ' ';
		bool first = true;

		for (size_t j = i; j > 0 && from->data[j - 1] != '\n'; j--)
			first = first && from->data[j - 1] == ' ';
		if (from->data[i] != '#' || !first || next < 'a' || next > 'z')
			buf_addc(to, from->data[i]);
	}
}

static void value_text(const struct tree *node, struct buf *to)
{
	if (node->kind == TREE_SCALAR)
		buf_adds(to, node->text);
	for (const struct tree *e = node->first; e; e = e->next)
		buf_addf(to, "%s%s", e->kind == TREE_SCALAR ? e->text : "a map",
			 e->next ? ", " : "");
}

/* Notes each key below a map; a key without a row fails. */
static void walk(struct seen *seen, const char *prefix, const struct tree *map)
{
	for (const struct tree *e = map->first; e; e = e->next) {
		const struct conf_key *key =
			conf_key_find(seen->keys, prefix, e->key->text);
		AUTO_BUF struct buf value;
		char below[64];

		expect(key, "line %u: '%s%s' is no key", e->key->line, prefix,
		       e->key->text);
		seen->rows |= UINT64_C(1) << (key - seen->keys->rows);
		buf_init(&value, 4096);
		value_text(e, &value);
		if (key->preset && text_equal(value.data, key->preset))
			seen->defaults |= UINT64_C(1) << (key - seen->keys->rows);
		if (e->kind == TREE_MAP && key->type != KEY_BODY &&
		    key->type != KEY_BODIES) {
			(void)snprintf(below, sizeof(below), "%s.", key->path);
			walk(seen, below, e);
		}
		for (const struct tree *item = e->first; item && e->kind == TREE_LIST;
		     item = item->next) {
			if (item->kind == TREE_MAP)
				walk(seen, "rules[].", item);
		}
	}
}

static void expect_all(const struct seen *seen)
{
	for (size_t i = 0; i < seen->keys->n; i++) {
		const struct conf_key *key = &seen->keys->rows[i];

		expect(seen->rows & UINT64_C(1) << i, "'%s' is missing", key->path);
		expect(!key->preset || seen->defaults & UINT64_C(1) << i,
		       "'%s' is not shown with its default '%s'", key->path, key->preset);
	}
}

static void reference_shows_every_key_with_its_default(void **state)
{
	struct seen file = {.keys = &conf_file_table},
		    service = {.keys = &conf_service_table};
	const struct tree *services, *defaults;
	struct source source = {.path = "leakdog.yaml"};
	AUTO_BUF struct buf text;
	AUTO_BUF struct buf all;
	struct fault fault;

	(void)state;
	buf_init(&text, YAML_BYTES_MAX);
	buf_init(&all, YAML_BYTES_MAX);
	read_file(REFERENCE, &text);
	switch_on(&text, &all);
	source.len = all.len;
	source.text = buf_take(&all);
	expect(yaml_read(&source, &fault) == 0, "%u:%u: %s", fault.line, fault.column,
	       fault.message);
	walk(&file, "", source.tree);
	services = tree_get(source.tree, "services");
	defaults = tree_get(source.tree, "defaults");
	assert_non_null(services);
	assert_non_null(defaults);
	for (const struct tree *s = services->first; s; s = s->next)
		walk(&service, "", s);
	walk(&service, "", defaults);
	expect_all(&file);
	expect_all(&service);
	source_fini(&source);
}

/* ---- the schema ---- */

static json_t *schema;

/* Follows "$ref": "#/$defs/NAME". */
static const json_t *resolve(const json_t *node)
{
	const char *ref = json_string_value(json_object_get(node, "$ref"));

	if (!ref)
		return node;
	assert_true(text_starts(ref, "#/$defs/"));
	node = json_object_get(json_object_get(schema, "$defs"),
			       ref + strlen("#/$defs/"));
	expect(node, "%s", ref);
	return node;
}

/* The node that has `properties` below a node: itself, one of its anyOf, or its items. */
static const json_t *with_properties(const json_t *node)
{
	const json_t *any = json_object_get(node, "anyOf"), *items, *found;

	node = resolve(node);
	if (json_object_get(node, "properties"))
		return node;
	items = json_object_get(node, "items");
	if (items)
		return with_properties(items);
	for (size_t i = 0; i < json_array_size(any); i++) {
		found = with_properties(json_array_get(any, i));
		if (found)
			return found;
	}
	return NULL;
}

static void expect_default(const struct conf_key *key, const json_t *node)
{
	const json_t *value = json_object_get(node, "default");
	AUTO_BUF struct buf text;

	buf_init(&text, 4096);
	if (json_is_integer(value))
		buf_addf(&text, "%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		buf_adds(&text, json_string_value(value));
	for (size_t i = 0; i < json_array_size(value); i++)
		buf_addf(&text, "%s%s", i ? ", " : "",
			 json_string_value(json_array_get(value, i)));
	expect(text_equal(text.data, key->preset ? key->preset : ""),
	       "'%s' has the default '%s' in the schema", key->path, text.data);
}

static void expect_bounds(const struct conf_key *key, const json_t *node)
{
	if (key->type != KEY_COUNT)
		return;
	expect((uint64_t)json_integer_value(json_object_get(node, "minimum")) ==
			       key->min &&
		       (uint64_t)json_integer_value(json_object_get(node, "maximum")) ==
			       key->max,
	       "'%s' has other bounds in the schema", key->path);
}

static void walk_schema(struct seen *seen, const char *prefix, const json_t *node)
{
	const json_t *properties = json_object_get(node, "properties");

	assert_true(json_is_false(json_object_get(node, "additionalProperties")));
	for (void *i = json_object_iter((json_t *)(uintptr_t)properties); i;
	     i = json_object_iter_next((json_t *)(uintptr_t)properties, i)) {
		const json_t *value = json_object_iter_value(i);
		const struct conf_key *key =
			conf_key_find(seen->keys, prefix, json_object_iter_key(i));
		char below[64];

		expect(key, "'%s%s' of the schema is no key", prefix,
		       json_object_iter_key(i));
		seen->rows |= UINT64_C(1) << (key - seen->keys->rows);
		expect(text_equal(
			       json_string_value(json_object_get(value, "description")),
			       key->help),
		       "'%s' is described otherwise in the schema", key->path);
		expect_default(key, value);
		expect_bounds(key, value);
		if (key->type == KEY_MAP || key->type == KEY_PPROF ||
		    key->type == KEY_CONTAINER || key->type == KEY_RULES) {
			(void)snprintf(below, sizeof(below), "%s%s.", key->path,
				       key->type == KEY_RULES ? "[]" : "");
			expect(with_properties(value), "%s", key->path);
			walk_schema(seen, below, with_properties(value));
		}
	}
}

static void expect_all_rows(const struct seen *seen)
{
	for (size_t i = 0; i < seen->keys->n; i++)
		expect(seen->rows & UINT64_C(1) << i, "'%s' is missing in the schema",
		       seen->keys->rows[i].path);
}

static void schema_has_every_key_with_its_default(void **state)
{
	struct seen file = {.keys = &conf_file_table},
		    service = {.keys = &conf_service_table};
	json_error_t error;

	(void)state;
	schema = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, &error);
	expect(schema, "%d: %s", error.line, error.text);
	walk_schema(&file, "", schema);
	walk_schema(&service, "",
		    json_object_get(json_object_get(schema, "$defs"), "service"));
	expect_all_rows(&file);
	expect_all_rows(&service);
	json_decref(schema);
}

/* The patterns are those of ECMA 262 and of POSIX alike. */
static bool matches(const json_t *node, const char *text)
{
	const char *pattern = json_string_value(json_object_get(node, "pattern"));
	const char *word = json_string_value(json_object_get(node, "const"));
	const json_t *any = json_object_get(node, "anyOf");
	regex_t regex;
	bool found;

	for (size_t i = 0; i < json_array_size(any); i++) {
		if (matches(resolve(json_array_get(any, i)), text))
			return true;
	}
	if (word || !pattern)
		return text_equal(word, text);
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

static void schema_knows_the_forms_of_values(void **state)
{
	static const struct {
		const char *type, *text;
		bool good;
	} rows[] = {
		{"duration", "250ms", true},
		{"duration", "1h30m", true},
		{"duration", "7d", true},
		{"duration", "5", false},
		{"duration", "five", false},
		{"duration", "30m1h", false},
		{"size", "5G", true},
		{"size", "1.5Gi", true},
		{"size", "200kB", true},
		{"size", "5g", false},
		{"size", "5 G", false},
		{"size", "-1", false},
		{"share", "10%", true},
		{"share", "10% up to 4G", true},
		{"share", "4G", true},
		{"share", "10% of it", false},
		{"raise", "+25%", true},
		{"raise", "off", true},
		{"raise", "25%", false},
		{"path", "/a", true},
		{"path", "a", false},
		{"address", "http://127.0.0.1:6060", true},
		{"address", "unix:///run/x.sock", true},
		{"address", "127.0.0.1:6060", false},
		{"rule", "memory > 5G", true},
		{"rule", "memory grows 1G in 1m", true},
		{"rule", "time to limit < 2m", true},
		{"rule", "memory", false},
	};

	(void)state;
	schema = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(schema);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *type =
			json_object_get(json_object_get(schema, "$defs"), rows[i].type);

		expect(matches(type, rows[i].text) == rows[i].good, "%s '%s'",
		       rows[i].type, rows[i].text);
	}
	json_decref(schema);
}

/* ---- hostile ---- */

/* Whatever is left of the reference by an editor or a full disk: a configuration or
 * faults, each with its place; the sanitizers watch. */
static void every_cut_of_the_reference_is_survived(void **state)
{
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, YAML_BYTES_MAX);
	read_file(REFERENCE, &text);
	for (size_t len = 0; len <= text.len; len++) {
		const char *part = text.data;
		struct conf_text c;
		int r = conf_text_load(&c, 1, &part, &len);

		expect(r == (c.faults.n ? CONF_FAULTY : 0), "%zu: %d", len, r);
		for (size_t i = 0; i < c.faults.n; i++)
			expect(c.faults.at[i].message[0] && c.faults.at[i].file[0], "%zu",
			       len);
		conf_text_fini(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reference_loads),
		cmocka_unit_test(examples_load),
		cmocka_unit_test(reference_shows_every_key_with_its_default),
		cmocka_unit_test(schema_has_every_key_with_its_default),
		cmocka_unit_test(schema_knows_the_forms_of_values),
		cmocka_unit_test(every_cut_of_the_reference_is_survived),
	};

	return cmocka_run_group_tests_name("conf_reference", tests, NULL, NULL);
}
