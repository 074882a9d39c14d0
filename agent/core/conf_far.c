#include "core/conf_far.h"

const char *conf_far_refuses(const struct conf_service *service, const struct rule *rule)
{
	bool metrics = service->metrics[0] != '\0';

	switch (rule->signal) {
	case SIGNAL_MEMORY:
	case SIGNAL_RSS:
	case SIGNAL_THREADS:
	case SIGNAL_FDS:
		return metrics ? NULL
			       : "without a process selector it stands on the page of "
				 "metrics only: add metrics: http://HOST:PORT/metrics";
	case SIGNAL_GOROUTINES:
	case SIGNAL_METRIC:
	case SIGNAL_METRIC_2:
	case SIGNAL_METRIC_3:
	case SIGNAL_METRIC_4:
		return NULL;
	case SIGNAL_ANON:
	case SIGNAL_USAGE:
	case SIGNAL_TASKS:
	case SIGNAL_SOCKETS:
	case SIGNAL_PRESSURE:
	case SIGNAL_N:
		break;
	}
	return "it is read from the kernel: add a process selector (unit, cgroup, name "
	       "...)";
}
