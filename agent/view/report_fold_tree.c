#include "view/report_fold_tree.h"

#include <errno.h>

int fold_tree_init(struct fold_tree *tree, const struct stacks *stacks, size_t frames)
{
	*tree = (struct fold_tree){.stacks = stacks, .n = 1, .n_slots = 64};
	while (tree->n_slots < 2 * (frames + 1))
		tree->n_slots *= 2;
	tree->nodes = calloc(frames + 1, sizeof(*tree->nodes));
	tree->slots = calloc(tree->n_slots, sizeof(*tree->slots));
	return tree->nodes && tree->slots ? 0 : -ENOMEM;
}

void fold_tree_fini(struct fold_tree *tree)
{
	free(tree->nodes);
	free(tree->slots);
}

/* The slot of a node, or the free one where it belongs. */
static uint32_t *find(const struct fold_tree *tree, uint32_t parent, uint32_t frame)
{
	uint64_t hash = ((uint64_t)parent << 32 | frame) * 0x9e3779b97f4a7c15u;
	size_t at = hash >> 32 & (tree->n_slots - 1);

	for (;; at = (at + 1) & (tree->n_slots - 1)) {
		const struct fold_node *node = &tree->nodes[tree->slots[at]];

		if (!tree->slots[at] || (node->parent == parent && node->frame == frame))
			return &tree->slots[at];
	}
}

/* Frames stand leaf first. */
static uint32_t frame_at(const struct stacks *stacks, size_t stack, uint32_t from_root)
{
	const struct stack *s = &stacks->list[stack];

	return stacks->frames[s->at + s->depth - 1 - from_root];
}

void fold_tree_plant(struct fold_tree *tree, size_t stack)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < tree->stacks->list[stack].depth; i++) {
		uint32_t frame = frame_at(tree->stacks, stack, i);
		uint32_t *slot = find(tree, at, frame);

		if (!*slot) {
			*slot = (uint32_t)tree->n++;
			tree->nodes[*slot] = (struct fold_node){.parent = at,
								.frame = frame,
								.stack = (uint32_t)stack,
								.depth = i + 1};
		}
		at = *slot;
	}
}

uint32_t fold_tree_fall(const struct fold_tree *tree, size_t stack)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < tree->stacks->list[stack].depth; i++) {
		uint32_t next = *find(tree, at, frame_at(tree->stacks, stack, i));

		if (!next)
			break;
		at = next;
	}
	return at;
}
