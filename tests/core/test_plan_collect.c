/* Whether a capture asks for a collection. */
#include "core/plan.h"

#include "unit.h"

#define MB (UINT64_C(1) << 20)
#define BIT(artifact) (UINT32_C(1) << (artifact))
#define VALUE(v) ((struct reading){.value = (v), .have = HAVE_VALUE})

static const struct capture_conf heaps = {
	.artifacts = BIT(ARTIFACT_HEAP) | BIT(ARTIFACT_HEAP_GC),
};

/* Of heap-gc: "taken", or why not. */
static const char *why(struct plan_state state)
{
	static struct plan_step step;

	state.done = BIT(ARTIFACT_HEAP);
	plan_next(&state, &step);
	assert_int_not_equal(step.act, PLAN_END);
	assert_int_equal(step.artifact, ARTIFACT_HEAP_GC);
	return step.act == PLAN_SKIP ? step.why : "taken";
}

/* What is felt must be worth it. */
static void a_collection_is_asked_for_where_the_plain_heap_shows_little(void **state)
{
	struct plan_state s = {.kind = JOB_CAPTURE, .capture = &heaps, .pprof = true};

	(void)state;
	s.memory = VALUE(4000 * MB);
	s.shown = VALUE(3000 * MB);
	assert_string_equal(why(s),
			    "heap shows 2.9G of 3.9G resident: a collection would "
			    "stop the program to show little more");
	s.shown = VALUE(2999 * MB);
	assert_string_equal(why(s), "taken");
	s.shown = VALUE(5000 * MB); /* scaled up from samples */
	assert_string_not_equal(why(s), "taken");
	s.collect = true; /* a person wants it, or the limit is raised for it */
	assert_string_equal(why(s), "taken");
	s.collect = false;
	s.kind = JOB_BASE;
	assert_string_equal(why(s), "taken");
	s.kind = JOB_CAPTURE;
	s.shown.have = HAVE_ABSENT; /* the heap failed, or is held by an earlier try */
	assert_string_equal(why(s), "taken");
	s.shown.have = HAVE_VALUE;
	s.memory.have = HAVE_ERROR;
	assert_string_equal(why(s), "taken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_collection_is_asked_for_where_the_plain_heap_shows_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
