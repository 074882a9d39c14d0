#include "core/probe_metrics.h"

#include <errno.h>
#include <string.h>

/* No metric is so large: see METRIC_MOST. */
#define NO_SERIES UINT64_MAX
#define NOT_A_NUMBER (UINT64_MAX - 1)
#define OUT_OF_RANGE (UINT64_MAX - 2)

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
}
