#include "edge/kernel/cgroup_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "unit.h"

static int top;

static bool is_container(const char *path)
{
	return strstr(path, "/container") != NULL;
}

static void make(const char *path)
{
	expect(mkdirat(top, path, 0700) == 0, "%s", path);
}

static void drop(const char *path)
{
	expect(unlinkat(top, path, AT_REMOVEDIR) == 0, "%s", path);
}

static struct cgroup_watch *begin(void)
{
	struct cgroup_watch *watch = NULL;

	assert_int_equal(cgroup_watch_new(dup(top), is_container, &watch), 0);
	assert_true(cgroup_watch_is_whole(watch));
	return watch;
}

static void containers_are_told_at_any_depth(void **state)
{
	struct cgroup_watch *watch;
	struct pollfd fd = {.events = POLLIN};

	(void)state;
	make("pods");
	make("pods/one");
	watch = begin();
	fd.fd = cgroup_watch_fd(watch);
	assert_int_equal(cgroup_watch_read(watch), 0);
	assert_int_equal(poll(&fd, 1, 0), 0);
	make("pods/one/container-1");
	assert_int_equal(poll(&fd, 1, 1000), 1);
	assert_int_equal(cgroup_watch_read(watch), 1);
	make("container-2");
	assert_int_equal(cgroup_watch_read(watch), 2);
	make("pods/plain");
	assert_int_equal(cgroup_watch_read(watch), 2);
	make("pods/plain/container-3");
	assert_int_equal(cgroup_watch_read(watch), 3);
	/* What a container makes below itself is its own. */
	make("pods/plain/container-3/container-4");
	assert_int_equal(cgroup_watch_read(watch), 3);
	cgroup_watch_free(watch);
}

static void what_appears_at_once_is_found_below(void **state)
{
	struct cgroup_watch *watch = begin();

	(void)state;
	make("pods");
	make("pods/two");
	make("pods/two/container-1"); /* before anyone has read that pods is there */
	assert_int_equal(cgroup_watch_read(watch), 1);
	make("pods/two/container-2");
	assert_int_equal(cgroup_watch_read(watch), 2);
	cgroup_watch_free(watch);
}

static void what_is_gone_is_forgotten_and_may_come_back(void **state)
{
	struct cgroup_watch *watch = begin();
	uint64_t told = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		make("pod");
		make("pod/container");
		told++;
		if (i % 3)
			expect(cgroup_watch_read(watch) == told, "%u", i);
		drop("pod/container");
		drop("pod");
		if (!(i % 3))
			told = cgroup_watch_read(watch); /* it may have come too late */
	}
	assert_true(cgroup_watch_is_whole(watch));
	cgroup_watch_free(watch);
}

static void a_queue_that_runs_over_is_news(void **state)
{
	struct cgroup_watch *watch = begin();
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 17000; i++) { /* fs.inotify.max_queued_events */
		(void)snprintf(name, sizeof(name), "plain-%u", i);
		make(name);
		drop(name);
	}
	make("container");
	assert_true(cgroup_watch_read(watch) > 0);
	make("late");
	make("late/container");
	assert_true(cgroup_watch_read(watch) > 1);
	cgroup_watch_free(watch);
}

static void deeper_than_anybody_builds_is_said(void **state)
{
	struct cgroup_watch *watch = begin();
	char path[200] = "";

	(void)state;
	for (int i = 0; i < 15; i++) {
		path[2 * i] = 'd'; /* "d", "d/d" ... */
		make(path);
		path[2 * i + 1] = '/';
	}
	(void)cgroup_watch_read(watch);
	assert_false(cgroup_watch_is_whole(watch));
	cgroup_watch_free(watch);
}

static struct tree tree;

static int set_up(void **state)
{
	(void)state;
	tree_make(&tree);
	top = open(tree.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return top < 0;
}

static int tear_down(void **state)
{
	(void)state;
	tree_drop(&tree);
	return close(top);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(containers_are_told_at_any_depth),
		TEST(what_appears_at_once_is_found_below),
		TEST(what_is_gone_is_forgotten_and_may_come_back),
		TEST(a_queue_that_runs_over_is_news),
		TEST(deeper_than_anybody_builds_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
