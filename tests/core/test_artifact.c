#include "core/conf.h"

#include "lib/text.h"
#include "unit.h"

static void artifacts_have_names_and_files_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARTIFACT_N; i++) {
		expect(artifact_table[i].name && artifact_table[i].file, "row %zu", i);
		for (size_t j = 0; j < i; j++) {
			expect(!text_equal(artifact_table[i].name,
					   artifact_table[j].name),
			       "name of %zu and %zu", i, j);
			expect(!text_equal(artifact_table[i].file,
					   artifact_table[j].file),
			       "file of %zu and %zu", i, j);
			expect(!artifact_table[i].path ||
				       !text_equal(artifact_table[i].path,
						   artifact_table[j].path),
			       "path of %zu and %zu", i, j);
		}
	}
}

/* Retention, report and other people's tools look for these. */
static void artifacts_keep_the_names_that_were_promised(void **state)
{
	(void)state;
	assert_string_equal(artifact_table[ARTIFACT_HEAP].file, "heap.pb.gz");
	assert_string_equal(artifact_table[ARTIFACT_GOROUTINE].file, "goroutine.pb.gz");
	assert_string_equal(artifact_table[ARTIFACT_HEAP_GC].file, "heap-gc.pb.gz");
	assert_string_equal(artifact_table[ARTIFACT_MEMSTATS].file, "memstats.txt.gz");
	assert_string_equal(artifact_table[ARTIFACT_GOROUTINE_TEXT].file,
			    "goroutine.txt.gz");
	assert_string_equal(artifact_table[ARTIFACT_SOCKETS].file, "sockets.csv");
}

static void selectors_have_names_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < SELECTOR_N; i++) {
		assert_non_null(selector_table[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(selector_table[i], selector_table[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(artifacts_have_names_and_files_of_their_own),
		cmocka_unit_test(artifacts_keep_the_names_that_were_promised),
		cmocka_unit_test(selectors_have_names_of_their_own),
	};

	return cmocka_run_group_tests_name("artifact", tests, NULL, NULL);
}
