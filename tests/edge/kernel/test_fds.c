#include "edge/kernel/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/roots.h"
#include "unit.h"

/* Of this very process. */
static int csv(struct buf *to)
{
	struct process process = {.dirfd = open("/proc/self", O_PATH | O_DIRECTORY)};
	int r = fds_csv(&process, to);

	close(process.dirfd);
	return r;
}

static void many_of_a_kind_are_one_line_and_the_first(void **state)
{
	AUTO_BUF struct buf text;
	int fds[40];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = socket(AF_UNIX, SOCK_STREAM, 0);
	buf_init(&text, 1 << 20);
	assert_int_equal(csv(&text), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	expect(strncmp(text.data, "kind,target,count\nsocket,,40\n", 29) == 0, "%s",
	       text.data);
}

static void every_kind_is_told(void **state)
{
	static const char file[] = "/tmp/leakdog \"fds\",\n\x1b[31m";
	int fds[3] = {eventfd(0, 0), open(file, O_CREAT | O_RDWR, 0600)};
	AUTO_BUF struct buf text;
	int ends[2];

	(void)state;
	assert_true(fds[1] >= 0);
	fds[2] = dup(fds[1]);
	assert_int_equal(pipe(ends), 0);
	(void)unlink(file);
	buf_init(&text, 1 << 20);
	assert_int_equal(csv(&text), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	close(ends[0]);
	close(ends[1]);
	expect(strstr(text.data, "\nanon_inode,\"[eventfd]\",1\n"), "%s", text.data);
	expect(strstr(text.data, "\npipe,,"), "%s", text.data);
	expect(strstr(text.data,
		      "\nfile,\"/tmp/leakdog \"\"fds\"\",\\x0a\\x1b[31m (deleted)\",2\n"),
	       "%s", text.data);
	assert_null(strstr(text.data, "other"));
}

static void a_table_that_does_not_fit_is_an_error(void **state)
{
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 10);
	assert_int_equal(csv(&text), -EFBIG);
}

static void a_process_that_ended_has_none(void **state)
{
	struct process process = {0};
	AUTO_BUF struct buf text;
	char name[32];
	int pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	(void)snprintf(name, sizeof(name), "/proc/%d", pid);
	process.dirfd = open(name, O_PATH | O_DIRECTORY);
	assert_true(process.dirfd >= 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	buf_init(&text, 100);
	assert_int_equal(fds_csv(&process, &text), -ESRCH);
	close(process.dirfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_of_a_kind_are_one_line_and_the_first),
		cmocka_unit_test(every_kind_is_told),
		cmocka_unit_test(a_table_that_does_not_fit_is_an_error),
		cmocka_unit_test(a_process_that_ended_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
