/* Written straight into the text: a tree of a thousand targets took 30 ms and 8 MB every
 * five seconds, more than all that the agent does besides. Foreign bytes (names of
 * cgroups) are shown first, as JSON knows no invalid UTF-8. */
#include "view/status_json.h"

#include <errno.h>
#include <string.h>

#include "lib/stamp.h"

/* Longer than any name of a cgroup that is kept. */
#define SHOWN_MAX 2000

/* ------------------------------------------------------------------ values */

/* A comma where something stands before. */
static void next(struct buf *to)
{
	char last = to->len ? to->data[to->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_addc(to, ',');
}

/* Names are ours: nothing in them is to be quoted. */
static void key(struct buf *to, const char *name)
{
	next(to);
	buf_addc(to, '"');
	buf_adds(to, name);
	buf_add(to, "\":", 2);
}

static void quote(struct buf *to, const char *text, size_t len)
{
	buf_addc(to, '"');
	for (size_t i = 0, run = 0; i <= len; i++) {
		if (i < len && (unsigned char)text[i] >= 0x20 && text[i] != '"' &&
		    text[i] != '\\')
			continue;
		buf_add(to, text + run, i - run);
		run = i + 1;
		if (i == len)
			break;
		if ((unsigned char)text[i] < 0x20)
			buf_addf(to, "\\u%04x", (unsigned)text[i]);
		else
			buf_addf(to, "\\%c", text[i]);
	}
	buf_addc(to, '"');
}

static void put_text(struct buf *to, const char *name, const char *text)
{
	key(to, name);
	quote(to, text, strlen(text));
}

static void put_foreign(struct buf *to, const char *name, const char *text)
{
	AUTO_BUF struct buf shown;

	buf_init(&shown, 4 * SHOWN_MAX);
	if (text[0])
		text_show(&shown, text, strlen(text), SHOWN_MAX);
	key(to, name);
	quote(to, shown.data, shown.len);
}

static void put_word(struct buf *to, const char *name, const char *word)
{
	key(to, name);
	buf_adds(to, word);
}

static void put_bool(struct buf *to, const char *name, bool is)
{
	put_word(to, name, is ? "true" : "false");
}

/* The largest counts are far below 2^63; what is not is "none" in the kernel's words. */
static void put_number(struct buf *to, const char *name, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	if (value > INT64_MAX) {
		put_word(to, name, "null");
		return;
	}
	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	key(to, name);
	buf_add(to, digits + at, sizeof(digits) - at);
}

static void put_stamp(struct buf *to, const char *name, int64_t unix_ms)
{
	char text[STAMP_MAX];

	if (unix_ms)
		put_text(to, name, stamp_format(unix_ms, text));
	else
		put_word(to, name, "null");
}

/* A value, null for absent, or "error: ..." in words: three things. */
static void put_reading(struct buf *to, const char *name, const struct reading *r)
{
	char text[128] = "error: ";

	if (r->have == HAVE_VALUE) {
		put_number(to, name, r->value);
	} else if (r->have == HAVE_ABSENT) {
		put_word(to, name, "null");
	} else {
		(void)text_copy(text + strlen(text), sizeof(text) - strlen(text),
				strerrordesc_np(r->error < 0 ? -r->error : r->error));
		put_text(to, name, text);
	}
}

static void begin(struct buf *to, const char *name, char bracket)
{
	if (name)
		key(to, name);
	else
		next(to);
	buf_addc(to, bracket);
}

/* ------------------------------------------------------------------ what there is */

static void put_signals(struct buf *to, const struct sample *sample)
{
	begin(to, "signals", '{');
	for (int s = 0; s < SIGNAL_N; s++)
		put_reading(to, signal_table[s].name, &sample->v[s]);
	put_reading(to, "limit", &sample->ceiling[CEILING_LIMIT]);
	put_reading(to, "headroom", &sample->headroom);
	buf_addc(to, '}');
}

static void put_rules(struct buf *to, const struct status_target *target)
{
	begin(to, "rules", '[');
	for (size_t i = 0; i < target->service->n_rules; i++) {
		const struct judgement *j = &target->judgements[i];

		begin(to, NULL, '{');
		put_text(to, "rule", target->service->rules[i].text);
		put_text(to, "phase", phase_table[j->phase]);
		if (j->phase == PHASE_BLIND) {
			put_text(to, "blind", blind_table[j->blind]);
		} else {
			put_number(to, "value", j->value);
			put_number(to, "threshold", j->threshold);
		}
		buf_addc(to, '}');
	}
	buf_addc(to, ']');
}

static void put_base(struct buf *to, const struct status_target *target)
{
	begin(to, "base", '{');
	put_text(to, "state", base_table[target->base]);
	put_stamp(to, "at", target->base_at_ms);
	put_foreign(to, "why", target->base_why);
	buf_addc(to, '}');
}

static void put_target(struct buf *to, const struct status_target *target)
{
	const struct incident *incident = target->incident;

	begin(to, NULL, '{');
	put_text(to, "service", target->service->name);
	put_text(to, "key", target->key);
	put_number(to, "pid", (uint64_t)target->pid);
	put_stamp(to, "started", target->started_ms);
	put_foreign(to, "cgroup", target->cgroup);
	put_foreign(to, "limit_from", target->limit_from);
	put_signals(to, target->sample);
	key(to, "memory_slope");
	buf_addf(to, "%.1f", target->slope_per_s);
	put_rules(to, target);
	put_base(to, target);
	if (incident->phase == INCIDENT_NONE)
		put_word(to, "incident", "null");
	else
		put_text(to, "incident", incident->id);
	put_bool(to, "capturing", target->capturing);
	put_number(to, "queued", target->queued ? target->queued : UINT64_MAX);
	put_bool(to, "ended", target->ended);
	put_foreign(to, "trouble", target->trouble);
	buf_addc(to, '}');
}

static void put_service(struct buf *to, const struct status_service *service)
{
	begin(to, NULL, '{');
	put_text(to, "service", service->conf->name);
	put_number(to, "targets", service->n_targets);
	put_foreign(to, "trouble", service->trouble);
	put_number(to, "captures_hour", service->captures_hour);
	put_number(to, "suppressed", service->suppressed);
	put_number(to, "folded", service->folded);
	put_text(to, "limited", service->limited);
	buf_addc(to, '}');
}

static void put_agent(struct buf *to, const struct status *status)
{
	put_text(to, "schema", "leakdog.status/1");
	put_stamp(to, "at", status->at_ms);
	put_text(to, "version", LEAKDOG_VERSION);
	put_stamp(to, "started", status->started_ms);
	put_number(to, "pid", (uint64_t)status->pid);
	put_foreign(to, "archive", status->archive);
	put_number(to, "ticks", status->ticks);
	put_number(to, "captures", status->captures);
	put_number(to, "captures_failed", status->captures_failed);
	put_number(to, "captures_partial", status->captures_partial);
	put_number(to, "incidents", status->incidents);
	put_number(to, "sealed", status->sealed);
	put_number(to, "latest_tick_ms", status->late_ms);
	put_number(to, "late_p99_ms", status->late_p99_ms);
	put_number(to, "descriptors", status->descriptors);
	put_number(to, "descriptors_allowed", status->descriptors_allowed);
}

static void put_hold(struct buf *to, const struct status_hold *hold)
{
	begin(to, NULL, '{');
	put_text(to, "service", hold->service);
	put_text(to, "incident", hold->incident);
	put_foreign(to, "cgroup", hold->cgroup);
	put_number(to, "from", hold->from);
	put_number(to, "to", hold->to);
	put_stamp(to, "at", hold->at_ms);
	put_stamp(to, "until", hold->until_ms);
	buf_addc(to, '}');
}

void status_json(const struct status *status, struct buf *to)
{
	buf_addc(to, '{');
	put_agent(to, status);
	begin(to, "services", '[');
	for (size_t i = 0; i < status->n_services; i++)
		put_service(to, &status->services[i]);
	buf_addc(to, ']');
	begin(to, "targets", '[');
	for (size_t i = 0; i < status->n_targets; i++)
		put_target(to, &status->targets[i]);
	buf_addc(to, ']');
	begin(to, "holds", '[');
	for (size_t i = 0; i < status->n_holds; i++)
		put_hold(to, &status->holds[i]);
	buf_adds(to, "]}\n");
}
