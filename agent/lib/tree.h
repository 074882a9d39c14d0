#pragma once
/* A file of the configuration as a tree with places: what edge/disk/yaml makes of bytes
 * and what core/conf_load reads. Pure data; a test can write one by hand. */

#include <stdbool.h>

#include "lib/def.h"

enum tree_kind {
	TREE_SCALAR,
	TREE_MAP,
	TREE_LIST,
};

/* Lines and columns are 1-based; columns count characters, not bytes. */
struct tree {
	enum tree_kind kind;
	unsigned line, column;
	unsigned end_line, end_column; /* of a scalar: behind its last character */
	bool quoted;                   /* a scalar that does not stand there plainly */
	char *text;                    /* of a scalar, never with a NUL inside; owned */
	struct tree *key;              /* of an entry of a map: a scalar; owned */
	struct tree *first;            /* of a map or list: its entries in order; owned */
	struct tree *next;             /* entry of the same map or list; owned */
};

/* One file that was read. */
struct source {
	char path[256]; /* as it was opened */
	char *text;     /* the bytes, owned; not NULL once read */
	size_t len;
	struct tree *tree; /* owned; NULL: the file has no document in it */
};

void tree_free(struct tree *tree); /* with all below and behind it; NULL is fine */
/* The value of a key of a map, or NULL. */
const struct tree *tree_get(const struct tree *map, const char *key);
/* Frees text and tree; a zeroed one is fine. */
void source_fini(struct source *source);
