#pragma once
/* What the parts of the loader share: where it is, and how it complains. */

#include "core/conf_keys.h"
#include "lib/fault.h"
#include "lib/tree.h"

struct walk {
	const struct source *source; /* the file that is read */
	struct faults *faults;
	bool secret; /* what is read now may be one that does not belong here */
	int error;   /* -ENOMEM, sticks */
};

/* A fault at a node; hint "" for none. */
void walk_fault(struct walk *walk, const struct tree *node, const char *hint,
		const char *format, ...) printf_like(4, 5);
/* A fault inside the text of a scalar, at its byte `offset`; the node where the text does
 * not stand in the file as it is (escapes, several lines). */
void walk_fault_in(struct walk *walk, const struct tree *node, size_t offset,
		   const char *message);
/* Whether the node is of this kind; otherwise a fault that says what the key expects. */
bool walk_expect(struct walk *walk, const struct tree *node, enum tree_kind kind,
		 const struct conf_key *key);
/* One value into its place. */
void walk_value(struct walk *walk, const struct conf_key *key, const struct tree *node,
		void *to);
/* The row of an entry below a prefix; NULL with a fault where there is none. */
const struct conf_key *walk_key(struct walk *walk, const struct conf_keys *keys,
				const char *prefix, const struct tree *entry);

/* The keys of a service into it (conf_body.c). */
void conf_body(struct walk *walk, const struct tree *map, struct conf_service *service);
/* rules: (conf_rules.c); cooldowns that are not given are UINT64_MAX. */
void conf_rules(struct walk *walk, const struct tree *list, struct conf_service *service);
