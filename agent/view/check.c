/* One line per rule, with the number that it comes to. Texts of other people (paths of
 * programs and cgroups) are escaped. */
#include "view/check.h"

#include <inttypes.h>
#include <string.h>

#include "core/conf_keys.h"
#include "lib/duration.h"
#include "lib/quantity.h"
#include "lib/text.h"
#include "view/container.h"

static void foreign(struct buf *to, const char *text)
{
	text_show(to, text, strlen(text), 512);
}

/* ---- numbers ---- */

static void value(struct buf *to, uint64_t number, enum unit unit, bool exact)
{
	char text[MAX(QUANTITY_MAX, DURATION_MAX)];

	switch (unit) {
	case UNIT_BYTES:
		buf_adds(to, quantity_format(number, text));
		if (exact)
			buf_addf(to, " (%" PRIu64 ")", number);
		return;
	case UNIT_CENTIPERCENT:
		buf_addf(to, "%" PRIu64 ".%02" PRIu64 "%%", number / 100, number % 100);
		return;
	case UNIT_THOUSANDTH:
		buf_adds(to, quantity_thousandths(number, text));
		return;
	case UNIT_MS:
		buf_adds(to, duration_format(number, text));
		return;
	case UNIT_COUNT:
	case UNIT_N:
		buf_addf(to, "%" PRIu64, number);
		return;
	}
}

/* What a percentage or a time to limit is of, and who says so. */
static void ceiling(struct buf *to, const struct rule *rule,
		    const struct check_rule *found, const struct check_target *target)
{
	enum ceiling kind = signal_table[rule->signal].ceiling;

	if (found->ceiling.have != HAVE_VALUE ||
	    (rule->value_kind != VALUE_PERCENT && rule->kind != RULE_TIME_TO_LIMIT))
		return;
	buf_adds(to, rule->kind == RULE_TIME_TO_LIMIT ? " to " : " of ");
	value(to, found->ceiling.value, signal_table[rule->signal].unit, false);
	if (kind == CEILING_NOFILE)
		buf_adds(to, ", its RLIMIT_NOFILE");
	else if (kind == CEILING_PIDS)
		buf_adds(to, ", pids.max of its cgroup");
	else if (target->facts.limit_from[0]) {
		buf_adds(to, ", limit from ");
		foreign(to, target->facts.limit_from);
	}
}

/* ---- rules ---- */

static void rule_line(struct buf *to, const struct rule *rule,
		      const struct check_rule *found, const struct check_target *target)
{
	buf_addf(to, "    %-26s ", rule->text);
	if (found->blind == BLIND_NO_BASE)
		buf_adds(to, "waits for the base");
	else if (found->blind == BLIND_NOT_YET)
		buf_adds(to, "waits for its first reading");
	else if (found->stays_blind)
		buf_addf(to, "blind: %s", blind_table[found->blind]);
	else if (found->blind != BLIND_NOT)
		buf_adds(to, "depends on the process");
	if (found->blind == BLIND_NOT) {
		buf_adds(to, "= ");
		value(to, found->amount, found->unit, true);
		ceiling(to, rule, found, target);
	}
	if (found->now.have == HAVE_VALUE) {
		buf_adds(to, "; now ");
		value(to, found->now.value, signal_table[rule->signal].unit, false);
	}
	buf_addc(to, '\n');
}

static void notes(struct buf *to, const char *indent, const struct check_notes *all)
{
	for (size_t i = 0; i < all->n; i++) {
		buf_addf(to, "%s! %s: ", indent, all->at[i].key);
		foreign(to, all->at[i].text);
		buf_addc(to, '\n');
	}
}

/* ---- processes ---- */

static bool has_selector(const struct conf_service *conf)
{
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (conf->selector[i])
			return true;
	}
	return false;
}

/* Who is asked for is not there; around: who is. */
static void nobody_line(struct buf *to, const struct conf_service *conf,
			const char *around)
{
	buf_adds(to,
		 has_selector(conf) ? "  no process now" : "  watched over HTTP alone");
	if (around[0])
		buf_adds(to, "; containers here: ");
	foreign(to, around);
	buf_addc(to, '\n');
}

static void target_lines(struct buf *to, const struct check_service *service,
			 const struct check_target *target)
{
	const struct conf_service *conf = service->conf;
	const struct target_facts *facts = &target->facts;

	if (facts->pid) {
		buf_addf(to, "  pid %d ", facts->pid);
		foreign(to, facts->exe[0] ? facts->exe : "(whose program is not shown)");
		buf_adds(to, facts->cgroup[0] ? ", cgroup "
					      : ", no cgroup of its own (memory is RSS)");
		foreign(to, facts->cgroup);
		if (facts->limit) {
			buf_adds(to, ", limit ");
			value(to, facts->limit, UNIT_BYTES, true);
		} else {
			buf_adds(to, ", no limit");
		}
		buf_addc(to, '\n');
		if (target->container.id[0]) {
			buf_adds(to, "    container ");
			container_line(&target->container, to);
			buf_addc(to, '\n');
		}
	} else {
		nobody_line(to, conf, service->around);
	}
	for (size_t i = 0; i < conf->n_rules; i++)
		rule_line(to, &conf->rules[i], &target->rules[i], target);
	notes(to, "    ", &target->notes);
}

/* ---- services and the file ---- */

/* "cooldown 10m, settle 5m, ..." of all rows with a preset that nobody wrote. */
static void presets(struct buf *to, const struct conf_keys *keys, uint64_t given)
{
	const char *comma = "";

	for (size_t i = 0; i < keys->n; i++) {
		const struct conf_key *key = &keys->rows[i];

		if (!key->preset || given & UINT64_C(1) << i || key->type == KEY_PATH)
			continue; /* the archive's place is shown above: it depends */
		buf_addf(to, "%s%s %s", comma, key->path,
			 key->type == KEY_ARTIFACTS ? "all"
			 : key->type == KEY_RULES   ? "as above"
						    : key->preset);
		comma = ", ";
	}
	buf_adds(to, comma[0] ? "\n" : "none\n");
}

static void service_lines(struct buf *to, const struct check_service *service)
{
	const struct conf_service *conf = service->conf;

	buf_addf(to, "\n%s (", conf->name);
	foreign(to, conf->place.file);
	buf_addf(to, ":%u)\n  ", conf->place.line);
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (conf->selector[i]) {
			buf_addf(to, "%s ", selector_table[i]);
			foreign(to, conf->selector[i]);
			buf_adds(to, ", ");
		}
	}
	buf_addf(to, "pprof %s", conf->endpoint.url[0] ? conf->endpoint.url : "none");
	if (conf->metrics[0])
		buf_addf(to, ", metrics %s", conf->metrics);
	buf_addc(to, '\n');
	for (size_t i = 0; i < service->n_targets; i++)
		target_lines(to, service, &service->targets[i]);
	if (service->n_matched > service->n_targets)
		buf_addf(to, "  and %zu processes more\n",
			 service->n_matched - service->n_targets);
	buf_adds(to, "  by default: ");
	presets(to, &conf_service_table, conf->given);
	notes(to, "  ", &service->notes);
}

void check_text(const struct check *check, const char *path, struct buf *to)
{
	foreign(to, path);
	buf_addf(to, ": %zu service%s, looked at with the rights of uid %u\n  archive ",
		 check->n_services, check->n_services == 1 ? "" : "s", check->uid);
	foreign(to, check->conf->archive.dir);
	buf_adds(to, "\n  by default: ");
	presets(to, &conf_file_table, check->conf->given);
	notes(to, "  ", &check->notes);
	for (size_t i = 0; i < check->n_services; i++)
		service_lines(to, &check->services[i]);
}
