/* A state as text: "PHASE TRUE CALM COOL RULE"; a phase that is inherited has a word of
 * its own. Times are ms: since when the condition has been true, since when it has been
 * back ("-": it is not), how long to cool still. The rule's text comes last because it
 * has blanks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/judge.h"
#include "lib/num.h"

#define AGE_MAX_MS (INT64_C(3653) * 24 * 3600 * 1000) /* ten years: a sane clock */

#define INHERITED "inherited"

static void age_format(int64_t since_ms, int64_t now_ms, char to[static 24])
{
	if (since_ms == NEVER_MS)
		(void)snprintf(to, 24, "-");
	else
		(void)snprintf(to, 24, "%lld", (long long)(now_ms - since_ms));
}

void rule_state_save(const struct rule *rule, const struct rule_state *state,
		     int64_t now_ms, struct buf *to)
{
	int64_t cool_ms =
		state->phase == PHASE_COOLING ? state->cool_until_ms - now_ms : 0;
	char text[STATE_TEXT_MAX], true_ago[24], calm_ago[24];

	age_format(state->true_since_ms, now_ms, true_ago);
	age_format(state->calm_since_ms, now_ms, calm_ago);
	(void)snprintf(text, sizeof(text), "%s %s %s %lld %s",
		       state->inherited ? INHERITED : phase_table[state->phase], true_ago,
		       calm_ago, (long long)MAX(cool_ms, 0), rule->text);
	record_add(to, "rule", text);
}

static int age_parse(struct span *rest, int64_t at_ms, int64_t *ret_since_ms)
{
	struct span field;
	int64_t age_ms;

	if (!text_next(rest, ' ', &field))
		return -EBADMSG;
	if (span_is(field, "-")) {
		*ret_since_ms = NEVER_MS;
		return 0;
	}
	if (num_i64(field.at, field.len, &age_ms) < 0 || age_ms < 0 ||
	    age_ms > AGE_MAX_MS)
		return -EBADMSG;
	*ret_since_ms = at_ms - age_ms;
	return 0;
}

static int phase_parse(struct span *rest, struct rule_state *ret)
{
	struct span field;
	int phase = 0;

	if (!text_next(rest, ' ', &field))
		return -EBADMSG;
	ret->inherited = span_is(field, INHERITED);
	if (ret->inherited) {
		ret->phase = PHASE_COOLING;
		return 0;
	}
	while (phase < PHASE_BLIND && !span_is(field, phase_table[phase]))
		phase++;
	ret->phase = (enum phase)phase;
	return phase == PHASE_BLIND ? -EBADMSG : 0;
}

/* A cooldown that was shortened meanwhile counts as it is now. */
static int cool_parse(struct span *rest, const struct rule *rule, int64_t at_ms,
		      int64_t *ret_until_ms)
{
	struct span field;
	uint64_t left_ms;

	if (!text_next(rest, ' ', &field) || num_u64(field.at, field.len, &left_ms) < 0)
		return -EBADMSG;
	*ret_until_ms = at_ms + (int64_t)MIN(left_ms, rule->cooldown_ms);
	return 0;
}

int rule_state_load(const char *saved, const struct rule *rule, int64_t at_ms,
		    struct rule_state *ret)
{
	struct span rest = {saved, strlen(saved)};
	struct rule_state state;

	rule_state_init(&state);
	if (phase_parse(&rest, &state) < 0 ||
	    age_parse(&rest, at_ms, &state.true_since_ms) < 0 ||
	    age_parse(&rest, at_ms, &state.calm_since_ms) < 0 ||
	    cool_parse(&rest, rule, at_ms, &state.cool_until_ms) < 0)
		return -EBADMSG;
	if (!span_is(rest, rule->text))
		return STATE_OTHER_RULE;
	*ret = state;
	return 0;
}
