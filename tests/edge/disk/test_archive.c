/* The archive's directory and the ways of directories in it. */
#include "edge/disk/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "unit.h"

static char dir[] = "/tmp/leakdog-archive-XXXXXX";
static char path[128];
static int top;

static int setup(void **state)
{
	(void)state;
	memcpy(dir, "/tmp/leakdog-archive-XXXXXX", sizeof(dir));
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a", dir);
	top = open(dir, O_RDONLY | O_DIRECTORY);
	return top < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(top);
	return folder_remove(AT_FDCWD, dir);
}

static unsigned mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(top, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void put(const char *name, const char *bytes)
{
	AUTO_CLOSE int fd = openat(top, name, O_CREAT | O_WRONLY | O_TRUNC, 0640);

	assert_int_equal(fs_write_all(fd, bytes, strlen(bytes)), 0);
}

static bool exists(const char *name)
{
	return faccessat(top, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void a_writer_makes_the_archive_with_its_parents(void **state)
{
	struct archive archive;

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b/c", dir);
	assert_int_equal(archive_open(path, NULL, ARCHIVE_WRITE, &archive, NULL), 0);
	archive_close(&archive);
	assert_int_equal(mode_of("a/b/c"), 0750);
	assert_int_equal(mode_of("a/b/c/.staging"), 0750);
	assert_int_equal(archive_open(path, "nogroup", ARCHIVE_WRITE, &archive, NULL), 0);
	archive_close(&archive);
}

static void a_reader_makes_nothing(void **state)
{
	struct archive archive;
	const char *why = NULL;

	(void)state;
	assert_int_equal(archive_open(path, NULL, ARCHIVE_READ, &archive, &why), -ENOENT);
	assert_non_null(why);
	assert_int_equal(archive.fd, -1);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(archive_open(path, NULL, ARCHIVE_READ, &archive, &why), 0);
	archive_close(&archive);
	assert_false(exists("a/.staging"));
}

static void an_archive_that_others_may_write_is_refused(void **state)
{
	static const mode_t modes[] = {0770, 0757, 0777};
	struct archive archive;
	const char *why = NULL;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(archive_open(path, NULL, ARCHIVE_WRITE, &archive, &why),
				 -EPERM);
		assert_non_null(strstr(why, "chmod go-w"));
	}
	assert_int_equal(chmod(path, 0700),
			 0); /* stricter than ours is its owner's right */
	assert_int_equal(archive_open(path, NULL, ARCHIVE_WRITE, &archive, &why), 0);
	archive_close(&archive);
	assert_int_equal(mode_of("a"), 0700);
}

static void an_archive_of_another_user_is_refused(void **state)
{
	struct archive archive;
	const char *why = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(path, 0750), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(archive_open(path, NULL, ARCHIVE_WRITE, &archive, &why), -EPERM);
	assert_non_null(strstr(why, "another user"));
}

static void a_link_or_a_file_is_no_archive(void **state)
{
	struct archive archive;
	const char *why = NULL;

	(void)state;
	assert_int_equal(symlink("/tmp", path), 0);
	assert_true(archive_open(path, NULL, ARCHIVE_WRITE, &archive, &why) < 0);
	assert_non_null(strstr(why, "no directory"));
	assert_int_equal(unlink(path), 0);
	put("a", "a file");
	assert_int_equal(archive_open(path, NULL, ARCHIVE_WRITE, &archive, &why),
			 -ENOTDIR);
	assert_non_null(strstr(why, "no directory"));
}

static void the_group_is_handed_down(void **state)
{
	struct archive archive;
	struct stat st;
	AUTO_CLOSE int inner = -1;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(archive_open(path, "nogroup", ARCHIVE_WRITE, &archive, NULL), 0);
	inner = archive_path(archive.fd, "cron/x", true);
	assert_int_equal(fstat(inner, &st), 0);
	assert_int_equal(st.st_gid, 65534);
	assert_int_equal(st.st_mode & 07777, 02750);
	archive_close(&archive);
	assert_int_equal(
		archive_open(path, "no such group", ARCHIVE_WRITE, &archive, NULL), 0);
	archive_close(&archive);
}

static void one_writer_holds_the_lock(void **state)
{
	struct archive first, second;

	(void)state;
	assert_int_equal(archive_open(path, NULL, ARCHIVE_WRITE, &first, NULL), 0);
	assert_int_equal(archive_open(path, NULL, ARCHIVE_WRITE, &second, NULL), 0);
	assert_int_equal(archive_lock(&first), 0);
	assert_int_equal(archive_lock(&second), -EWOULDBLOCK);
	archive_close(&first);
	assert_int_equal(archive_lock(&second), 0);
	archive_close(&second);
}

static void paths_stay_below_their_directory(void **state)
{
	static const char *const refused[] = {"", "/", "a//b", "/a"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		expect(archive_path(top, refused[i], true) < 0, "%s", refused[i]);
	assert_int_equal(symlinkat("/tmp", top, "link"), 0);
	assert_true(archive_path(top, "link/x", true) < 0);
	assert_true(archive_dir(top, "link", true) < 0);
}

static void what_is_built_is_held_until_its_builder_ends(void **state)
{
	int built, other;

	(void)state;
	built = archive_build(top, "new");
	assert_true(built >= 0);
	assert_int_equal(archive_build(top, "new"), -EEXIST);
	other = fs_open_dir_at(top, "new");
	assert_int_equal(archive_hold(other, false), -EWOULDBLOCK);
	close(built);
	assert_int_equal(archive_hold(other, false), 0);
	close(other);
}

static void publishing_replaces_nothing(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(top, "from", 0750), 0);
	assert_int_equal(mkdirat(top, "to", 0750), 0);
	assert_int_equal(archive_publish(top, "from", top, "to"), -EEXIST);
	assert_true(exists("from"));
	assert_int_equal(archive_publish(top, "from", top, "new"), 0);
	assert_true(exists("new") && !exists("from"));
	assert_int_equal(archive_publish(top, "gone", top, "x"), -ENOENT);
}

static void swapping_puts_the_old_one_aside(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(top, "from", 0750), 0);
	put("from/new", "");
	assert_int_equal(archive_swap(top, "from", top, "to"), 0); /* there was none */
	assert_true(exists("to/new") && !exists("from"));
	assert_int_equal(mkdirat(top, "from", 0750), 0);
	put("from/newer", "");
	assert_int_equal(archive_swap(top, "from", top, "to"), 1);
	assert_true(exists("to/newer") && exists("from/new"));
	assert_int_equal(archive_swap(top, "gone", top, "to"), -ENOENT);
	assert_true(exists("to/newer"));
}

/* ------------------------------------------------------------------ folder */

static void removing_follows_nothing(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(top, "other", 0750), 0);
	put("other/keep", "");
	assert_int_equal(mkdirat(top, "x", 0750), 0);
	assert_int_equal(mkdirat(top, "x/y", 0750), 0);
	put("x/y/z", "");
	assert_int_equal(symlinkat("../other", top, "x/link"), 0);
	assert_int_equal(symlinkat("other", top, "link"), 0);
	assert_int_equal(folder_remove(top, "x"), 0);
	assert_false(exists("x"));
	assert_true(exists("other/keep"));
	assert_true(folder_remove(top, "link") < 0); /* a link is no directory */
	assert_true(exists("other/keep"));
	assert_int_equal(folder_remove(top, "x"), 0); /* one that is not there is fine */
}

static void walking_ends_at_a_depth(void **state)
{
	char deep[64] = "d";

	(void)state;
	for (int i = 0; i <= FOLDER_DEPTH_MAX; i++) {
		assert_int_equal(mkdirat(top, deep, 0750), 0);
		snprintf(deep + strlen(deep), sizeof(deep) - strlen(deep), "/d");
	}
	assert_int_equal(folder_remove(top, "d"), 0); /* the walk begins below it */
	assert_int_equal(mkdirat(top, "d", 0750), 0);
	memcpy(deep, "d/d", 4);
	for (int i = 0; i <= FOLDER_DEPTH_MAX; i++) {
		assert_int_equal(mkdirat(top, deep, 0750), 0);
		snprintf(deep + strlen(deep), sizeof(deep) - strlen(deep), "/d");
	}
	assert_int_equal(folder_remove(top, "d"), -ELOOP);
	assert_int_equal(renameat(top, "d/d", top, "e"), 0); /* for the teardown */
	assert_int_equal(renameat(top, "e/d/d/d", top, "f"), 0);
}

static void linked_files_are_one(void **state)
{
	struct stat a, b;

	(void)state;
	put("a", "bytes");
	assert_int_equal(folder_link(top, "a", top, "x/b"), 0);
	assert_int_equal(fstatat(top, "a", &a, 0), 0);
	assert_int_equal(fstatat(top, "x/b", &b, 0), 0);
	assert_true(a.st_ino == b.st_ino);
	assert_int_equal(folder_link(top, "a", top, "x/b"), -EEXIST);
	assert_int_equal(folder_link(top, "gone", top, "c"), -ENOENT);
}

/* /dev/shm and /tmp are two file systems on most machines. */
static void where_links_fail_a_copy_is_made(void **state)
{
	char other[] = "/dev/shm/leakdog-archive-XXXXXX", bytes[16];
	AUTO_CLOSE int fd = -1;
	struct stat a, b;

	(void)state;
	if (!mkdtemp(other))
		skip();
	fd = open(other, O_RDONLY | O_DIRECTORY);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstat(top, &b), 0);
	put("a", "bytes");
	assert_int_equal(folder_link(top, "a", fd, "b"), 0);
	assert_int_equal(fs_read_at(fd, "b", bytes, sizeof(bytes)), 5);
	assert_string_equal(bytes, "bytes");
	assert_int_equal(fstatat(fd, "b", &b, 0), 0);
	assert_int_equal(b.st_mode & 07777, 0640);
	assert_int_equal(folder_link(top, "gone", fd, "c"), -ENOENT);
	assert_int_equal(symlinkat("a", top, "link"), 0);
	assert_true(folder_link(top, "link", fd, "d") < 0);
	assert_int_equal(folder_remove(AT_FDCWD, other), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_writer_makes_the_archive_with_its_parents),
		TEST(a_reader_makes_nothing),
		TEST(an_archive_that_others_may_write_is_refused),
		TEST(an_archive_of_another_user_is_refused),
		TEST(a_link_or_a_file_is_no_archive),
		TEST(the_group_is_handed_down),
		TEST(one_writer_holds_the_lock),
		TEST(paths_stay_below_their_directory),
		TEST(what_is_built_is_held_until_its_builder_ends),
		TEST(publishing_replaces_nothing),
		TEST(swapping_puts_the_old_one_aside),
		TEST(removing_follows_nothing),
		TEST(walking_ends_at_a_depth),
		TEST(linked_files_are_one),
		TEST(where_links_fail_a_copy_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
