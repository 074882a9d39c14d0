#include "core/queue.h"

#include "unit.h"

#define G (UINT64_C(1) << 30)
#define VALUE(bytes)                                                                     \
	{                                                                                \
		.value = (bytes), .have = HAVE_VALUE                                     \
	}

static const struct queue_entry no_limit = {.speed = 1e9},
				unread = {.headroom = {.have = HAVE_ERROR, .error = 5},
					  .limit = VALUE(G)},
				still_and_empty = {VALUE(G), VALUE(G), 0, 0},
				still_at_half = {VALUE(G / 2), VALUE(G), 0, 0},
				still_and_full = {VALUE(0), VALUE(G), 0, 0},
				grows_at_half = {VALUE(G / 2), VALUE(G), 1e8, 0},
				shrinks_at_half = {VALUE(G / 2), VALUE(G), -1e8, 0},
				large_at_half = {VALUE(32 * G), VALUE(64 * G), 1e8, 0},
				small_and_near = {VALUE(1 << 20), VALUE(16 << 20), 0, 0};

static void queue_prefers_who_is_nearest_to_its_limit(void **state)
{
	static const struct {
		const struct queue_entry *first, *second;
	} rows[] = {
		{&still_and_full, &grows_at_half},
		{&grows_at_half, &still_at_half},
		{&grows_at_half, &large_at_half}, /* the same speed, farther away */
		{&large_at_half, &no_limit},
		{&small_and_near, &still_at_half}, /* relative to the limit */
		{&still_at_half, &still_and_empty},
		{&still_and_empty, &no_limit},
		{&still_and_empty, &unread},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(queue_rank(rows[i].first) < queue_rank(rows[i].second),
		       "row %zu: %lld, %lld", i, (long long)queue_rank(rows[i].first),
		       (long long)queue_rank(rows[i].second));
	assert_int_equal(queue_rank(&shrinks_at_half), queue_rank(&still_at_half));
}

/* Newcomers at the very limit come for ever, one a second. */
static void queue_lets_nobody_starve(void **state)
{
	struct queue_entry patient = no_limit;
	unsigned overtaken = 0;

	(void)state;
	while (queue_rank(&still_and_full) < queue_rank(&patient)) {
		overtaken++;
		patient.waited_ms += 1000;
		assert_true(overtaken <= QUEUE_FAR_MS / 1000);
	}
	assert_int_equal(overtaken, QUEUE_FAR_MS / 1000);
}

static void queue_takes_numbers_as_they_come(void **state)
{
	static const struct queue_entry rows[] = {
		{VALUE(UINT64_MAX), VALUE(UINT64_MAX), 0, 0},
		{VALUE(UINT64_MAX), VALUE(0), 0, 0}, /* no division by it */
		{VALUE(0), VALUE(0), 0, 0},
		{VALUE(1), VALUE(UINT64_MAX), 1e300, 0},
		{VALUE(UINT64_MAX), VALUE(1), -1e300, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(queue_rank(&rows[i]) >= 0 && queue_rank(&rows[i]) <= QUEUE_FAR_MS,
		       "row %zu: %lld", i, (long long)queue_rank(&rows[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_prefers_who_is_nearest_to_its_limit),
		cmocka_unit_test(queue_lets_nobody_starve),
		cmocka_unit_test(queue_takes_numbers_as_they_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
