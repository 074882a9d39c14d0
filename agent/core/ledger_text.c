/* A ledger as text: "took=AGE KEY RULE", "cool=LEFT RULE" and two counts. Times are ms;
 * the rule comes last because it has blanks. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ledger.h"
#include "lib/num.h"

static const char *rule_name(const struct conf_service *conf, int rule)
{
	if (rule >= 0)
		return conf->rules[rule].text;
	return rule == LEDGER_BY_HAND ? RULE_BY_HAND : "-";
}

void ledger_save(const struct ledger *ledger, const struct conf_service *conf,
		 int64_t now_ms, struct buf *to)
{
	char text[RULE_TEXT_MAX + TARGET_KEY_MAX + 24];

	for (size_t i = 0; i < ledger->n; i++) {
		const struct ledger_entry *entry = &ledger->entries[i];

		(void)snprintf(text, sizeof(text), "%" PRId64 " %s %s",
			       now_ms - entry->at_ms, entry->key,
			       rule_name(conf, entry->rule));
		record_add(to, "took", text);
	}
	for (size_t i = 0; i < conf->n_rules; i++) {
		if (ledger->cool_until_ms[i] <= now_ms)
			continue;
		(void)snprintf(text, sizeof(text), "%" PRId64 " %s",
			       ledger->cool_until_ms[i] - now_ms, conf->rules[i].text);
		record_add(to, "cool", text);
	}
	record_add_u64(to, "suppressed", ledger->suppressed);
	record_add_u64(to, "folded", ledger->folded);
}

/* "NUMBER ..." */
static int number_parse(struct span *rest, uint64_t *ret)
{
	struct span field;

	if (!text_next(rest, ' ', &field) || num_u64(field.at, field.len, ret) < 0)
		return -EBADMSG;
	return 0;
}

static int took_parse(struct ledger *ledger, const struct conf_service *conf,
		      struct span rest, int64_t at_ms)
{
	struct ledger_wish wish;
	struct span key;
	char name[TARGET_KEY_MAX] = "";
	uint64_t age_ms;

	if (number_parse(&rest, &age_ms) < 0 || !text_next(&rest, ' ', &key) ||
	    key.len == 0 || key.len >= sizeof(name) || rest.len == 0)
		return -EBADMSG;
	if (age_ms >= (uint64_t)LEDGER_HOUR_MS)
		return 0;
	memcpy(name, key.at, key.len);
	/* The value is a text with its NUL: what is left of it, too. */
	wish = (struct ledger_wish){.key = name, .rule = ledger_rule(conf, rest.at)};
	ledger_note(ledger, &wish, at_ms - (int64_t)age_ms);
	return 0;
}

/* A cooldown that was shortened meanwhile counts as it is now. */
static int cool_parse(struct ledger *ledger, const struct conf_service *conf,
		      struct span rest, int64_t at_ms)
{
	uint64_t left_ms;
	int rule;

	if (number_parse(&rest, &left_ms) < 0 || rest.len == 0)
		return -EBADMSG;
	rule = ledger_rule(conf, rest.at);
	if (rule >= 0)
		ledger->cool_until_ms[rule] =
			at_ms + (int64_t)MIN(left_ms, conf->rules[rule].cooldown_ms);
	return 0;
}

int ledger_load(struct ledger *ledger, const struct conf_service *conf,
		const struct record_line *line, int64_t at_ms)
{
	char text[RULE_TEXT_MAX + TARGET_KEY_MAX + 24];
	struct span rest = {text, 0};

	if (span_is(line->key, "suppressed"))
		return record_u64(line, &ledger->suppressed) < 0 ? -EBADMSG : 0;
	if (span_is(line->key, "folded"))
		return record_u64(line, &ledger->folded) < 0 ? -EBADMSG : 0;
	if (record_text(line, text, sizeof(text)) < 0)
		return -EBADMSG;
	rest.len = strlen(text);
	if (span_is(line->key, "took"))
		return took_parse(ledger, conf, rest, at_ms);
	if (span_is(line->key, "cool"))
		return cool_parse(ledger, conf, rest, at_ms);
	return 0; /* of a newer agent */
}
