/* Two profiles, the length of the first in two bytes before it: the table and the JSON of
 * every type, whose flat sums are the totals. */
#include "fuzz.h"

#include <jansson.h>
#include <string.h>

#include "prof/profile.h"
#include "view/diff.h"

#define LIMITS (&(struct profile_limits){1 << 20})
#define SYMBOLS_MAX ((size_t)4 << 20)
#define TEXT_MAX ((size_t)64 << 20)

/* As far as doubles are exact. */
static double total_of(const struct diff *diff, enum side side, bool *ret_exact)
{
	double sum = 0;

	for (size_t i = 0; i < diff->shares->n; i++) {
		double flat = (double)diff->shares->list[i].flat[side];

		*ret_exact &= flat < 1e12 && flat > -1e12;
		sum += flat;
	}
	return sum;
}

static bool has_rootless(const struct stacks *stacks)
{
	for (size_t s = 0; s < stacks->n; s++) {
		if (stacks->list[s].depth == 0)
			return true;
	}
	return false;
}

static void check_texts(const struct diff *diff)
{
	AUTO_BUF struct buf text;
	json_t *root;

	buf_init(&text, TEXT_MAX);
	diff_text(diff, &text);
	promise(buf_error(&text) == 0);
	for (size_t i = 0; i < text.len; i++)
		promise(text.data[i] == '\n' || (uint8_t)text.data[i] >= ' ');
	buf_clear(&text);
	promise(diff_json(diff, &text) == 0);
	root = json_loads(text.data, JSON_REJECT_DUPLICATES, NULL);
	promise(root);
	json_decref(root);
}

static void check_type(const struct stacks *stacks, size_t type)
{
	AUTO_SHARES struct shares shares = {0};
	struct diff diff = {.stacks = stacks,
			    .type = type,
			    .shares = &shares,
			    .pprof_total = stacks_pprof_total(stacks, type),
			    .file = {"base", "now"}};
	bool exact = !has_rootless(stacks);

	promise(stacks_shares(stacks, type, &shares) == 0);
	for (enum side side = 0; side < SIDE_N; side++) {
		double total = total_of(&diff, side, &exact);

		promise(!exact || (int64_t)total == stacks_total(stacks, side, type));
	}
	check_texts(&diff);
	shares_by_cum(&shares, stacks->symbols);
	diff.by_cum = true;
	diff.top = 3;
	check_texts(&diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char why[PROFILE_WHY_MAX];
	struct symbols *symbols;
	struct stacks stacks;
	size_t first;

	if (len < 2)
		return 0;
	first = MIN((size_t)(bytes[0] | bytes[1] << 8), len - 2);
	promise(symbols_new(SYMBOLS_MAX, &symbols) == 0);
	stacks_init(&stacks, symbols);
	if (profile_read((struct span){(const char *)bytes + 2, first}, LIMITS, SIDE_BASE,
			 &stacks, why) == 0 &&
	    profile_read((struct span){(const char *)bytes + 2 + first, len - 2 - first},
			 LIMITS, SIDE_NOW, &stacks, why) == 0) {
		for (size_t t = 0; t < stacks.n_types; t++)
			check_type(&stacks, t);
	}
	stacks_fini(&stacks);
	symbols_free(symbols);
	return 0;
}
