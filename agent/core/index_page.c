/* Read by its skeleton (cell, number, cell, link, name), not by its exact bytes. Hostile
 * input: nothing is copied, every step moves forward, so a page is walked once. */
#include "core/index_page.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"

/* Moves rest behind the next "<td"; false where there is none. */
static bool skip_to_cell(struct span *rest)
{
	const char *at;

	while ((at = memchr(rest->at, '<', rest->len))) {
		rest->len -= (size_t)(at - rest->at) + 1;
		rest->at = at + 1;
		if (rest->len < 2 || memcmp(rest->at, "td", 2) != 0)
			continue;
		rest->at += 2;
		rest->len -= 2;
		return true;
	}
	return false;
}

/* Moves rest behind `what` if it stands there, blanks aside. */
static bool skip_over(struct span *rest, const char *what)
{
	size_t len = strlen(what);
	struct span s = *rest;

	while (s.len && strchr(" \t\r\n", *s.at) && *s.at)
		s.at++, s.len--;
	if (s.len < len || memcmp(s.at, what, len) != 0)
		return false;
	rest->at = s.at + len;
	rest->len = s.len - len;
	return true;
}

/* Moves rest behind the '>' of the tag that it stands in. A '<' before it is no tag's
 * end: so no byte is looked at by two rows, however hostile the page. */
static bool skip_tag(struct span *rest)
{
	for (size_t i = 0; i < rest->len && rest->at[i] != '<'; i++) {
		if (rest->at[i] != '>')
			continue;
		rest->at += i + 1;
		rest->len -= i + 1;
		return true;
	}
	return false;
}

static struct span before_tag(const struct span *rest)
{
	const char *end = memchr(rest->at, '<', rest->len);

	return span_trim((struct span){rest->at, end ? (size_t)(end - rest->at) : 0});
}

/* rest stands behind "<td". */
static bool parse_row(struct span *rest, struct index_row *ret)
{
	struct span count;

	if (!skip_tag(rest))
		return false;
	count = before_tag(rest);
	if (num_u64(count.at, count.len, &ret->count) < 0)
		return false;
	rest->len -= (size_t)(count.at + count.len - rest->at);
	rest->at = count.at + count.len;
	(void)skip_over(rest, "</td>"); /* older pages do not close it */
	if (!skip_over(rest, "<td") || !skip_tag(rest))
		return false;
	if (!skip_over(rest, "<a ") || !skip_tag(rest))
		return false;
	ret->name = before_tag(rest);
	return ret->name.len > 0;
}

bool index_page_next(struct span *rest, struct index_row *ret)
{
	while (skip_to_cell(rest)) {
		struct span row = *rest;
		struct index_row found;

		if (!parse_row(&row, &found))
			continue;
		*rest = row;
		*ret = found;
		return true;
	}
	return false;
}

int index_page_parse(struct span page, struct index_page *ret)
{
	struct index_page found = {0};
	struct index_row row;
	bool goroutines = false;

	while (index_page_next(&page, &row)) {
		if (span_is(row.name, "goroutine")) {
			found.goroutines = row.count;
			goroutines = true;
		} else if (span_is(row.name, "threadcreate")) {
			found.threads = row.count;
		} else if (span_is(row.name, "heap")) {
			found.places = row.count;
		} else if (span_is(row.name, "goroutineleak")) {
			found.leaks_offered = true;
		}
	}
	if (!goroutines)
		return -EBADMSG;
	*ret = found;
	return 0;
}
