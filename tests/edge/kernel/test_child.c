#include "edge/kernel/child.h"

#include <errno.h>
#include <signal.h>

#include "unit.h"

static struct child run(const char *script)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	const struct child_spec spec = {.path = "/bin/sh", .argv = argv};
	struct child child = CHILD_NONE;

	assert_int_equal(child_spawn(&spec, &child), 0);
	return child;
}

static void who_ends_in_time_is_not_killed(void **state)
{
	struct child child = run("exit 7");

	(void)state;
	assert_int_equal(child_end(&child, 20000), 7);
	child_fini(&child);
}

static void who_does_not_end_is_killed(void **state)
{
	struct child child = run("exec sleep 1000");

	(void)state;
	assert_int_equal(child_wait(&child, 50), -ETIMEDOUT);
	assert_int_equal(child_exit(&child), -EAGAIN);
	assert_int_equal(child_end(&child, 1000), 128 + SIGKILL);
	child_fini(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_ends_in_time_is_not_killed),
		cmocka_unit_test(who_does_not_end_is_killed),
	};

	leave_under_valgrind("it does not know pidfd_open");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
