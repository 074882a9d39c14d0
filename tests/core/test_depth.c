/* How much each look reads: everything while memory moves, little while it rests, and
 * never less than who the process is once a minute. */
#include "core/depth.h"

#include "unit.h"

#define MINUTE 6 /* slow looks */

static struct sample at(uint64_t usage)
{
	struct sample sample = {.fresh = 1u << SIGNAL_USAGE};

	sample.v[SIGNAL_USAGE] = (struct reading){.value = usage, .have = HAVE_VALUE};
	return sample;
}

/* A slow look, and a fast one with this usage after it. */
static struct depth_turn look(struct depth *depth, uint64_t usage, bool may_rest)
{
	struct depth_turn turn = depth_next(depth, may_rest);
	struct sample sample = at(usage);

	depth_note(depth, turn.how, &sample);
	depth_note(depth, LOOK_FAST, &sample);
	return turn;
}

static void what_moves_is_read_wholly_once_a_minute(void **state)
{
	struct depth depth = {0};

	(void)state;
	for (uint64_t i = 0; i < 10 * MINUTE; i++) {
		struct depth_turn turn = depth_next(&depth, true);
		struct sample sample = at(i);

		depth_note(&depth, turn.how, &sample);
		sample = at(i + 1);
		depth_note(&depth, LOOK_FAST, &sample);
		expect(turn.how == (i % MINUTE ? LOOK_SLOW : LOOK_WHOLE), "look %d",
		       (int)i);
		expect(turn.identify == (i % MINUTE == 0), "look %d", (int)i);
	}
}

static void what_rests_is_known_again_once_a_minute(void **state)
{
	struct depth depth = {0};

	(void)state;
	for (int i = 0; i < 15 * MINUTE; i++) {
		struct depth_turn turn = look(&depth, 100, true);
		enum look_depth want = i % MINUTE ? LOOK_REST : LOOK_SLOW;

		if (i % (5 * MINUTE) == 0)
			want = LOOK_WHOLE;
		expect(turn.how == want, "look %d is %d", i, (int)turn.how);
		expect(turn.identify == (i % MINUTE == 0), "look %d", i);
	}
}

static void what_may_not_rest_does_not(void **state)
{
	struct depth depth = {0};

	(void)state;
	for (int i = 0; i < 2 * MINUTE; i++)
		expect(look(&depth, 100, false).how ==
			       (i % MINUTE ? LOOK_SLOW : LOOK_WHOLE),
		       "look %d", i);
	assert_int_equal(look(&depth, 100, true).how, LOOK_SLOW); /* who is it? */
	assert_int_equal(look(&depth, 100, true).how, LOOK_REST);
}

/* One byte at one look between two slow ones is enough, also where it is gone again. */
static void a_byte_ends_the_rest(void **state)
{
	struct depth depth = {0};
	struct sample more = at(101), same = at(100);

	(void)state;
	(void)look(&depth, 100, true);
	assert_int_equal(look(&depth, 100, true).how, LOOK_REST);
	depth_note(&depth, LOOK_FAST, &more);
	depth_note(&depth, LOOK_FAST, &same);
	assert_int_equal(look(&depth, 100, true).how, LOOK_SLOW);
	assert_int_equal(look(&depth, 100, true).how, LOOK_REST);
}

static void a_look_that_failed_ends_the_rest(void **state)
{
	struct depth depth = {0};
	struct sample none = at(100), error = at(100);

	(void)state;
	none.fresh = 0; /* the last value stands in it */
	error.v[SIGNAL_USAGE].have = HAVE_ERROR;
	(void)look(&depth, 100, true);
	depth_note(&depth, LOOK_FAST, &none);
	assert_int_equal(look(&depth, 100, true).how, LOOK_SLOW);
	depth_note(&depth, LOOK_FAST, &error);
	assert_int_equal(look(&depth, 100, true).how, LOOK_SLOW);
	assert_int_equal(look(&depth, 100, true).how, LOOK_REST);
}

static void a_whole_look_that_was_left_out_is_made_up_for(void **state)
{
	struct depth depth = {0};
	struct sample more = at(200);
	int i = 0;

	(void)state;
	for (; i <= MINUTE; i++)
		(void)look(&depth, 100, true);
	depth_note(&depth, LOOK_FAST, &more);
	assert_int_equal(look(&depth, 200, true).how, LOOK_WHOLE);
	assert_int_equal(look(&depth, 200, true).how, LOOK_REST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moves_is_read_wholly_once_a_minute),
		cmocka_unit_test(what_rests_is_known_again_once_a_minute),
		cmocka_unit_test(what_may_not_rest_does_not),
		cmocka_unit_test(a_byte_ends_the_rest),
		cmocka_unit_test(a_look_that_failed_ends_the_rest),
		cmocka_unit_test(a_whole_look_that_was_left_out_is_made_up_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
