#include "core/ledger.h"

#include <string.h>

#include "lib/num.h"

const char *const ledger_table[] = {
	[LEDGER_GO] = "",
	[LEDGER_TARGET] = "limits.per_target",
	[LEDGER_SERVICE] = "limits.per_service",
};

void ledger_init(struct ledger *ledger)
{
	*ledger = (struct ledger){.n = 0};
	for (size_t i = 0; i < CONF_RULES_MAX; i++)
		ledger->cool_until_ms[i] = NEVER_MS;
}

int ledger_rule(const struct conf_service *conf, const char *text)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		if (text_equal(conf->rules[i].text, text))
			return (int)i;
	}
	return text_equal(text, RULE_BY_HAND) ? LEDGER_BY_HAND : LEDGER_OTHER;
}

/* An entry from the future is of a clock that was wrong. */
static bool is_recent(const struct ledger_entry *entry, int64_t now_ms)
{
	return entry->at_ms <= now_ms && now_ms - entry->at_ms < LEDGER_HOUR_MS;
}

static bool is_of(const struct ledger_entry *entry, const char *key)
{
	return !key || text_equal(entry->key, key);
}

unsigned ledger_count(const struct ledger *ledger, const char *key, int64_t now_ms)
{
	unsigned n = 0;

	for (size_t i = 0; i < ledger->n; i++)
		n += is_recent(&ledger->entries[i], now_ms) &&
		     is_of(&ledger->entries[i], key);
	return n;
}

int64_t ledger_relief_ms(const struct ledger *ledger, const char *key, int64_t now_ms)
{
	for (size_t i = 0; i < ledger->n; i++) {
		const struct ledger_entry *entry = &ledger->entries[i];

		if (is_recent(entry, now_ms) && is_of(entry, key))
			return entry->at_ms + LEDGER_HOUR_MS;
	}
	return now_ms;
}

static bool is_new_kind(const struct ledger *ledger, int rule, int64_t now_ms)
{
	for (size_t i = 0; i < ledger->n; i++) {
		if (ledger->entries[i].rule == rule &&
		    is_recent(&ledger->entries[i], now_ms))
			return false;
	}
	return true;
}

static bool has_room(uint64_t limit, bool second, unsigned n)
{
	return n < (second ? limit / 2 : limit);
}

enum ledger_answer ledger_ask(const struct ledger *ledger,
			      const struct conf_limits *limits,
			      const struct ledger_wish *wish, int64_t now_ms)
{
	if (wish->rule == LEDGER_BY_HAND)
		return LEDGER_GO;
	if (!wish->second && is_new_kind(ledger, wish->rule, now_ms))
		return LEDGER_GO;
	if (!has_room(limits->target, wish->second,
		      ledger_count(ledger, wish->key, now_ms)))
		return LEDGER_TARGET;
	if (!has_room(limits->service, wish->second, ledger_count(ledger, NULL, now_ms)))
		return LEDGER_SERVICE;
	return LEDGER_GO;
}

/* What is older than an hour, and where that is not enough the oldest. */
static void make_room(struct ledger *ledger, int64_t now_ms)
{
	size_t old = 0;

	while (old < ledger->n && !is_recent(&ledger->entries[old], now_ms))
		old++;
	if (old == 0 && ledger->n == LEDGER_MAX)
		old = 1;
	ledger->n -= old;
	memmove(ledger->entries, ledger->entries + old,
		ledger->n * sizeof(*ledger->entries));
}

void ledger_note(struct ledger *ledger, const struct ledger_wish *wish, int64_t now_ms)
{
	struct ledger_entry *entry;

	make_room(ledger, now_ms);
	entry = &ledger->entries[ledger->n++];
	*entry = (struct ledger_entry){.at_ms = now_ms, .rule = wish->rule};
	(void)text_copy(entry->key, sizeof(entry->key), wish->key); /* as long */
}
