/* Whose sockets they are: the links of /proc/PID/fd beside the tables of the namespace.
 */
#include "edge/kernel/sockets.h"

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define ROW(local, peer, state, timer, inode)                                            \
	" 0: " local " " peer " " state " 00000000:00000000 " timer " 0 0 0 " inode      \
	" 1 ffff 20 4 30 10 -1\n"

static struct tree tree;
static struct process process = {.pidfd = -1, .stat_fd = -1, .status_fd = -1};

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	tree_put(&tree, "net/tcp",
		 "head\n" /* two alike, one is a neighbour's */
		 ROW("0100007F:17AC", "00000000:0000", "0A", "00:00000000",
		     "31337") ROW("0A01020A:D431", "6400A8C0:1538", "01", "00:00000000",
				  "31338") ROW("0A01020A:D432", "6400A8C0:1538", "01",
					       "00:00000000", "31339")
			 ROW("0100007F:17AC", "0100007F:C351", "06", "03:00000F0A", "0"));
	process.dirfd = open(tree.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return process.dirfd < 0;
}

static int teardown(void **state)
{
	(void)state;
	process_fini(&process);
	tree_drop(&tree);
	return 0;
}

static void expect_csv(const char *rows)
{
	AUTO_BUF struct buf csv;

	buf_init(&csv, 4096);
	assert_int_equal(sockets_csv(&process, &csv), 0);
	expect(!strcmp(csv.data + strcspn(csv.data, "\n") + 1, rows), "%s", csv.data);
}

static void unknown_without_the_list_of_descriptors(void **state)
{
	struct own_sockets own = {0};

	(void)state;
	assert_int_equal(own_sockets_read(process.dirfd, &own), -ESRCH);
	assert_null(own.inode);
	expect_csv("ESTABLISHED,,192.168.0.100,5432,none,2,\n"
		   "TIME_WAIT,6060,127.0.0.1,,time-wait,1,\n"
		   "LISTEN,6060,,,none,1,\n");
}

static void those_of_the_process_are_told_from_its_neighbours(void **state)
{
	struct own_sockets own = {0};

	(void)state;
	tree_link(&tree, "fd/0", "/dev/null");
	tree_link(&tree, "fd/3", "socket:[31339]");
	tree_link(&tree, "fd/4", "socket:[31337]");
	tree_link(&tree, "fd/5", "socket:[31338x]");
	tree_link(&tree, "fd/6", "socket:[0]");
	tree_link(&tree, "fd/7", "anon_inode:[eventpoll]");
	assert_int_equal(own_sockets_read(process.dirfd, &own), 0);
	assert_int_equal(own.n, 2);
	assert_true(own_sockets_has(&own, 31337));
	assert_false(own_sockets_has(&own, 31338));
	own_sockets_fini(&own);
	assert_false(own_sockets_has(&own, 31337));
	expect_csv("ESTABLISHED,,192.168.0.100,5432,none,2,1\n"
		   "TIME_WAIT,6060,127.0.0.1,,time-wait,1,0\n"
		   "LISTEN,6060,,,none,1,1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_without_the_list_of_descriptors),
		cmocka_unit_test(those_of_the_process_are_told_from_its_neighbours),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
