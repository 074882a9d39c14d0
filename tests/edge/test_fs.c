#include "edge/fs.h"

#include "tree.h"
#include "unit.h"

static struct tree tree;
static int dirfd_of_tree;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	dirfd_of_tree = open(tree.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dirfd_of_tree < 0;
}

static int teardown(void **state)
{
	(void)state;
	fs_close(&dirfd_of_tree);
	tree_drop(&tree);
	return 0;
}

static void read_at_says_when_a_file_does_not_fit(void **state)
{
	char to[8];

	(void)state;
	tree_put(&tree, "seven", "1234567");
	tree_put(&tree, "eight", "12345678");
	tree_put(&tree, "none", "%s", "");
	assert_int_equal(fs_read_at(dirfd_of_tree, "seven", to, sizeof(to)), 7);
	assert_string_equal(to, "1234567");
	assert_int_equal(fs_read_at(dirfd_of_tree, "eight", to, sizeof(to)), -EFBIG);
	assert_int_equal(fs_read_at(dirfd_of_tree, "none", to, sizeof(to)), 0);
	assert_string_equal(to, "");
	assert_int_equal(fs_read_at(dirfd_of_tree, "missing", to, sizeof(to)), -ENOENT);
}

static void pread_sees_what_is_written_later(void **state)
{
	AUTO_CLOSE int fd = -1;
	char to[8];

	(void)state;
	tree_put(&tree, "usage", "10\n");
	fd = fs_open_at(dirfd_of_tree, "usage");
	assert_int_equal(fs_pread(fd, to, sizeof(to)), 3);
	tree_put(&tree, "usage", "2000\n");
	assert_int_equal(fs_pread(fd, to, sizeof(to)), 5);
	assert_string_equal(to, "2000\n");
	tree_put(&tree, "usage", "20000000000\n");
	assert_int_equal(fs_pread(fd, to, sizeof(to)), -EFBIG);
	assert_string_equal(to, "2000000");
	assert_int_equal(fs_pread(-1, to, sizeof(to)), -EBADF);
}

static void only_regular_files_are_opened_and_nothing_blocks(void **state)
{
	char path[256], to[8];

	(void)state;
	tree_put(&tree, "real", "x");
	tree_link(&tree, "link", "real");
	snprintf(path, sizeof(path), "%s/fifo", tree.dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(fs_open_at(dirfd_of_tree, "fifo"), -EINVAL);
	assert_int_equal(fs_open_at(dirfd_of_tree, "link"), -ELOOP);
	assert_int_equal(fs_open_at(dirfd_of_tree, "."), -EISDIR);
	assert_int_equal(fs_open_path("/dev/null"), -EINVAL);
	assert_int_equal(fs_open_dir_at(dirfd_of_tree, "real"), -ENOTDIR);
	assert_int_equal(fs_read_at(dirfd_of_tree, "link", to, sizeof(to)), -ELOOP);
}

static void paths_that_a_person_wrote_may_be_links(void **state)
{
	AUTO_CLOSE int fd = -1;
	char path[256];

	(void)state;
	tree_put(&tree, "secret", "x");
	tree_link(&tree, "token", "secret");
	snprintf(path, sizeof(path), "%s/token", tree.dir);
	fd = fs_open_path(path);
	assert_true(fd >= 0);
}

static void read_buf_keeps_what_fits(void **state)
{
	AUTO_BUF struct buf b;
	char *big = malloc(40000);

	(void)state;
	memset(big, 'x', 40000);
	tree_put_bytes(&tree, "big", big, 40000);
	buf_init(&b, 40000);
	assert_int_equal(fs_read_buf_at(dirfd_of_tree, "big", &b), 0);
	assert_int_equal(b.len, 40000);
	buf_fini(&b);
	buf_init(&b, 39999);
	assert_int_equal(fs_read_buf_at(dirfd_of_tree, "big", &b), -EFBIG);
	assert_int_equal(b.len, 39999);
	assert_int_equal(fs_read_buf_at(dirfd_of_tree, "missing", &b), -ENOENT);
	free(big);
}

static void replace_is_whole_and_leaves_nothing_beside_it(void **state)
{
	char to[32];
	struct stat st;

	(void)state;
	tree_put(&tree, "state", "old");
	tree_put(&tree, ".state.new", "left by a killed writer");
	assert_int_equal(fs_replace_at(dirfd_of_tree, "state", "new", 3, 0640, 1), 0);
	assert_int_equal(fs_read_at(dirfd_of_tree, "state", to, sizeof(to)), 3);
	assert_string_equal(to, "new");
	assert_int_equal(fstatat(dirfd_of_tree, "state", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640, 0);
	assert_int_equal(fstatat(dirfd_of_tree, ".state.new", &st, 0), -1);
}

static void replace_replaces_a_link_and_not_what_it_leads_to(void **state)
{
	char to[32];

	(void)state;
	tree_put(&tree, "elsewhere", "untouched");
	tree_link(&tree, "linked", "elsewhere");
	tree_link(&tree, ".linked.new", "elsewhere");
	assert_int_equal(fs_replace_at(dirfd_of_tree, "linked", "new", 3, 0640, 0), 0);
	assert_int_equal(fs_read_at(dirfd_of_tree, "linked", to, sizeof(to)), 3);
	assert_int_equal(fs_read_at(dirfd_of_tree, "elsewhere", to, sizeof(to)), 9);
}

static void replace_takes_plain_names_only(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(fs_replace_at(dirfd_of_tree, "a/b", "", 0, 0640, 0), -EINVAL);
	assert_int_equal(fs_replace_at(dirfd_of_tree, "", "", 0, 0640, 0), -EINVAL);
	assert_int_equal(fs_replace_at(dirfd_of_tree, name, "", 0, 0640, 0),
			 -ENAMETOOLONG);
}

static void replace_that_fails_keeps_the_old_file(void **state)
{
	char to[32];
	struct stat st;

	(void)state;
	tree_put(&tree, "dir/inside", "x");
	assert_int_equal(fs_replace_at(dirfd_of_tree, "dir", "new", 3, 0640, 0), -EISDIR);
	assert_int_equal(fs_read_at(dirfd_of_tree, "dir/inside", to, sizeof(to)), 1);
	assert_int_equal(fstatat(dirfd_of_tree, ".dir.new", &st, 0), -1);
}

static void close_forgets_and_keeps_errno(void **state)
{
	int fd = dup(dirfd_of_tree);

	(void)state;
	errno = EXDEV;
	fs_close(&fd);
	fs_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EXDEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_at_says_when_a_file_does_not_fit),
		cmocka_unit_test(pread_sees_what_is_written_later),
		cmocka_unit_test(only_regular_files_are_opened_and_nothing_blocks),
		cmocka_unit_test(paths_that_a_person_wrote_may_be_links),
		cmocka_unit_test(read_buf_keeps_what_fits),
		cmocka_unit_test(replace_is_whole_and_leaves_nothing_beside_it),
		cmocka_unit_test(replace_replaces_a_link_and_not_what_it_leads_to),
		cmocka_unit_test(replace_takes_plain_names_only),
		cmocka_unit_test(replace_that_fails_keeps_the_old_file),
		cmocka_unit_test(close_forgets_and_keeps_errno),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
