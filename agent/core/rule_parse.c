/* The grammar of rule.h, one function for each part, from left to right. The first fault
 * ends it: what follows a wrong word would only be guesses. */
#include <errno.h>
#include <string.h>

#include "core/metrics_page.h"
#include "core/rule_words.h"
#include "lib/duration.h"

/* A slope over less than this is noise; over a quarter of the time that is foretold it
 * has seen enough to be trusted and is not long past. A guess. */
#define TIME_TO_LIMIT_WINDOW_LEAST_MS 10000
#define TIME_TO_LIMIT_PART 4
#define TIME_TO_LIMIT_LEAST_MS 1000

static void lower(struct span word, char to[static 32])
{
	size_t i = 0;

	for (; i < word.len && i < 31; i++)
		to[i] = (char)(word.at[i] >= 'A' && word.at[i] <= 'Z' ? word.at[i] + 32
								      : word.at[i]);
	to[i] = '\0';
}

/* What somebody who wrote this word may have meant, or NULL: a name of which it is the
 * beginning or the continuation, or one that is spelt almost so. */
static const char *signal_meant(struct span word)
{
	unsigned nearest = 3;
	const char *meant = NULL;
	char given[32];

	lower(word, given);
	for (size_t i = 0; i <= SIGNAL_METRIC; i++) {
		const char *name = signal_table[i].name;
		unsigned distance = text_distance(given, name);

		if (word.len >= 2 &&
		    (text_starts(name, given) || text_starts(given, name)))
			distance = 1;
		if (distance < nearest && distance < word.len) {
			nearest = distance;
			meant = name;
		}
	}
	return meant;
}

/* Which one is picked: what a page of metrics calls it. */
static int parse_metric(struct words *w, struct rule *rule)
{
	struct span word = words_take(w);
	struct metric_selector selector;
	const char *fault;
	size_t at;

	if (word.len == 0)
		return words_fault(w, word,
				   "which metric? write \"metric NAME > 1000\" or "
				   "\"metric NAME{label=\\\"value\\\"} > 1000\"");
	if (metric_selector_parse(word, &selector, &fault, &at) < 0)
		return words_fault(w, (struct span){word.at + at, 1}, "%s", fault);
	memcpy(rule->metric, word.at, word.len); /* the selector's bound is the same */
	return 0;
}

static int parse_signal(struct words *w, struct rule *rule)
{
	struct span word = words_take(w);
	const char *meant;

	if (word.len == 0)
		return words_fault(w, word,
				   "an empty rule: write one like \"memory > 5G\"");
	rule->signal = signal_by_name(word.at, word.len);
	if (rule->signal == SIGNAL_METRIC)
		return parse_metric(w, rule);
	if (rule->signal < SIGNAL_METRIC)
		return 0;
	if (span_is(word, "oom"))
		return words_fault(w, word, "\"oom kill\" is built in: leave it out");
	meant = signal_meant(word);
	if (meant)
		return words_fault(w, word, "no signal \"%.*s\": did you mean \"%s\"?",
				   SHOW(word), meant);
	return words_fault(w, word,
			   "no signal \"%.*s\": memory rss anon usage goroutines threads "
			   "tasks fds sockets pressure, metric NAME, or time to limit",
			   SHOW(word));
}

/* Words that stand for an operator elsewhere. */
static const struct {
	const char *word, *operator;
} spellings[] = {
	{">=", ">"},         {"=>", ">"},        {">>", ">"},        {"above", ">"},
	{"over", ">"},       {"exceeds", ">"},   {"<=", "<"},        {"=<", "<"},
	{"<<", "<"},         {"below", "<"},     {"under", "<"},     {"grow", "grows"},
	{"growth", "grows"}, {"rises", "grows"}, {"Grows", "grows"},
};

static int parse_operator(struct words *w, struct rule *rule)
{
	struct span word = words_peek(w);

	rule->kind = RULE_GROWS;
	if (words_skip(w, "grows"))
		return 0;
	rule->kind = RULE_ABOVE;
	if (words_skip(w, ">"))
		return 0;
	rule->kind = RULE_BELOW;
	if (words_skip(w, "<"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		if (span_is(word, spellings[i].word))
			return words_fault(w, word, "no \"%.*s\" here: write \"%s\"",
					   SHOW(word), spellings[i].operator);
	}
	return words_fault(w, word, "after \"%s\" stands >, < or grows",
			   signal_table[rule->signal].name);
}

static int parse_window(struct words *w, struct rule *rule)
{
	uint64_t least = 2 * (uint64_t)signal_table[rule->signal].every_ms;
	struct span word = words_peek(w);

	if (rule->kind != RULE_GROWS && span_is(word, "in"))
		return words_fault(
			w, word,
			"only \"grows\" has \"in\": a condition holds \"for\" a time");
	if (rule->kind != RULE_GROWS)
		return 0;
	if (!words_skip(w, "in"))
		return words_fault(w, word,
				   "\"grows\" needs its time here, as in \"in 1m\"");
	return rule_duration(w, "in", least, RULE_WINDOW_MOST_MS, &rule->window_ms);
}

static int parse_end(struct words *w, struct rule *rule)
{
	struct span word;

	if (words_skip(w, "for")) {
		int r = rule_duration(w, "for", 1, RULE_FOR_MOST_MS, &rule->for_ms);

		if (r < 0)
			return r;
	}
	word = words_peek(w);
	if (word.len == 0)
		return 0;
	if (span_is(word, "and") || span_is(word, "or"))
		return words_fault(w, word,
				   "one condition is one rule: write a second rule");
	if (rule->for_ms)
		return words_fault(w, word, "\"%.*s\": nothing may follow the duration",
				   SHOW(word));
	return words_fault(w, word,
			   "\"%.*s\": nothing but \"for DURATION\" may follow here",
			   SHOW(word));
}

static int parse_time_to_limit(struct words *w, struct rule *rule)
{
	static const char *const words[] = {"time", "to", "limit"};
	struct span word;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!words_skip(w, words[i]))
			return words_fault(w, words_peek(w),
					   "write \"time to limit < 2m\"");
	}
	word = words_peek(w);
	if (!words_skip(w, "<"))
		return words_fault(w, word,
				   "after \"time to limit\" stands < and a duration");
	rule->kind = RULE_TIME_TO_LIMIT;
	rule->signal = SIGNAL_MEMORY;
	r = rule_duration(w, "<", TIME_TO_LIMIT_LEAST_MS, RULE_WINDOW_MOST_MS,
			  &rule->value);
	if (r < 0)
		return r;
	rule->window_ms =
		MAX(rule->value / TIME_TO_LIMIT_PART, TIME_TO_LIMIT_WINDOW_LEAST_MS);
	return 0;
}

static int parse_condition(struct words *w, struct rule *rule)
{
	int r;

	if (span_is(words_peek(w), "time"))
		return parse_time_to_limit(w, rule);
	r = parse_signal(w, rule);
	if (r == 0)
		r = parse_operator(w, rule);
	if (r == 0)
		r = rule_value(w, rule);
	return r ? r : parse_window(w, rule);
}

/* The words with one blank between them. */
static int parse_text(const struct words *w, char to[static RULE_TEXT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct span *word = &w->word[i];

		if (len + word->len + 1 >= RULE_TEXT_MAX)
			return words_fault(w, *word, "a rule has at most %d characters",
					   RULE_TEXT_MAX - 1);
		if (i > 0)
			to[len++] = ' ';
		memcpy(to + len, word->at, word->len);
		len += word->len;
	}
	to[len] = '\0';
	return 0;
}

int rule_parse(const char *text, struct rule *ret, struct rule_fault *ret_fault)
{
	struct rule rule = {0};
	struct words w;
	int r = words_split(text, ret_fault, &w);

	if (r == 0)
		r = parse_condition(&w, &rule);
	if (r == 0)
		r = parse_end(&w, &rule);
	if (r == 0)
		r = parse_text(&w, rule.text);
	if (r < 0)
		return r;
	text_slug(rule.text, rule.slug, sizeof(rule.slug));
	*ret = rule;
	return 0;
}
