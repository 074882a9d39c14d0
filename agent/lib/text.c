/* Nothing here depends on a locale: the classes of <ctype.h> do, and a byte above 127 is
 * never a letter. */
#include "lib/text.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"

#define DISTANCE_MAX 9
#define DISTANCE_LEN_MAX 64
#define NAME_LEN_MAX 63

bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool text_starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

bool text_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text), tail = strlen(suffix);

	return len >= tail && !strcmp(text + len - tail, suffix);
}

int text_copy(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (size == 0)
		return -ENAMETOOLONG;
	memcpy(to, from, MIN(len, size - 1));
	to[MIN(len, size - 1)] = '\0';
	return len < size ? 0 : -ENAMETOOLONG;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool text_is_name(const char *text)
{
	size_t len = 0;

	while (len <= NAME_LEN_MAX && is_name_byte(text[len]))
		len++;
	return len >= 1 && len <= NAME_LEN_MAX && !text[len] && text[0] != '.';
}

void text_slug(const char *text, char *to, size_t size)
{
	size_t len = 0;
	bool gap = false;

	if (size == 0)
		return;
	for (; *text; text++) {
		if (*text == '-' || !is_name_byte(*text)) {
			gap = len > 0;
			continue;
		}
		if (len + gap + 1 >= size)
			break;
		if (gap)
			to[len++] = '-';
		to[len++] = *text;
		gap = false;
	}
	to[len] = '\0';
}

unsigned text_distance(const char *a, const char *b)
{
	/* One row of the table of Wagner and Fischer: row[j] is the distance from the
	 * first i bytes of a to the first j bytes of b. */
	unsigned row[DISTANCE_LEN_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > DISTANCE_LEN_MAX || b_len > DISTANCE_LEN_MAX)
		return DISTANCE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(MIN(row[j], row[j - 1]) + 1, replaced);
		}
	}
	return MIN(row[b_len], DISTANCE_MAX);
}

bool text_next(struct span *rest, char separator, struct span *ret)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, separator, rest->len);
	ret->at = rest->at;
	ret->len = end ? (size_t)(end - rest->at) : rest->len;
	rest->at += ret->len + !!end;
	rest->len -= ret->len + !!end;
	return true;
}

size_t text_lines(struct span text)
{
	struct span line;
	size_t n = 0;

	while (text_next(&text, '\n', &line))
		n++;
	return n;
}

bool span_is(struct span s, const char *text)
{
	return strlen(text) == s.len && (s.len == 0 || !memcmp(s.at, text, s.len));
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_trim(struct span s)
{
	while (s.len > 0 && is_blank(s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* What follows "key " or "key:" in a line; false where the line is another key's. */
static bool field_value(struct span line, const char *key, struct span *ret)
{
	size_t len = strlen(key);

	if (line.len <= len || memcmp(line.at, key, len))
		return false;
	if (line.at[len] != ':' && line.at[len] != ' ' && line.at[len] != '\t')
		return false;
	*ret = span_trim((struct span){line.at + len + 1, line.len - len - 1});
	return true;
}

int text_field(struct span lines, const char *key, uint64_t *ret)
{
	struct span line, value, number;

	while (text_next(&lines, '\n', &line)) {
		if (!field_value(line, key, &value))
			continue;
		if (!text_next(&value, ' ', &number))
			return -EINVAL;
		return num_u64(number.at, number.len, ret) < 0 ? -EINVAL : 0;
	}
	return -ENOENT;
}
