#pragma once
/* The shown stacks as a tree of frames, for report_fold.c. Nodes are numbered in the
 * order of their making, so that walking them backwards meets every child before its
 * parent. */

#include "prof/stacks.h"

struct fold_node {
	uint32_t parent, frame;
	uint32_t stack, depth; /* a stack that passes through it, frames up to here */
	uint32_t sum;          /* for whoever folds; 0 at first */
};

struct fold_tree {
	const struct stacks *stacks;
	struct fold_node *nodes; /* the first is above all roots */
	size_t n;
	uint32_t *slots; /* hash of (parent, frame): number of the node, 0: free */
	size_t n_slots;  /* a power of two */
};

/* With room for so many frames. 0 or -ENOMEM. */
int fold_tree_init(struct fold_tree *tree, const struct stacks *stacks,
		   size_t frames) must_check;
void fold_tree_fini(struct fold_tree *tree);
void fold_tree_plant(struct fold_tree *tree, size_t stack);
/* The node of the deepest frame that the stack shares with the tree. */
uint32_t fold_tree_fall(const struct fold_tree *tree, size_t stack);
