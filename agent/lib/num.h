#pragma once
/* Checked numbers: the whole text is a number in range, or it is none. */

#include <stdbool.h>

#include "lib/def.h"

/* Decimal digits only, no sign, no space; leading zeros are fine. 0, -EINVAL, -ERANGE. */
int num_u64(const char *text, size_t len, uint64_t *ret) must_check;
/* As num_u64, for texts up to their NUL and within [0, max]. */
int num_u64s(const char *text, uint64_t max, uint64_t *ret) must_check;
/* As num_u64, with an optional '-' in front. */
int num_i64(const char *text, size_t len, int64_t *ret) must_check;
int num_i64s(const char *text, int64_t *ret) must_check;
/* Digits with an optional fraction ("1.5"): the value times 1000, rounded.
 * 0, -EINVAL or -ERANGE. */
int num_milli(const char *text, size_t len, uint64_t *ret) must_check;
/* a + b, a * b, stopping at UINT64_MAX: a sum of sizes must never wrap to a small one. */
uint64_t num_add(uint64_t a, uint64_t b);
uint64_t num_mul(uint64_t a, uint64_t b);
/* a * b / c in 128 bits, stopping at UINT64_MAX; c is not 0. */
uint64_t num_scale(uint64_t a, uint64_t b, uint64_t c);
/* a - b, or 0. */
uint64_t num_sub(uint64_t a, uint64_t b);
/* a + b, a - b, stopping at both ends. */
static inline int64_t num_add_i64(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}
static inline int64_t num_sub_i64(int64_t a, int64_t b)
{
	int64_t rest;

	if (__builtin_sub_overflow(a, b, &rest))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return rest;
}
/* For qsort and bsearch over int or uint64_t: ascending. */
int num_order_int(const void *a, const void *b);
int num_order_u64(const void *a, const void *b);
