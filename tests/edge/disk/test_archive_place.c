#include "edge/disk/archive_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/text.h"
#include "unit.h"

static void a_directory_is_found_as_it_is(void **state)
{
	char dir[] = "/tmp/archive-place-XXXXXX", deep[128];
	struct doctor_archive place;

	(void)state;
	assert_non_null(mkdtemp(dir));
	archive_place(dir, &place);
	assert_true(place.exists);
	assert_int_equal(place.error, 0);
	assert_true(place.whole_bytes > 0);
	assert_true(place.free_bytes <= place.whole_bytes);
	assert_string_equal(place.dir, dir);

	snprintf(deep, sizeof(deep), "%s/not/yet/there", dir);
	archive_place(deep, &place);
	assert_false(place.exists);
	assert_int_equal(place.error, 0);
	assert_true(place.whole_bytes > 0);
	assert_string_equal(place.dir, deep);
	assert_int_equal(access(deep, F_OK), -1); /* it was not made */
	(void)rmdir(dir);
}

static void memory_is_told_from_a_disk(void **state)
{
	struct doctor_archive place;

	(void)state;
	archive_place("/dev/shm/not-there", &place);
	if (!text_equal(place.type, "tmpfs"))
		skip(); /* a machine without it */
	assert_true(place.fleeting);
}

static void a_place_that_takes_no_file_says_why(void **state)
{
	struct doctor_archive place;

	(void)state;
	archive_place("/proc/1/leakdog", &place);
	assert_int_not_equal(place.error, 0);
	archive_place("", &place);
	assert_int_not_equal(place.error, 0);
	archive_place("/dev/null/x", &place);
	assert_int_equal(place.error, ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_directory_is_found_as_it_is),
		cmocka_unit_test(memory_is_told_from_a_disk),
		cmocka_unit_test(a_place_that_takes_no_file_says_why),
	};

	return cmocka_run_group_tests_name("archive_place", tests, NULL, NULL);
}
