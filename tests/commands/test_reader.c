/* The reading commands as a person meets them: what they print and how they end. */
#include <fcntl.h>
#include <sys/mman.h>

#include "commands/commands.h"
#include "filing_case.h"

#define FIRST "20261121T201204Z-memory-5G-7f3a"
#define SECOND "20261121T211204Z-memory-5G-0b0b"
#define THIRD "20261122T011204Z-fds-0b0b"

static void build(struct archive_case *c)
{
	static const char *const ids[] = {FIRST, SECOND, THIRD};
	struct job job;

	case_begin(c);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		case_job(&job, JOB_CAPTURE, ids[i], 1);
		assert_int_equal(case_file(c, &job, "a heap"), 0);
	}
}

/* Runs a command with its two streams in files; returns its exit code. */
static int run(int (*command)(int, char **), char *out, char *err, const char **argv)
{
	int saved[2] = {dup(1), dup(2)}, files[2], argc = 0, code;
	char *texts[2] = {out, err};

	while (argv[argc])
		argc++;
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		files[i] = memfd_create("stream", MFD_CLOEXEC);
		assert_int_equal(dup2(files[i], i + 1), i + 1);
	}
	code = command(argc, (char **)(uintptr_t)argv);
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		ssize_t n;

		assert_int_equal(dup2(saved[i], i + 1), i + 1);
		n = pread(files[i], texts[i], 65535, 0);
		assert_true(n >= 0);
		texts[i][n] = '\0';
		close(files[i]);
		close(saved[i]);
	}
	return code;
}

static char out[65536], err[65536];
#define RUN(command, ...) run(command, out, err, (const char *[]){"x", __VA_ARGS__, NULL})

static void an_incident_is_found_by_what_a_person_types(void **state)
{
	static const struct {
		const char *meant;
		int code;
		const char *shows; /* on stdout, or on stderr where it fails */
	} rows[] = {
		{NULL, EXIT_OK, THIRD},
		{FIRST, EXIT_OK, FIRST},
		{"20261121T20", EXIT_OK, FIRST},
		{"7f3a", EXIT_OK, FIRST},
		{"20261121", EXIT_USAGE, SECOND},
		{"0b0b", EXIT_USAGE, THIRD},
		{"2027", EXIT_NO_MATCH, "no incident '2027'"},
		{"../../etc", EXIT_NO_MATCH, "no incident"},
		{"\x1b[2J", EXIT_NO_MATCH, "'\\x1b[2J'"},
	};
	struct archive_case c;

	skip_under_valgrind(state, "the jail of a report allows too little for it");
	build(&c);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int code = RUN(cmd_show, "--archive", c.dir, rows[i].meant);

		expect(code == rows[i].code, "%s: %d %s", rows[i].meant, code, err);
		expect(strstr(code ? err : out, rows[i].shows), "%s: %s%s", rows[i].meant,
		       out, err);
		expect(code == EXIT_OK || !out[0], "%s", out);
	}
	case_end(&c);
}

static void put_report(const struct archive_case *c, const char *id, const char *text)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/cron/%s/report.json", c->dir, id);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void list_shows_all_or_those_of_a_service(void **state)
{
	struct archive_case c;

	(void)state;
	build(&c);
	assert_int_equal(RUN(cmd_list, "--archive", c.dir), EXIT_OK);
	assert_non_null(strstr(out, "7f3a"));
	assert_true(strstr(out, THIRD) < strstr(out, SECOND)); /* newest first */
	assert_null(strstr(out, "main.load"));
	put_report(&c, FIRST,
		   "{\n\"grew\":[\n{\"kind\":\"heap\",\"who\":\"main.load\","
		   "\"base\":0,\"now\":5}]}");
	put_report(&c, SECOND, "no report");
	assert_int_equal(RUN(cmd_list, "--archive", c.dir), EXIT_OK);
	assert_non_null(strstr(out, " +5 main.load\n"));
	assert_int_equal(RUN(cmd_list, "--archive", c.dir, "--service", "other"),
			 EXIT_OK);
	assert_string_equal(out, "");
	assert_string_equal(err, "no incidents\n");
	assert_int_equal(
		RUN(cmd_list, "--archive", c.dir, "--service", "other", "--json"),
		EXIT_OK);
	assert_string_equal(out, "[]\n");
	assert_int_equal(RUN(cmd_list, "--archive", c.dir, "--service", "../x"),
			 EXIT_USAGE);
	case_end(&c);
}

static void an_incident_that_cannot_be_read_is_listed_as_such(void **state)
{
	struct archive_case c;
	AUTO_CLOSE int top = -1;

	(void)state;
	build(&c);
	top = open(c.dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(unlinkat(top, "cron/" SECOND "/manifest.json", 0), 0);
	assert_int_equal(RUN(cmd_list, "--archive", c.dir), EXIT_PARTIAL);
	assert_non_null(strstr(out, "unreadable"));
	assert_non_null(strstr(out, "7f3a"));
	assert_non_null(strstr(err, SECOND ": No such file"));
	assert_int_equal(RUN(cmd_show, "--archive", c.dir, SECOND), EXIT_FAILED);
	assert_int_equal(RUN(cmd_verify, "--archive", c.dir), EXIT_FAILED);
	assert_non_null(strstr(out, SECOND ": manifest.json: No such file"));
	case_end(&c);
}

static void verify_takes_an_id_or_a_directory(void **state)
{
	struct archive_case c;
	char path[256];

	(void)state;
	build(&c);
	assert_int_equal(RUN(cmd_verify, "--archive", c.dir), EXIT_OK);
	assert_string_equal(out, "");
	assert_string_equal(err, "3 incidents, 9 files: 0 findings\n");
	assert_int_equal(RUN(cmd_verify, "--archive", c.dir, "7f3a"), EXIT_OK);
	assert_string_equal(err, "1 incident, 3 files: 0 findings\n");
	snprintf(path, sizeof(path), "%s/cron/" FIRST, c.dir);
	assert_int_equal(RUN(cmd_verify, path), EXIT_OK);
	snprintf(path, sizeof(path), "%s/cron/" FIRST "/", c.dir);
	assert_int_equal(RUN(cmd_verify, path), EXIT_OK);
	snprintf(path, sizeof(path), "%s/cron/" FIRST "/gone", c.dir);
	assert_int_equal(RUN(cmd_verify, path), EXIT_NO_MATCH);
	assert_int_equal(RUN(cmd_verify, "--archive", c.dir, "--json"), EXIT_OK);
	assert_non_null(strstr(out, "\"findings\": []"));
	case_end(&c);
}

static void usage_and_absence_have_their_exit_codes(void **state)
{
	static int (*const commands[])(int, char **) = {cmd_list, cmd_show, cmd_verify};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		assert_int_equal(RUN(commands[i], "--nonsense"), EXIT_USAGE);
		assert_int_equal(RUN(commands[i], "--help"), EXIT_OK);
		assert_non_null(strstr(out, "usage: leakdog"));
		assert_int_equal(RUN(commands[i], "--archive", "/nonexistent/x"),
				 EXIT_NO_MATCH);
		assert_non_null(strstr(err, "/nonexistent/x"));
	}
	assert_int_equal(RUN(cmd_show, "a", "b"), EXIT_USAGE);
	assert_int_equal(RUN(cmd_list, "a"), EXIT_USAGE);
	assert_int_equal(RUN(cmd_keep, "--help"), EXIT_OK);
	assert_non_null(strstr(out, "usage: leakdog keep"));
	assert_int_equal(RUN(cmd_keep, "salvage"), EXIT_USAGE); /* which archive? */
	assert_int_equal(RUN(cmd_keep, "tidy", "--archive", "/tmp"), EXIT_USAGE);
	assert_int_equal(RUN(cmd_keep, "retain", "--archive", "/tmp", "--max-use", "5G"),
			 EXIT_USAGE); /* bytes: the agent says them */
}

static void show_as_json_is_the_manifest(void **state)
{
	struct archive_case c;
	char why[MANIFEST_WHY_MAX];
	AUTO_MANIFEST struct manifest m;

	skip_under_valgrind(state, "the jail of a report allows too little for it");
	build(&c);
	assert_int_equal(RUN(cmd_show, "--archive", c.dir, "--json", "7f3a"), EXIT_OK);
	assert_int_equal(manifest_from_json((struct span){out, strlen(out)}, &m, why), 0);
	assert_string_equal(m.id, FIRST);
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_incident_is_found_by_what_a_person_types),
		cmocka_unit_test(list_shows_all_or_those_of_a_service),
		cmocka_unit_test(an_incident_that_cannot_be_read_is_listed_as_such),
		cmocka_unit_test(verify_takes_an_id_or_a_directory),
		cmocka_unit_test(usage_and_absence_have_their_exit_codes),
		cmocka_unit_test(show_as_json_is_the_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
