/* Targets: met, looked at, ended. What is read here is judged in agent_rules. */
#include "agent_limits.h"
#include "agent_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/log.h"
#include "edge/nofile.h"
#include "lib/quantity.h"

#define YOUNG_MS 60000

/* ------------------------------------------------------------------ lives */

/* A successor's pid belongs into the verdict of the one before. */
static void successor_note(struct agent *agent, const struct target *target)
{
	for (struct target *t = agent->targets; t; t = t->next) {
		if (t->service == target->service && t->ended_ms != INT64_MAX &&
		    !t->successor_pid && !t->sealing)
			t->successor_pid = target->process.pid;
	}
}

void target_free(struct agent *agent, struct target *target)
{
	if (!target)
		return;
	loop_remove(&agent->loop, target->process.pidfd);
	sampler_fini(&target->sampler);
	process_fini(&target->process);
	fs_close(&target->program);
	naming_let_go(target);
	place_leave(agent, target);
	for (int s = 0; s < SIGNAL_N; s++)
		series_free(target->series[s]);
	free(target->rules);
	free(target->judgements);
	free(target);
}

/* What can be allocated is allocated here, so that no tick has to. */
struct target *target_new(struct service *service)
{
	struct target *target = calloc(1, sizeof(*target));
	size_t n = MAX(service->conf->n_rules, (size_t)1);

	if (!target)
		return NULL;
	target->service = service;
	target->process.pidfd = target->process.dirfd = target->program = -1;
	target->ended_ms = target->base_next_ms = target->record_next_ms = INT64_MAX;
	target->probed_ms = INT64_MIN / 2;
	target->judges_domain = true;
	incident_init(&target->incident);
	target->rules = calloc(n, sizeof(*target->rules));
	target->judgements = calloc(n, sizeof(*target->judgements));
	if (!target->rules || !target->judgements)
		return target; /* target_open says so */
	for (size_t i = 0; i < service->conf->n_rules; i++)
		rule_state_init(&target->rules[i]);
	return target;
}

int target_series(struct target *target)
{
	for (int s = 0; s < SIGNAL_N; s++) {
		if (!(target->service->kept & 1u << s))
			continue;
		target->series[s] = series_new(signal_table[s].unit);
		if (!target->series[s])
			return -ENOMEM;
	}
	return 0;
}

static void target_lean(struct target *target)
{
	sampler_lean(&target->sampler);
	process_lean(&target->process);
}

/* From here on a look opens what it reads but rarely. */
static void agent_lean(struct agent *agent)
{
	if (agent->lean)
		return;
	agent->lean = true;
	for (struct target *t = agent->targets; t; t = t->next)
		target_lean(t);
	log_info("more than half of the %llu descriptors that are allowed are open: what "
		 "is read but rarely is opened when it is read",
		 (unsigned long long)agent->nofile);
}

static int target_open(struct agent *agent, struct target *target, int pid)
{
	int r;

	if (!target->rules || !target->judgements)
		return -ENOMEM;
	r = process_open(agent->options.roots, pid, &target->process);
	if (r)
		return r < 0 ? r : -ESRCH;
	if (!nofile_has_room(agent->nofile / 2))
		agent_lean(agent);
	if (!nofile_has_room(agent->nofile))
		return -EMFILE;
	/* Between the scan and the open the number may have passed to another process. */
	r = find_verify(agent->options.roots, &target->process,
			target->service->conf->selector, &agent->naming.scan);
	if (r <= 0)
		return r < 0 ? r : -ESRCH;
	r = place_open(agent, target);
	if (r)
		return r < 0 ? r : -ESRCH;
	if (agent->lean)
		target_lean(target);
	r = target_series(target);
	if (r == 0 && target->process.pidfd >= 0)
		r = loop_add(&agent->loop, target->process.pidfd, EVENT_TARGET, target);
	return r;
}

static void announce(const struct target *target)
{
	char limit[QUANTITY_MAX];

	log_info("watching '%s' pid %d (%s), cgroup %s, limit %s",
		 target->service->conf->name, target->process.pid, target->process.comm,
		 target->place ? target->facts.cgroup : "none: memory is RSS",
		 target->facts.limit ? quantity_format(target->facts.limit, limit)
				     : "none");
}

int target_meet(struct agent *agent, struct service *service, int pid, int64_t now_ms)
{
	struct target *target = target_new(service);
	int r = -ENOMEM;

	if (target)
		r = target_open(agent, target, pid);
	if (r == 0)
		r = roster_add(agent, target);
	if (r < 0) {
		if (r != -ESRCH && r != -EMFILE)
			log_warn(
				"cannot watch '%s' pid %d: %s; the next scan tries again",
				service->conf->name, pid, strerror(-r));
		target_free(agent, target);
		return r == -ESRCH ? 0 : r;
	}
	target_begin(agent, target, now_ms);
	return 0;
}

void target_begin(struct agent *agent, struct target *target, int64_t now_ms)
{
	target->met_ms = now_ms;
	target->service->n_targets++;
	agent->met_any = true;
	agent->probe_ms = now_ms;
	target_facts_read(agent, target);
	target_look(agent, target, now_ms, true);
	kills_begin(target);
	if (!target->far.is)
		announce(target);
	address_claim(agent, target);
	limits_inherit(target, now_ms);
	state_restore(agent, target, now_ms);
	base_plan(target, now_ms);
	program_hold(target);
	if (agent->options.by_hand)
		incidents_by_hand(agent, target, now_ms);
	successor_note(agent, target);
}

void target_forget(struct agent *agent, struct target *target)
{
	roster_remove(agent, target);
	target_free(agent, target);
}

/* ------------------------------------------------------------------ looking */

static void push(struct target *target, int64_t now_ms)
{
	const struct sample *sample = &target->sample;

	for (int s = 0; s < SIGNAL_N; s++) {
		if (!(sample->fresh & 1u << s) || sample->v[s].have != HAVE_VALUE)
			continue;
		if (s == SIGNAL_MEMORY && !sample->exact)
			continue; /* a bound is no value */
		series_push(target->series[s], now_ms, sample->v[s].value);
	}
}

/* A kill frees memory before the end is seen: what tells is the largest of a second. */
static void peak_note(struct target *target, int64_t now_ms)
{
	const struct reading *usage =
		&target->sample.v[target->place ? SIGNAL_USAGE : SIGNAL_RSS];

	if (usage->have != HAVE_VALUE)
		return;
	if (usage->value >= target->peak.value || now_ms - target->peak_ms > 1000) {
		target->peak = *usage;
		target->peak_ms = now_ms;
		target->held_to = target->place ? target->place->hold.to : 0;
	}
}

void target_seen(struct target *target, int64_t at_ms)
{
	target->sample.at_ms = MAX(target->sample.at_ms, at_ms);
	peak_note(target, at_ms);
	pace_note(&target->pace, &target->sample, at_ms);
}

/* whole: whatever it looks like, and also in the same cgroup. 0, PROCESS_GONE,
 * DOMAIN_GONE or DOMAIN_MOVED. */
static int still_the_same(struct target *target, bool whole)
{
	int r = 0;

	if (whole || sampler_reshaped(&target->sampler))
		r = process_check(&target->process);
	if (r == 0 && whole && target->place)
		r = domain_check(target->place->domain, &target->process);
	return r < 0 ? 0 : r; /* what cannot be read says so in the sample */
}

uint64_t target_nearest(const struct target *target)
{
	const struct conf_service *conf = target->service->conf;

	if (!target->judges_domain)
		return UINT64_MAX;
	return judge_nearest(conf->rules, target->rules, conf->n_rules);
}

/* Those that were met at once are looked at slowly at different times: the second look
 * comes earlier, by a part of the ten seconds that spreads by the number of the target.
 */
static int64_t next_slow_ms(const struct target *target, int64_t now_ms)
{
	bool first = target->slow_ms == 0;

	return now_ms + SLOW_MS - (first ? (int64_t)(target->id * 613 % SLOW_MS) : 0);
}

/* It may still be moved to its cgroup, or become what it is. */
static bool is_young(const struct target *target, int64_t now_ms)
{
	return now_ms - target->met_ms < YOUNG_MS;
}

/* Without a pidfd only statm tells of its end; in front of a threshold all is read. */
static bool may_rest(const struct target *target, int64_t now_ms)
{
	return target->place && target->process.pidfd >= 0 && !is_young(target, now_ms) &&
	       target->sample.v[SIGNAL_USAGE].value < target_nearest(target);
}

static struct depth_turn how_to_look(struct target *target, int64_t now_ms, bool slow)
{
	return slow ? depth_next(&target->depth, may_rest(target, now_ms))
		    : (struct depth_turn){LOOK_FAST, false};
}

static struct sampler_look look_of(const struct target *target, enum look_depth how)
{
	const struct service *service = target->service;
	const uint32_t wanted[] = {[LOOK_FAST] = service->fast,
				   [LOOK_REST] = service->judged,
				   [LOOK_SLOW] = service->judged,
				   [LOOK_WHOLE] = service->wanted};

	return (struct sampler_look){
		.how = how, .wanted = wanted[how], .nearest = target_nearest(target)};
}

void target_look(struct agent *agent, struct target *target, int64_t now_ms, bool slow)
{
	const struct depth_turn turn = how_to_look(target, now_ms, slow);
	const struct sampler_look look = look_of(target, turn.how);
	struct sample *sample = &target->sample;
	int r;

	sample->fresh = 0;
	if (target->far.is)
		return; /* what there is comes with an answer */
	sample->at_ms = now_ms;
	r = sampler_read(&target->sampler, &look, sample);
	depth_note(&target->depth, turn.how, sample);
	if (slow) {
		target->slow_ms = next_slow_ms(target, now_ms);
		target_facts_refresh(target);
		if (r == 0)
			r = still_the_same(target,
					   turn.identify || is_young(target, now_ms));
		if (r == 0)
			kills_age(target);
	}
	if (r == DOMAIN_GONE || r == DOMAIN_MOVED)
		r = place_move(agent, target);
	if (r == PROCESS_GONE)
		target_end(agent, target, now_ms);
	peak_note(target, now_ms);
	push(target, now_ms);
}

/* Only what the kernel keeps after the end: the counters, at once, as a service manager
 * removes the cgroup 70 ms after a kill. */
void target_end(struct agent *agent, struct target *target, int64_t now_ms)
{
	struct service *service = target->service;

	if (target->ended_ms != INT64_MAX)
		return;
	roster_rouse(agent, target);
	if (target->place)
		domain_read_kills(target->place->domain, &target->sample);
	target->ended_ms = now_ms;
	target->became_other = !target->far.is && !process_exited(&target->process);
	target->end_unix_ms = clock_unix_ms();
	place_succeed(target);
	roster_due(agent, target, INT64_MAX);
	target_stir(agent, target);
	loop_remove(&agent->loop, target->process.pidfd);
	service->n_targets--;
	service->lost_ms = now_ms;
	agent->scan_ms = MIN(agent->scan_ms, now_ms + SCAN_MS);
	log_info("'%s' pid %d %s", service->conf->name, target->process.pid,
		 target->became_other ? "became another program" : "ended");
}
