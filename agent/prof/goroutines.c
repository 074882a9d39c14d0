/* The table of groups: a hash of state, frames and creator, so that half a million
 * goroutines are counted in one pass. */
#include "prof/goroutines_parts.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/list.h"

void goroutines_init(struct goroutines *goroutines, struct symbols *symbols)
{
	*goroutines = (struct goroutines){.symbols = symbols};
}

void goroutines_fini(struct goroutines *goroutines)
{
	free(goroutines->list);
	free(goroutines->frames);
	if (goroutines->index)
		table_fini(&goroutines->index->by_key);
	free(goroutines->index);
	*goroutines = (struct goroutines){0};
}

static uint64_t key_hash(const struct goroutines *to, const struct goroutine_seen *seen)
{
	uint64_t hash = hash_mix(hash_seed(to->index),
				 (uint64_t)seen->state << 32 | seen->creator);

	return hash_bytes(hash, seen->frames, seen->depth * sizeof(*seen->frames));
}

static bool is_group(const struct goroutines *to, const struct goroutine_group *group,
		     const struct goroutine_seen *seen)
{
	return group->state == seen->state && group->creator == seen->creator &&
	       group->depth == seen->depth &&
	       (seen->depth == 0 || !memcmp(to->frames + group->at, seen->frames,
					    seen->depth * sizeof(*seen->frames)));
}

static struct goroutine_group *
find_group(const struct goroutines *to, const struct goroutine_seen *seen, uint64_t hash)
{
	uint32_t number;
	size_t at = 0;

	while (table_next(&to->index->by_key, hash, &at, &number))
		if (is_group(to, &to->list[number], seen))
			return &to->list[number];
	return NULL;
}

/* *ret is NULL where there are too many groups already. */
static int add_group(struct goroutines *to, const struct goroutine_seen *seen,
		     uint64_t hash, struct goroutine_group **ret)
{
	struct goroutines_index *index = to->index;
	int r;

	*ret = NULL;
	if (to->n == GOROUTINE_GROUPS_MAX ||
	    to->n_frames + seen->depth > GOROUTINE_FRAMES_MAX)
		return 0;
	r = list_grow(&to->list, sizeof(*to->list), to->n + 1, &index->room);
	if (r == 0)
		r = list_grow(&to->frames, sizeof(*to->frames),
			      to->n_frames + seen->depth, &index->frames_room);
	if (r == 0)
		r = table_add(&index->by_key, hash, (uint32_t)to->n);
	if (r < 0)
		return r;
	*ret = &to->list[to->n++];
	**ret = (struct goroutine_group){.state = seen->state,
					 .creator = seen->creator,
					 .at = (uint32_t)to->n_frames,
					 .depth = (uint32_t)seen->depth};
	if (seen->depth > 0)
		memcpy(to->frames + to->n_frames, seen->frames,
		       seen->depth * sizeof(*seen->frames));
	to->n_frames += seen->depth;
	return 0;
}

static void count_now(struct goroutine_group *group, const struct goroutine_seen *seen)
{
	uint64_t before = group->count[SIDE_NOW];

	group->wait_min = before ? MIN(group->wait_min, seen->wait) : seen->wait;
	group->wait_max = MAX(group->wait_max, seen->wait);
	group->locked += seen->locked ? seen->count : 0;
	group->leaked += seen->leaked ? seen->count : 0;
	group->elided |= seen->elided;
	if (before < GOROUTINE_IDS_MAX)
		group->ids[before] = seen->id;
}

int goroutines_count(struct goroutines *to, enum side side,
		     const struct goroutine_seen *seen)
{
	struct goroutine_group *group;
	uint64_t hash;
	int r = 0;

	if (!to->index && !(to->index = calloc(1, sizeof(*to->index))))
		return -ENOMEM;
	hash = key_hash(to, seen);
	group = find_group(to, seen, hash);
	if (!group)
		r = add_group(to, seen, hash, &group);
	if (r < 0)
		return r;
	to->total[side] = num_add(to->total[side], seen->count);
	if (!group) {
		to->left_out[side] = num_add(to->left_out[side], seen->count);
		return 0;
	}
	if (side == SIDE_NOW)
		count_now(group, seen);
	group->count[side] = num_add(group->count[side], seen->count);
	return 0;
}
