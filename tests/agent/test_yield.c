/* A capture finds nothing of ours in its way. */
#include "agent_case.h"

#include "agent_limits.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string.h>

static void watch_cron(struct fixture *f, const char *rule)
{
	begin(f);
	add_service(f, "cron", rule);
	(void)snprintf(f->conf.services[0].endpoint.url,
		       sizeof(f->conf.services[0].endpoint.url), "http://127.0.0.1:9");
	put_cgroup(f, "/cron", G, "8589934592");
	put_process(f, 10, "cron", "/cron");
	start(f);
	run(f, 3 * SECOND);
	assert_non_null(f->agent->targets);
}

/* A child that is at work for the target, as far as the agent knows. */
static struct worker *put_worker(struct fixture *f, enum job_kind kind)
{
	struct worker *worker = &f->agent->workers[QUEUE_CAPTURES_MAX];
	struct target *target = f->agent->targets;

	worker_clear(f->agent, worker);
	worker->is = WORKER_BUSY;
	worker->kind = kind;
	worker->base = BASE_TAKEN;
	worker->target = target;
	target->worker = worker;
	target->place->busy = target;
	return worker;
}

static void cross(struct fixture *f)
{
	put_usage(f, "/cron", 6 * G);
	run(f, SECOND);
	assert_int_equal(f->agent->targets->incident.phase, INCIDENT_OPEN);
}

static void base_gives_way_to_a_capture(void **state)
{
	struct target *target;
	struct worker *worker;
	struct fixture f;

	(void)state;
	watch_cron(&f, "memory > 5G");
	target = f.agent->targets;
	worker = put_worker(&f, JOB_BASE);
	jobs_yield(f.agent, f.now_ms);
	assert_ptr_equal(target->worker, worker); /* nobody wants anything */
	cross(&f);
	target->base_next_ms = INT64_MAX;
	jobs_yield(f.agent, f.now_ms);
	assert_null(target->worker);
	assert_null(target->place->busy);
	assert_null(worker->target);
	assert_true(target->base_next_ms > f.now_ms && target->base_next_ms < INT64_MAX);
	assert_int_equal(target->base_wanted, BASE_TAKEN);
	jobs_yield(f.agent, f.now_ms); /* once is enough */
	end(&f);
}

/* The second capture of a rule within the hour, where one is allowed. */
static void base_goes_on_where_the_limits_refuse_the_capture(void **state)
{
	struct ledger_wish wish;
	struct target *target;
	struct worker *worker;
	struct fixture f;

	(void)state;
	watch_cron(&f, "memory > 5G");
	target = f.agent->targets;
	f.conf.services[0].limits.target = 1;
	f.conf.services[0].limits.service = 1;
	cross(&f);
	assert_true(queue_wants_capture(target));
	wish = limits_wish(target);
	limits_taken(target, &wish, f.now_ms);
	worker = put_worker(&f, JOB_BASE);
	jobs_yield(f.agent, f.now_ms);
	assert_ptr_equal(target->worker, worker);
	assert_false(queue_wants_capture(target));
	target->worker = NULL; /* as if it had ended */
	worker_clear(f.agent, worker);
	end(&f);
}

static void capture_gives_way_to_nothing(void **state)
{
	struct worker *worker;
	struct fixture f;

	(void)state;
	watch_cron(&f, "memory > 5G");
	cross(&f);
	worker = put_worker(&f, JOB_CAPTURE);
	jobs_yield(f.agent, f.now_ms);
	assert_ptr_equal(f.agent->targets->worker, worker);
	f.agent->targets->worker = NULL; /* as if it had ended */
	worker_clear(f.agent, worker);
	end(&f);
}

/* 100 MB in 100 ms: the threshold is reached in a second, or far away. */
static void recorder_keeps_out_of_the_way_of_a_capture(void **state)
{
	static const struct {
		const char *rule;
		bool records;
	} rows[] = {{"memory > 1500M", false}, {"memory > 5G", true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct target *target;
		struct fixture f;

		watch_cron(&f, rows[i].rule);
		target = f.agent->targets;
		assert_false(target->wishes[WISH_RECORD]);
		for (uint64_t usage = G; usage <= G + 400 * M; usage += 100 * M) {
			int64_t at_ms = f.now_ms + 100;

			put_usage(&f, "/cron", usage);
			roster_due(f.agent, target, at_ms);
			(void)agent_tick(f.agent, at_ms);
			f.now_ms = at_ms;
		}
		expect(target->wishes[WISH_RECORD] == rows[i].records, "'%s'",
		       rows[i].rule);
		end(&f);
	}
}

/* How many children are there, warm or not. */
static unsigned children(const struct fixture *f)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(f->agent->workers); i++)
		n += f->agent->workers[i].is != WORKER_EMPTY;
	return n;
}

static void last_spare_is_kept_for_a_capture(void **state)
{
	struct target *target;
	struct worker *spare;
	struct fixture f;

	skip_under_valgrind(state, "it does not know pidfd_open");
	watch_cron(&f, "memory > 5G");
	target = f.agent->targets;
	f.agent->salvaged = true;
	spare = worker_that(f.agent, WORKER_WARMING);
	assert_non_null(spare);
	spare->is = WORKER_READY;
	target->wishes[WISH_BASE] = false;
	jobs_tick(f.agent, f.now_ms);
	assert_int_equal(children(&f), 1); /* nothing to do: one is enough */
	target->wishes[WISH_RECORD] = true;
	jobs_tick(f.agent, f.now_ms);
	assert_null(target->worker);
	assert_int_equal(children(&f), 2);
	worker_that(f.agent, WORKER_WARMING)->is = WORKER_READY;
	jobs_tick(f.agent, f.now_ms);
	assert_non_null(target->worker);
	assert_int_equal(target->worker->kind, JOB_RECORD);
	assert_non_null(worker_that(f.agent, WORKER_READY));
	end(&f);
}

/* Told what the warm child is told, which is nothing where nobody is apart. */
static void a_spare_is_told_once_that_targets_are_apart(void **state)
{
	int pair[2], fds[CHILD_FDS_MAX];
	struct worker *spare;
	struct fixture f;
	char text[64];

	skip_under_valgrind(state, "it does not know pidfd_open");
	watch_cron(&f, "memory > 5G");
	f.agent->salvaged = true;
	spare = worker_that(f.agent, WORKER_WARMING);
	assert_non_null(spare);
	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
				    pair),
			 0);
	assert_int_equal(dup2(pair[0], spare->child.socket), spare->child.socket);
	close(pair[0]);
	f.agent->apart = true;
	spare_keep(f.agent, f.now_ms); /* not ready yet: it would not listen */
	assert_int_equal(child_receive(pair[1], text, sizeof(text), fds), -EAGAIN);
	spare->is = WORKER_READY;
	f.agent->apart = false;
	spare_keep(f.agent, f.now_ms);
	assert_int_equal(child_receive(pair[1], text, sizeof(text), fds), -EAGAIN);
	f.agent->apart = true;
	spare_keep(f.agent, f.now_ms);
	assert_true(child_receive(pair[1], text, sizeof(text), fds) > 0);
	assert_string_equal(text, "ahead=1\n\n");
	spare_keep(f.agent, f.now_ms);
	assert_int_equal(child_receive(pair[1], text, sizeof(text), fds), -EAGAIN);
	close(pair[1]);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_gives_way_to_a_capture),
		cmocka_unit_test(base_goes_on_where_the_limits_refuse_the_capture),
		cmocka_unit_test(capture_gives_way_to_nothing),
		cmocka_unit_test(recorder_keeps_out_of_the_way_of_a_capture),
		cmocka_unit_test(last_spare_is_kept_for_a_capture),
		cmocka_unit_test(a_spare_is_told_once_that_targets_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
