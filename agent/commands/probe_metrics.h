#pragma once
/* A page of metrics that the probe reads as it arrives: nothing of it is kept. */

#include "core/metrics_page.h"
#include "core/probe.h"
#include "edge/net/http.h"

/* A page of 100,000 series has 10 MB. */
#define MEASURING_BYTES_MAX (32U << 20)

struct measuring {
	struct metric_selector selector[METRICS_WANTED_MAX];
	size_t at[METRICS_WANTED_MAX]; /* of the request */
	size_t n;
	struct metrics_page page;
};

/* *ret is NULL where the request wants none; the caller's (free). 0, -ENOMEM, or -EINVAL
 * with *ret_fault (static). */
int measuring_new(const struct probe_request *request, struct measuring **ret,
		  const char **ret_fault) must_check;
/* What came of it: kind, values and why of the reply. */
void measuring_judge(struct measuring *measuring, const struct http_reply *http,
		     struct probe_reply *ret);
