#include "core/probe_metrics.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"

/* No metric is so large: see METRIC_MOST. */
#define NO_SERIES UINT64_MAX
#define NOT_A_NUMBER (UINT64_MAX - 1)
#define OUT_OF_RANGE (UINT64_MAX - 2)

/* Of a process that cannot be seen. */
enum own {
	OWN_RESIDENT,
	OWN_SYS,
	OWN_RELEASED,
	OWN_GOROUTINES,
	OWN_THREADS,
	OWN_FDS,
	OWN_FDS_MOST,
	OWN_STARTED,
	OWN_N,
};
static const char *const own_table[OWN_N] = {
	[OWN_RESIDENT] = "process_resident_memory_bytes",
	[OWN_SYS] = "go_memstats_sys_bytes",
	[OWN_RELEASED] = "go_memstats_heap_released_bytes",
	[OWN_GOROUTINES] = "go_goroutines",
	[OWN_THREADS] = "go_threads",
	[OWN_FDS] = "process_open_fds",
	[OWN_FDS_MOST] = "process_max_fds",
	[OWN_STARTED] = "process_start_time_seconds",
};
_Static_assert(METRICS_MOST + OWN_N <= METRICS_WANTED_MAX, "one request has all");

uint64_t probe_metric_pack(struct reading reading)
{
	if (reading.have == HAVE_VALUE)
		return MIN(reading.value, OUT_OF_RANGE);
	if (reading.have == HAVE_ABSENT)
		return NO_SERIES;
	return reading.error == ENODATA ? NOT_A_NUMBER : OUT_OF_RANGE;
}

struct reading probe_metric_unpack(uint64_t packed)
{
	struct reading reading = {.value = packed, .have = HAVE_VALUE};

	if (packed >= OUT_OF_RANGE)
		reading = (struct reading){.have = HAVE_ERROR,
					   .error = packed == NO_SERIES      ? ENOENT
						    : packed == NOT_A_NUMBER ? ENODATA
									     : ERANGE};
	return reading;
}

void probe_metrics_ask(const struct conf_service *conf, struct probe_request *request)
{
	request->id |= PROBE_METRICS_ID;
	request->endpoint = conf->endpoint; /* whoever may ask one may ask the other */
	request->endpoint.url[0] = '\0';
	memset(request->endpoint.urls, 0, sizeof(request->endpoint.urls));
	(void)text_copy(request->endpoint.urls[ARTIFACT_INDEX],
			sizeof(request->endpoint.urls[0]), conf->metrics);
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct rule *rule = &conf->rules[i];

		if (rule->metric[0])
			(void)text_copy(request->metric[rule->signal - SIGNAL_METRIC],
					sizeof(request->metric[0]), rule->metric);
	}
	for (size_t i = 0; i < OWN_N && conf_is_far(conf); i++)
		(void)text_copy(request->metric[METRICS_MOST + i],
				sizeof(request->metric[0]), own_table[i]);
}

static struct reading own(const struct probe_reply *reply, enum own which)
{
	struct reading reading =
		reply->kind == PROBE_MEASURED
			? probe_metric_unpack(reply->metric[METRICS_MOST + which])
			: (struct reading){.have = HAVE_ERROR, .error = EIO};

	if (reading.have == HAVE_ERROR && reading.error == ENOENT)
		return (struct reading){.have = HAVE_ABSENT};
	reading.value /= METRIC_SCALE;
	return reading;
}

bool probe_metrics_started(const struct probe_reply *reply, int64_t *ret_ms)
{
	struct reading started = {0};

	if (reply->kind == PROBE_MEASURED)
		started = probe_metric_unpack(reply->metric[METRICS_MOST + OWN_STARTED]);
	if (started.have != HAVE_VALUE)
		return false;
	*ret_ms = (int64_t)MIN(started.value, (uint64_t)INT64_MAX); /* thousandths of s */
	return true;
}

/* What the process takes of the machine, or where its library does not say: what Go has
 * taken and not given back, of which the resident set is nearly all. */
static struct reading own_memory(const struct probe_reply *reply)
{
	struct reading memory = own(reply, OWN_RESIDENT);
	struct reading sys = own(reply, OWN_SYS), released = own(reply, OWN_RELEASED);

	if (memory.have != HAVE_ABSENT || sys.have != HAVE_VALUE)
		return memory;
	if (released.have == HAVE_VALUE)
		sys.value = num_sub(sys.value, released.value);
	return sys;
}

static void own_put(struct sample *sample, enum signal signal, struct reading reading)
{
	sample->v[signal] = reading;
	sample->fresh |= UINT32_C(1) << signal;
}

static void take_own(const struct conf_service *conf, const struct probe_reply *reply,
		     struct sample *sample)
{
	struct reading memory = own_memory(reply);

	own_put(sample, SIGNAL_MEMORY, memory);
	own_put(sample, SIGNAL_RSS, memory);
	own_put(sample, SIGNAL_THREADS, own(reply, OWN_THREADS));
	own_put(sample, SIGNAL_FDS, own(reply, OWN_FDS));
	if (!conf->endpoint.url[0])
		own_put(sample, SIGNAL_GOROUTINES, own(reply, OWN_GOROUTINES));
	sample->ceiling[CEILING_NOFILE] = own(reply, OWN_FDS_MOST);
	sample->exact = true;
	if (!conf->limit_bytes)
		return;
	sample->ceiling[CEILING_LIMIT] =
		(struct reading){.value = conf->limit_bytes, .have = HAVE_VALUE};
	sample->headroom = memory;
	sample->headroom.value = num_sub(conf->limit_bytes, memory.value);
}

void probe_metrics_take(const struct conf_service *conf, const struct probe_reply *reply,
			struct sample *sample)
{
	sample->fresh = 0;
	for (size_t i = 0; i < conf->n_rules; i++) {
		enum signal signal = conf->rules[i].signal;

		if (!conf->rules[i].metric[0])
			continue;
		sample->v[signal] =
			reply->kind == PROBE_MEASURED
				? probe_metric_unpack(
					  reply->metric[signal - SIGNAL_METRIC])
				: (struct reading){.have = HAVE_ERROR, .error = EIO};
		sample->fresh |= UINT32_C(1) << signal;
	}
	if (conf_is_far(conf))
		take_own(conf, reply, sample);
}
