#pragma once
/* Hashes and the tables on top of them, for everything in a profile that is told apart:
 * names, frames, stacks, samples. The keys come from a target: whoever can choose them
 * and knows the hash can make a table slow, so the hash has a seed, the address of what
 * owns the table, which is random from run to run (ASLR) without asking anybody. The
 * order of a table is seen by nobody. */

#include <stdbool.h>
#include <string.h>

#include "lib/def.h"

/* Both halves of a product: every bit of the key reaches every bit of the hash. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t key)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ key) * 0x9e3779b97f4a7c15;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The next of a row of keys that are hashes themselves: shorter, where there are
 * millions. What follows the last goes through hash_mix. */
static inline uint64_t hash_next(uint64_t hash, uint64_t key)
{
	return hash * 0x9e3779b97f4a7c15 + key;
}

static inline uint64_t hash_seed(const void *owner)
{
	return hash_mix((uint64_t)(uintptr_t)owner, 0x2545f4914f6cdd1d);
}

uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len);

/* Numbers found by the hash of what they stand for; what that is, the owner compares.
 * Zeroed is empty. */
struct table {
	uint64_t *slots; /* upper half of the hash, number + 1; 0: free */
	size_t mask;
	size_t n;
};

#define TABLE_NUMBERS_MAX (UINT32_MAX / 2)

void table_fini(struct table *table);
/* Adds one that is not in it. 0, -ENOMEM, -EFBIG (over TABLE_NUMBERS_MAX). */
int table_add(struct table *table, uint64_t hash, uint32_t number) must_check;
/* The next number with this hash; false: there is no more. *at is 0 before the first. */
bool table_next(const struct table *table, uint64_t hash, size_t *at, uint32_t *ret);
