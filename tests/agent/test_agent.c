/* What the agent makes of targets, crossings, kills and restarts. */
#include "agent_case.h"

static void new_target_is_met_within_two_scans(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/system.slice", 0, "max");
	put_cgroup(&f, "/system.slice/cron.service", 100 * M, "8589934592");
	put_process(&f, 10, "cron", "/system.slice/cron.service");
	start(&f);
	f.now_ms = agent_tick(f.agent, f.now_ms);
	assert_int_equal(n_targets(&f), 0); /* once may be chance */
	run(&f, SCAN_MS + 1);
	assert_int_equal(n_targets(&f), 1);
	assert_int_equal(f.agent->targets->sample.v[SIGNAL_MEMORY].value, 100 * M);
	assert_int_equal(f.agent->targets->facts.limit, 8 * G);
	assert_string_equal(f.agent->targets->key, "3395f024-10-0");
	end(&f);
}

static void process_between_two_scans_is_no_target(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/a", 0, "max");
	put_process(&f, 10, "cron", "/a");
	start(&f);
	f.now_ms = agent_tick(f.agent, f.now_ms);
	put_process(&f, 10, "other", "/a");
	run(&f, 30 * SECOND);
	assert_int_equal(n_targets(&f), 0);
	end(&f);
}

/* Captures, and READY=1, wait for the second scan, whoever is expected. */
static void second_scan_waits_for_nobody(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/a", 0, "max");
	start(&f);
	f.now_ms = agent_tick(f.agent, f.now_ms);
	assert_int_equal(f.agent->scans, 1);
	run(&f, SCAN_MS + 1);
	assert_int_equal(f.agent->scans, 2);
	end(&f);
}

static void crossing_opens_one_incident_with_its_reason(void **state)
{
	const struct incident *incident;
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 4 * G, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 20 * SECOND);
	assert_int_equal(f.agent->incidents, 0);
	put_usage(&f, "/cron", 5 * G + M);
	run(&f, 60 * SECOND);
	assert_int_equal(f.agent->incidents, 1);
	incident = &f.agent->targets->incident;
	assert_int_equal(incident->phase, INCIDENT_OPEN);
	assert_string_equal(incident->reason.rule, "memory > 5G");
	assert_string_equal(incident->reason.unit, "bytes");
	assert_int_equal(incident->reason.value, 5 * G + M);
	assert_int_equal(incident->reason.threshold, 5 * G);
	end(&f);
}

/* 1 GB/s out of a calm state, seen as the agent asks to look: within 10 ms. */
static void sudden_leak_is_noticed_within_ten_milliseconds(void **state)
{
	uint64_t usage = 4 * G, late_by;
	struct fixture f;
	int64_t leak_ms;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", usage, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 15 * SECOND);
	leak_ms = f.now_ms;
	while (f.agent->incidents == 0 && usage < 8 * G) {
		usage = 4 * G + (uint64_t)(f.now_ms - leak_ms) * 1000000;
		put_usage(&f, "/cron", usage);
		f.now_ms = MAX(agent_tick(f.agent, f.now_ms), f.now_ms + 1);
	}
	late_by = usage - 5 * G;
	expect(usage > 5 * G && late_by <= 10000000, "%llu bytes over",
	       (unsigned long long)late_by);
	end(&f);
}

/* Kills of other days are not this end's: counted is from the last look but one. */
static void kills_are_counted_from_the_look_before_the_last(void **state)
{
	const struct target *target;
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 4 * G, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 30 * SECOND);
	target = f.agent->targets;
	assert_int_equal(target->own_kills.value, 0);
	tree_put(&f.tree, "sys/fs/cgroup/cron/memory.events", "oom 9\noom_kill 3\n");
	run(&f, 10 * SECOND);
	assert_int_equal(target->own_kills_last.value, 3);
	assert_int_equal(target->own_kills.value, 0);
	run(&f, 10 * SECOND);
	assert_int_equal(target->own_kills.value, 3);
	end(&f);
}

/* Two instances of one service in one cgroup: one judgement, and the capture goes to the
 * one with the largest RSS. */
static void one_domain_is_judged_once_at_its_largest(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 4 * G, "8589934592");
	for (int pid = 10; pid < 14; pid++)
		tree_put_process(
			&f.tree,
			&(struct tree_process){.pid = pid,
					       .ppid = 1,
					       .comm = "cron",
					       .cgroup = "0::/cron\n",
					       .resident_pages = pid == 12 ? 9000 : 500});
	start(&f);
	run(&f, 20 * SECOND);
	assert_int_equal(n_targets(&f), 4);
	assert_null(f.agent->places->next);
	for (const struct target *t = f.agent->targets; t; t = t->next) {
		assert_ptr_equal(t->place, f.agent->places);
		assert_int_equal(t->judges_domain, t->next == NULL); /* the oldest */
	}
	/* Between two slow looks one grows past the one that was largest. */
	tree_put_process(&f.tree, &(struct tree_process){.pid = 11,
							 .ppid = 1,
							 .comm = "cron",
							 .cgroup = "0::/cron\n",
							 .resident_pages = 20000});
	put_usage(&f, "/cron", 6 * G);
	run(&f, 20 * SECOND);
	assert_int_equal(f.agent->incidents, 1);
	for (const struct target *t = f.agent->targets; t; t = t->next)
		assert_int_equal(t->incident.phase == INCIDENT_OPEN,
				 t->process.pid == 11);
	end(&f);
}

/* Base, counters and the states of rules are those of the agent before. */
static void restarted_agent_goes_on_where_it_was(void **state)
{
	struct target *target;
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 6 * G, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 20 * SECOND);
	target = f.agent->targets;
	assert_int_equal(target->rules[0].phase, PHASE_FIRING);
	judge_captured(&target->service->conf->rules[0], &target->rules[0], f.now_ms);
	target->base_state = BASE_TAKEN;
	target->base_at_ms = 1795291924123;
	target->base[SIGNAL_MEMORY] = (struct reading){.value = G, .have = HAVE_VALUE};
	state_now(f.agent, f.now_ms);
	agent_free(f.agent);
	start(&f);
	run(&f, 5 * SECOND);
	target = f.agent->targets;
	assert_non_null(target);
	assert_int_equal(target->base_state, BASE_TAKEN);
	assert_int_equal(target->base_at_ms, 1795291924123);
	assert_int_equal(target->base[SIGNAL_MEMORY].value, G);
	assert_int_equal(target->rules[0].phase, PHASE_COOLING);
	assert_int_equal(f.agent->incidents, 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_target_is_met_within_two_scans),
		cmocka_unit_test(process_between_two_scans_is_no_target),
		cmocka_unit_test(second_scan_waits_for_nobody),
		cmocka_unit_test(crossing_opens_one_incident_with_its_reason),
		cmocka_unit_test(sudden_leak_is_noticed_within_ten_milliseconds),
		cmocka_unit_test(kills_are_counted_from_the_look_before_the_last),
		cmocka_unit_test(one_domain_is_judged_once_at_its_largest),
		cmocka_unit_test(restarted_agent_goes_on_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
