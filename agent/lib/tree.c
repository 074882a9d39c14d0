#include "lib/tree.h"

#include "lib/text.h"

void tree_free(struct tree *tree)
{
	while (tree) {
		struct tree *next = tree->next;

		tree_free(tree->key);
		tree_free(tree->first); /* as deep as the reader lets a tree become */
		free(tree->text);
		free(tree);
		tree = next;
	}
}

const struct tree *tree_get(const struct tree *map, const char *key)
{
	const struct tree *entry = map->first;

	while (entry && !(entry->key && text_equal(entry->key->text, key)))
		entry = entry->next;
	return entry;
}

void source_fini(struct source *source)
{
	tree_free(source->tree);
	free(source->text);
	source->tree = NULL;
	source->text = NULL;
}
