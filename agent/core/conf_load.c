/* Files, top to bottom: the keys of the file, its defaults, its services. Nothing stops
 * at the first fault. */
#include "core/conf_load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/conf_far.h"
#include "core/conf_walk.h"
#include "lib/text.h"

struct load {
	struct walk walk;
	struct conf *conf;
	struct conf_service everywhere; /* the defaults of the main file */
	struct conf_service here;       /* and with those of this file */
	struct conf_place given[64];    /* where each key of a file was written */
};

static const struct conf_key *file_key(const char *path)
{
	return conf_key_find(&conf_file_table, "", path);
}

/* ---- the keys of a file ---- */

/* True the first time that a key is written; two files must not both decide it. */
static bool note_given(struct load *load, const struct conf_key *key,
		       const struct tree *entry)
{
	size_t row = (size_t)(key - conf_file_table.rows);
	struct conf_place *place = &load->given[row];
	bool first = !(load->conf->given & UINT64_C(1) << row);

	if (!first) {
		walk_fault(&load->walk, entry->key, "", "'%s' is already set at %s:%u:%u",
			   key->path, place->file, place->line, place->column);
		return false;
	}
	load->conf->given |= UINT64_C(1) << row;
	(void)text_copy(place->file, sizeof(place->file), load->walk.source->path);
	place->line = entry->key->line;
	place->column = entry->key->column;
	return true;
}

/* archive: and runtime: */
static void load_map(struct load *load, const char *name, const struct tree *map)
{
	char prefix[64];

	(void)snprintf(prefix, sizeof(prefix), "%s.", name); /* short */
	for (const struct tree *entry = map->first; entry; entry = entry->next) {
		const struct conf_key *key =
			walk_key(&load->walk, &conf_file_table, prefix, entry);

		if (key && note_given(load, key, entry))
			walk_value(&load->walk, key, entry,
				   (char *)load->conf + key->offset);
	}
}

/* ---- services ---- */

static bool check_name(struct load *load, const struct tree *entry)
{
	const char *name = entry->key->text;

	if (!text_is_name(name)) {
		walk_fault(&load->walk, entry->key, "",
			   "'%.64s' is no name of a service: at most 63 of A-Z a-z 0-9 . "
			   "_ -, "
			   "not a dot first (it names a directory)",
			   name);
		return false;
	}
	for (size_t i = 0; i < load->conf->n_services; i++) {
		const struct conf_service *other = &load->conf->services[i];

		if (!text_equal(other->name, name))
			continue;
		walk_fault(&load->walk, entry->key, "",
			   "the service '%s' stands in two places: first at %s:%u:%u",
			   name, other->place.file, other->place.line,
			   other->place.column);
		return false;
	}
	return true;
}

static void check_selectors(struct load *load, const struct tree *entry,
			    const struct conf_service *service)
{
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (service->selector[i])
			return;
	}
	if (conf_is_far(service) && !text_equal(service->endpoint.url, "auto"))
		return;
	walk_fault(&load->walk, entry->key, "",
		   "the service '%s' does not say which process it is: add unit, cgroup, "
		   "pid, pidfile, name, cmdline, exe, listen, container or pod",
		   service->name);
}

/* What is asked beside the single artifacts (the index page, for its counts) needs a
 * base. */
static void check_pprof(struct load *load, const struct tree *entry,
			const struct conf_service *service)
{
	const struct endpoint *endpoint = &service->endpoint;
	const struct tree *pprof = tree_get(entry, "pprof");

	for (size_t i = 0; i < ARTIFACT_N && !endpoint->url[0]; i++) {
		if (!endpoint->urls[i][0])
			continue;
		walk_fault(&load->walk, pprof ? pprof->key : entry->key, "",
			   "pprof has the address of %s but no url for the others",
			   artifact_table[i].name);
		return;
	}
}

/* What can be told only when all of a service has been read. */
static void finish(struct load *load, struct conf_service *service)
{
	const struct conf_key *rules = conf_key_find(&conf_service_table, "", "rules");
	int r;

	if (!(service->given & UINT64_C(1) << (rules - conf_service_table.rows))) {
		r = conf_service_default_rules(service);
		if (r < 0)
			load->walk.error = r;
	}
	for (size_t i = 0; i < service->n_rules; i++) {
		if (service->rules[i].cooldown_ms == UINT64_MAX)
			service->rules[i].cooldown_ms = service->cooldown_ms;
	}
}

/* A rule that can never work is no rule. */
static void check_metrics(struct load *load, const struct tree *entry,
			  struct conf_service *service)
{
	const struct tree *rules = tree_get(entry, "rules");
	const struct tree *at = rules ? rules->key : entry->key;
	size_t beyond = rules_place(service->rules, service->n_rules);

	if (beyond)
		walk_fault(&load->walk, at, "",
			   "'%s' is the %dth metric of the service: at most %d",
			   service->rules[beyond - 1].text, METRICS_MOST + 1,
			   METRICS_MOST);
	for (size_t i = 0; i < service->n_rules && !service->metrics[0]; i++) {
		if (!service->rules[i].metric[0])
			continue;
		walk_fault(&load->walk, at, "",
			   "the rule '%s' needs a page to read it from: add metrics: "
			   "http://HOST:PORT/metrics",
			   service->rules[i].text);
		return;
	}
}

static void check_far(struct load *load, const struct tree *entry,
		      const struct conf_service *service)
{
	const struct tree *rules = tree_get(entry, "rules");
	const struct tree *at = rules ? rules->key : entry->key;

	if (!conf_is_far(service))
		return;
	for (size_t i = 0; i < service->n_rules; i++) {
		const char *why = conf_far_refuses(service, &service->rules[i]);

		if (why)
			walk_fault(&load->walk, at, "", "the rule '%s': %s",
				   service->rules[i].text, why);
	}
	if (conf_raises(&service->hold.limit))
		walk_fault(
			&load->walk, entry->key, "",
			"hold needs the process whose limit it raises: add a selector");
}

static void load_service(struct load *load, const struct tree *entry,
			 struct conf_service *service)
{
	size_t before = load->walk.faults->n;

	(void)text_copy(service->name, sizeof(service->name),
			entry->key->text); /* fits */
	(void)text_copy(service->place.file, sizeof(service->place.file),
			load->walk.source->path);
	service->place.line = entry->key->line;
	service->place.column = entry->key->column;
	conf_body(&load->walk, entry, service);
	if (load->walk.faults->n == before) { /* a misspelt key is no missing one */
		check_selectors(load, entry, service);
		check_pprof(load, entry, service);
		check_metrics(load, entry, service);
		check_far(load, entry, service);
	}
	finish(load, service);
}

static void add_service(struct load *load, const struct tree *entry)
{
	struct conf *conf = load->conf;
	struct conf_service *grown;
	int r;

	if (!check_name(load, entry))
		return;
	if (entry->kind != TREE_MAP) {
		walk_fault(&load->walk, entry->key, "",
			   "the service '%s' expects a map of its keys: unit, pprof, "
			   "rules ...",
			   entry->key->text);
		return;
	}
	if (conf->n_services == CONF_SERVICES_MAX) {
		walk_fault(&load->walk, entry->key, "", "more than %d services",
			   CONF_SERVICES_MAX);
		return;
	}
	grown = realloc(conf->services, (conf->n_services + 1) * sizeof(*grown));
	if (!grown) {
		load->walk.error = -ENOMEM;
		return;
	}
	conf->services = grown;
	r = conf_service_copy(&load->here, &grown[conf->n_services]);
	if (r < 0) {
		load->walk.error = r;
		return;
	}
	load_service(load, entry, &grown[conf->n_services++]);
}

/* ---- files ---- */

static void load_key(struct load *load, const struct conf_key *key,
		     const struct tree *entry)
{
	struct walk *walk = &load->walk;

	if (key->type == KEY_BODY) /* was read before all services */
		return;
	if (key->type == KEY_BODIES) {
		if (!walk_expect(walk, entry, TREE_MAP, key))
			return;
		for (const struct tree *e = entry->first; e && !walk->error; e = e->next)
			add_service(load, e);
	} else if (key->type == KEY_MAP) {
		if (walk_expect(walk, entry, TREE_MAP, key))
			load_map(load, key->path, entry);
	} else if (note_given(load, key, entry)) {
		walk_value(walk, key, entry, (char *)load->conf + key->offset);
	}
}

static void load_defaults(struct load *load, const struct tree *root, bool is_main)
{
	const struct tree *body = tree_get(root, "defaults");
	int r;

	if (body && walk_expect(&load->walk, body, TREE_MAP, file_key("defaults")))
		conf_body(&load->walk, body, &load->here);
	if (!is_main)
		return;
	conf_service_fini(&load->everywhere);
	r = conf_service_copy(&load->here, &load->everywhere);
	if (r < 0)
		load->walk.error = r;
}

static int by_place(const void *a, const void *b)
{
	const struct fault *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

static void load_file(struct load *load, bool is_main)
{
	const struct tree *root = load->walk.source->tree;
	struct walk *walk = &load->walk;
	int r;

	if (!root)
		return;
	if (root->kind != TREE_MAP) {
		walk_fault(walk, root, "", "a configuration is a map: services: ...");
		return;
	}
	r = conf_service_copy(&load->everywhere, &load->here);
	if (r < 0) {
		walk->error = r;
		return;
	}
	load_defaults(load, root, is_main);
	for (const struct tree *e = root->first; e && !walk->error; e = e->next) {
		const struct conf_key *key = walk_key(walk, &conf_file_table, "", e);

		if (key)
			load_key(load, key, e);
	}
	conf_service_fini(&load->here);
}

static void check_any(struct load *load, const char *path)
{
	struct source source = {0};
	const struct tree nowhere = {0}; /* the file as a whole */

	if (load->conf->n_services > 0 || load->walk.faults->n > 0)
		return;
	(void)text_copy(source.path, sizeof(source.path), path);
	load->walk.source = &source;
	walk_fault(&load->walk, &nowhere, "",
		   "no service is described: nothing would be watched");
	load->walk.source = NULL;
}

/* The socket may stand in another file, so it is asked for when all are read. */
static void check_runtime(struct load *load)
{
	struct source source = {0};

	load->walk.source = &source;
	for (size_t i = 0; i < load->conf->n_services; i++) {
		const struct conf_service *service = &load->conf->services[i];
		const struct conf_place *asks = &service->asks_runtime;
		const struct tree at = {.line = asks->line, .column = asks->column};

		if (!asks->line || load->conf->runtime.socket[0])
			continue;
		(void)text_copy(source.path, sizeof(source.path), asks->file);
		walk_fault(&load->walk, &at, "",
			   "label and image of a container are told by its runtime only: "
			   "give the socket of its API, as runtime: { socket: "
			   "/run/docker.sock }");
	}
	load->walk.source = NULL;
}

int conf_load(const struct source *sources, size_t n, struct conf *conf,
	      struct faults *faults)
{
	struct load load = {.walk = {.faults = faults}, .conf = conf};

	conf_service_init(&load.everywhere);
	for (size_t i = 0; i < n && !load.walk.error; i++) {
		size_t first = faults->n;

		load.walk.source = &sources[i];
		load_file(&load, i == 0);
		if (faults->n > first) /* as they stand in the file */
			qsort(faults->at + first, faults->n - first, sizeof(*faults->at),
			      by_place);
	}
	check_any(&load, n > 0 ? sources[0].path : "");
	check_runtime(&load);
	conf_service_fini(&load.everywhere);
	if (load.walk.error)
		return load.walk.error;
	return faults->n > 0 ? CONF_FAULTY : 0;
}
