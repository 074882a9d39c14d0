#include "core/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/probe_metrics.h"
#include "lib/text.h"

int check_init(struct check *check, const struct conf *conf)
{
	*check = (struct check){.conf = conf, .n_services = conf->n_services};
	check->services = calloc(MAX(conf->n_services, 1U), sizeof(*check->services));
	if (!check->services)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_services; i++)
		check->services[i].conf = &conf->services[i];
	return 0;
}

void check_fini(struct check *check)
{
	for (size_t i = 0; check->services && i < check->n_services; i++)
		free(check->services[i].targets);
	free(check->services);
	faults_fini(&check->errors);
	*check = (struct check){0};
}

struct check_target *check_target_add(struct check_service *service)
{
	struct check_target *grown =
		reallocarray(service->targets, service->n_targets + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	service->targets = grown;
	grown += service->n_targets++;
	*grown = (struct check_target){0};
	return grown;
}

static struct check_rule resolve(const struct rule *rule, const struct rule_view *view,
				 bool alive)
{
	enum ceiling ceiling = signal_table[rule->signal].ceiling;
	struct check_rule found = {.now = view->sample->v[rule->signal],
				   .unit = rule_unit(rule)};
	enum blind signal = rule_signal(rule, view);

	if (ceiling != CEILING_NONE)
		found.ceiling = view->sample->ceiling[ceiling];
	found.blind = rule_amount(rule, view, &found.amount);
	/* Without a process nothing can be read, which says nothing about the rule. */
	if (alive && signal != BLIND_NOT && signal != BLIND_NOT_YET)
		found.blind = signal;
	found.stays_blind = alive && found.blind != BLIND_NOT &&
			    found.blind != BLIND_NOT_YET && found.blind != BLIND_NO_BASE;
	return found;
}

void check_resolve(const struct conf_service *service, struct check_target *target)
{
	const struct rule_view view = {.sample = &target->sample,
				       .pprof = service->endpoint.url[0] != '\0',
				       .metrics = service->metrics[0] != '\0',
				       .foreign_page = target->foreign_page};

	for (size_t i = 0; i < MIN(service->n_rules, (size_t)CONF_RULES_MAX); i++)
		target->rules[i] =
			resolve(&service->rules[i], &view, target->facts.pid != 0);
}

/* "http://... of pid 7: why"; who is watched over HTTP alone has none. */
static void note_refusal(struct check_service *service, const char *key, const char *url,
			 int pid, const char *why)
{
	char whose[32] = "";

	if (pid)
		(void)snprintf(whose, sizeof(whose), " of pid %d", pid);
	check_note(&service->notes, key, "%.60s%s: %.100s", url, whose, why);
}

void check_answer(struct check_service *service, struct check_target *target,
		  const struct probe_reply *reply)
{
	struct reading *goroutines = &target->sample.v[SIGNAL_GOROUTINES];

	if (reply->id & PROBE_METRICS_ID) {
		probe_metrics_take(service->conf, reply, &target->sample);
		if (reply->kind != PROBE_MEASURED)
			note_refusal(service, "metrics", service->conf->metrics,
				     target->facts.pid, reply->why);
		check_resolve(service->conf, target);
		return;
	}
	target->foreign_page = reply->kind == PROBE_FOREIGN;
	if (reply->kind == PROBE_COUNTED) {
		*goroutines =
			(struct reading){.value = reply->goroutines, .have = HAVE_VALUE};
	} else {
		*goroutines = (struct reading){.have = HAVE_ERROR, .error = EIO};
		note_refusal(service, "pprof", service->conf->endpoint.url,
			     target->facts.pid, reply->why);
	}
	check_resolve(service->conf, target);
}

void check_note(struct check_notes *notes, const char *key, const char *format, ...)
{
	struct check_note *note = &notes->at[notes->n];
	va_list args;

	if (notes->n == CHECK_NOTES_MAX)
		return;
	(void)text_copy(note->key, sizeof(note->key), key); /* keys are shorter */
	va_start(args, format);
	(void)vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
	notes->n++;
}

static bool target_has_gaps(const struct conf_service *conf,
			    const struct check_target *target)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		if (target->rules[i].stays_blind)
			return true;
	}
	return false;
}

bool check_has_gaps(const struct check *check)
{
	for (size_t i = 0; i < check->n_services; i++) {
		const struct check_service *service = &check->services[i];

		if (service->notes.n > 0)
			return true;
		for (size_t j = 0; j < service->n_targets; j++) {
			if (target_has_gaps(service->conf, &service->targets[j]))
				return true;
		}
	}
	return check->notes.n > 0;
}
