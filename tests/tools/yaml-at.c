/* yaml-at FILE KIND PATH: what stands in the document of a Kubernetes manifest whose kind
 * is KIND. "spec.containers.name=api.image": a step is a key (its dots written as
 * slashes), the number of an element, or key=value of one. A list or a map is told by its
 * scalars or keys, one a line. Ends with 1 where nothing stands, 2 where the file is no
 * YAML or a map has a key twice. The reader of our own configuration takes one document
 * without block scalars, so libyaml is asked itself. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/num.h"

static yaml_node_t *node(yaml_document_t *doc, int id)
{
	return yaml_document_get_node(doc, id);
}

static const char *text(const yaml_node_t *at)
{
	return at->type == YAML_SCALAR_NODE ? (const char *)at->data.scalar.value : "";
}

static yaml_node_t *value_of(yaml_document_t *doc, yaml_node_t *map, const char *key)
{
	if (map->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		if (!strcmp(text(node(doc, p->key)), key))
			return node(doc, p->value);
	}
	return NULL;
}

static yaml_node_t *element(yaml_document_t *doc, yaml_node_t *list, char *step)
{
	char *value = strchr(step, '=');
	uint64_t n = 0;

	if (value)
		*value++ = '\0';
	else if (num_u64(step, strlen(step), &n) < 0)
		return NULL;
	for (yaml_node_item_t *i = list->data.sequence.items.start;
	     i < list->data.sequence.items.top; i++) {
		yaml_node_t *found = value ? value_of(doc, node(doc, *i), step) : NULL;

		if (value ? found && !strcmp(text(found), value) : n-- == 0)
			return node(doc, *i);
	}
	return NULL;
}

static yaml_node_t *at_path(yaml_document_t *doc, const char *path)
{
	yaml_node_t *at = yaml_document_get_root_node(doc);
	char *copy = strdup(path), *rest = copy, *step;

	while (at && (step = strsep(&rest, ".")) != NULL) {
		bool list = at->type == YAML_SEQUENCE_NODE;

		for (char *c = step; !list && *c; c++)
			*c = *c == '/' ? '.' : *c;
		at = list ? element(doc, at, step) : value_of(doc, at, step);
	}
	free(copy);
	return at;
}

static void print(yaml_document_t *doc, const yaml_node_t *at)
{
	if (at->type == YAML_SCALAR_NODE)
		puts(text(at));
	if (at->type == YAML_SEQUENCE_NODE)
		for (yaml_node_item_t *i = at->data.sequence.items.start;
		     i < at->data.sequence.items.top; i++)
			puts(text(node(doc, *i)));
	if (at->type == YAML_MAPPING_NODE)
		for (yaml_node_pair_t *p = at->data.mapping.pairs.start;
		     p < at->data.mapping.pairs.top; p++)
			puts(text(node(doc, p->key)));
}

/* The first key that stands twice in a map of the document, or NULL. */
static const char *twice(yaml_document_t *doc)
{
	for (yaml_node_t *at = doc->nodes.start; at < doc->nodes.top; at++) {
		if (at->type != YAML_MAPPING_NODE)
			continue;
		for (yaml_node_pair_t *p = at->data.mapping.pairs.start;
		     p < at->data.mapping.pairs.top; p++) {
			const char *key = text(node(doc, p->key));

			if (value_of(doc, at, key) != node(doc, p->value))
				return key;
		}
	}
	return NULL;
}

/* One document: 0 where it was told, 1 where not, 2 where it is faulty. */
static int look(yaml_document_t *doc, const char *wanted, const char *path)
{
	yaml_node_t *root = yaml_document_get_root_node(doc);
	yaml_node_t *kind = root ? value_of(doc, root, "kind") : NULL, *found = NULL;
	const char *key = twice(doc);

	if (key)
		fprintf(stderr, "yaml-at: the key '%s' stands twice\n", key);
	if (kind && !strcmp(text(kind), wanted))
		found = at_path(doc, path);
	if (found && !key)
		print(doc, found);
	return key ? 2 : !found;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 4 ? fopen(argv[1], "re") : NULL;
	yaml_parser_t parser;
	yaml_document_t doc;
	int ret = 1;

	if (!file || !yaml_parser_initialize(&parser)) {
		fprintf(stderr, "usage: yaml-at FILE KIND PATH\n");
		return 2;
	}
	yaml_parser_set_input_file(&parser, file);
	while (ret != 2) {
		bool more = yaml_parser_load(&parser, &doc);
		int r = more ? look(&doc, argv[2], argv[3]) : 2;

		if (!more)
			fprintf(stderr, "%s:%zu: %s\n", argv[1],
				parser.problem_mark.line + 1, parser.problem);
		more = more && yaml_document_get_root_node(&doc);
		if (parser.error == YAML_NO_ERROR)
			yaml_document_delete(&doc);
		if (parser.error == YAML_NO_ERROR && !more && r != 2)
			break;
		ret = r == 1 ? ret : r;
	}
	yaml_parser_delete(&parser);
	fclose(file);
	return ret;
}
