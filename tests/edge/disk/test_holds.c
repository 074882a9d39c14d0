/* Notes of raised limits: durable, locked by whoever captures, found by whoever comes. */
#include "edge/disk/holds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "unit.h"

#define SPAN(text) ((struct span){(text), sizeof(text) - 1})

struct place {
	char dir[64];
	struct archive archive;
	int fd;
};

static void begin(struct place *p)
{
	*p = (struct place){.dir = "/tmp/leakdog-holds-XXXXXX"};
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(archive_open(p->dir, NULL, ARCHIVE_WRITE, &p->archive, NULL), 0);
	assert_int_equal(holds_open(&p->archive, false), -ENOENT);
	p->fd = holds_open(&p->archive, true);
	assert_true(p->fd >= 0);
}

static void end(struct place *p)
{
	fs_close(&p->fd);
	archive_close(&p->archive);
	assert_int_equal(folder_remove(AT_FDCWD, p->dir), 0);
}

static int add_name(void *context, const char *name)
{
	buf_addf(context, "%s ", name);
	return 0;
}

static const char *names(const struct place *p, bool clean)
{
	static char text[256];
	AUTO_BUF struct buf all;

	buf_init(&all, sizeof(text));
	buf_adds(&all, "");
	assert_int_equal(holds_each(p->fd, clean, add_name, &all), 0);
	(void)text_copy(text, sizeof(text), all.data ? all.data : "");
	return text;
}

static void a_note_is_busy_until_its_writer_ends(void **state)
{
	AUTO_BUF struct buf text;
	struct place p;
	struct stat st;
	int fd = -1, lock;

	(void)state;
	begin(&p);
	buf_init(&text, 100);
	assert_int_equal(holds_add(p.fd, "a.01", SPAN("was=1\n\n"), &fd), 0);
	assert_int_equal(holds_lock(p.fd, "a.01"), -EWOULDBLOCK);
	assert_int_equal(holds_read(p.fd, "a.01", &text), 0);
	assert_string_equal(text.data, "was=1\n\n");
	assert_int_equal(fstatat(p.fd, "a.01", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, ARCHIVE_FILE_MODE);
	fs_close(&fd);
	lock = holds_lock(p.fd, "a.01");
	assert_true(lock >= 0);
	fs_close(&lock);
	assert_int_equal(holds_remove(p.fd, "a.01"), 0);
	assert_int_equal(holds_remove(p.fd, "a.01"), 0);
	assert_int_equal(holds_lock(p.fd, "a.01"), -ENOENT);
	end(&p);
}

static void a_note_is_never_replaced(void **state)
{
	AUTO_BUF struct buf text;
	int fd = -1, other = -1;
	struct place p;

	(void)state;
	begin(&p);
	buf_init(&text, 100);
	assert_int_equal(holds_add(p.fd, "a.01", SPAN("first\n"), &fd), 0);
	assert_int_equal(holds_add(p.fd, "a.01", SPAN("second\n"), &other), -EEXIST);
	assert_int_equal(other, -1);
	assert_int_equal(holds_read(p.fd, "a.01", &text), 0);
	assert_string_equal(text.data, "first\n");
	assert_string_equal(names(&p, false), "a.01 ");
	fs_close(&fd);
	end(&p);
}

static void what_a_killed_writer_left_is_cleaned_and_what_one_writes_is_not(void **state)
{
	struct place p;
	int fd = -1, left;

	(void)state;
	begin(&p);
	assert_int_equal(holds_add(p.fd, "b.01", SPAN("b\n"), &fd), 0);
	left = openat(p.fd, ".c.01", O_CREAT | O_EXCL | O_WRONLY, 0640);
	assert_true(left >= 0);
	fs_close(&left);
	assert_int_equal(renameat(p.fd, "b.01", p.fd, ".b.01"), 0); /* still locked */
	assert_string_equal(names(&p, false), "");
	assert_int_equal(faccessat(p.fd, ".c.01", F_OK, 0), 0);
	assert_string_equal(names(&p, true), "");
	assert_int_equal(faccessat(p.fd, ".c.01", F_OK, 0), -1);
	assert_int_equal(faccessat(p.fd, ".b.01", F_OK, 0), 0);
	fs_close(&fd);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_is_busy_until_its_writer_ends),
		cmocka_unit_test(a_note_is_never_replaced),
		cmocka_unit_test(
			what_a_killed_writer_left_is_cleaned_and_what_one_writes_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
