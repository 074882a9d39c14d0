#include "edge/disk/conf_file.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/disk/yaml.h"
#include "lib/text.h"
#include "unit.h"

/* A directory of its own for each test; the paths in it are relative, so that expected
 * texts can be written down. */
static int enter(void **state)
{
	char *dir = strdup("/tmp/leakdog-conf-XXXXXX");

	if (!dir || !mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	*state = dir;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int leave(void **state)
{
	AUTO_FREE char *dir = *state;

	return chdir("/") < 0 || nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0;
}

static void put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void expect_files(const char *given, const char *joined)
{
	struct conf_files files = {0};
	struct fault fault = {0};
	AUTO_BUF struct buf found;

	buf_init(&found, 2000);
	expect(conf_files_find(given, &files, &fault) == 0, "%s: %s", given,
	       fault.message);
	for (size_t i = 0; i < files.n; i++)
		buf_addf(&found, "%s ", files.path[i]);
	assert_string_equal(found.data, joined);
	conf_files_fini(&files);
}

static void expect_refused(const char *path, const char *message)
{
	struct source source = {0};
	struct fault fault = {0};
	int r = conf_file_read(path, &source, &fault);

	expect(r == CONF_FILE_FAULT && !strcmp(fault.message, message), "%s: %d %s", path,
	       r, fault.message);
	assert_string_equal(fault.file, path);
	assert_int_equal(fault.line, 0);
	assert_null(source.text);
}

static void files_are_found_in_their_order(void **state)
{
	(void)state;
	assert_int_equal(mkdir("conf", 0755), 0);
	expect_files("conf/mine.yaml", "conf/mine.yaml ");
	expect_files("conf", "conf/leakdog.yaml ");
	expect_files("mine.yaml", "mine.yaml ");
	assert_int_equal(mkdir("conf/services.d", 0755), 0);
	expect_files("conf", "conf/leakdog.yaml ");
	put("conf/services.d/20-b.yaml", "", 0644);
	put("conf/services.d/10-a.yml", "", 0644);
	put("conf/services.d/3.yaml", "", 0644);
	put("conf/services.d/b.yaml~", "", 0644);
	put("conf/services.d/.b.yaml", "", 0644);
	put("conf/services.d/b.yaml.dpkg-old", "", 0644);
	put("conf/services.d/README", "", 0644);
	expect_files("conf", "conf/leakdog.yaml conf/services.d/10-a.yml "
			     "conf/services.d/20-b.yaml conf/services.d/3.yaml ");
	expect_files("conf/mine.yaml",
		     "conf/mine.yaml conf/services.d/10-a.yml "
		     "conf/services.d/20-b.yaml conf/services.d/3.yaml ");
}

static void files_of_a_directory_that_others_write_are_refused(void **state)
{
	struct conf_files files = {0};
	struct fault fault;

	(void)state;
	assert_int_equal(mkdir("services.d", 0755), 0);
	assert_int_equal(chmod("services.d", 0777), 0);
	assert_int_equal(conf_files_find("a.yaml", &files, &fault), CONF_FILE_FAULT);
	assert_string_equal(fault.file, "services.d/");
	assert_string_equal(fault.message,
			    "everybody may write it (mode 0777): chmod o-w");
	assert_null(files.path);
}

static void paths_that_are_too_long_are_refused(void **state)
{
	struct conf_files files = {0};
	struct fault fault;
	char path[400];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(conf_files_find(path, &files, &fault), CONF_FILE_FAULT);
	assert_string_equal(fault.message, "it cannot be read: File name too long");
}

static void file_is_read_whole(void **state)
{
	struct source source;
	struct fault fault;

	(void)state;
	put("a.yaml", "services:\n", 0640);
	assert_int_equal(symlink("a.yaml", "link.yaml"), 0);
	assert_int_equal(conf_file_read("link.yaml", &source, &fault), 0);
	assert_string_equal(source.text, "services:\n");
	assert_int_equal(source.len, 10);
	assert_string_equal(source.path, "link.yaml");
	assert_null(source.tree);
	source_fini(&source);
	put("empty.yaml", "", 0600);
	assert_int_equal(conf_file_read("empty.yaml", &source, &fault), 0);
	assert_non_null(source.text);
	assert_int_equal(source.len, 0);
	source_fini(&source);
}

static void file_that_is_none_is_refused(void **state)
{
	(void)state;
	expect_refused("absent.yaml", "there is no such file");
	assert_int_equal(mkdir("dir.yaml", 0755), 0);
	expect_refused("dir.yaml", "it is no regular file");
	assert_int_equal(mkfifo("fifo.yaml", 0600), 0); /* must not wait for a writer */
	expect_refused("fifo.yaml", "it is no regular file");
	expect_refused("/dev/zero", "it is no regular file");
}

static void file_that_is_too_large_is_refused(void **state)
{
	struct source source;
	struct fault fault;

	(void)state;
	put("a.yaml", "#", 0644);
	assert_int_equal(truncate("a.yaml", YAML_BYTES_MAX + 1), 0);
	expect_refused("a.yaml", "it is larger than 1048576 bytes");
	assert_int_equal(truncate("a.yaml", YAML_BYTES_MAX), 0);
	assert_int_equal(conf_file_read("a.yaml", &source, &fault), 0);
	assert_int_equal(source.len, YAML_BYTES_MAX);
	source_fini(&source);
}

static void file_that_others_may_write_is_refused(void **state)
{
	struct source source;
	struct fault fault;

	(void)state;
	put("a.yaml", "", 0646);
	expect_refused("a.yaml", "everybody may write it (mode 0646): chmod o-w");
	put("a.yaml", "", 0664); /* our own, and the group is our own choice */
	assert_int_equal(conf_file_read("a.yaml", &source, &fault), 0);
	source_fini(&source);
}

static void file_of_somebody_else_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0) { /* only root can give a file away */
		skip();
		return;
	}
	put("a.yaml", "", 0644);
	assert_int_equal(chown("a.yaml", 12345, 0), 0);
	expect_refused("a.yaml", "it belongs to uid 12345, and only root's or your own "
				 "is trusted: chown root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_found_in_their_order, enter,
						leave),
		cmocka_unit_test_setup_teardown(
			files_of_a_directory_that_others_write_are_refused, enter, leave),
		cmocka_unit_test_setup_teardown(paths_that_are_too_long_are_refused,
						enter, leave),
		cmocka_unit_test_setup_teardown(file_is_read_whole, enter, leave),
		cmocka_unit_test_setup_teardown(file_that_is_none_is_refused, enter,
						leave),
		cmocka_unit_test_setup_teardown(file_that_is_too_large_is_refused, enter,
						leave),
		cmocka_unit_test_setup_teardown(file_that_others_may_write_is_refused,
						enter, leave),
		cmocka_unit_test_setup_teardown(file_of_somebody_else_is_refused, enter,
						leave),
	};

	return cmocka_run_group_tests_name("conf_file", tests, NULL, NULL);
}
