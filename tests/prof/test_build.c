#include "prof/build.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static bool is(struct span span, const char *text)
{
	return span_is(span, text);
}

static void lines_of_go_version_are_read(void **state)
{
	static const char text[] = "go\tgo1.19.8\n"
				   "path\texample.com/shop/cmd/shop\n"
				   "mod\texample.com/shop\tv1.2.3\th1:x=\n"
				   "dep\tgithub.com/a/b\tv0.1.0\th1:y=\n"
				   "=>\t./b\t(devel)\t\n"
				   "dep\tgolang.org/x/net\tv0.7.0\n"
				   "build\t-compiler=gc\n"
				   "build\tCGO_ENABLED=0\n"
				   "build\tvcs.revision=4711abc\n"
				   "build\tvcs.time=2026-11-21T20:12:04Z\n"
				   "build\tvcs.modified=true\n"
				   "new\tof a later Go\n";
	AUTO_BUILD struct build build;

	(void)state;
	assert_int_equal(build_read((struct span){text, strlen(text)}, &build), 0);
	assert_true(is(build.go, "go1.19.8"));
	assert_true(is(build.path, "example.com/shop/cmd/shop"));
	assert_true(is(build.main_module, "example.com/shop"));
	assert_true(is(build.main_version, "v1.2.3"));
	assert_int_equal(build.n_deps, 2);
	assert_true(is(build.deps[0].path, "github.com/a/b"));
	assert_true(is(build.deps[1].version, "v0.7.0"));
	assert_true(is(build.vcs_revision, "4711abc"));
	assert_true(is(build.vcs_time, "2026-11-21T20:12:04Z"));
	assert_true(build.vcs_modified);
}

static void little_is_fine_and_foreign_text_is_not(void **state)
{
	static char many[8192 * 8];
	static const struct {
		const char *text;
		size_t len;
		int r;
		const char *go;
	} rows[] = {
		{"", 0, 0, ""},
		{"go go1.2.3", 10, 0, "go1.2.3"},
		{"go\tgo1.22 X:boringcrypto\n", 25, 0, "go1.22 X:boringcrypto"},
		{"go\tgo1\nmod\nmod\t\ndep\nbuild\nbuild\tvcs.revision\n\n\t\n", 47, 0,
		 "go1"},
		{"<html>\n", 7, -EBADMSG, NULL},
		{"go\tgo1\n\0", 8, -EBADMSG, NULL},
		{many, BUILD_TEXT_MAX + 1, -EBADMSG, NULL},
		{many, sizeof(many), -EBADMSG, NULL}, /* of dependencies */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(many); i += 8)
		memcpy(many + i, "dep\ta\tb\n", 8);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUILD struct build build = {0};
		int r = build_read((struct span){rows[i].text, rows[i].len}, &build);

		expect(r == rows[i].r, "row %zu: %d", i, r);
		if (r == 0)
			expect(is(build.go, rows[i].go), "row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_go_version_are_read),
		cmocka_unit_test(little_is_fine_and_foreign_text_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
