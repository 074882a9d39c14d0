#include "view/incident.h"

#include <string.h>

#include "unit.h"
#include "view/incident_hold.h"
#include "view/list.h"

#define SET(to, text) ((void)text_copy((to), sizeof(to), (text)))

static void add(struct capture_record *c, const char *name, const char *kind,
		enum kept result, const char *why)
{
	struct artifact_record *a = capture_add(c, name, kind);

	a->result = result;
	a->bytes = 655360;
	a->ms = result == KEPT_COMPLETE ? 6 : 0;
	SET(a->why, why);
}

/* An incident with everything that can be said of one. */
static void fill(struct manifest *m, struct capture_record *c)
{
	*m = (struct manifest){.sealed = true,
			       .captures = c,
			       .n_captures = 1,
			       .endpoint = ENDPOINT_VERIFIED,
			       .n_joined = 1};
	SET(m->id, "20261121T201204Z-memory-5G-7f3a");
	SET(m->service, "cron");
	SET(m->reason.rule, "memory > 5G");
	SET(m->reason.signal, "memory");
	SET(m->reason.unit, "bytes");
	m->reason.value = m->reason.threshold = UINT64_C(5) << 30;
	m->reason.at_ms = 1795291924123;
	SET(m->joined[0], "goroutines > 5x base");
	m->target = (struct target_facts){.pid = 4127,
					  .started_ms = 1795290000000,
					  .cgroup_version = 2,
					  .limit = UINT64_C(8) << 30};
	SET(m->target.exe, "/opt/cron");
	SET(m->target.cgroup, "/system.slice/cron.service");
	SET(m->target.limit_from, "/system.slice");
	m->base.state = BASE_TAKEN;
	m->base.at_ms = 1795290300000;
	m->n_recorder = 1;
	SET(m->recorder[0].name, "20261121T201000Z.pb.gz");
	m->recorder[0].at_ms = 1795291800000;
	m->verdict = (struct verdict){.outcome = OUTCOME_OOM_KILLED,
				      .at_ms = 1795291990000,
				      .evidence = EVIDENCE_PARENT_COUNTER,
				      .victim = VICTIM_TARGET,
				      .scope = SCOPE_CGROUP,
				      .successor_pid = 4200};
	SET(m->verdict.detail, "oom_kill 3 -> 4");
	capture_record_init(c);
	SET(c->dir, "01");
	SET(c->rule, "memory > 5G");
	c->at_ms = 1795291924123;
	c->value = UINT64_C(5) << 30;
	c->headroom = UINT64_C(3) << 30;
	c->goroutines = 2144;
	add(c, "heap.pb.gz", "heap", KEPT_COMPLETE, "");
	add(c, "proc/statm", "kernel", KEPT_COMPLETE, "");
	add(c, "proc/status", "kernel", KEPT_COMPLETE, "");
	add(c, "cgroup/memory.stat", "kernel", KEPT_FAILED, "Permission denied");
	c->hold = (struct hold_record){.result = HELD_RESTORED,
				       .from = UINT64_C(8) << 30,
				       .to = UINT64_C(10) << 30,
				       .at_ms = 1795291924200,
				       .restored_at_ms = 1795291930200};
	add(c, "goroutine.txt.gz", "goroutine-text", KEPT_SKIPPED, "96M of headroom");
}

static void an_incident_is_told_whole(void **state)
{
	AUTO_BUF struct buf text;
	struct capture_record c;
	struct manifest m;

	(void)state;
	buf_init(&text, 100000);
	fill(&m, &c);
	incident_text(&(struct incident_shown){&m,
					       {{"01", "heap.pb.gz"},
						{"recorder", m.recorder[0].name}},
					       "/var/lib/leakdog/cron/x",
					       1 << 20},
		      &text);
	assert_string_equal(
		text.data,
		"cron  memory > 5G  2026-11-21T20:12:04.123Z  "
		"20261121T201204Z-memory-5G-7f3a\n"
		"  memory      5.0G, the rule says 5.0G; limit 8.0G from /system.slice\n"
		"  then fired  goroutines > 5x base\n"
		"  target      pid 4127, /opt/cron, started 2026-11-21T19:40:00.000Z\n"
		"  cgroup      /system.slice/cron.service (v2)\n"
		"  endpoint    verified: the socket is the target's\n"
		"  verdict     oom-killed (parent-counter) at 2026-11-21T20:13:10.000Z: "
		"oom_kill 3 -> 4\n"
		"              victim target, scope cgroup\n"
		"              followed by pid 4200\n"
		"  base        taken, of 2026-11-21T19:45:00.000Z\n"
		"  recorder    1 heap, from 2026-11-21T20:10:00.000Z to "
		"2026-11-21T20:10:00.000Z\n"
		"  01  2026-11-21T20:12:04.123Z  memory > 5G: 5.0G, headroom 3.0G, "
		"2144 goroutines\n"
		"      heap.pb.gz                   complete      640K      6 ms\n"
		"      cgroup/memory.stat           failed     Permission denied\n"
		"      goroutine.txt.gz             skipped    96M of headroom\n"
		"      proc/ cgroup/                complete      1.3M  2 files\n"
		"      limit                        restored  from 8.0G to 10.0G at "
		"2026-11-21T20:12:04.200Z, back at 2026-11-21T20:12:10.200Z\n"
		"  files       1.0M in /var/lib/leakdog/cron/x\n"
		"\n"
		"go tool pprof -base "
		"/var/lib/leakdog/cron/x/recorder/20261121T201000Z.pb.gz "
		"/var/lib/leakdog/cron/x/01/heap.pb.gz\n");
}

static void what_limits_kept_out_is_told(void **state)
{
	struct manifest m = {.omitted = {.folded = 37,
					 .from_ms = 1795291924123,
					 .to_ms = 1795291990000}};
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 10000);
	incident_limits(&m, &text);
	assert_string_equal(text.data, "  seen        37 more times between "
				       "2026-11-21T20:12:04.123Z and "
				       "2026-11-21T20:13:10.000Z (limits.incidents)\n");
	buf_clear(&text);
	m.omitted = (struct omitted){.suppressed = 1, .by = "\x1b[2J"};
	incident_limits(&m, &text);
	assert_string_equal(text.data, "  suppressed  1 capture by \\x1b[2J\n");
	buf_clear(&text);
	m.omitted = (struct omitted){0};
	incident_limits(&m, &text);
	assert_int_equal(text.len, 0);
}

static void an_open_incident_that_knows_little_says_so(void **state)
{
	AUTO_BUF struct buf text;
	struct capture_record c;
	struct manifest m = {.captures = &c, .n_captures = 1};

	(void)state;
	buf_init(&text, 100000);
	capture_record_init(&c);
	SET(m.base.why, "no base was taken");
	incident_text(&(struct incident_shown){.manifest = &m, .path = "x"}, &text);
	assert_non_null(strstr(text.data, "  verdict     open\n"));
	assert_non_null(strstr(text.data, "  base        missing: no base was taken\n"));
	assert_non_null(strstr(text.data, "started unknown"));
	assert_null(strstr(text.data, "headroom"));
	assert_null(strstr(text.data, "goroutines"));
	assert_null(strstr(text.data, "pprof"));
	assert_null(strstr(text.data, "1970"));
}

static void a_limit_that_was_not_raised_says_why(void **state)
{
	static const struct {
		struct hold_record hold;
		const char *line;
	} rows[] = {
		{{.result = HELD_NONE}, ""},
		{{.result = HELD_REFUSED, .from = 1 << 30, .why = "no\nmemory"},
		 "      limit                        refused   no\\x0amemory\n"},
		{{.result = HELD_RAISED, .from = 1 << 20, .to = 1 << 21},
		 "      limit                        raised    from 1.0M to 2.0M\n"},
		{{.result = HELD_LEFT, .from = 1 << 20, .to = 1 << 21, .why = "theirs"},
		 "      limit                        left      from 1.0M to 2.0M: "
		 "theirs\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf text;

		buf_init(&text, 1000);
		buf_adds(&text, "");
		incident_hold(&rows[i].hold, &text);
		expect(text_equal(text.data ? text.data : "", rows[i].line), "%s",
		       text.data);
	}
}

static void values_have_their_unit(void **state)
{
	static const struct {
		uint64_t value;
		const char *unit, *text;
	} rows[] = {
		{UINT64_C(5) << 30, "bytes", "5.0G"},
		{4000, "count", "4000"},
		{1250, "centipercent", "12.50%"},
		{7, "centipercent", "0.07%"},
		{90000, "ms", "1m30s"},
		{3, "of a newer leakdog", "3"},
		{MANIFEST_UNKNOWN, "bytes", "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf text;

		buf_init(&text, 100);
		incident_value(&text, rows[i].value, rows[i].unit);
		assert_string_equal(text.data, rows[i].text);
	}
}

static void the_line_is_safe_to_paste(void **state)
{
	static const struct {
		const char *path, *line;
	} rows[] = {
		{"/with blank", "go tool pprof '/with blank/01/h'"},
		{"/it's", "go tool pprof '/it'\\''s/01/h'"},
		{"/$(rm -r x)", "go tool pprof '/$(rm -r x)/01/h'"},
		{"/a\nb", "go tool pprof '/a\\x0ab/01/h'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pair_files heaps = {{"01", "h"}, {NULL, NULL}};
		AUTO_BUF struct buf text;

		buf_init(&text, 1000);
		incident_pprof_line(&heaps, rows[i].path, &text);
		assert_string_equal(text.data, rows[i].line);
	}
}

static void the_line_has_a_base_where_there_is_one(void **state)
{
	struct pair_files heaps = {{"01", "h"}, {"base", "b"}},
			  none = {{NULL, NULL}, {NULL, NULL}};
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 1000);
	incident_pprof_line(&none, "/a", &text);
	assert_int_equal(text.len, 0);
	incident_pprof_line(&heaps, "/a", &text);
	assert_string_equal(text.data, "go tool pprof -base /a/base/b /a/01/h");
}

/* A manifest from anywhere: what reaches the terminal is lines of plain text. */
static void hostile_texts_do_not_reach_the_terminal(void **state)
{
	static const char evil[] = "\x1b]0;x\x07\xff\nverdict recovered\r";
	AUTO_BUF struct buf text;
	struct capture_record c;
	struct manifest m;
	struct list_row row = {.service = evil, .id = evil, .manifest = &m, .path = evil};

	(void)state;
	buf_init(&text, 100000);
	fill(&m, &c);
	SET(m.id, evil);
	SET(m.service, evil);
	SET(m.reason.rule, evil);
	SET(m.reason.signal, "memory");
	SET(m.joined[0], evil);
	SET(m.target.exe, evil);
	SET(m.target.cgroup, evil);
	SET(m.target.limit_from, evil);
	SET(m.base.why, evil);
	SET(m.verdict.detail, evil);
	SET(c.rule, evil);
	SET(c.dir, "\x1b[2J");
	SET(c.artifacts[0].name, evil);
	SET(c.artifacts[1].why, evil);
	incident_text(&(struct incident_shown){&m, {{evil, evil}, {evil, evil}}, evil, 0},
		      &text);
	list_text(&row, 1, &text);
	assert_int_equal(list_json(&row, 1, &text), 0);
	row.manifest = NULL;
	row.why = evil;
	assert_int_equal(list_json(&row, 1, &text), 0);
	assert_int_equal(buf_error(&text), 0);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		expect(byte == '\n' || (byte >= 0x20 && byte < 0x7f), "byte %02x at %zu",
		       byte, i);
	}
	assert_null(strstr(text.data, "\nverdict"));
}

static void a_list_is_a_table(void **state)
{
	AUTO_BUF struct buf text;
	struct capture_record c;
	struct manifest m, open;
	const struct report_head report = {"heap", 3 << 20, true, "main.load",
					   "heap growth"};
	struct list_row rows[] = {
		{"cron", "20261121T201204Z-memory-5G-7f3a", &m, "", &report, 712 << 10,
		 "/x"},
		{"api", "20261120T101204Z-fds-7f3a", &open, "", NULL, 0, "/y"},
		{"api", "20261120T101204Z-fds-0001", NULL, "not JSON", NULL, 0, "/z"},
	};

	(void)state;
	buf_init(&text, 100000);
	fill(&m, &c);
	open = (struct manifest){
		.reason = {.value = 17, .rule = "fds > 16", .signal = "fds"}};
	list_text(rows, 3, &text);
	assert_string_equal(text.data,
			    "TIME (UTC)           ID                               "
			    "SERVICE  RULE         "
			    "VALUE  VERDICT     BASE     CAPTURES  SIZE  WHAT GREW\n"
			    "2026-11-21 20:12:04  20261121T201204Z-memory-5G-7f3a  cron  "
			    "   memory > 5G  "
			    "5.0G   oom-killed  taken    1         712K  +3.0M "
			    "main.load\n"
			    "                     20261120T101204Z-fds-7f3a        api   "
			    "   fds > 16     "
			    "17     open        missing  0         0     -\n"
			    "                     0001                             api   "
			    "   unreadable   "
			    "                                      0     -\n");
	buf_clear(&text);
	assert_int_equal(list_json(rows, 3, &text), 0);
	assert_non_null(strstr(text.data, "\"outcome\": \"oom-killed\""));
	assert_non_null(strstr(text.data, "\"error\": \"not JSON\""));
	assert_non_null(strstr(text.data, "\"who\": \"main.load\""));
	assert_non_null(strstr(text.data, "\"report\": null"));
	buf_clear(&text);
	assert_int_equal(list_json(rows, 0, &text), 0);
	assert_string_equal(text.data, "[]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_incident_is_told_whole),
		cmocka_unit_test(what_limits_kept_out_is_told),
		cmocka_unit_test(an_open_incident_that_knows_little_says_so),
		cmocka_unit_test(a_limit_that_was_not_raised_says_why),
		cmocka_unit_test(values_have_their_unit),
		cmocka_unit_test(the_line_is_safe_to_paste),
		cmocka_unit_test(the_line_has_a_base_where_there_is_one),
		cmocka_unit_test(hostile_texts_do_not_reach_the_terminal),
		cmocka_unit_test(a_list_is_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
