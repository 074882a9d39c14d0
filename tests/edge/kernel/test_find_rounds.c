/* A scan that is kept: whom its rounds read anew, and whom they carry over. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "edge/kernel/find-parts.h"
#include "tree.h"
#include "unit.h"

#define ALL (~UINT32_C(0))
#define MINUTE_MS 60000
#define SHARE 4

static struct roots live;

static int setup(void **state)
{
	(void)state;
	return roots_open(NULL, &live);
}

static int teardown(void **state)
{
	(void)state;
	roots_fini(&live);
	return 0;
}

/* The steps that it took. */
static unsigned round_at(struct scan *scan, int64_t now_ms, unsigned share)
{
	unsigned steps = 1;
	int r;

	scan_begin(scan, now_ms, share);
	while ((r = scan_step(scan)) == SCAN_MORE)
		steps++;
	assert_int_equal(r, 0);
	return steps;
}

/* What the last round has of it, "" where it was not there. */
static const char *name_of(const struct scan *scan, int pid)
{
	const struct facts *facts = census_facts(scan->now, pid);

	return facts ? facts->comm : "";
}

/* A process that calls itself what it is told, one letter at a time, and says when. */
struct chameleon {
	int pid, tell, hear;
};

static void be(int hear, int tell)
{
	char name[2] = "";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(hear, name, 1) == 1) {
		prctl(PR_SET_NAME, name);
		if (write(tell, name, 1) != 1)
			break;
	}
	_exit(0);
}

static void become(const struct chameleon *who, char name)
{
	char said;

	assert_int_equal(write(who->tell, &name, 1), 1);
	assert_int_equal(read(who->hear, &said, 1), 1);
}

static struct chameleon chameleon_start(void)
{
	struct chameleon who;
	int to[2], from[2];

	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	who = (struct chameleon){.pid = fork(), .tell = to[1], .hear = from[0]};
	if (who.pid == 0)
		be(to[0], from[1]);
	assert_true(who.pid > 0);
	close(to[0]);
	close(from[1]);
	become(&who, 'a');
	return who;
}

static void chameleon_stop(const struct chameleon *who)
{
	kill(who->pid, SIGKILL);
	waitpid(who->pid, NULL, 0);
	close(who->tell);
	close(who->hear);
}

static void the_young_are_read_each_time(void **state)
{
	struct chameleon who = chameleon_start();
	struct scan *scan = NULL;

	(void)state;
	assert_int_equal(scan_open(&live, ALL, &scan), 0);
	round_at(scan, 0, SHARE);
	assert_string_equal(name_of(scan, who.pid), "a");
	become(&who, 'b');
	round_at(scan, MINUTE_MS - 1, 1U << 30);
	assert_string_equal(name_of(scan, who.pid), "b");
	chameleon_stop(&who);
	round_at(scan, MINUTE_MS, SHARE);
	assert_string_equal(name_of(scan, who.pid), "");
	scan_free(scan);
}

/* How many rounds it takes until the name is seen. */
static unsigned rounds_until(struct scan *scan, const struct chameleon *who, char name,
			     int64_t *now_ms)
{
	unsigned n = 0;

	become(who, name);
	do {
		round_at(scan, *now_ms += 1000, SHARE);
		n++;
	} while (name_of(scan, who->pid)[0] != name && n < 10 * SHARE);
	return n;
}

static void the_known_are_read_in_their_turn(void **state)
{
	struct chameleon who = chameleon_start();
	struct scan *scan = NULL;
	int64_t now_ms = MINUTE_MS;

	(void)state;
	assert_int_equal(scan_open(&live, ALL, &scan), 0);
	round_at(scan, 0, SHARE);
	assert_in_range(rounds_until(scan, &who, 'b', &now_ms), 1, SHARE);
	assert_int_equal(rounds_until(scan, &who, 'c', &now_ms), SHARE);
	become(&who, 'd');
	round_at(scan, now_ms, 1); /* everybody */
	assert_string_equal(name_of(scan, who.pid), "d");
	chameleon_stop(&who);
	scan_free(scan);
}

static void who_is_watched_anyhow_is_read_a_tenth_as_often(void **state)
{
	struct chameleon who = chameleon_start();
	struct scan *scan = NULL;
	int64_t now_ms = MINUTE_MS;

	(void)state;
	assert_int_equal(scan_open(&live, ALL, &scan), 0);
	scan_trust(scan, &who.pid, 1);
	round_at(scan, 0, SHARE);
	assert_in_range(rounds_until(scan, &who, 'b', &now_ms), 1, 10 * SHARE);
	assert_int_equal(rounds_until(scan, &who, 'c', &now_ms), 10 * SHARE);
	assert_string_equal(name_of(scan, who.pid), "c");
	become(&who, 'd');
	round_at(scan, now_ms, 1); /* everybody */
	assert_string_equal(name_of(scan, who.pid), "d");
	scan_trust(scan, NULL, 0);
	assert_in_range(rounds_until(scan, &who, 'e', &now_ms), 1, SHARE);
	assert_string_equal(name_of(scan, who.pid), "e");
	chameleon_stop(&who);
	scan_free(scan);
}

/* Asked of ourselves: whoever else is there may end meanwhile. */
static void who_is_carried_over_keeps_the_texts(void **state)
{
	struct scan *scan = NULL;
	const struct facts *facts;
	char first[4096];

	(void)state;
	assert_int_equal(scan_open(&live, ALL, &scan), 0);
	round_at(scan, 0, 1);
	facts = census_facts(scan->now, getpid());
	assert_non_null(facts);
	snprintf(first, sizeof(first), "%s|%s|%s", scan->now->arena.data + facts->cmdline,
		 scan->now->arena.data + facts->cgroup,
		 scan->now->arena.data + facts->exe);
	for (int i = 1; i <= 3; i++) {
		char again[4096];

		round_at(scan, i * 10 * MINUTE_MS, 1U << 30);
		facts = census_facts(scan->now, getpid());
		assert_non_null(facts);
		snprintf(again, sizeof(again), "%s|%s|%s",
			 scan->now->arena.data + facts->cmdline,
			 scan->now->arena.data + facts->cgroup,
			 scan->now->arena.data + facts->exe);
		assert_string_equal(again, first);
	}
	scan_free(scan);
}

/* Its directories are written anew, and their numbers come back. */
static void a_captured_tree_is_read_each_time(void **state)
{
	struct tree_process process = {.pid = 10, .comm = "old"};
	struct scan *scan = NULL;
	struct roots roots;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put_process(&tree, &process);
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_int_equal(scan_open(&roots, ALL, &scan), 0);
	round_at(scan, 0, SHARE);
	process.comm = "new";
	tree_put_process(&tree, &process);
	round_at(scan, 10 * MINUTE_MS, 1U << 30);
	assert_string_equal(name_of(scan, 10), "new");
	scan_free(scan);
	roots_fini(&roots);
	tree_drop(&tree);
}

static void many_are_read_in_several_steps(void **state)
{
	struct scan *scan = NULL;
	struct roots roots;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	for (int pid = 10; pid < 110; pid++)
		tree_put_process(&tree, &(struct tree_process){.pid = pid});
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_int_equal(scan_open(&roots, ALL, &scan), 0);
	assert_in_range(round_at(scan, 0, 1), 2, 20);
	assert_int_equal(scan->now->n, 100);
	scan_begin(scan, 1, 1); /* given up in its middle: the last one stands */
	assert_int_equal(scan_step(scan), SCAN_MORE);
	scan_begin(scan, 2, 1);
	assert_int_equal(scan_step(scan), SCAN_MORE);
	assert_int_equal(scan->now->n, 100);
	scan_free(scan);
	roots_fini(&roots);
	tree_drop(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_young_are_read_each_time),
		cmocka_unit_test(the_known_are_read_in_their_turn),
		cmocka_unit_test(who_is_watched_anyhow_is_read_a_tenth_as_often),
		cmocka_unit_test(who_is_carried_over_keeps_the_texts),
		cmocka_unit_test(a_captured_tree_is_read_each_time),
		cmocka_unit_test(many_are_read_in_several_steps),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
