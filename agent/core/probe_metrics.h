#pragma once
/* The part of the talk with the probe that is about a page of metrics: which series the
 * rules of a service want, and what became of them. */

#include "core/probe.h"
#include "core/sample.h"

/* A target's second question, beside that for its index page, has this bit in its id. */
#define PROBE_METRICS_ID (UINT64_C(1) << 62)

/* Adds to a request what is needed to ask the page of this service, in place of its
 * pprof. */
void probe_metrics_ask(const struct conf_service *conf, struct probe_request *request);
/* Of a service without a process the page is asked for that, too: what the collectors of
 * Prometheus' own libraries say of their process. When it started, Unix ms; false: the
 * page does not say. */
bool probe_metrics_started(const struct probe_reply *reply, int64_t *ret_ms);
/* The readings of an answer into the sample, as fresh ones. An answer that failed makes
 * all of them errors. */
void probe_metrics_take(const struct conf_service *conf, const struct probe_reply *reply,
			struct sample *sample);
/* A reading as a number of a reply, and back. */
uint64_t probe_metric_pack(struct reading reading);
struct reading probe_metric_unpack(uint64_t packed);
