#include "commands/probe_metrics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/probe_metrics.h"

static int select_all(const struct probe_request *request, struct measuring *m,
		      const char **ret_fault)
{
	size_t at;

	for (size_t i = 0; i < METRICS_WANTED_MAX; i++) {
		const char *text = request->metric[i];

		if (!text[0])
			continue;
		if (metric_selector_parse((struct span){text, strlen(text)},
					  &m->selector[m->n], ret_fault, &at) < 0)
			return -EINVAL;
		m->at[m->n++] = i;
	}
	return 0;
}

int measuring_new(const struct probe_request *request, struct measuring **ret,
		  const char **ret_fault)
{
	AUTO_FREE struct measuring *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	r = select_all(request, m, ret_fault);
	if (r < 0)
		return r;
	metrics_page_begin(&m->page, m->selector, m->n);
	*ret = m->n ? TAKE(m) : NULL;
	return 0;
}

static const char *fault_of(const struct measuring *m, const struct http_reply *http,
			    char status[static 16])
{
	if (http->answer == ANSWER_CAP)
		return "the page has more than 32M";
	if (http->answer != ANSWER_OK)
		return http->why;
	if (http->status != 200) {
		(void)snprintf(status, 16, "HTTP %d", http->status);
		return status;
	}
	return metrics_page_is_one(&m->page) ? NULL : "HTTP 200, but no page of metrics";
}

/* Of a page that did not come whole every sum may be too small. */
void measuring_judge(struct measuring *m, const struct http_reply *http,
		     struct probe_reply *ret)
{
	char status[16];
	const char *fault;

	metrics_page_end(&m->page);
	fault = fault_of(m, http, status);
	if (!fault)
		ret->kind = PROBE_MEASURED;
	else
		(void)text_copy(ret->why, sizeof(ret->why), fault);
	for (size_t i = 0; i < m->n && !fault; i++)
		ret->metric[m->at[i]] =
			probe_metric_pack(metrics_page_value(&m->page, i));
}
