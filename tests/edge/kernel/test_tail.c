#include "edge/kernel/tail.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define ROOM 1000

static struct tree tree;
static char why[TAIL_WHY_MAX];
static struct buf text;

static int begin(void **state)
{
	(void)state;
	tree_make(&tree);
	why[0] = '\0';
	buf_init(&text, 1 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buf_fini(&text);
	tree_drop(&tree);
	return 0;
}

static int tail(enum log_kind kind, unsigned lives, const char *path)
{
	struct log_source source = {.kind = kind};

	buf_clear(&text);
	snprintf(source.at, sizeof(source.at), "%s", path);
	return tail_read(&source, lives, ROOM, &text, why);
}

static int tail_of(const char *name)
{
	return tail(LOG_FILE, 1, tree_path(&tree, name));
}

static void put(const char *name, const char *bytes, size_t len, off_t at)
{
	int fd = open(tree_path(&tree, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
	close(fd);
}

static void a_short_log_comes_whole(void **state)
{
	(void)state;
	put("a.log", "one\ntwo\n", 8, 0);
	assert_int_equal(tail_of("a.log"), 0);
	assert_string_equal(text.data, "one\ntwo\n");
	put("empty.log", "", 0, 0);
	assert_int_equal(tail_of("empty.log"), 0);
	assert_int_equal(text.len, 0);
}

static void of_a_long_log_the_end_comes(void **state)
{
	(void)state;
	put("a.log", "end\n", 4, 5000); /* sparse before it */
	assert_int_equal(tail_of("a.log"), 0);
	assert_int_equal(text.len, ROOM);
	assert_string_equal(text.data + ROOM - 4, "end\n");
	assert_int_equal(text.data[0], '\0');
	put("holes.log", "", 0, 0);
	assert_int_equal(truncate(tree_path(&tree, "holes.log"), INT64_C(1) << 40), 0);
	assert_int_equal(tail_of("holes.log"), 0);
	assert_int_equal(text.len, ROOM);
}

static void bytes_are_not_looked_at(void **state)
{
	static const char bytes[] = "\0\x1b[2J\xff\r\n\0";

	(void)state;
	put("a.log", bytes, sizeof(bytes), 0);
	assert_int_equal(tail_of("a.log"), 0);
	assert_int_equal(text.len, sizeof(bytes));
	assert_memory_equal(text.data, bytes, sizeof(bytes));
}

static void what_is_no_file_is_refused_and_never_waited_for(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	(void)state;
	assert_int_equal(mkfifo(tree_path(&tree, "fifo"), 0600), 0);
	assert_int_equal(tail_of("fifo"), -EINVAL);
	expect(strstr(why, "is a fifo"), "%s", why);
	assert_int_equal(mkdir(tree_path(&tree, "dir"), 0700), 0);
	assert_int_equal(tail_of("dir"), -EINVAL);
	expect(strstr(why, "is a directory"), "%s", why);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 tree_path(&tree, "socket"));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(tail_of("socket"), -EINVAL);
	expect(strstr(why, "is a socket"), "%s", why);
	close(fd);
	assert_int_equal(tail(LOG_FILE, 1, "/dev/zero"), -EINVAL);
	expect(strstr(why, "is a device"), "%s", why);
	assert_int_equal(tail(LOG_FILE, 1, "relative.log"), -EINVAL);
	assert_int_equal(tail(LOG_FILE, 1, "/"), -EINVAL);
	assert_int_equal(tail_of("none.log"), -ENOENT);
	expect(strstr(why, "there is no such file"), "%s", why);
	assert_int_equal(tail_of("fifo/a.log"), -ENOTDIR);
}

static void link_to(const char *to, const char *name)
{
	assert_int_equal(symlink(to, tree_path(&tree, name)), 0);
}

static void links_are_followed_as_kubelet_makes_them(void **state)
{
	char absolute[256];

	(void)state;
	put("pods/n_p_u/c/0.log", "words\n", 6, 0);
	snprintf(absolute, sizeof(absolute), "%s", tree_path(&tree, "pods/n_p_u"));
	(void)tree_path(&tree, "containers/x");
	link_to("../pods/n_p_u/c/0.log", "containers/relative.log");
	link_to(absolute, "containers/dir");
	link_to("containers/dir/c/./0.log", "twice.log");
	assert_int_equal(tail_of("containers/relative.log"), 0);
	assert_string_equal(text.data, "words\n");
	assert_int_equal(tail_of("twice.log"), 0);
	assert_string_equal(text.data, "words\n");
	link_to("loop.log", "loop.log");
	assert_int_equal(tail_of("loop.log"), -ELOOP);
	link_to("nowhere", "broken.log");
	assert_int_equal(tail_of("broken.log"), -ENOENT);
}

/* A service that may write where its log stands must not choose what root reads. */
static void a_strangers_link_leads_to_its_own_files_only(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		fprintf(stderr, "needs root: files of another user\n");
		skip();
	}
	put("secret", "key\n", 4, 0);
	put("own.log", "words\n", 6, 0);
	assert_int_equal(chown(tree_path(&tree, "own.log"), 4321, 4321), 0);
	link_to("secret", "stolen.log");
	assert_int_equal(lchown(tree_path(&tree, "stolen.log"), 4321, 4321), 0);
	assert_int_equal(tail_of("stolen.log"), -EPERM);
	expect(strstr(why, "not that user's"), "%s", why);
	link_to("own.log", "INFO");
	assert_int_equal(lchown(tree_path(&tree, "INFO"), 4321, 4321), 0);
	assert_int_equal(tail_of("INFO"), 0);
	assert_string_equal(text.data, "words\n");
	link_to("INFO", "second");
	assert_int_equal(lchown(tree_path(&tree, "second"), 1234, 1234), 0);
	assert_int_equal(tail_of("second"), -ELOOP);
}

static void an_unreadable_log_says_what_to_do(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		assert_int_equal(seteuid(65534), 0); /* back below */
		(void)tail(LOG_FILE, 1, "/etc/shadow");
		assert_int_equal(seteuid(0), 0);
	} else {
		(void)tail(LOG_FILE, 1, "/etc/shadow");
	}
	expect(strstr(why, "/etc/shadow: not permitted: give"), "%s", why);
}

static void only_so_much_is_read_as_fits(void **state)
{
	int fd;

	(void)state;
	put("a.log", "new\n", 4, 0);
	fd = open(tree_path(&tree, "a.log"), O_RDONLY | O_CLOEXEC);
	buf_clear(&text);
	assert_int_equal(tail_fd(fd, 2, &text), 0);
	assert_string_equal(text.data, "w\n");
	close(fd);
}

static void of_a_container_the_newest_life_is_read(void **state)
{
	(void)state;
	put("c/2.log", "second\n", 7, 0);
	put("c/10.log", "tenth\n", 6, 0);
	put("c/9.log", "ninth\n", 6, 0);
	put("c/11.log.20261121-200000", "rotated\n", 8, 0);
	put("c/12.log.gz", "packed\n", 7, 0);
	put("c/x.log", "other\n", 6, 0);
	put("c/-1.log", "other\n", 6, 0);
	assert_int_equal(tail(LOG_CONTAINER, 1, tree_path(&tree, "c")), 0);
	assert_string_equal(text.data, "tenth\n");
	assert_int_equal(tail(LOG_CONTAINER, 2, tree_path(&tree, "c")), 0);
	assert_string_equal(text.data, "ninth\ntenth\n");
}

static void two_lives_share_the_room(void **state)
{
	static char words[ROOM];

	(void)state;
	memset(words, 'a', ROOM);
	put("c/0.log", words, ROOM, 0);
	memset(words, 'b', ROOM);
	put("c/1.log", words, ROOM, 0);
	assert_int_equal(tail(LOG_CONTAINER, 2, tree_path(&tree, "c")), 0);
	assert_int_equal(text.len, ROOM);
	assert_int_equal(text.data[0], 'a');
	assert_int_equal(text.data[ROOM / 2], 'b');
	assert_int_equal(unlink(tree_path(&tree, "c/0.log")), 0);
	assert_int_equal(mkfifo(tree_path(&tree, "c/0.log"), 0600), 0);
	assert_int_equal(tail(LOG_CONTAINER, 2, tree_path(&tree, "c")), 0);
	assert_int_equal(text.len, ROOM / 2);
}

static void a_container_without_a_log_says_so(void **state)
{
	(void)state;
	(void)tree_path(&tree, "c/x");
	assert_int_equal(tail(LOG_CONTAINER, 1, tree_path(&tree, "c")), -ENOENT);
	expect(strstr(why, "no log there yet"), "%s", why);
	assert_int_equal(tail(LOG_CONTAINER, 1, tree_path(&tree, "none")), -ENOENT);
	put("file", "x", 1, 0);
	assert_int_equal(tail(LOG_CONTAINER, 1, tree_path(&tree, "file")), -ENOTDIR);
}

static void what_is_unknown_says_why(void **state)
{
	(void)state;
	assert_int_equal(tail(LOG_UNKNOWN, 1, "in no unit"), -ENOENT);
	assert_string_equal(why, "in no unit");
}

static int run(const char *script, int64_t timeout_ms)
{
	const char *argv[] = {"sh", "-c", script, NULL};

	buf_clear(&text);
	return tail_program("/bin/sh", argv, timeout_ms, ROOM, &text);
}

static void of_a_program_the_last_words_are_kept(void **state)
{
	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(run("echo words", 20000), 0);
	assert_string_equal(text.data, "words\n");
	assert_int_equal(run("seq 1 100000; echo end", 20000), 0);
	assert_int_equal(text.len, ROOM);
	assert_string_equal(text.data + ROOM - 4, "end\n");
	assert_int_equal(run("echo words; exit 1", 20000), -EIO);
	assert_string_equal(text.data, "words\n");
	assert_int_equal(run("kill -KILL $$", 20000), -EIO);
	assert_int_equal(run("exit 0", 20000), 0);
	assert_int_equal(text.len, 0);
}

static void a_program_that_hangs_is_killed(void **state)
{
	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(run("echo words; exec sleep 1000", 300), -ETIMEDOUT);
	assert_string_equal(text.data, "words\n");
	assert_int_equal(run("yes", 300), -ETIMEDOUT);
	assert_int_equal(text.len, ROOM);
}

/* A journalctl that runs this script; "$last" is what it is asked for. */
static int by(const char *script, int64_t timeout_ms)
{
	static const struct log_source shop = {LOG_JOURNAL, "shop.service"};
	struct journal_reader reader = {NULL, timeout_ms};

	buf_clear(&text);
	if (script) {
		tree_put(&tree, "journalctl", "#!/bin/sh\nfor last; do :; done\n%s\n",
			 script);
		reader.program = tree_path(&tree, "journalctl");
		assert_int_equal(chmod(reader.program, 0700), 0);
	}
	return tail_journal_by(&reader, &shop, ROOM, &text, why);
}

static void of_a_journal_one_unit_is_asked_for(void **state)
{
	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(by("echo $last", 20000), 0);
	assert_string_equal(text.data, "--unit=shop.service\n");
	/* It fails after the last words: they count. */
	assert_int_equal(by("echo words; exit 1", 20000), 0);
	assert_string_equal(text.data, "words\n");
}

static void a_journal_that_cannot_be_read_says_why(void **state)
{
	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(by(NULL, 20000), -ENOENT);
	assert_non_null(strstr(why, "there is no journalctl"));
	assert_int_equal(by("exec sleep 1000", 300), -ETIMEDOUT);
	assert_non_null(strstr(why, "took too long"));
	assert_int_equal(text.len, 0);
}

static void a_journal_without_an_end_is_cut_and_says_so(void **state)
{
	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(by("exec yes", 300), TAIL_CUT);
	assert_int_equal(text.len, ROOM);
	assert_non_null(strstr(why, "the newest lines are missing"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(a_short_log_comes_whole),
		CASE(of_a_long_log_the_end_comes),
		CASE(bytes_are_not_looked_at),
		CASE(what_is_no_file_is_refused_and_never_waited_for),
		CASE(links_are_followed_as_kubelet_makes_them),
		CASE(a_strangers_link_leads_to_its_own_files_only),
		CASE(an_unreadable_log_says_what_to_do),
		CASE(only_so_much_is_read_as_fits),
		CASE(of_a_container_the_newest_life_is_read),
		CASE(two_lives_share_the_room),
		CASE(a_container_without_a_log_says_so),
		CASE(what_is_unknown_says_why),
		CASE(of_a_program_the_last_words_are_kept),
		CASE(a_program_that_hangs_is_killed),
		CASE(of_a_journal_one_unit_is_asked_for),
		CASE(a_journal_that_cannot_be_read_says_why),
		CASE(a_journal_without_an_end_is_cut_and_says_so),
	};

	return cmocka_run_group_tests_name("tail", tests, NULL, NULL);
}
