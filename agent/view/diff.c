#include "view/diff.h"

#include <string.h>

#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"
#include "lib/stamp.h"

#define NAME_MAX_SHOWN 300 /* bytes of a function's name; generics make long ones */

static bool two(const struct diff *diff)
{
	return diff->file[SIDE_BASE] != NULL;
}

static int64_t delta(const int64_t value[SIDE_N])
{
	return num_sub_i64(value[SIDE_NOW], value[SIDE_BASE]);
}

int64_t diff_growth(const struct diff *diff)
{
	return num_sub_i64(stacks_total(diff->stacks, SIDE_NOW, diff->type),
			   stacks_total(diff->stacks, SIDE_BASE, diff->type));
}

int64_t diff_bare(const struct diff *diff, enum side side)
{
	const struct stacks *stacks = diff->stacks;
	int64_t sum = 0;

	for (size_t i = 0; i < stacks->n; i++) {
		if (stacks->list[i].depth == 0 && stacks->read[side])
			sum = num_add_i64(
				sum,
				stacks->values[side][i * stacks->n_types + diff->type]);
	}
	return sum;
}

int64_t diff_bare_growth(const struct diff *diff)
{
	return num_sub_i64(diff_bare(diff, SIDE_NOW), diff_bare(diff, SIDE_BASE));
}

static void nanoseconds(struct buf *to, uint64_t ns)
{
	if (ns >= 1000000000)
		buf_addf(to, "%.2fs", (double)ns / 1e9);
	else if (ns >= 1000000)
		buf_addf(to, "%.2fms", (double)ns / 1e6);
	else if (ns >= 1000)
		buf_addf(to, "%.2fus", (double)ns / 1e3);
	else
		buf_addf(to, ns ? "%uns" : "%u", (unsigned)ns);
}

void diff_value(struct buf *to, struct span unit, int64_t value, bool sign)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char text[QUANTITY_MAX];

	if (value < 0)
		buf_addc(to, '-');
	else if (sign && value > 0)
		buf_addc(to, '+');
	if (span_is(unit, "bytes"))
		buf_adds(to, quantity_format(size, text));
	else if (span_is(unit, "nanoseconds"))
		nanoseconds(to, size);
	else
		buf_addf(to, "%llu", (unsigned long long)size);
}

/* The same, right-aligned. */
static void cell(const struct diff *diff, struct buf *to, int64_t value, bool sign)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 100);
	diff_value(
		&text,
		symbols_text(diff->stacks->symbols, diff->stacks->types[diff->type].unit),
		value, sign);
	buf_addf(to, "%10s", text.data);
}

static void share(const struct diff *diff, struct buf *to, int64_t value)
{
	int64_t of = diff->pprof_total;

	buf_addf(to, " %6.1f%%", of ? 100 * ((double)value / (double)of) : 0.0);
}

static void head_line(const struct diff *diff, enum side side, struct buf *to)
{
	const struct stacks *stacks = diff->stacks;
	struct span metric =
		symbols_text(stacks->symbols, stacks->types[diff->type].name);
	char stamp[STAMP_MAX];

	buf_adds(to, side == SIDE_BASE ? "base " : two(diff) ? "now  " : "");
	cell(diff, to, stacks_total(stacks, side, diff->type), false);
	buf_addc(to, ' ');
	text_show(to, metric.at, metric.len, NAME_MAX_SHOWN);
	if (stacks->at_ns[side]) {
		(void)stamp_format(stacks->at_ns[side] / 1000000, stamp);
		buf_addf(to, ", %.10s %.8s UTC", stamp, stamp + 11);
	}
	buf_adds(to, ", ");
	text_show(to, diff->file[side], strlen(diff->file[side]), NAME_MAX_SHOWN);
	buf_addc(to, '\n');
}

static void growth_line(const struct diff *diff, struct buf *to)
{
	const int64_t *at_ns = diff->stacks->at_ns;
	char text[DURATION_MAX];

	buf_adds(to, "grew ");
	cell(diff, to, diff_growth(diff), true);
	if (at_ns[SIDE_BASE] && at_ns[SIDE_NOW] > at_ns[SIDE_BASE])
		buf_addf(to, " in %s",
			 duration_format((uint64_t)(at_ns[SIDE_NOW] - at_ns[SIDE_BASE]) /
						 1000000 / 1000 * 1000,
					 text));
	buf_addc(to, '\n');
}

/* Else the table would not add up to the head without a word. */
static void bare_line(const struct diff *diff, struct buf *to)
{
	int64_t bare = diff_bare_growth(diff);

	if (bare == 0)
		return;
	buf_adds(to, two(diff) ? "bare " : "");
	cell(diff, to, bare, two(diff));
	buf_adds(to, " of it without a stack: the profile does not say whose\n");
}

/* Growth, base -> now and share of the sum by which the rows are ordered, then growth and
 * share of the other one. */
static void row(const struct diff *diff, const struct share *s, struct buf *to)
{
	struct span name = symbols_text(diff->stacks->symbols, s->function);
	const int64_t *first = diff->by_cum ? s->cum : s->flat;
	const int64_t *second = diff->by_cum ? s->flat : s->cum;

	cell(diff, to, delta(first), two(diff));
	if (two(diff)) {
		cell(diff, to, first[SIDE_BASE], false);
		buf_adds(to, " ->");
		cell(diff, to, first[SIDE_NOW], false);
	}
	share(diff, to, delta(first));
	buf_addc(to, ' ');
	cell(diff, to, delta(second), two(diff));
	share(diff, to, delta(second));
	buf_adds(to, "  ");
	text_show(to, name.at, name.len, NAME_MAX_SHOWN);
	buf_addc(to, '\n');
}

static void table_head(const struct diff *diff, struct buf *to)
{
	const char *first = diff->by_cum ? "cum" : "flat";

	buf_addf(to, "%10s", first);
	if (two(diff))
		buf_addf(to, "%10s -> %9s", "base", "now");
	buf_addf(to, " %7s %10s %7s  function\n", "share", diff->by_cum ? "flat" : "cum",
		 "share");
}

size_t diff_moved(const struct diff *diff)
{
	size_t n = diff->shares->n;

	while (n > 0 && !delta(diff->shares->list[n - 1].flat) &&
	       !delta(diff->shares->list[n - 1].cum))
		n--;
	return n;
}

size_t diff_shown(const struct diff *diff)
{
	return diff->top ? MIN(diff->top, diff_moved(diff)) : diff_moved(diff);
}

static void foot(const struct diff *diff, struct buf *to)
{
	size_t more = diff_moved(diff) - diff_shown(diff);

	if (diff_moved(diff) == 0)
		buf_adds(to, !two(diff)               ? "there is nothing\n"
			     : diff_bare_growth(diff) ? "no function has changed\n"
						      : "nothing has changed\n");
	if (more)
		buf_addf(to, "... and %zu functions more: --top 0 shows all\n", more);
	for (size_t side = 0; side < SIDE_N; side++) {
		if (diff->stacks->cut[side])
			buf_addf(to,
				 "%llu stacks were deeper than %d frames and lost their "
				 "roots\n",
				 (unsigned long long)diff->stacks->cut[side],
				 STACK_DEPTH_MAX);
	}
}

void diff_text(const struct diff *diff, struct buf *to)
{
	if (two(diff))
		head_line(diff, SIDE_BASE, to);
	head_line(diff, SIDE_NOW, to);
	if (two(diff))
		growth_line(diff, to);
	bare_line(diff, to);
	buf_addc(to, '\n');
	table_head(diff, to);
	for (size_t i = 0; i < diff_shown(diff); i++)
		row(diff, &diff->shares->list[i], to);
	foot(diff, to);
}
