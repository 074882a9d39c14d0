/* VALUE and DURATION of a rule. A value that can never be passed, or always is, is an
 * error here: a rule that cannot fire must not be silent. */
#include <errno.h>
#include <string.h>

#include "core/metrics_number.h"
#include "core/metrics_page.h"
#include "core/rule_words.h"
#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"

#define PERCENT_100 100000 /* in thousandths of a percent */
#define BASE_1X 1000
#define BASE_MOST (1000 * BASE_1X)
#define COUNT_MOST (UINT64_C(0xffffffff) - 1) /* what a series can hold */

static const struct signal_info *info(const struct rule *rule)
{
	return &signal_table[rule->signal];
}

/* What a value of this signal looks like. */
static const char *examples(const struct rule *rule)
{
	if (info(rule)->unit == UNIT_BYTES)
		return "5G, 92% or 3x base";
	if (info(rule)->unit == UNIT_CENTIPERCENT)
		return "10";
	if (info(rule)->unit == UNIT_THOUSANDTH)
		return "1000, 0.5, 5G or 5x base";
	return info(rule)->ceiling == CEILING_NONE ? "1000 or 5x base"
						   : "1000, 80% or 5x base";
}

static size_t number_len(struct span word)
{
	size_t n = 0;

	while (n < word.len &&
	       ((word.at[n] >= '0' && word.at[n] <= '9') || word.at[n] == '.'))
		n++;
	return n;
}

static int percent(struct words *w, struct span word, struct rule *rule)
{
	if (info(rule)->unit == UNIT_CENTIPERCENT)
		return words_fault(w, word, "pressure is a percentage: leave out the %%");
	if (info(rule)->ceiling == CEILING_NONE)
		return words_fault(
			w, word, "%s have no limit to be a percentage of: write %s",
			rule->metric[0] ? "metrics" : info(rule)->name, examples(rule));
	if (num_milli(word.at, word.len - 1, &rule->value) < 0)
		return words_fault(w, word, "\"%.*s\" is no percentage: write 92%%",
				   SHOW(word));
	if (rule->value == 0 || rule->value >= PERCENT_100)
		return words_fault(
			w, word,
			"\"%.*s\": between 0%% and 100%%, which is the limit itself",
			SHOW(word));
	rule->value_kind = VALUE_PERCENT;
	return 0;
}

static int base(struct words *w, struct span word, struct rule *rule)
{
	if (!info(rule)->base_floor)
		return words_fault(w, word, "%s has no base: write %s", info(rule)->name,
				   examples(rule));
	if (num_milli(word.at, word.len - 1, &rule->value) < 0)
		return words_fault(w, word, "\"%.*s\" is no multiple: write \"5x base\"",
				   SHOW(word));
	if (!words_skip(w, "base"))
		return words_fault(w, words_peek(w),
				   "\"%.*s\" of what? write \"%.*s base\"", SHOW(word),
				   SHOW(word));
	if (rule->kind == RULE_ABOVE && rule->value <= BASE_1X)
		return words_fault(w, word,
				   "the base itself is 1x: write more, as 5x base");
	if (rule->kind == RULE_BELOW && rule->value >= BASE_1X)
		return words_fault(w, word,
				   "the base itself is 1x: write less, as 0.5x base");
	if (rule->value == 0 || rule->value > BASE_MOST)
		return words_fault(w, word, "\"%.*s\": between 0x and 1000x", SHOW(word));
	rule->value_kind = VALUE_BASE;
	return 0;
}

static bool unit_known(struct span unit)
{
	char one[4] = "1";
	uint64_t value;

	if (unit.len > 2)
		return false;
	memcpy(one + 1, unit.at, unit.len);
	return quantity_parse(one, 1 + unit.len, &value) == 0;
}

/* Says which part of "5GBs" or "1.2.3G" is wrong. */
static int bytes_fault(struct words *w, struct span word, struct rule *rule)
{
	size_t number = number_len(word);
	struct span unit = {word.at + number, word.len - number};

	if (number == 0)
		return words_fault(w, word, "\"%.*s\" is no value: write %s", SHOW(word),
				   examples(rule));
	if (unit_known(unit))
		return words_fault(w, word, "\"%.*s\" is no number: write 5G or 1.5G",
				   SHOW(word));
	return words_fault(
		w, unit,
		"no unit \"%.*s\": K M G T and Ki Mi Gi Ti are binary, kB MB GB "
		"TB decimal",
		SHOW(unit));
}

static int bytes(struct words *w, struct span word, struct rule *rule)
{
	int r = quantity_parse(word.at, word.len, &rule->value);

	if (r == -ERANGE)
		return words_fault(w, word, "\"%.*s\" is too large", SHOW(word));
	if (r < 0)
		return bytes_fault(w, word, rule);
	if (rule->value < RULE_MEMORY_LEAST)
		return words_fault(
			w, word,
			"\"%.*s\" is %u bytes: less than 1M is noise; write 5M or 5G",
			SHOW(word), (unsigned)rule->value);
	return 0;
}

static int count(struct words *w, struct span word, struct rule *rule)
{
	int r = num_u64(word.at, word.len, &rule->value);

	if (r == -ERANGE || (r == 0 && rule->value > COUNT_MOST))
		return words_fault(w, word, "\"%.*s\" is too large", SHOW(word));
	if (r < 0 && number_len(word) > 0)
		return words_fault(
			w, word, "\"%.*s\": %s are counted one by one, write the digits",
			SHOW(word), info(rule)->name);
	if (r < 0)
		return words_fault(w, word, "\"%.*s\" is no value: write %s", SHOW(word),
				   examples(rule));
	if (rule->value == 0)
		return words_fault(w, word, "0 is no threshold: write %s",
				   examples(rule));
	return 0;
}

static int pressure(struct words *w, struct span word, struct rule *rule)
{
	if (num_milli(word.at, word.len, &rule->value) < 0)
		return words_fault(w, word, "\"%.*s\" is no value: write %s", SHOW(word),
				   examples(rule));
	rule->value /= 10; /* hundredths of a percent */
	if (rule->value == 0 || rule->value >= 10000)
		return words_fault(w, word,
				   "\"%.*s\": between 0 and 100 percent of the time",
				   SHOW(word));
	return 0;
}

/* A number as the page writes it, or a size: many metrics count bytes. */
static int metric(struct words *w, struct span word, struct rule *rule)
{
	struct span rest = word;
	uint64_t bytes;
	double number;

	if (!metrics_number_take(&rest, &number)) {
		if (quantity_parse(word.at, word.len, &bytes) < 0)
			return words_fault(w, word, "\"%.*s\" is no value: write %s",
					   SHOW(word), examples(rule));
		number = (double)bytes;
	}
	if (!(number >= 1.0 / METRIC_SCALE))
		return words_fault(w, word, "\"%.*s\": at least 0.001", SHOW(word));
	if (!(number < (double)METRIC_MOST))
		return words_fault(w, word, "\"%.*s\" is too large", SHOW(word));
	rule->value = (uint64_t)(number * METRIC_SCALE + 0.5);
	return 0;
}

static int absolute(struct words *w, struct span word, struct rule *rule)
{
	size_t number = number_len(word);

	if (number > 0 && number < word.len && word.at[number] == 'x')
		return words_fault(w, word, "write \"%.*sx base\" in two words",
				   (int)MIN(number, 16), word.at);
	rule->value_kind = VALUE_ABSOLUTE;
	switch (info(rule)->unit) {
	case UNIT_BYTES:
		return bytes(w, word, rule);
	case UNIT_CENTIPERCENT:
		return pressure(w, word, rule);
	case UNIT_THOUSANDTH:
		return metric(w, word, rule);
	case UNIT_COUNT:
	case UNIT_MS:
	case UNIT_N:
		break;
	}
	return count(w, word, rule);
}

/* "5 G", "92 %", "10 s": the unit must stand at its number. */
static int joined(struct words *w, struct span number)
{
	struct span unit = words_peek(w);

	if (number_len(number) != number.len || unit.len == 0 || unit.len > 2 ||
	    span_is(unit, "in") || span_is(unit, "or"))
		return 0;
	return words_fault(w, unit, "write \"%.*s%.*s\" without a blank", SHOW(number),
			   SHOW(unit));
}

int rule_value(struct words *w, struct rule *rule)
{
	struct span word = words_peek(w);

	if (word.len == 0 || span_is(word, "for") || span_is(word, "in"))
		return words_fault(w, word, "a value is missing: write %s",
				   examples(rule));
	(void)words_take(w);
	if (joined(w, word) < 0)
		return -EINVAL;
	if (word.at[word.len - 1] == '%')
		return percent(w, word, rule);
	if (word.at[word.len - 1] == 'x' && number_len(word) > 0)
		return base(w, word, rule);
	return absolute(w, word, rule);
}

static int duration_fault(struct words *w, struct span word)
{
	size_t digits = number_len(word);

	if (digits == word.len)
		return words_fault(w, word, "%.*s what? write %.*ss or %.*sm", SHOW(word),
				   SHOW(word), SHOW(word));
	return words_fault(w, word,
			   "\"%.*s\" is no duration: write 250ms, 10s, 5m, 1h30m or 2d",
			   SHOW(word));
}

int rule_duration(struct words *w, const char *what, uint64_t least_ms, uint64_t most_ms,
		  uint64_t *ret_ms)
{
	struct span word = words_take(w);
	char least[DURATION_MAX], most[DURATION_MAX];
	uint64_t ms;
	int r;

	if (word.len == 0)
		return words_fault(w, word, "\"%s\" needs a duration, as in \"%s 1m\"",
				   what, what);
	if (joined(w, word) < 0)
		return -EINVAL;
	r = duration_parse(word.at, word.len, &ms);
	if (r == -EINVAL)
		return duration_fault(w, word);
	if (r < 0 || ms < least_ms || ms > most_ms)
		return words_fault(w, word, "\"%s %.*s\": at least %s, at most %s", what,
				   SHOW(word), duration_format(least_ms, least),
				   duration_format(most_ms, most));
	*ret_ms = ms;
	return 0;
}
