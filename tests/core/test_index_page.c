#include "core/index_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"

#define LATEST                                                                           \
	"<html>\n<head>\n<title>/debug/pprof/</title>\n<style>\n.profile-name{\n"        \
	"\tdisplay:inline-block;\n\twidth:6rem;\n}\n</style>\n</head>\n<body>\n"         \
	"/debug/pprof/<br>\n<br>\nTypes of profiles available:\n<table>\n"               \
	"<thead><td>Count</td><td>Profile</td></thead>\n"                                \
	"<tr><td>12</td><td><a href='allocs?debug=1'>allocs</a></td></tr>\n"             \
	"<tr><td>0</td><td><a href='cmdline?debug=1'>cmdline</a></td></tr>\n"            \
	"<tr><td>30005</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>\n"    \
	"%s"                                                                             \
	"<tr><td>9</td><td><a href='threadcreate?debug=1'>threadcreate</a></td></tr>\n"  \
	"</table>\n<a href=\"goroutine?debug=2\">full goroutine stack dump</a>\n"        \
	"<ul>\n<li><div class=profile-name>allocs: </div> A sampling of all</li>\n"      \
	"</ul>\n</p>\n</body>\n</html>"

static int parse(const char *text, struct index_page *ret)
{
	return index_page_parse((struct span){text, strlen(text)}, ret);
}

static void every_layout_of_go_is_read(void **state)
{
	static const struct {
		const char *what, *page;
		uint64_t goroutines, threads;
	} rows[] = {
		{"Go 1.5 to 1.10",
		 "<html>\n<head>\n<title>/debug/pprof/</title>\n</head>\n<body>\n"
		 "/debug/pprof/<br>\n<br>\nprofiles:<br>\n<table>\n\n"
		 "<tr><td align=right>0<td><a href=\"block?debug=1\">block</a>\n\n"
		 "<tr><td align=right>33<td><a "
		 "href=\"goroutine?debug=1\">goroutine</a>\n\n"
		 "<tr><td align=right>11<td><a href=\"threadcreate?debug=1\">threadcreate"
		 "</a>\n\n</table>\n",
		 33, 11},
		{"Go 1.11 to 1.16",
		 "<table>\n<thead><td>Count</td><td>Profile</td></thead>\n\n\t<tr>\n"
		 "\t<td>5</td><td><a "
		 "href=goroutine?debug=1>goroutine</a></td>\n\t</tr>\n\n"
		 "\t<tr>\n\t<td>7</td><td><a "
		 "href=threadcreate?debug=1>threadcreate</a></td>"
		 "\n\t</tr>\n</table>",
		 5, 7},
		{"another router's links",
		 "<tr><td align=right>4<td><a "
		 "href=\"/_pprof/goroutine?debug=1\">goroutine"
		 "</a>",
		 4, 0},
		{"indented by a proxy",
		 "<tr>\n <td>\n 6 \n </td>\n <td>\n <a href='x'> goroutine </a>", 6, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct index_page page;
		int r = parse(rows[i].page, &page);

		expect(r == 0, "%s: %d", rows[i].what, r);
		expect(page.goroutines == rows[i].goroutines &&
			       page.threads == rows[i].threads && !page.leaks_offered,
		       "%s: %llu, %llu", rows[i].what,
		       (unsigned long long)page.goroutines,
		       (unsigned long long)page.threads);
	}
}

static void goroutineleak_is_offered_only_by_its_row(void **state)
{
	char text[2048];
	struct index_page page;

	(void)state;
	snprintf(text, sizeof(text), LATEST, "");
	assert_int_equal(parse(text, &page), 0);
	assert_int_equal(page.goroutines, 30005);
	assert_int_equal(page.threads, 9);
	assert_false(page.leaks_offered);

	snprintf(text, sizeof(text), LATEST,
		 "<tr><td>0</td><td><a href='goroutineleak?debug=1'>goroutineleak</a>"
		 "</td></tr>\n");
	assert_int_equal(parse(text, &page), 0);
	assert_true(page.leaks_offered);
}

static void a_page_without_the_count_is_foreign(void **state)
{
	static const char *const rows[] = {
		"",
		"<html><title>Welcome to nginx!</title></html>",
		"<html>goroutine 5</html>",
		"<td>5</td><td>goroutine</td>",              /* no link */
		"<td>5</td><td><a href=goroutine>goroutine", /* cut */
		"<td>5</td><td><a href=x>goroutines</a>",    /* another word */
		"<td>-5</td><td><a href=x>goroutine</a>",    /* no count */
		"<td>99999999999999999999</td><td><a href=x>goroutine</a>",
		"<td></td><td><a href=x>goroutine</a>",
		"<td>5</td><p><td><a href=x>goroutine</a>", /* no second cell */
		"<td 5 <td><a href=x>goroutine</a>",        /* a tag that never ends */
		"<td",
		"<td>",
		"<td>5",
		"<td>5<",
		"<td>5<td",
		"<td>5<td>",
		"<td>5<td><a ",
		"<td>5<td><a >",
		"<td>5<td><a ><",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct index_page page = {.goroutines = 77};

		expect(parse(rows[i], &page) == -EBADMSG && page.goroutines == 77,
		       "'%s': %llu", rows[i], (unsigned long long)page.goroutines);
	}
}

static void bytes_behind_the_length_are_not_read(void **state)
{
	static const char whole[] = "<td>5</td><td><a href=x>goroutine</a>";
	size_t enough = strlen(whole) - strlen("/a>");

	(void)state;
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		char *exact = malloc(len + 1); /* the sanitizer sees a byte too many */
		struct index_page page;

		assert_non_null(exact);
		memcpy(exact, whole, len);
		exact = realloc(exact, len ? len : 1);
		assert_non_null(exact);
		assert_int_equal(index_page_parse((struct span){exact, len}, &page),
				 len >= enough ? 0 : -EBADMSG);
		free(exact);
	}
}

/* A liveness limit, a hundred times what one walk costs: a quadratic one takes minutes.
 */
static void a_hostile_page_is_walked_once(void **state)
{
	static const char *const units[] = {
		"<td", "<td>", "<td>1", "<td>1<td>", "<td>1<td><a ", "<td>1<td><a x>",
		"<",   ">",    " "};
	const size_t size = 1 << 20;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t len = strlen(units[i]), at = 0;
		struct index_page page;
		clock_t start = clock();

		for (; at + len <= size; at += len)
			memcpy(text + at, units[i], len);
		assert_int_equal(index_page_parse((struct span){text, at}, &page),
				 -EBADMSG);
		expect(clock() - start < 2 * CLOCKS_PER_SEC * slowdown(), "'%s'",
		       units[i]);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_of_go_is_read),
		cmocka_unit_test(goroutineleak_is_offered_only_by_its_row),
		cmocka_unit_test(a_page_without_the_count_is_foreign),
		cmocka_unit_test(bytes_behind_the_length_are_not_read),
		cmocka_unit_test(a_hostile_page_is_walked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
