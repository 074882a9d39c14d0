/* verify finds every kind of damage that we can think of, and nothing in what is whole.
 * Each row spoils a sound archive by a line of shell in its directory. */
#include "filing_case.h"

#include "commands/inspect.h"

#define ID "20261121T201204Z-memory-5G-7f3a"

/* base, two captures, recorder, timeline, verdict: every part there is. */
static void build(struct archive_case *c)
{
	struct job job;

	case_begin(c);
	case_job(&job, JOB_BASE, "", 0);
	job.base = BASE_TAKEN;
	job.base_at_ms = 1795291000000;
	assert_int_equal(case_file(c, &job, "the base"), 0);
	case_job(&job, JOB_RECORD, "", 0);
	assert_int_equal(case_file(c, &job, "calm"), 0);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(c, &job, "a heap"), 0);
	job.number = 2;
	job.reason.at_ms += 30000;
	assert_int_equal(case_file(c, &job, "a larger heap"), 0);
	job.kind = JOB_SEAL;
	job.verdict = (struct verdict){.outcome = OUTCOME_RECOVERED,
				       .at_ms = job.reason.at_ms + 1000};
	assert_int_equal(case_seal(c, &job, "at,memory\n"), 0);
	(void)text_copy(job.incident, sizeof(job.incident), "open");
	job.kind = JOB_CAPTURE;
	assert_int_equal(case_file(c, &job, "of an open one"), 0);
}

static void shell(const struct archive_case *c, const char *line)
{
	char command[1024];
	pid_t pid;
	int status;

	snprintf(command, sizeof(command),
		 "cd '%s' && I=cron/" ID " L=cron/.live/0a1b2c3d-4127-99 && %s", c->dir,
		 line);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-ec", command, (char *)NULL);
		_exit(127);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	expect(status == 0, "%s", line);
}

static void look(const struct archive_case *c, struct findings *findings)
{
	AUTO_CLOSE int top = open(c->dir, O_RDONLY | O_DIRECTORY);

	*findings = (struct findings){0};
	assert_int_equal(inspect_archive(top, findings), 0);
}

static void a_whole_archive_has_no_finding(void **state)
{
	struct archive_case c;
	struct findings findings;

	(void)state;
	build(&c);
	look(&c, &findings);
	expect(findings.n == 0, "%s: %s", findings.list[0].where, findings.list[0].what);
	assert_int_equal(findings.incidents, 2);
	assert_int_equal(findings.files, 20);
	findings_fini(&findings);
	case_end(&c);
}

#define EDIT(from, to) "sed -i 's/" from "/" to "/' $I/manifest.json"

static const struct row {
	const char *damage;
	const char *where; /* of one of the findings, from its start */
	const char *what;  /* part of it */
} rows[] = {
	/* files */
	{"rm $I/01/heap.pb.gz", "cron/" ID "/01/heap.pb.gz", "not on the disk"},
	{"rm $I/base/heap.pb.gz", "cron/" ID "/base/heap.pb.gz", "not on the disk"},
	{"rm $I/recorder/*", "cron/" ID "/recorder/", "not on the disk"},
	{"rm $I/timeline.csv", "cron/" ID "/timeline.csv", "not on the disk"},
	{"rm -r $I/02", "cron/" ID "/02/", "not on the disk"},
	{"truncate -s -1 $I/01/heap.pb.gz", "cron/" ID "/01/heap.pb.gz", "has 5 bytes"},
	{"echo more >> $I/02/heap.pb.gz", "cron/" ID "/02/heap.pb.gz", "has 18 bytes"},
	{"printf A | dd of=$I/01/heap.pb.gz conv=notrunc 2>/dev/null",
	 "cron/" ID "/01/heap.pb.gz", "SHA-256"},
	{"printf A | dd of=$I/01/proc/status conv=notrunc 2>/dev/null",
	 "cron/" ID "/01/proc/status", "SHA-256"},
	{"printf X | dd of=$I/timeline.csv conv=notrunc 2>/dev/null",
	 "cron/" ID "/timeline.csv", "SHA-256"},
	{"echo > $I/01/extra", "cron/" ID "/01/extra", "not in the manifest"},
	{"echo > $I/base/extra", "cron/" ID "/base/extra", "not in the manifest"},
	{"echo > $I/report.html", "cron/" ID "/report.html", "not in the manifest"},
	{"mkdir $I/junk", "cron/" ID "/junk", "does not know"},
	{"echo > $I/.manifest.json.new", "cron/" ID "/.manifest.json.new",
	 "not in the manifest"},
	{"mkdir -m 750 $I/.03", "cron/" ID "/.03", "does not know"},
	/* kinds and modes */
	{"mv $I/01/heap.pb.gz h; ln -s ../../../h $I/01/heap.pb.gz",
	 "cron/" ID "/01/heap.pb.gz", "symbolic link"},
	{"rm $I/01/heap.pb.gz; mkfifo $I/01/heap.pb.gz", "cron/" ID "/01/heap.pb.gz",
	 "not a regular file"},
	{"rm $I/01/heap.pb.gz; mkdir $I/01/heap.pb.gz", "cron/" ID "/01/heap.pb.gz",
	 "not on the disk"},
	{"chmod o+r $I/01/heap.pb.gz", "cron/" ID "/01/heap.pb.gz", "mode 0644"},
	{"chmod g+w $I/manifest.json", "cron/" ID "/manifest.json", "mode 0660"},
	{"chmod u+s $I/01/heap.pb.gz", "cron/" ID "/01/heap.pb.gz", "mode 4640"},
	{"chmod o+x $I/01", "cron/" ID "/01", "mode 0751"},
	{"chmod g+w .", ".", "others may write"},
	/* the manifest */
	{"rm $I/manifest.json", "cron/" ID, "No such file"},
	{"truncate -s 100 $I/manifest.json", "cron/" ID, "not JSON"},
	{": > $I/manifest.json", "cron/" ID, "not JSON"},
	{EDIT("incident.1", "incident\\/9"), "cron/" ID, "schema"},
	{EDIT("\"id\": \"2026", "\"id\": \"2027"), "cron/" ID, "is of incident"},
	{EDIT("\"service\": \"cron\"", "\"service\": \"cros\""), "cron/" ID,
	 "is of service"},
	{EDIT("heap.pb.gz", "..\\/..\\/heap"), "cron/" ID, "not a safe one"},
	{EDIT("\"dir\": \"01\"", "\"dir\": \"..\""), "cron/" ID, "not a safe one"},
	{EDIT("\"dir\": \"02\"", "\"dir\": \"01\""), "cron/" ID, "follows 01"},
	{EDIT("\"result\": \"complete\"", "\"result\": \"partial\""), "cron/" ID,
	 "not called so"},
	{EDIT("\"result\": \"complete\"", "\"result\": \"skipped\""), "cron/" ID,
	 "without a reason"},
	{EDIT("\"sha256\": \"....", "\"sha256\": \""), "cron/" ID, "not a safe one"},
	{EDIT("\"sha256\": \".*\"", "\"sha256\": \"\""), "cron/" ID, "not a safe one"},
	{EDIT("\"state\": \"sealed\"", "\"state\": \"open\""), "cron/" ID,
	 "is open with the verdict"},
	{EDIT("\"outcome\": \"recovered\"", "\"outcome\": \"open\""), "cron/" ID,
	 "without a verdict"},
	{EDIT("20:12:04.123Z", "20:12:0"), "cron/" ID, "not a time"},
	{"sed -i '/\"verdict\"/,$s/20:12:35/20:02:35/' $I/manifest.json", "cron/" ID,
	 "the verdict is older"},
	{EDIT("20:12:34.123Z", "20:11:34.123Z"), "cron/" ID, "capture 02 is older"},
	{EDIT("\"state\": \"taken\"", "\"state\": \"missing\""), "cron/" ID,
	 "the base is missing and has artifacts"},
	{"sed -i '0,/\"rule\": \".*\"/s//\"rule\": \"\"/' $I/manifest.json", "cron/" ID,
	 "has no reason"},
	/* beside the incidents */
	{"mkdir -m 750 .staging/cron+x+01", ".staging/cron+x+01", "left behind"},
	{"mkdir 'a b'", "a b", "no name of a service"},
	{"echo > stray", "stray", "Not a directory"},
	{"ln -s . link", "link", "Not a directory"},
	{"mkdir cron/.x", "cron/.x", "no name of an incident"},
	{"mkdir cron/empty", "cron/empty", "No such file"},
	{"mv $I cron/renamed", "cron/renamed", "is of incident"},
	{"mkdir other; mv $I other/", "other/" ID, "is of service 'cron'"},
	/* live files */
	{"rm $L/base/capture.json", "cron/.live/0a1b2c3d-4127-99/base", "No such file"},
	{"rm $L/base/heap.pb.gz", "cron/.live/0a1b2c3d-4127-99/base/heap.pb.gz",
	 "not on the disk"},
	{"for i in $L/recorder/*/heap.pb.gz; do rm $i; echo other > $i; chmod 640 $i; "
	 "done",
	 "cron/.live/0a1b2c3d-4127-99/recorder/", "has 6 bytes"},
	{"echo > $L/base/extra", "cron/.live/0a1b2c3d-4127-99/base/extra",
	 "not in the manifest"},
	{"mkdir $L/other", "cron/.live/0a1b2c3d-4127-99/other", "no live file"},
	{"mv $L cron/.live/other", "cron/.live/other/base", "is of 'cron' 0a1b2c3d"},
};

static bool has(const struct findings *findings, const struct row *row)
{
	for (size_t i = 0; i < findings->n; i++) {
		if (text_starts(findings->list[i].where, row->where) &&
		    strstr(findings->list[i].what, row->what))
			return true;
	}
	return false;
}

static void every_kind_of_damage_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct archive_case c;
		struct findings findings;
		AUTO_BUF struct buf text;

		buf_init(&text, 100000);
		build(&c);
		shell(&c, rows[i].damage);
		look(&c, &findings);
		findings_text(&findings, &text);
		expect(has(&findings, &rows[i]), "%s: found\n%s", rows[i].damage,
		       text.data);
		findings_fini(&findings);
		case_end(&c);
	}
}

/* The name of a directory may be anything; what verify says of it is one harmless line.
 */
static void hostile_names_do_not_reach_the_terminal(void **state)
{
	struct archive_case c;
	struct findings findings;
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 100000);
	build(&c);
	shell(&c, "mkdir \"$(printf 'a\\033]0;x\\007\\nb\\377')\"");
	look(&c, &findings);
	findings_text(&findings, &text);
	assert_string_equal(text.data,
			    "a\\x1b]0;x\\x07\\x0ab\\xff: is no name of a service\n");
	buf_clear(&text);
	assert_int_equal(findings_json(&findings, &text), 0);
	assert_non_null(strstr(text.data, "\"a\\\\x1b]0;x"));
	findings_fini(&findings);
	case_end(&c);
}

/* The agent replaces its state while others look, and may be killed in between. */
static void a_half_written_state_is_no_finding(void **state)
{
	struct archive_case c;
	struct findings findings;

	(void)state;
	build(&c);
	shell(&c, "echo half > ..state.new; echo whole > .state");
	look(&c, &findings);
	expect(findings.n == 0, "%s: %s", findings.list[0].where, findings.list[0].what);
	findings_fini(&findings);
	shell(&c, "echo half > ..other.new");
	look(&c, &findings);
	assert_int_equal(findings.n, 1);
	findings_fini(&findings);
	case_end(&c);
}

/* What is being built is no damage; once its builder is gone it is. */
static void a_living_builder_is_no_finding(void **state)
{
	struct archive_case c;
	struct findings findings;
	struct filing filing;
	const char *why;
	struct job job;

	(void)state;
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(filing_open(&c.place, &filing, &why), 0);
	assert_int_equal(filing_begin(&filing, &job), 0);
	look(&c, &findings);
	assert_int_equal(findings.n, 0);
	filing.leave = true; /* as if it were killed */
	filing_close(&filing);
	look(&c, &findings);
	assert_int_equal(findings.n, 1);
	findings_fini(&findings);
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_archive_has_no_finding),
		cmocka_unit_test(every_kind_of_damage_is_found),
		cmocka_unit_test(hostile_names_do_not_reach_the_terminal),
		cmocka_unit_test(a_half_written_state_is_no_finding),
		cmocka_unit_test(a_living_builder_is_no_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
