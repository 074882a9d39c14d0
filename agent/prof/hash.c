/* Open addressing, at most three quarters full, steps of one: a look is one line of
 * cache. The upper half of the hash stands in the slot, so that growing needs no keys and
 * a look that fails compares nothing. */
#include "prof/hash.h"

#include <errno.h>

#define SLOTS_FIRST 64

uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint64_t hash = seed ^ len, part;

	for (; len >= sizeof(part); len -= sizeof(part), at += sizeof(part)) {
		memcpy(&part, at, sizeof(part));
		hash = hash_mix(hash, part);
	}
	part = 0;
	if (len)
		memcpy(&part, at, len);
	return hash_mix(hash, part);
}

void table_fini(struct table *table)
{
	free(table->slots);
	*table = (struct table){0};
}

/* The mask is below 2^32, so the upper half alone tells the first slot. */
static size_t first(uint64_t slot, size_t mask)
{
	return (slot >> 32) & mask;
}

static void put(uint64_t *slots, size_t mask, uint64_t slot)
{
	size_t at = first(slot, mask);

	while (slots[at])
		at = (at + 1) & mask;
	slots[at] = slot;
}

static int grow(struct table *table)
{
	size_t old = table->slots ? table->mask + 1 : 0;
	size_t room = old ? 2 * old : SLOTS_FIRST;
	uint64_t *slots = calloc(room, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < old; i++) {
		if (table->slots[i])
			put(slots, room - 1, table->slots[i]);
	}
	free(table->slots);
	table->slots = slots;
	table->mask = room - 1;
	return 0;
}

int table_add(struct table *table, uint64_t hash, uint32_t number)
{
	int r;

	if (number >= TABLE_NUMBERS_MAX)
		return -EFBIG;
	if (!table->slots || 4 * table->n > 3 * table->mask) {
		r = grow(table);
		if (r < 0)
			return r;
	}
	put(table->slots, table->mask, (hash >> 32 << 32) | (number + 1));
	table->n++;
	return 0;
}

bool table_next(const struct table *table, uint64_t hash, size_t *at, uint32_t *ret)
{
	uint64_t slot;

	if (!table->slots)
		return false;
	for (size_t i = first(hash, table->mask) + *at;; i++) {
		slot = table->slots[i & table->mask];
		if (!slot)
			return false;
		if (slot >> 32 == hash >> 32) {
			*at = i + 1 - first(hash, table->mask);
			*ret = (uint32_t)slot - 1;
			return true;
		}
	}
}
