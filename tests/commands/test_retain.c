/* Retention on what stands on the disk. The order is tested in
 * tests/core/test_retention.c. */
#include <errno.h>

#include "commands/usage.h"
#include "filing_case.h"

static void name(char *to, int i)
{
	snprintf(to, INCIDENT_MAX, "20261121T2012%02dZ-memory-5G-%04d", i, i);
}

static void add(struct archive_case *c, int i, bool sealed)
{
	struct job job;
	char id[INCIDENT_MAX];

	name(id, i);
	case_job(&job, JOB_CAPTURE, id, 1);
	job.reason.at_ms += (i - 4) * 1000; /* as the name says */
	assert_int_equal(case_file(c, &job, "a heap"), 0);
	job.kind = JOB_SEAL;
	job.verdict = (struct verdict){.outcome = OUTCOME_RECOVERED,
				       .at_ms = job.reason.at_ms + 1};
	if (sealed)
		assert_int_equal(case_seal(c, &job, "at\n"), 0);
}

static void retain(struct archive_case *c, struct retention_policy policy,
		   const struct living *living)
{
	struct filing filing;
	const char *why;

	assert_int_equal(filing_open(&c->place, &filing, &why), 0);
	assert_int_equal(filing_retain_with(&filing.archive, &policy, living), 0);
	filing_close(&filing);
}

static bool stands(const struct archive_case *c, int i)
{
	char id[INCIDENT_MAX], path[256];

	name(id, i);
	snprintf(path, sizeof(path), "%s/cron/%s", c->dir, id);
	return access(path, F_OK) == 0;
}

static void look(struct archive_case *c, struct usage *ret)
{
	struct archive archive;

	assert_int_equal(archive_open(c->dir, NULL, ARCHIVE_READ, &archive, NULL), 0);
	assert_int_equal(usage_read(&archive, NULL, ret), 0);
	archive_close(&archive);
}

static uint64_t bytes_of(const struct usage *usage, enum retention_kind kind)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < usage->n; i++)
		bytes += usage->entries[i].kind == kind ? usage->entries[i].bytes : 0;
	return bytes;
}

static void incidents_beyond_the_bound_go(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	for (int i = 1; i <= 6; i++)
		add(&c, i, i != 3);
	retain(&c, (struct retention_policy){.max_incidents = 3}, NULL);
	assert_true(stands(&c, 1)); /* first */
	assert_true(stands(&c, 3)); /* open */
	assert_true(stands(&c, 6)); /* newest */
	assert_false(stands(&c, 2) || stands(&c, 4) || stands(&c, 5));
	case_list(&c, ".staging", &list);
	assert_string_equal(list.data, "");
	case_end(&c);
}

static void links_are_counted_once(void **state)
{
	struct archive_case c;
	AUTO_USAGE struct usage before = {0}, after = {0};
	struct job job;
	char *large = malloc(1 << 20);

	(void)state;
	memset(large, 'x', (1 << 20) - 1);
	large[(1 << 20) - 1] = '\0';
	case_begin(&c);
	case_job(&job, JOB_BASE, "", 0);
	job.base = BASE_TAKEN;
	assert_int_equal(case_file(&c, &job, large), 0);
	look(&c, &before);
	assert_true(bytes_of(&before, RETAIN_LIVE) >= 1 << 20);
	add(&c, 1, true);
	add(&c, 2, true);
	look(&c, &after);
	assert_int_equal(after.n, 3);
	/* The live files keep what they share: dropping an incident would not free it. */
	assert_true(bytes_of(&after, RETAIN_LIVE) >= 1 << 20);
	assert_true(bytes_of(&after, RETAIN_INCIDENT) < 1 << 18);
	free(large);
	case_end(&c);
}

/* Once the live files are gone, the newest incident carries what it shares with others.
 */
static void what_is_shared_is_charged_to_who_stays_longest(void **state)
{
	struct archive_case c;
	AUTO_USAGE struct usage usage = {0};
	const struct living nobody = {0};
	struct job job;
	char *large = malloc(1 << 20);

	(void)state;
	memset(large, 'x', (1 << 20) - 1);
	large[(1 << 20) - 1] = '\0';
	case_begin(&c);
	case_job(&job, JOB_BASE, "", 0);
	job.base = BASE_TAKEN;
	assert_int_equal(case_file(&c, &job, large), 0);
	add(&c, 1, true);
	add(&c, 2, true);
	(void)text_copy(job.key, sizeof(job.key), "newer");
	job.base_at_ms = 1;
	assert_int_equal(case_file(&c, &job, "small"), 0);
	retain(&c, (struct retention_policy){0}, &nobody);
	look(&c, &usage);
	assert_int_equal(usage.n, 3); /* two incidents and the newer base */
	for (size_t i = 0; i < usage.n; i++) {
		bool large_one = usage.entries[i].bytes >= 1 << 20;
		bool newest = usage.entries[i].kind == RETAIN_INCIDENT &&
			      text_ends(usage.entries[i].name, "0002");

		expect(large_one == newest, "%s", usage.entries[i].name);
	}
	free(large);
	case_end(&c);
}

static void live_files_go_only_where_it_is_known_who_lives(void **state)
{
	static char keys[1][TARGET_KEY_MAX] = {"b"};
	const struct living living = {keys, 1};
	struct archive_case c;
	AUTO_BUF struct buf list;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	for (char key = 'a'; key <= 'c'; key++) {
		case_job(&job, JOB_BASE, "", 0);
		job.key[0] = key;
		job.key[1] = '\0';
		job.base_at_ms = key;
		assert_int_equal(case_file(&c, &job, "a base"), 0);
	}
	retain(&c, (struct retention_policy){0}, NULL);
	case_list(&c, "cron/.live", &list);
	assert_non_null(strstr(list.data, "a/base/heap.pb.gz"));
	retain(&c, (struct retention_policy){0}, &living);
	case_list(&c, "cron/.live", &list);
	assert_null(strstr(list.data, "a/base"));
	assert_non_null(strstr(list.data, "b/base/heap.pb.gz")); /* lives */
	assert_non_null(strstr(list.data, "c/base/heap.pb.gz")); /* can be borrowed */
	case_end(&c);
}

static void an_incident_that_cannot_be_read_goes_by_its_age(void **state)
{
	struct archive_case c;
	char path[256];
	AUTO_CLOSE int fd = -1;

	(void)state;
	case_begin(&c);
	for (int i = 1; i <= 4; i++)
		add(&c, i, true);
	snprintf(path, sizeof(path),
		 "%s/cron/20261121T201203Z-memory-5G-0003/manifest.json", c.dir);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	retain(&c, (struct retention_policy){.max_incidents = 2}, NULL);
	assert_true(stands(&c, 1) && stands(&c, 4));
	case_end(&c);
}

static void one_retains_at_a_time(void **state)
{
	struct archive_case c;
	AUTO_CLOSE int staging = -1, top = -1;

	(void)state;
	case_begin(&c);
	for (int i = 1; i <= 3; i++)
		add(&c, i, true);
	top = open(c.dir, O_RDONLY | O_DIRECTORY);
	staging = fs_open_dir_at(top, ARCHIVE_STAGING);
	assert_int_equal(archive_hold(staging, false), 0);
	retain(&c, (struct retention_policy){.max_incidents = 1}, NULL);
	assert_true(stands(&c, 2));
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incidents_beyond_the_bound_go),
		cmocka_unit_test(links_are_counted_once),
		cmocka_unit_test(what_is_shared_is_charged_to_who_stays_longest),
		cmocka_unit_test(live_files_go_only_where_it_is_known_who_lives),
		cmocka_unit_test(an_incident_that_cannot_be_read_goes_by_its_age),
		cmocka_unit_test(one_retains_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
