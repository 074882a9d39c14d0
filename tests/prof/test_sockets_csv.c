/* sockets.csv of two captures as groups of connections. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "prof/sockets_csv.h"

#define HEAD "state,local_port,peer,peer_port,timer,count\n"
#define OWN_HEAD "state,local_port,peer,peer_port,timer,count,own\n"

static struct span text_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static const struct socket_group *find(const struct sockets_csv *sockets,
				       const char *state, const char *peer)
{
	for (size_t i = 0; i < sockets->n; i++)
		if (!strcmp(sockets->list[i].state, state) &&
		    !strcmp(sockets->list[i].peer, peer))
			return &sockets->list[i];
	return NULL;
}

static void a_client_keeps_the_port_a_server_drops_it(void **state)
{
	static const char now[] = HEAD "ESTABLISHED,,10.0.0.9,8080,keepalive,900\n"
				       "ESTABLISHED,22,10.0.0.3,,none,12\n"
				       "ESTABLISHED,,2001:db8::1,443,none,2\n"
				       "LISTEN,22,,,none,1\n"
				       "other,,,,,7\n";
	AUTO_SOCKETS_CSV struct sockets_csv got = {0};
	const struct socket_group *group;

	(void)state;
	assert_int_equal(sockets_csv_read(text_of(""), text_of(now), &got), 0);
	assert_int_equal(got.n, 5);
	assert_string_equal(got.list[0].peer, "10.0.0.9:8080"); /* grew most */
	assert_int_equal(got.list[0].count[SIDE_NOW], 900);
	assert_int_equal(got.list[0].count[SIDE_BASE], 0);
	group = find(&got, "ESTABLISHED", "10.0.0.3 -> :22");
	assert_non_null(group);
	assert_int_equal(group->without_keepalive, 12);
	assert_non_null(find(&got, "ESTABLISHED", "[2001:db8::1]:443"));
	assert_non_null(find(&got, "LISTEN", ":22"));
	group = find(&got, "other", "");
	assert_non_null(group);
	assert_int_equal(group->count[SIDE_NOW], 7);
	assert_true(group->without_keepalive == UINT64_MAX);
}

static void only_the_target_s_own_count_where_they_are_known(void **state)
{
	static const char base[] = OWN_HEAD "ESTABLISHED,,10.0.0.9,8080,keepalive,7,2\n";
	static const char now[] = OWN_HEAD "ESTABLISHED,,10.0.0.9,8080,none,900,30\n"
					   "ESTABLISHED,22,10.0.0.3,,none,1200,0\n"
					   "TIME_WAIT,22,10.0.0.3,,time-wait,5000,0\n";
	AUTO_SOCKETS_CSV struct sockets_csv got = {0};

	(void)state;
	assert_int_equal(sockets_csv_read(text_of(base), text_of(now), &got), 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.list[0].count[SIDE_BASE], 2);
	assert_int_equal(got.list[0].count[SIDE_NOW], 30);
	assert_int_equal(got.list[0].without_keepalive, 30);
	assert_false(got.list[0].anybodys);
}

static void without_the_right_they_are_anybody_s(void **state)
{
	static const char now[] = OWN_HEAD "ESTABLISHED,,10.0.0.9,8080,none,900,\n";
	AUTO_SOCKETS_CSV struct sockets_csv got = {0};

	(void)state;
	assert_int_equal(sockets_csv_read(text_of(""), text_of(now), &got), 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.list[0].count[SIDE_NOW], 900);
	assert_true(got.list[0].anybodys);
}

static void timers_of_one_peer_are_one_group(void **state)
{
	static const char base[] = HEAD "ESTABLISHED,22,10.0.0.3,,keepalive,5\n";
	static const char now[] = HEAD "ESTABLISHED,22,10.0.0.3,,none,1000\n"
				       "ESTABLISHED,22,10.0.0.3,,keepalive,20\n"
				       "ESTABLISHED,22,10.0.0.3,,retransmit,3\n";
	AUTO_SOCKETS_CSV struct sockets_csv got = {0};

	(void)state;
	assert_int_equal(sockets_csv_read(text_of(base), text_of(now), &got), 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.list[0].count[SIDE_BASE], 5);
	assert_int_equal(got.list[0].count[SIDE_NOW], 1023);
	assert_int_equal(got.list[0].without_keepalive, 1000);
}

static void keepalive_of_base_alone_is_not_known(void **state)
{
	static const char base[] = HEAD "ESTABLISHED,,10.0.0.3,80,none,5\n";
	AUTO_SOCKETS_CSV struct sockets_csv got = {0};

	(void)state;
	assert_int_equal(sockets_csv_read(text_of(base), text_of(HEAD), &got), 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.list[0].count[SIDE_BASE], 5);
	assert_true(got.list[0].without_keepalive == UINT64_MAX);
}

/* A port that a thousand addresses hold open once each must not look like nothing. */
static void many_small_peers_of_one_port_are_one_group(void **state)
{
	AUTO_BUF struct buf now;
	AUTO_SOCKETS_CSV struct sockets_csv got = {0};
	const struct socket_group *many, *loud;

	(void)state;
	buf_init(&now, 1 << 20);
	buf_adds(&now, HEAD "ESTABLISHED,22,192.0.2.1,,none,400\n");
	for (int i = 0; i < 1000; i++)
		buf_addf(&now, "ESTABLISHED,22,10.1.%d.%d,,none,1\n", i / 256, i % 256);
	for (int i = 0; i < 1000; i++)
		buf_addf(&now, "ESTABLISHED,,10.2.%d.%d,443,none,1\n", i / 256, i % 256);
	assert_int_equal(
		sockets_csv_read(text_of(""), (struct span){now.data, now.len}, &got), 0);
	many = find(&got, "ESTABLISHED", "many -> :22");
	loud = find(&got, "ESTABLISHED", "192.0.2.1 -> :22");
	assert_non_null(many);
	assert_non_null(loud);
	assert_int_equal(many->count[SIDE_NOW], 1000);
	assert_int_equal(many->without_keepalive, 1000);
	assert_int_equal(loud->count[SIDE_NOW], 400);
	assert_ptr_equal(many, &got.list[0]);
	assert_int_equal(got.n, 1002); /* whom the target calls is told by name */
}

static void damaged_files_are_refused(void **state)
{
	static const char *const bad[] = {
		"x",
		"state,peer\n",
		HEAD "ESTABLISHED,22,10.0.0.3,,none\n",
		HEAD "ESTABLISHED,22,10.0.0.3,,none,\n",
		HEAD "ESTABLISHED,22,10.0.0.3,,none,12x\n",
		HEAD "ESTABLISHED,22,10.0.0.3,,none,99999999999999999999\n",
		HEAD "ESTABLISHED,70000,10.0.0.3,,none,1\n",
		HEAD "ESTABLISHED,22,10.0.0.3,,none,1,2\n",
		HEAD "A_STATE_THAT_IS_FAR_TOO_LONG,22,10.0.0.3,,none,1\n",
		HEAD "\n",
		OWN_HEAD "ESTABLISHED,22,10.0.0.3,,none,,1\n",
		OWN_HEAD "ESTABLISHED,22,10.0.0.3,,none,1,x\n",
		OWN_HEAD "ESTABLISHED,22,10.0.0.3,,none,1,1,1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct sockets_csv got = {0};

		expect(sockets_csv_read(text_of(""), text_of(bad[i]), &got) == -EBADMSG,
		       "row %zu", i);
		assert_null(got.list);
	}
}

static void a_long_peer_is_cut(void **state)
{
	AUTO_BUF struct buf now;
	AUTO_SOCKETS_CSV struct sockets_csv got = {0};

	(void)state;
	buf_init(&now, 1 << 20);
	buf_adds(&now, HEAD "ESTABLISHED,22,");
	for (int i = 0; i < 5000; i++)
		buf_addc(&now, (char)(i % 2 ? 0xff : 0x1b));
	buf_adds(&now, ",,none,18446744073709551615\nESTABLISHED,22,,,none,1\n");
	assert_int_equal(
		sockets_csv_read(text_of(""), (struct span){now.data, now.len}, &got), 0);
	assert_int_equal(got.n, 2);
	assert_true(strlen(got.list[0].peer) < sizeof(got.list[0].peer));
	assert_true(got.list[0].count[SIDE_NOW] == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_keeps_the_port_a_server_drops_it),
		cmocka_unit_test(only_the_target_s_own_count_where_they_are_known),
		cmocka_unit_test(without_the_right_they_are_anybody_s),
		cmocka_unit_test(timers_of_one_peer_are_one_group),
		cmocka_unit_test(keepalive_of_base_alone_is_not_known),
		cmocka_unit_test(many_small_peers_of_one_port_are_one_group),
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(a_long_peer_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
