/* The socket tables: as the kernel prints them, as nobody should, and those of this
 * machine. */
#include "edge/kernel/sockets.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "edge/fs.h"
#include "edge/kernel/listeners.h"
#include "tree.h"
#include "unit.h"

#define TCP_HEAD                                                                         \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   " \
	"uid  timeout inode                                                     \n"
#define LISTEN_6060                                                                      \
	"   0: 0100007F:17AC 00000000:0000 0A 00000000:00000000 00:00000000 00000000   " \
	"  "                                                                             \
	"0        0 31337 1 ffff888103e8a300 100 0 0 10 0                     \n"
#define IN_6060                                                                          \
	"   1: 0100007F:17AC 0A01020A:C350 01 00000000:00000000 02:0000170B 00000000   " \
	"  "                                                                             \
	"0        0 31338 1 ffff888103e8a300 20 4 30 10 -1                    \n"
#define OUT_NO_KEEPALIVE                                                                 \
	"   2: 0A01020A:D431 6400A8C0:1538 01 00000000:00000000 00:00000000 00000000   " \
	"  "                                                                             \
	"0        0 31339 1 ffff888103e8a300 20 4 30 10 -1                    \n"
#define TIME_WAIT                                                                        \
	"   3: 0100007F:17AC 0100007F:C351 06 00000000:00000000 03:00000F0A 00000000   " \
	"  "                                                                             \
	"0        0 0 3 ffff888103e8a300                                      \n"

static struct tree tree;
static struct process process = {.pidfd = -1, .stat_fd = -1, .status_fd = -1};

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	tree_put(&tree, "net/tcp", TCP_HEAD);
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

static size_t read_rows(enum socket_table table, struct socket_row *rows, size_t max)
{
	struct socket_reader reader;
	size_t n = 0;

	assert_int_equal(socket_reader_init(&reader, process.dirfd, table), 0);
	while (n < max && socket_next(&reader, &rows[n]))
		n++;
	assert_int_equal(reader.error, 0);
	socket_reader_fini(&reader);
	return n;
}

static void rows_are_read_as_the_kernel_means_them(void **state)
{
	static const uint8_t localhost[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
	static const uint8_t peer[16] = {[10] = 0xff, 0xff, 192, 168, 0, 100};
	struct socket_row rows[8];

	(void)state;
	tree_put(&tree, "net/tcp",
		 TCP_HEAD LISTEN_6060 IN_6060 OUT_NO_KEEPALIVE TIME_WAIT);
	assert_int_equal(read_rows(TABLE_TCP, rows, 8), 4);
	assert_int_equal(rows[0].state, SOCKET_LISTEN);
	assert_int_equal(rows[0].local_port, 6060);
	assert_memory_equal(rows[0].local, localhost, 16);
	assert_int_equal(rows[0].inode, 31337);
	assert_int_equal(rows[1].timer, TIMER_KEEPALIVE);
	assert_int_equal(rows[2].timer, TIMER_NONE);
	assert_memory_equal(rows[2].peer, peer, 16);
	assert_int_equal(rows[2].peer_port, 0x1538);
	assert_int_equal(rows[3].state, SOCKET_TIME_WAIT);
	assert_int_equal(rows[3].inode, 0);
}

static void six_is_read_and_may_be_missing(void **state)
{
	static const uint8_t any[16];
	struct socket_row rows[2];
	struct socket_reader reader;

	(void)state;
	assert_int_equal(socket_reader_init(&reader, process.dirfd, TABLE_TCP6), -ENOENT);
	tree_put(&tree, "net/tcp6",
		 TCP_HEAD "   0: 00000000000000000000000000000000:17AC "
			  "00000000000000000000000000000000:0000 0A 00000000:00000000 "
			  "00:00000000 00000000 0 0 99 1 ffff 100 0 0 10 0\n"
			  "   1: 0000000000000000FFFF00000100007F:17AC "
			  "0000000000000000FFFF00000100007F:C350 01 00000000:00000000 "
			  "00:00000000 00000000 0 0 100 1 ffff 100 0 0 10 0\n");
	assert_int_equal(read_rows(TABLE_TCP6, rows, 2), 2);
	assert_memory_equal(rows[0].local, any, 16);
	assert_int_equal(rows[0].inode, 99);
	assert_int_equal(rows[1].local[10], 0xff);
	assert_int_equal(rows[1].local[12], 127);
	tree_unlink(&tree, "net/tcp6");
}

static void unix_paths_may_hold_anything(void **state)
{
	struct socket_row row;
	struct socket_reader reader;

	(void)state;
	tree_put(&tree, "net/unix",
		 "Num       RefCount Protocol Flags    Type St Inode Path\n"
		 "0000000024841668: 00000003 00000000 00000000 0001 03  1674\n"
		 "0000000024841668: 00000002 00000000 00010000 0001 01  77 /run/my "
		 "app.sock\n"
		 "0000000024841668: 00000002 00000000 00010000 0001 01  78 @abstract\n");
	assert_int_equal(socket_reader_init(&reader, process.dirfd, TABLE_UNIX), 0);
	assert_true(socket_next(&reader, &row));
	assert_int_equal(row.inode, 1674);
	assert_int_equal(row.path.len, 0);
	assert_true(socket_next(&reader, &row));
	assert_int_equal(row.state, SOCKET_LISTEN);
	assert_true(span_is(row.path, "/run/my app.sock"));
	assert_true(socket_next(&reader, &row));
	assert_true(span_is(row.path, "@abstract"));
	assert_false(socket_next(&reader, &row));
	socket_reader_fini(&reader);
}

static void rows_that_make_no_sense_are_skipped(void **state)
{
	static const char *const bad[] = {
		"\n",
		"   0:\n",
		"   0: 0100007F:17AC\n",
		"   0: 0100007:17AC 00000000:0000 0A 0:0 00:0 0 0 0 1 1\n",
		"   0: 0100007F:17ACC 00000000:0000 0A 0:0 00:0 0 0 0 1 1\n",
		"   0: 0100007G:17AC 00000000:0000 0A 0:0 00:0 0 0 0 1 1\n",
		"   0: 0100007F:17AC 00000000:0000 FF 0:0 00:0 0 0 0 1 1\n",
		"   0: 0100007F:17AC 00000000:0000 0A 0:0 zz:0 0 0 0 1 1\n",
		"   0: 0100007F:17AC 00000000:0000 0A 0:0 00:0 0 0 0 -1 1\n",
		"   0: 0100007F 00000000 0A 0:0 00:0 0 0 0 1 1\n",
		"   0: 0100007F0100007F:17AC 00000000:0000 0A 0:0 00:0 0 0 0 1 1\n",
	};
	struct socket_row rows[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tree_put(&tree, "net/tcp", TCP_HEAD "%s" LISTEN_6060, bad[i]);
		expect(read_rows(TABLE_TCP, rows, 4) == 1, "row %zu", i);
		expect(rows[0].inode == 31337, "row %zu", i);
	}
}

static void a_line_without_end_is_an_error_not_a_hang(void **state)
{
	struct socket_reader reader;
	struct socket_row row;
	char *long_line = malloc(40000);

	(void)state;
	memset(long_line, 'x', 40000);
	tree_put_bytes(&tree, "net/tcp", long_line, 40000);
	assert_int_equal(socket_reader_init(&reader, process.dirfd, TABLE_TCP), 0);
	assert_false(socket_next(&reader, &row));
	assert_int_equal(reader.error, -EBADMSG);
	socket_reader_fini(&reader);
	free(long_line);
}

/* Enough rows to need the buffer many times, with a row across each of its ends. */
static void write_many(unsigned n, bool distinct)
{
	char *text = malloc(600 + (size_t)n * 200);
	size_t len = (size_t)snprintf(text, 400, "%s%s", TCP_HEAD, LISTEN_6060);

	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(
			text + len, 200,
			"%4u: 0A01020A:%04X %08X:1538 01 00000000:00000000 "
			"00:00000000 00000000     0        0 %u 1 ffff 20 4 "
			"30 10 -1\n",
			i, 10000 + i, distinct ? i : 0x6400A8C0, 40000 + i);
	tree_put_bytes(&tree, "net/tcp", text, len);
	free(text);
}

static void large_tables_are_counted_whole(void **state)
{
	uint64_t n = 0;

	(void)state;
	write_many(16000, false);
	assert_int_equal(sockets_count(process.dirfd, SOCKET_ESTABLISHED, &n), 0);
	assert_int_equal(n, 16000);
	assert_int_equal(sockets_count(process.dirfd, SOCKET_LISTEN, &n), 0);
	assert_int_equal(n, 1);
}

static void csv_makes_a_leaking_client_one_line(void **state)
{
	AUTO_BUF struct buf csv;

	(void)state;
	write_many(1000, false);
	buf_init(&csv, 4096);
	assert_int_equal(sockets_csv(&process, &csv), 0);
	assert_string_equal(csv.data, "state,local_port,peer,peer_port,timer,count,own\n"
				      "ESTABLISHED,,192.168.0.100,5432,none,1000,\n"
				      "LISTEN,6060,,,none,1,\n");
}

static void csv_groups_what_comes_in_by_the_port_that_is_served(void **state)
{
	AUTO_BUF struct buf csv;

	(void)state;
	tree_put(&tree, "net/tcp",
		 TCP_HEAD LISTEN_6060 IN_6060 IN_6060 OUT_NO_KEEPALIVE TIME_WAIT);
	buf_init(&csv, 4096);
	assert_int_equal(sockets_csv(&process, &csv), 0);
	assert_string_equal(csv.data, "state,local_port,peer,peer_port,timer,count,own\n"
				      "ESTABLISHED,6060,10.2.1.10,,keepalive,2,\n"
				      "ESTABLISHED,,192.168.0.100,5432,none,1,\n"
				      "TIME_WAIT,6060,127.0.0.1,,time-wait,1,\n"
				      "LISTEN,6060,,,none,1,\n");
}

static void csv_of_a_scan_stays_small(void **state)
{
	AUTO_BUF struct buf csv;
	unsigned lines = 0;

	(void)state;
	write_many(9000, true);
	buf_init(&csv, 1 << 20);
	assert_int_equal(sockets_csv(&process, &csv), 0);
	for (const char *c = csv.data; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 1 + 4095 + 1); /* head, kinds, other */
	assert_non_null(strstr(csv.data, "\nother,,,,,4906,\n"));
}

static void a_missing_table_is_an_error(void **state)
{
	AUTO_BUF struct buf csv;
	uint64_t n = 7;

	(void)state;
	tree_unlink(&tree, "net/tcp");
	buf_init(&csv, 4096);
	assert_int_equal(sockets_csv(&process, &csv), -ENOENT);
	assert_int_equal(sockets_count(process.dirfd, SOCKET_LISTEN, &n), -ENOENT);
	assert_int_equal(n, 7);
	tree_put(&tree, "net/tcp", TCP_HEAD);
}

/* --- listeners
 * ---------------------------------------------------------------------------- */

static void addresses_are_parsed_or_refused(void **state)
{
	static const char *const good[] = {
		"1",        "65535",  "127.0.0.1:80", "localhost:80",
		"[::1]:80", "::1:80", "0.0.0.0:80",   "/run/x",
		"@x"};
	static const char *const bad[] = {
		"",
		"0",
		"65536",
		"x",
		"-1",
		"80x",
		":",
		":80",
		"host:80",
		"1.2.3:80",
		"[::1:80",
		"[]:80",
		"127.0.0.1:",
		"127.0.0.1:0",
		" 80",
		("1111111111111111111111111111111111111111111111111"
		 "11111111111111111111:80")};
	struct listen_at at;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		expect(listen_parse(good[i], &at) == 0, "%s", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect(listen_parse(bad[i], &at) == -EINVAL, "%s", bad[i]);
}

static void a_listener_is_found_by_every_address_that_reaches_it(void **state)
{
	static const struct {
		const char *local, *wanted;
		bool reached;
	} rows[] = {
		{"0100007F:17AC", "6060", true},
		{"0100007F:17AC", "127.0.0.1:6060", true},
		{"0100007F:17AC", "localhost:6060", true},
		{"0100007F:17AC", "0.0.0.0:6060", true},
		{"0100007F:17AC", "10.2.1.10:6060", false},
		{"0100007F:17AC", "6061", false},
		{"00000000:17AC", "10.2.1.10:6060", true},
		{"00000000:17AC", "[::1]:6060", false},
		{"0A01020A:17AC", "10.1.2.10:6060", false},
		{"0A01020A:17AC", "10.2.1.10:6060", true},
		{"0A01020A:17AC", "localhost:6060", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct listeners found;
		struct listen_at at;

		tree_put(&tree, "net/tcp",
			 TCP_HEAD "   0: %s 00000000:0000 0A 00000000:00000000 "
				  "00:00000000 00000000 0 0 5 1 ffff\n",
			 rows[i].local);
		assert_int_equal(listen_parse(rows[i].wanted, &at), 0);
		assert_int_equal(listeners_find(process.dirfd, &at, &found), 0);
		expect(found.n == rows[i].reached, "row %zu", i);
	}
}

static int listen_somewhere(uint16_t *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static void our_own_listener_is_found_and_ours(void **state)
{
	struct listen_at at = {.loopback = true};
	AUTO_CLOSE int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct listeners found;
	int fd = listen_somewhere(&at.port);

	(void)state;
	assert_int_equal(listeners_find(self, &at, &found), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(listeners_owned(self, &found), 1);
	found.inode[0]++;
	assert_int_equal(listeners_owned(self, &found), 0);
	close(fd);
	assert_int_equal(listeners_find(self, &at, &found), 0);
	assert_int_equal(found.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read_as_the_kernel_means_them),
		cmocka_unit_test(six_is_read_and_may_be_missing),
		cmocka_unit_test(unix_paths_may_hold_anything),
		cmocka_unit_test(rows_that_make_no_sense_are_skipped),
		cmocka_unit_test(a_line_without_end_is_an_error_not_a_hang),
		cmocka_unit_test(large_tables_are_counted_whole),
		cmocka_unit_test(csv_makes_a_leaking_client_one_line),
		cmocka_unit_test(csv_groups_what_comes_in_by_the_port_that_is_served),
		cmocka_unit_test(csv_of_a_scan_stays_small),
		cmocka_unit_test(a_missing_table_is_an_error),
		cmocka_unit_test(addresses_are_parsed_or_refused),
		cmocka_unit_test(a_listener_is_found_by_every_address_that_reaches_it),
		cmocka_unit_test(our_own_listener_is_found_and_ours),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
