/* The configuration's life: defaults, copies, ends. All defaults that are one value come
 * from the key table, so that what is printed as the default is the default. */
#include "core/conf.h"

#include <errno.h>
#include <string.h>

#include "core/conf_keys.h"
#include "lib/num.h"
#include "lib/text.h"

void conf_init(struct conf *conf, const char *archive_dir)
{
	*conf = (struct conf){0};
	conf_keys_preset(&conf_file_table, conf);
	(void)text_copy(conf->archive.dir, sizeof(conf->archive.dir), archive_dir);
}

void conf_fini(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_services; i++)
		conf_service_fini(&conf->services[i]);
	free(conf->services);
	*conf = (struct conf){0};
}

void conf_service_init(struct conf_service *service)
{
	*service = (struct conf_service){0};
	service->capture.artifacts = (1U << ARTIFACT_N) - 1;
	conf_keys_preset(&conf_service_table, service);
}

void conf_service_fini(struct conf_service *service)
{
	for (size_t i = 0; i < SELECTOR_N; i++)
		free(service->selector[i]);
	free(service->rules);
	*service = (struct conf_service){0};
}

static int copy_owned(const struct conf_service *from, struct conf_service *to)
{
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (!from->selector[i])
			continue;
		to->selector[i] = strdup(from->selector[i]);
		if (!to->selector[i])
			return -ENOMEM;
	}
	if (from->n_rules == 0)
		return 0;
	to->rules = calloc(from->n_rules, sizeof(*to->rules));
	if (!to->rules)
		return -ENOMEM;
	memcpy(to->rules, from->rules, from->n_rules * sizeof(*to->rules));
	return 0;
}

int conf_service_copy(const struct conf_service *from, struct conf_service *ret)
{
	int r;

	*ret = *from;
	memset(ret->selector, 0, sizeof(ret->selector));
	ret->rules = NULL;
	r = copy_owned(from, ret);
	if (r < 0)
		conf_service_fini(ret);
	return r;
}

bool conf_is_far(const struct conf_service *service)
{
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (service->selector[i])
			return false;
	}
	return service->endpoint.url[0] || service->metrics[0];
}

/* Memory of a service that is far stands on its page of metrics, and its limit nowhere
 * but in the configuration. */
static bool has_memory(const struct conf_service *service)
{
	return !conf_is_far(service) || (service->metrics[0] && service->limit_bytes);
}

int conf_service_default_rules(struct conf_service *service)
{
	static const char *const texts[] = {"memory > 62%", "memory > 92%",
					    "goroutines > 5x base"};
	bool pprof =
		service->endpoint.url[0] || service->endpoint.urls[ARTIFACT_INDEX][0];
	size_t first = has_memory(service) ? 0 : 2;
	size_t n = ARRAY_SIZE(texts) - !pprof - first;
	struct rule *rules = calloc(n + 1, sizeof(*rules)); /* none is a list, too */
	struct rule_fault fault;

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		int r = rule_parse(texts[first + i], &rules[i], &fault);

		if (r < 0) { /* literals: a test proves that they are rules */
			free(rules);
			return r;
		}
		rules[i].cooldown_ms = service->cooldown_ms;
	}
	free(service->rules);
	service->rules = rules;
	service->n_rules = n;
	return 0;
}

uint64_t conf_share_bytes(const struct conf_share *share, uint64_t whole)
{
	if (share->permille == 0)
		return share->bytes;
	return MIN(num_scale(whole, share->permille, 1000), share->cap);
}
