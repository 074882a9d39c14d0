/* One line at a time, from left to right, and the labels only where the name is wanted:
 * of a page with 100,000 series a handful is looked at closely. */
#include "core/metrics_page.h"

#include <errno.h>
#include <string.h>

#include "core/metrics_number.h"

/* ------------------------------------------------------------------ words */

static bool is_name_byte(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
	       (!first && c >= '0' && c <= '9');
}

/* The name at the begin, which is taken off; empty where there is none. */
static struct span take_name(struct span *rest)
{
	size_t len = 0;

	while (len < rest->len && is_name_byte(rest->at[len], len == 0))
		len++;
	rest->at += len;
	rest->len -= len;
	return (struct span){rest->at - len, len};
}

static bool take_byte(struct span *rest, char c)
{
	if (rest->len == 0 || rest->at[0] != c)
		return false;
	rest->at++;
	rest->len--;
	return true;
}

static void skip_blanks(struct span *rest)
{
	while (take_byte(rest, ' ') || take_byte(rest, '\t'))
		;
}

/* Behind the first quote: up to the last one, which is taken off with it; escapes are
 * still in the value. False: it does not end. */
static bool take_quoted(struct span *rest, struct span *ret)
{
	size_t len = 0;

	while (len < rest->len && rest->at[len] != '"')
		len += rest->at[len] == '\\' ? 2 : 1;
	if (len >= rest->len)
		return false;
	*ret = (struct span){rest->at, len};
	rest->at += len + 1;
	rest->len -= len + 1;
	return true;
}

/* The next byte of an escaped value: \\, \" and \n stand for one, any other backslash for
 * itself. */
static char unescape(struct span *value)
{
	char c = value->at[0];
	size_t used = 1;

	if (c == '\\' && value->len > 1 && memchr("\\\"n", value->at[1], 3)) {
		c = value->at[1] == 'n' ? '\n' : value->at[1];
		used = 2;
	}
	value->at += used;
	value->len -= used;
	return c;
}

/* ------------------------------------------------------------------ selectors */

static int fault(const struct metric_selector *s, const char *at, const char *what,
		 const char **ret_fault, size_t *ret_at)
{
	*ret_fault = what;
	*ret_at = (size_t)(at - s->text);
	return -EINVAL;
}

/* In place: an unescaped value is never longer. */
static struct span unescape_here(struct span value)
{
	char *to = (char *)(uintptr_t)value.at;
	struct span rest = value;
	size_t len = 0;

	while (rest.len)
		to[len++] = unescape(&rest);
	return (struct span){value.at, len};
}

static const char *parse_label(struct metric_selector *s, struct span *rest)
{
	struct metric_label *label = &s->label[s->n_labels];

	if (s->n_labels == METRIC_LABELS_MAX)
		return "more than 8 labels";
	label->name = take_name(rest);
	if (label->name.len == 0)
		return "a label's name is missing";
	if (!take_byte(rest, '='))
		return "after a label's name stands =\"VALUE\"";
	if (!take_byte(rest, '"') || !take_quoted(rest, &label->value))
		return "a label's value stands in quotes: NAME{label=\"VALUE\"}";
	s->n_labels++;
	return NULL;
}

static const char *parse_labels(struct metric_selector *s, struct span *rest)
{
	const char *what;

	do {
		if (take_byte(rest, '}')) /* none, or a comma behind the last */
			return NULL;
		what = parse_label(s, rest);
	} while (!what && take_byte(rest, ','));
	if (!what && !take_byte(rest, '}'))
		what = "after a label stands , or }";
	return what;
}

int metric_selector_parse(struct span text, struct metric_selector *ret,
			  const char **ret_fault, size_t *ret_at)
{
	struct span rest = {ret->text, text.len};
	const char *what = NULL;

	*ret = (struct metric_selector){0};
	if (text.len >= sizeof(ret->text))
		return fault(ret, ret->text, "the name is too long", ret_fault, ret_at);
	memcpy(ret->text, text.at, text.len);
	ret->name = take_name(&rest);
	if (ret->name.len == 0)
		what = "a metric's name is missing";
	else if (take_byte(&rest, '{'))
		what = parse_labels(ret, &rest);
	if (!what && rest.len)
		what = "a metric is NAME or NAME{label=\"VALUE\"}";
	if (what)
		return fault(ret, rest.at, what, ret_fault, ret_at);
	for (size_t i = 0; i < ret->n_labels; i++)
		ret->label[i].value = unescape_here(ret->label[i].value);
	return 0;
}

/* ------------------------------------------------------------------ a line */

static bool is_equal(struct span a, struct span b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static bool is_value(struct span escaped, struct span plain)
{
	while (escaped.len && plain.len) {
		if (unescape(&escaped) != plain.at[0])
			return false;
		plain.at++;
		plain.len--;
	}
	return escaped.len == plain.len;
}

/* The labels behind '{', of which each is shown to the caller; false: they do not end. */
struct labels {
	struct span name[64], value[64];
	size_t n;
};

static bool take_labels(struct span *rest, struct labels *ret)
{
	ret->n = 0;
	for (;;) {
		struct span name, value;

		skip_blanks(rest);
		if (take_byte(rest, '}'))
			return true;
		name = take_name(rest);
		skip_blanks(rest);
		if (name.len == 0 || !take_byte(rest, '='))
			return false;
		skip_blanks(rest);
		if (!take_byte(rest, '"') || !take_quoted(rest, &value))
			return false;
		if (ret->n == ARRAY_SIZE(ret->name))
			return false;
		ret->name[ret->n] = name;
		ret->value[ret->n++] = value;
		skip_blanks(rest);
		(void)take_byte(rest, ',');
	}
}

/* A label that a series does not have is the same as an empty one. */
static bool has_label(const struct labels *labels, const struct metric_label *wanted)
{
	for (size_t i = 0; i < labels->n; i++) {
		if (is_equal(labels->name[i], wanted->name))
			return is_value(labels->value[i], wanted->value);
	}
	return wanted->value.len == 0;
}

static bool picks(const struct metric_selector *selector, struct span name,
		  const struct labels *labels)
{
	if (!is_equal(selector->name, name))
		return false;
	for (size_t i = 0; i < selector->n_labels; i++) {
		if (!has_label(labels, &selector->label[i]))
			return false;
	}
	return true;
}

static void count(struct metrics_page *page, struct span name,
		  const struct labels *labels, double value)
{
	for (size_t i = 0; i < page->n; i++) {
		struct metric_sum *sum = &page->sum[i];

		if (!picks(&page->wanted[i], name, labels))
			continue;
		sum->nan += value != value;
		sum->n += value == value;
		sum->value += value == value ? value : 0;
	}
}

/* What may follow the value: a time stamp, and an exemplar of OpenMetrics. */
static bool is_end(struct span rest)
{
	double stamp;

	skip_blanks(&rest);
	if (rest.len && rest.at[0] != '#' && !metrics_number_take(&rest, &stamp))
		return false;
	skip_blanks(&rest);
	return rest.len == 0 || rest.at[0] == '#';
}

static bool read_sample(struct metrics_page *page, struct span rest)
{
	struct labels labels = {.n = 0};
	struct span name = take_name(&rest);
	double value;

	if (name.len == 0)
		return false;
	skip_blanks(&rest);
	if (take_byte(&rest, '{') && !take_labels(&rest, &labels))
		return false;
	skip_blanks(&rest);
	if (!metrics_number_take(&rest, &value) || !is_end(rest))
		return false;
	count(page, name, &labels, value);
	return true;
}

static void read_line(struct metrics_page *page)
{
	struct span line = {page->line, page->len};

	page->len = 0;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	skip_blanks(&line);
	if (page->overlong)
		page->spoilt++;
	else if (line.len && line.at[0] != '#' && read_sample(page, line))
		page->samples++;
	else if (line.len && line.at[0] != '#')
		page->spoilt++;
	page->overlong = false;
}

/* ------------------------------------------------------------------ a page */

void metrics_page_begin(struct metrics_page *page, const struct metric_selector *wanted,
			size_t n)
{
	memset(page, 0, offsetof(struct metrics_page, line));
	page->wanted = wanted;
	page->n = MIN(n, (size_t)METRICS_WANTED_MAX);
}

void metrics_page_add(struct metrics_page *page, const void *bytes, size_t len)
{
	const char *at = bytes, *end = at + len;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t part = (size_t)((newline ? newline : end) - at);

		if (part > sizeof(page->line) - page->len)
			page->overlong = true;
		if (!page->overlong) {
			memcpy(page->line + page->len, at, part);
			page->len += part;
		}
		if (newline)
			read_line(page);
		at += part + !!newline;
	}
}

void metrics_page_end(struct metrics_page *page)
{
	if (page->len || page->overlong)
		read_line(page);
}

bool metrics_page_is_one(const struct metrics_page *page)
{
	return page->samples > 0;
}

struct reading metrics_page_value(const struct metrics_page *page, size_t i)
{
	const struct metric_sum *sum = &page->sum[i];
	struct reading reading = {.have = HAVE_ERROR, .error = ERANGE};

	if (sum->n == 0 && sum->nan == 0)
		return (struct reading){.have = HAVE_ABSENT};
	if (sum->n == 0)
		return (struct reading){.have = HAVE_ERROR, .error = ENODATA};
	if (sum->value >= 0 && sum->value < (double)METRIC_MOST)
		reading = (struct reading){
			.have = HAVE_VALUE,
			.value = (uint64_t)(sum->value * METRIC_SCALE + 0.5)};
	return reading;
}
