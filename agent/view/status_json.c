/* The tree is built and dropped once a second, outside of the tick: a library's quoting
 * is worth more here than its allocations cost. Foreign bytes (names of cgroups) are
 * shown first, as JSON knows no invalid UTF-8. */
#include "view/status_json.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "lib/stamp.h"

static void put(json_t *object, const char *key, json_t *value)
{
	/* A missing member is what remains of a failed allocation; status_json says so.
	 */
	(void)json_object_set_new(object, key, value);
}

static json_t *foreign(const char *text)
{
	AUTO_BUF struct buf shown;

	buf_init(&shown, 8192);
	text_show(&shown, text, strlen(text), 2000);
	return json_stringn(shown.data, shown.len);
}

static json_t *stamp(int64_t unix_ms)
{
	char text[STAMP_MAX];

	return unix_ms ? json_string(stamp_format(unix_ms, text)) : json_null();
}

/* The largest counts are far below 2^63; what is not is "none" in the kernel's words. */
static json_t *number(uint64_t value)
{
	return value > INT64_MAX ? json_null() : json_integer((json_int_t)value);
}

/* A value, null for absent, or "error: ..." in words: three things. */
static json_t *reading(const struct reading *r)
{
	if (r->have == HAVE_VALUE)
		return number(r->value);
	if (r->have == HAVE_ABSENT)
		return json_null();
	return json_sprintf("error: %s",
			    strerrordesc_np(r->error < 0 ? -r->error : r->error));
}

static json_t *signals(const struct sample *sample)
{
	json_t *object = json_object();

	for (int s = 0; s < SIGNAL_N; s++)
		put(object, signal_table[s].name, reading(&sample->v[s]));
	put(object, "limit", reading(&sample->ceiling[CEILING_LIMIT]));
	put(object, "headroom", reading(&sample->headroom));
	return object;
}

static json_t *rules(const struct status_target *target)
{
	json_t *list = json_array();

	for (size_t i = 0; i < target->service->n_rules; i++) {
		const struct judgement *j = &target->judgements[i];
		json_t *rule = json_object();

		put(rule, "rule", json_string(target->service->rules[i].text));
		put(rule, "phase", json_string(phase_table[j->phase]));
		if (j->phase == PHASE_BLIND) {
			put(rule, "blind", json_string(blind_table[j->blind]));
		} else {
			put(rule, "value", number(j->value));
			put(rule, "threshold", number(j->threshold));
		}
		(void)json_array_append_new(list, rule);
	}
	return list;
}

static json_t *base(const struct status_target *target)
{
	json_t *object = json_object();

	put(object, "state", json_string(base_table[target->base]));
	put(object, "at", stamp(target->base_at_ms));
	put(object, "why", foreign(target->base_why));
	return object;
}

static json_t *target_json(const struct status_target *target)
{
	const struct incident *incident = target->incident;
	json_t *object = json_object();

	put(object, "service", json_string(target->service->name));
	put(object, "key", json_string(target->key));
	put(object, "pid", json_integer(target->pid));
	put(object, "started", stamp(target->started_ms));
	put(object, "cgroup", foreign(target->cgroup));
	put(object, "limit_from", foreign(target->limit_from));
	put(object, "signals", signals(target->sample));
	put(object, "memory_slope", json_real(target->slope_per_s));
	put(object, "rules", rules(target));
	put(object, "base", base(target));
	put(object, "incident",
	    incident->phase == INCIDENT_NONE ? json_null() : json_string(incident->id));
	put(object, "capturing", json_boolean(target->capturing));
	put(object, "queued",
	    target->queued ? json_integer(target->queued) : json_null());
	put(object, "ended", json_boolean(target->ended));
	put(object, "trouble", foreign(target->trouble));
	return object;
}

static json_t *service_json(const struct status_service *service)
{
	json_t *object = json_object();

	put(object, "service", json_string(service->conf->name));
	put(object, "targets", json_integer((json_int_t)service->n_targets));
	put(object, "trouble", foreign(service->trouble));
	return object;
}

static json_t *document(const struct status *status)
{
	json_t *object = json_object(), *services = json_array(), *targets = json_array();

	for (size_t i = 0; i < status->n_services; i++)
		(void)json_array_append_new(services, service_json(&status->services[i]));
	for (size_t i = 0; i < status->n_targets; i++)
		(void)json_array_append_new(targets, target_json(&status->targets[i]));
	put(object, "schema", json_string("leakdog.status/1"));
	put(object, "at", stamp(status->at_ms));
	put(object, "version", json_string(LEAKDOG_VERSION));
	put(object, "started", stamp(status->started_ms));
	put(object, "pid", json_integer(status->pid));
	put(object, "archive", foreign(status->archive));
	put(object, "ticks", number(status->ticks));
	put(object, "captures", number(status->captures));
	put(object, "captures_failed", number(status->captures_failed));
	put(object, "captures_partial", number(status->captures_partial));
	put(object, "incidents", number(status->incidents));
	put(object, "sealed", number(status->sealed));
	put(object, "latest_tick_ms", number(status->late_ms));
	put(object, "services", services);
	put(object, "targets", targets);
	return object;
}

static int add(const char *bytes, size_t len, void *to)
{
	buf_add(to, bytes, len);
	return 0;
}

void status_json(const struct status *status, struct buf *to)
{
	json_t *root = document(status);

	if (json_dump_callback(root, add, to, JSON_INDENT(1)) < 0)
		to->error = -ENOMEM;
	buf_addc(to, '\n');
	json_decref(root);
}
