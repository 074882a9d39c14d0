#include "core/hold_note.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define G (UINT64_C(1) << 30)

static void fill(struct hold_note *note)
{
	*note = (struct hold_note){
		.boot_id = "0a1b2c3d-4e5f",
		.service = "cron",
		.incident = "20261121T201204Z-memory-5G-7f3a",
		.cgroup = "/system.slice/cron.service",
		.number = 2,
		.pid = 4127,
		.since_ms = 100000,
		.at_most_ms = 60000,
		.record = {.result = HELD_RAISED,
			   .from = 8 * G,
			   .to = 20 * G,
			   .at_ms = 1795291924123,
			   .why = "not 24G"},
		.held = {{.path = "/system.slice/cron.service",
			  .inode = 77,
			  .version = 2,
			  .unit = "cron.service",
			  .had_file = true,
			  .was = {8 * G, HOLD_NO_LIMIT, HOLD_NO_LIMIT},
			  .will = {20 * G, HOLD_NO_LIMIT, HOLD_NO_LIMIT}},
			 {.path = "/a\nb",
			  .inode = 78,
			  .version = 1,
			  .was = {9 * G, HOLD_NO_LIMIT, 9 * G},
			  .will = {21 * G, HOLD_NO_LIMIT, 21 * G}}},
		.n = 2,
	};
}

static int there_and_back(const struct hold_note *note, struct hold_note *ret)
{
	AUTO_BUF struct buf text;

	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	assert_int_equal(hold_note_format(note, &text), 0);
	return hold_note_parse((struct span){text.data, text.len}, ret);
}

static void says_again_what_was_noted(void **state)
{
	struct hold_note note, back;

	(void)state;
	fill(&note);
	assert_int_equal(there_and_back(&note, &back), 0);
	assert_memory_equal(&note, &back, sizeof(note));
	assert_false(hold_is_due(&back, 159999));
	assert_true(hold_is_due(&back, 160000));
}

static void every_cut_is_seen(void **state)
{
	AUTO_BUF struct buf text;
	struct hold_note note, back;

	(void)state;
	fill(&note);
	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	assert_int_equal(hold_note_format(&note, &text), 0);
	for (size_t len = 0; len < text.len; len++)
		expect(hold_note_parse((struct span){text.data, len}, &back) == -EBADMSG,
		       "cut at %zu of %zu", len, text.len);
}

static void leads_nobody_astray(void **state)
{
	static const struct {
		const char *path, *unit, *service, *incident;
	} rows[] = {
		{"a.service", "", "cron", "i"},     {"/", "", "cron", "i"},
		{"/a/../../etc", "", "cron", "i"},  {"/..", "", "cron", "i"},
		{"/a/..", "", "cron", "i"},         {"/a", "--now", "cron", "i"},
		{"/a", "a b.service", "cron", "i"}, {"/a", "../x.service", "cron", "i"},
		{"/a", "a/b.service", "cron", "i"}, {"/a", "", "../cron", "i"},
		{"/a", "", "cron", "../i"},         {"/a", "", "cron", ""},
	};
	struct hold_note note, back;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fill(&note);
		(void)text_copy(note.held[0].path, 512, rows[i].path);
		(void)text_copy(note.held[0].unit, HOLD_UNIT_MAX, rows[i].unit);
		(void)text_copy(note.service, SERVICE_MAX, rows[i].service);
		(void)text_copy(note.incident, INCIDENT_MAX, rows[i].incident);
		expect(there_and_back(&note, &back) == -EBADMSG, "row %zu", i);
	}
	fill(&note);
	note.held[1].version = 3;
	assert_int_equal(there_and_back(&note, &back), -EBADMSG);
	fill(&note);
	note.held[1].will.max = note.held[1].was.max - 1;
	assert_int_equal(there_and_back(&note, &back), -EBADMSG);
	fill(&note);
	note.n = 0;
	assert_int_equal(there_and_back(&note, &back), -EBADMSG);
}

static void more_cgroups_than_there_is_room_for_are_refused(void **state)
{
	AUTO_BUF struct buf text;
	struct hold_note back;

	(void)state;
	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	buf_adds(&text, "hold.service=cron\nhold.incident=i\n");
	for (unsigned i = 0; i <= HOLD_LEVELS_MAX; i++)
		buf_adds(&text, "cgroup.path=/a\n");
	buf_addc(&text, '\n');
	assert_int_equal(hold_note_parse((struct span){text.data, text.len}, &back),
			 -EBADMSG);
}

static void the_unit_is_found_where_the_system_manager_has_it(void **state)
{
	static const struct {
		const char *path, *unit;
	} rows[] = {
		{"/system.slice/cron.service", "cron.service"},
		{"/system.slice/docker-8f1d3c.scope", "docker-8f1d3c.scope"},
		{"/kubepods.slice/kubepods-burstable.slice", "kubepods-burstable.slice"},
		{"/system.slice/_cpu.service", "cpu.service"},
		{"/system.slice/a\\x2db.service", "a\\x2db.service"},
		{"/user.slice/user-0.slice/user@0.service", "user@0.service"},
		{"/user.slice/user-0.slice/user@0.service/app.slice/x.service", ""},
		{"/kubepods/burstable/pod12/8f1d", ""},
		{"/system.slice/cron.service/container", ""},
		{"/system.slice/a b.service", ""},
		{"/system.slice/-x.service", ""},
		{"/", ""},
	};
	char unit[HOLD_UNIT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		hold_unit(rows[i].path, unit);
		expect(text_equal(unit, rows[i].unit), "%s: %s", rows[i].path, unit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_again_what_was_noted),
		cmocka_unit_test(every_cut_is_seen),
		cmocka_unit_test(leads_nobody_astray),
		cmocka_unit_test(more_cgroups_than_there_is_room_for_are_refused),
		cmocka_unit_test(the_unit_is_found_where_the_system_manager_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
