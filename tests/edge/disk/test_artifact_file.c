#include "edge/disk/artifact_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "unit.h"

/* printf 'hello, world' | sha256sum */
#define HELLO "hello, world"
#define HELLO_SHA256 "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b"
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static char dir[] = "/tmp/leakdog-artifact-XXXXXX";
static int dirfd_;

static int setup(void **state)
{
	(void)state;
	memcpy(dir, "/tmp/leakdog-artifact-XXXXXX", sizeof(dir));
	assert_non_null(mkdtemp(dir));
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY);
	return dirfd_ < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(dirfd_);
	return folder_remove(AT_FDCWD, dir);
}

static bool exists(const char *name)
{
	return faccessat(dirfd_, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void record_of(struct artifact_record *record, const char *name)
{
	*record = (struct artifact_record){0};
	(void)text_copy(record->name, sizeof(record->name), name);
}

static void a_whole_file_gets_its_name_last(void **state)
{
	struct artifact_record record;
	struct artifact_file file;
	struct stat st;

	(void)state;
	record_of(&record, "heap.pb.gz");
	assert_int_equal(artifact_file_open(dirfd_, "heap.pb.gz", 0, &file), 0);
	assert_int_equal(artifact_file_write(&file, "hello,", 6), 0);
	assert_true(exists("heap.pb.gz.partial"));
	assert_false(exists("heap.pb.gz"));
	assert_int_equal(artifact_file_write(&file, " world", 6), 0);
	assert_int_equal(artifact_file_end(&file, true, &record), 0);
	assert_false(exists("heap.pb.gz.partial"));
	assert_int_equal(fstatat(dirfd_, "heap.pb.gz", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_size, 12);
	assert_int_equal(record.result, KEPT_COMPLETE);
	assert_int_equal(record.bytes, 12);
	assert_string_equal(record.sha256, HELLO_SHA256);
	assert_string_equal(record.name, "heap.pb.gz");
	assert_string_equal(record.why, "");
}

static void a_cut_file_is_called_partial(void **state)
{
	struct artifact_record record;
	struct artifact_file file;

	(void)state;
	record_of(&record, "proc/status");
	(void)text_copy(record.why, sizeof(record.why), "the target ended");
	assert_int_equal(artifact_file_open(dirfd_, record.name, 0, &file), 0);
	assert_int_equal(artifact_file_write(&file, HELLO, 12), 0);
	assert_int_equal(artifact_file_end(&file, false, &record), 0);
	assert_true(exists("proc/status.partial"));
	assert_int_equal(record.result, KEPT_PARTIAL);
	assert_string_equal(record.name, "proc/status.partial");
	assert_string_equal(record.sha256, HELLO_SHA256);
	assert_string_equal(record.why, "the target ended");
}

static void an_empty_file_is_whole_or_nothing(void **state)
{
	struct artifact_record record;
	struct artifact_file file;

	(void)state;
	record_of(&record, "cut");
	assert_int_equal(artifact_file_open(dirfd_, "cut", 0, &file), 0);
	assert_int_equal(artifact_file_end(&file, false, &record), 0);
	assert_int_equal(record.result, KEPT_FAILED);
	assert_string_equal(record.sha256, "");
	assert_false(exists("cut.partial"));
	record_of(&record, "whole");
	assert_int_equal(
		artifact_file_put(dirfd_, 0, (struct span){"", 0}, true, &record), 0);
	assert_int_equal(record.result, KEPT_COMPLETE);
	assert_string_equal(record.sha256, EMPTY_SHA256);
}

static void a_dropped_file_leaves_nothing(void **state)
{
	struct artifact_file file;

	(void)state;
	assert_int_equal(artifact_file_open(dirfd_, "x", 0, &file), 0);
	assert_int_equal(artifact_file_write(&file, HELLO, 12), 0);
	artifact_file_drop(&file);
	artifact_file_drop(&file);
	assert_false(exists("x.partial"));
}

static void nothing_is_written_through_what_stands_there(void **state)
{
	struct artifact_file file;
	AUTO_CLOSE int other = -1;

	(void)state;
	assert_int_equal(symlinkat("elsewhere", dirfd_, "x.partial"), 0);
	assert_int_equal(artifact_file_open(dirfd_, "x", 0, &file), -EEXIST);
	assert_non_null(strstr(file.why, "File exists"));
	assert_false(exists("elsewhere"));
	assert_int_equal(mkdirat(dirfd_, "there", 0700), 0);
	assert_int_equal(symlinkat("there", dirfd_, "proc"), 0);
	assert_true(artifact_file_open(dirfd_, "proc/status", 0, &file) < 0);
	assert_false(exists("there/status.partial"));
	other = openat(dirfd_, "y.partial", O_CREAT | O_WRONLY, 0600);
	assert_int_equal(artifact_file_open(dirfd_, "y", 0, &file), -EEXIST);
}

static void names_that_would_not_fit_are_refused(void **state)
{
	struct artifact_file file;
	char name[ARTIFACT_NAME_MAX];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[ARTIFACT_NAME_MAX - 1 - 8] = '\0'; /* with .partial it is one too long */
	assert_int_equal(artifact_file_open(dirfd_, name, 0, &file), 0);
	artifact_file_drop(&file);
	name[ARTIFACT_NAME_MAX - 1 - 8] = 'n';
	name[ARTIFACT_NAME_MAX - 8] = '\0';
	assert_int_equal(artifact_file_open(dirfd_, name, 0, &file), -ENAMETOOLONG);
	assert_int_equal(artifact_file_open(dirfd_, "a/b/c", 0, &file), -EINVAL);
	assert_int_equal(artifact_file_open(dirfd_, "../c", 0, &file), -EINVAL);
	assert_int_equal(artifact_file_open(dirfd_, "a/", 0, &file), -EINVAL);
	assert_int_equal(artifact_file_open(dirfd_, ".hidden", 0, &file), -EINVAL);
}

static void without_room_nothing_is_begun(void **state)
{
	struct artifact_record record;
	struct artifact_file file;

	(void)state;
	assert_int_equal(artifact_file_open(dirfd_, "x", UINT64_MAX, &file),
			 ARTIFACT_FILE_FULL);
	assert_non_null(strstr(file.why, "keep_free"));
	assert_false(exists("x.partial"));
	record_of(&record, "x");
	assert_int_equal(artifact_file_put(dirfd_, UINT64_MAX, (struct span){HELLO, 12},
					   true, &record),
			 ARTIFACT_FILE_FULL);
	assert_int_equal(record.result, KEPT_FAILED);
	assert_non_null(strstr(record.why, "keep_free"));
}

/* A file size limit fails a write in its middle, as a full disk does: what arrived stays,
 * the digest is of exactly that, and nothing more is tried. */
static void a_write_that_fails_leaves_what_it_wrote(void **state)
{
	const struct rlimit small = {100, RLIM_INFINITY};
	struct rlimit before;
	struct artifact_record record;
	struct artifact_file file;
	char bytes[80], sha256[SHA256_TEXT_MAX];
	AUTO_CLOSE int fd = -1;
	uint64_t len;

	(void)state;
	memset(bytes, 'b', sizeof(bytes));
	record_of(&record, "x");
	assert_int_equal(artifact_file_open(dirfd_, "x", 0, &file), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(artifact_file_write(&file, bytes, 80), 0);
	assert_int_equal(artifact_file_write(&file, bytes, 80), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(artifact_file_write(&file, bytes, 80), -EFBIG);
	assert_int_equal(artifact_file_end(&file, true, &record), -EFBIG);
	assert_int_equal(record.result, KEPT_PARTIAL);
	assert_int_equal(record.bytes, 100);
	assert_non_null(strstr(record.why, "File too large"));
	fd = openat(dirfd_, "x.partial", O_RDONLY);
	assert_int_equal(digest_fd(fd, &len, sha256), 0);
	assert_int_equal(len, 100);
	assert_string_equal(sha256, record.sha256);
}

/* Beyond the steps of 8 MiB: all bytes, one digest, and the file is not in our cache. */
static void a_large_file_streams_through(void **state)
{
	static char chunk[1 << 20];
	struct artifact_record record;
	struct artifact_file file;
	char sha256[SHA256_TEXT_MAX];
	AUTO_CLOSE int fd = -1;
	uint64_t len;

	(void)state;
	record_of(&record, "large");
	assert_int_equal(artifact_file_open(dirfd_, "large", 1, &file), 0);
	for (unsigned i = 0; i < 20; i++) {
		memset(chunk, (int)i, sizeof(chunk));
		assert_int_equal(artifact_file_write(&file, chunk, sizeof(chunk) - i), 0);
	}
	assert_true(file.flushed >= 16 << 20);
	assert_true(file.settled == (8 << 20)); /* the step before, and not more */
	assert_int_equal(artifact_file_end(&file, true, &record), 0);
	fd = openat(dirfd_, "large", O_RDONLY);
	assert_int_equal(digest_fd(fd, &len, sha256), 0);
	assert_true(len == record.bytes && len == (20 << 20) - 190);
	assert_string_equal(sha256, record.sha256);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_file_gets_its_name_last),
		TEST(a_cut_file_is_called_partial),
		TEST(an_empty_file_is_whole_or_nothing),
		TEST(a_dropped_file_leaves_nothing),
		TEST(nothing_is_written_through_what_stands_there),
		TEST(names_that_would_not_fit_are_refused),
		TEST(without_room_nothing_is_begun),
		TEST(a_write_that_fails_leaves_what_it_wrote),
		TEST(a_large_file_streams_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
