#include "edge/kernel/goenv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/fs.h"
#include "unit.h"

/* What goenv_process makes of an environment of so many bytes. */
static int read_environ(const char *bytes, size_t len, struct buf *to)
{
	char dir[] = "/tmp/leakdog-goenv-XXXXXX";
	struct process process;
	int fd, r;

	assert_non_null(mkdtemp(dir));
	process.dirfd = open(dir, O_PATH | O_DIRECTORY);
	fd = openat(process.dirfd, "environ", O_CREAT | O_WRONLY, 0600);
	assert_int_equal(fs_write_all(fd, bytes, len), 0);
	close(fd);
	r = goenv_process(&process, to);
	assert_int_equal(unlinkat(process.dirfd, "environ", 0), 0);
	close(process.dirfd);
	assert_int_equal(rmdir(dir), 0);
	return r;
}

static void four_names_are_kept_and_nothing_else(void **state)
{
#define ROW(bytes, text)                                                                 \
	{                                                                                \
		bytes, sizeof(bytes) - 1, text                                           \
	}
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} rows[] = {
		ROW("", ""),
		ROW("PATH=/bin\0GOMEMLIMIT=4GiB\0PASSWORD=x\0GOGC=off\0",
		    "GOMEMLIMIT=4GiB\nGOGC=off\n"),
		ROW("GODEBUG=madvdontneed=0\0GOMAXPROCS=2",
		    "GODEBUG=madvdontneed=0\nGOMAXPROCS=2\n"),
		ROW("XGOGC=1\0GOGCX=1\0GOGC\0GOGC=\0=GOGC=5\0\0\0", ""),
		/* A value that would forge a line, or an escape of a terminal. */
		ROW("GOGC=1\nPASSWORD=x\0GODEBUG=\x1b[31m\0GOGC=\xff\0", ""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf text;
		int r;

		buf_init(&text, 4096);
		r = read_environ(rows[i].bytes, rows[i].len, &text);
		expect(r == 0 && strcmp(text.data, rows[i].text) == 0, "row %zu: %d, %s",
		       i, r, text.data);
	}
}

/* An entry that is too long is dropped whole; the next one is read, wherever the pieces
 * of the reading end. */
static void long_entries_are_dropped(void **state)
{
	static char bytes[3 * 4096];
	static const char last[] = "GOGC=50";

	(void)state;
	for (size_t len = 200; len < sizeof(bytes) - sizeof(last);
	     len += len < 300 ? 1 : 61) {
		AUTO_BUF struct buf text;
		AUTO_BUF struct buf want;

		memset(bytes, 'x', sizeof(bytes));
		memcpy(bytes, "GODEBUG=", 8);
		bytes[len] = '\0';
		memcpy(bytes + len + 1, last, sizeof(last));
		buf_init(&text, 4096);
		buf_init(&want, 4096);
		if (len < 256)
			buf_addf(&want, "%s\n", bytes);
		buf_addf(&want, "%s\n", last);
		assert_int_equal(read_environ(bytes, len + 1 + sizeof(last), &text), 0);
		assert_string_equal(text.data, want.data);
	}
}

static void what_cannot_be_read_is_an_error(void **state)
{
	struct process process = {.dirfd = open("/", O_PATH | O_DIRECTORY)};
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 4096);
	assert_int_equal(goenv_process(&process, &text), -ENOENT);
	close(process.dirfd);
	buf_fini(&text);
	buf_init(&text, 4); /* does not hold one */
	assert_int_equal(read_environ("GOGC=100", 8, &text), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_names_are_kept_and_nothing_else),
		cmocka_unit_test(long_entries_are_dropped),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
