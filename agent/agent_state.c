/* What must survive a restart of the agent: the states of rules, the numbers of the base,
 * the hour rings, and verdicts that were given but not yet sealed. One text file beside
 * the incidents, replaced without fsync (the agent waits for no disk): records, one per
 * target
 * ("state=1") or per verdict (a job as the keeper gets it). */
#include "agent_limits.h"
#include "agent_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/log.h"
#include "lib/num.h"

#define STATE_CAP (32 << 20)
#define STATE_EVERY_MS 60000
/* Changes come in bursts (a crossing fires several rules). */
#define STATE_SOON_MS 500

/* ------------------------------------------------------------------ saving */

static void base_save(const struct target *target, struct buf *to)
{
	char key[32];

	if (!target->base_at_ms)
		return;
	record_add(to, "base", base_table[target->base_state]);
	record_add_i64(to, "base_at", target->base_at_ms);
	record_add(to, "base_why", target->base_why);
	for (int s = 0; s < SIGNAL_N; s++) {
		if (target->base[s].have != HAVE_VALUE)
			continue;
		(void)snprintf(key, sizeof(key), "base.%s", signal_table[s].name);
		record_add_u64(to, key, target->base[s].value);
	}
}

static void kills_save(const struct target *target, struct buf *to)
{
	if (target->own_kills.have == HAVE_VALUE)
		record_add_u64(to, "own_kills", target->own_kills.value);
	if (target->parent_kills.have == HAVE_VALUE)
		record_add_u64(to, "parent_kills", target->parent_kills.value);
}

static void target_save(const struct target *target, int64_t now_ms, struct buf *to)
{
	const struct conf_service *conf = target->service->conf;
	char key[32];

	record_add(to, "state", "1");
	record_add(to, "key", target->key);
	record_add(to, "service", conf->name);
	record_add_i64(to, "saved_at", clock_unix_ms());
	base_save(target, to);
	kills_save(target, to);
	for (size_t i = 0; i < conf->n_rules; i++)
		rule_state_save(&conf->rules[i], &target->rules[i], now_ms, to);
	for (int s = 0; s < SIGNAL_N; s++) {
		(void)snprintf(key, sizeof(key), "hours.%s", signal_table[s].name);
		series_save(target->series[s], key, now_ms, to);
	}
	record_end(to);
}

static void verdict_save(const struct target *target, struct buf *to)
{
	struct job job;

	job_seal(target, &job);
	if (job_format(&job, to) < 0)
		log_debug("the verdict of %s does not fit the state", job.incident);
}

static void save(struct agent *agent, int64_t now_ms)
{
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, STATE_CAP);
	for (size_t i = 0; i < agent->roster.n; i++) {
		const struct target *t = agent->roster.target[i];

		if (t->ended_ms == INT64_MAX)
			target_save(t, now_ms, &text);
		else if (t->incident.phase == INCIDENT_SEALING)
			verdict_save(t, &text);
	}
	orphans_save(agent, &text);
	reports_save(agent, &text);
	limits_save(agent, now_ms, &text);
	r = buf_error(&text);
	if (r == 0)
		r = fs_replace_at(agent->archive.fd, ARCHIVE_STATE, text.data, text.len,
				  0640, 0);
	if (r < 0 && r != agent->state_error)
		log_warn("cannot save the state of rules: %s; a restart would forget it",
			 strerror(-r));
	agent->state_error = r;
}

void state_touch(struct agent *agent)
{
	if (!agent->touched)
		agent->state_ms = clock_ms() + STATE_SOON_MS;
	agent->touched = true;
}

void state_tick(struct agent *agent, int64_t now_ms)
{
	/* Before everybody who was known is known again, a save would forget them. */
	if (!agent->salvaged || now_ms < agent->state_ms)
		return;
	save(agent, now_ms);
	agent->touched = false;
	agent->state_ms = now_ms + STATE_EVERY_MS;
}

void state_now(struct agent *agent, int64_t now_ms)
{
	if (agent->state_read)
		save(agent, now_ms);
}

/* ------------------------------------------------------------------ restoring */

int state_read(struct agent *agent)
{
	int r = fs_read_buf_at(agent->archive.fd, ARCHIVE_STATE, &agent->saved);

	agent->state_read = true;
	return r == -ENOENT ? 0 : r;
}

static enum signal signal_after(const struct span *key, size_t prefix)
{
	return signal_by_name(key->at + prefix, key->len - prefix);
}

static bool key_starts(const struct record_line *line, const char *prefix)
{
	size_t len = strlen(prefix);

	return line->key.len > len && !memcmp(line->key.at, prefix, len);
}

static void rule_restore(struct target *target, const struct record_line *line,
			 int64_t at_ms)
{
	const struct conf_service *conf = target->service->conf;
	char text[STATE_TEXT_MAX];

	if (record_text(line, text, sizeof(text)))
		return;
	for (size_t i = 0; i < conf->n_rules; i++) {
		if (rule_state_load(text, &conf->rules[i], at_ms, &target->rules[i]) == 0)
			return;
	}
}

static void base_restore(struct target *target, const struct record_line *line)
{
	enum signal s = signal_after(&line->key, strlen("base."));
	uint64_t value;

	if (s != SIGNAL_N && record_u64(line, &value) == 0)
		target->base[s] = (struct reading){.value = value, .have = HAVE_VALUE};
}

static void base_word(struct target *target, const struct record_line *line)
{
	char word[16];

	if (record_text(line, word, sizeof(word)))
		return;
	for (int s = 0; s < BASE_N; s++) {
		if (text_equal(word, base_table[s]))
			target->base_state = (enum base_state)s;
	}
}

static void kills_restore(struct reading *kills, const struct record_line *line)
{
	uint64_t value;

	/* The counter cannot have run backwards in the life of this cgroup. */
	if (record_u64(line, &value) == 0 && kills->have == HAVE_VALUE &&
	    value <= kills->value)
		kills->value = value;
}

static void line_restore(struct target *target, const struct record_line *line,
			 int64_t at_ms)
{
	if (span_is(line->key, "rule"))
		rule_restore(target, line, at_ms);
	else if (key_starts(line, "base."))
		base_restore(target, line);
	else if (key_starts(line, "hours.")) {
		enum signal s = signal_after(&line->key, strlen("hours."));

		if (s != SIGNAL_N && target->series[s])
			(void)!series_load(target->series[s], line->raw,
					   at_ms); /* or begins anew */
	} else if (span_is(line->key, "base"))
		base_word(target, line);
	else if (span_is(line->key, "base_at"))
		(void)!record_i64(line, &target->base_at_ms);
	else if (span_is(line->key, "base_why"))
		(void)!record_text(line, target->base_why, sizeof(target->base_why));
	else if (span_is(line->key, "own_kills"))
		kills_restore(&target->own_kills, line);
	else if (span_is(line->key, "parent_kills"))
		kills_restore(&target->parent_kills, line);
}

struct saved_head {
	bool is_state;
	char key[TARGET_KEY_MAX], service[SERVICE_MAX];
	int64_t saved_at_ms;
};

/* Reads one record; with a target, into it. False at the end of the file. */
static bool saved_next(struct span *rest, struct saved_head *ret, struct target *target,
		       int64_t now_ms)
{
	struct record_line line;
	int error = 0;

	*ret = (struct saved_head){0};
	if (!rest->len)
		return false;
	while (record_next(rest, &line, &error)) {
		if (span_is(line.key, "state"))
			ret->is_state = true;
		else if (span_is(line.key, "key"))
			(void)!record_text(&line, ret->key, sizeof(ret->key));
		else if (span_is(line.key, "service"))
			(void)!record_text(&line, ret->service, sizeof(ret->service));
		else if (span_is(line.key, "saved_at"))
			(void)!record_i64(&line, &ret->saved_at_ms);
		else if (target && ret->is_state)
			line_restore(target, &line,
				     now_ms - (clock_unix_ms() - ret->saved_at_ms));
	}
	return error == 0;
}

/* Looks for the target between two places of what was saved. */
static bool restore_between(struct agent *agent, struct target *target, size_t from,
			    size_t to, int64_t now_ms)
{
	struct span rest = {agent->saved.data + from, to - from};
	struct saved_head head;

	for (struct span at = rest; saved_next(&rest, &head, NULL, now_ms); at = rest) {
		if (!head.is_state || !text_equal(head.key, target->key) ||
		    !text_equal(head.service, target->service->conf->name))
			continue;
		(void)saved_next(&at, &head, target, now_ms);
		agent->saved_at = (size_t)(at.at - agent->saved.data);
		return true;
	}
	return false;
}

/* Targets are saved in the order in which they were met, and met again in much the same:
 * each stands behind the one before it. */
void state_restore(struct agent *agent, struct target *target, int64_t now_ms)
{
	size_t from = MIN(agent->saved_at, agent->saved.len);

	if (!restore_between(agent, target, from, agent->saved.len, now_ms) &&
	    !restore_between(agent, target, 0, from, now_ms))
		return;
	log_info("'%s' pid %d is known: base %s, rules go on where they were",
		 target->service->conf->name, target->process.pid,
		 base_table[target->base_state]);
}

void state_orphans(struct agent *agent)
{
	struct span rest = {agent->saved.data, agent->saved.len};
	struct saved_head head;
	struct job job;

	for (struct span at = rest; saved_next(&rest, &head, NULL, 0); at = rest) {
		at.len = (size_t)(rest.at - at.at);
		if (head.is_state)
			continue;
		if (job_parse(at, &job) == 0 && job.kind == JOB_SEAL)
			orphan_add(agent, &job);
		report_restore(agent, at);
		limits_restore(agent, at);
	}
}
