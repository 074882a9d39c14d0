#pragma once
/* Random numbers that are the same on every machine: a failing seed can be replayed. */

#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline struct dice dice_of(uint64_t seed)
{
	return (struct dice){seed * 0x9e3779b97f4a7c15 + 1};
}

/* splitmix64 */
static inline uint64_t dice_roll(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* In [low, high]. */
static inline uint64_t dice_in(struct dice *dice, uint64_t low, uint64_t high)
{
	return low + dice_roll(dice) % (high - low + 1);
}

static inline double dice_between(struct dice *dice, double low, double high)
{
	return low + (high - low) * (double)(dice_roll(dice) >> 11) * 0x1p-53;
}
