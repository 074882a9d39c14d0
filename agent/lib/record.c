/* The writer escapes, the reader accepts exactly what the writer writes: a value that
 * holds a raw control byte was written by someone else. \x00 is refused as well, because
 * a text that ends early would be taken for whole. */
#include "lib/record.h"

#include <errno.h>

#include "lib/num.h"

static bool is_escaped(unsigned char c)
{
	return c < 0x20 || c == 0x7f || c == '\\';
}

void record_add(struct buf *to, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(to, "%s=", key);
	for (; *value; value++) {
		if (is_escaped((unsigned char)*value))
			buf_addf(to, "\\x%02x", (unsigned char)*value);
		else
			buf_addc(to, *value);
	}
	buf_addc(to, '\n');
}

void record_add_u64(struct buf *to, const char *key, uint64_t value)
{
	buf_addf(to, "%s=%llu\n", key, (unsigned long long)value);
}

void record_add_i64(struct buf *to, const char *key, int64_t value)
{
	buf_addf(to, "%s=%lld\n", key, (long long)value);
}

void record_end(struct buf *to)
{
	buf_addc(to, '\n');
}

static bool is_key(struct span key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' &&
		    c != '.')
			return false;
	}
	return key.len > 0;
}

bool record_next(struct span *rest, struct record_line *ret, int *ret_error)
{
	struct span line, key, value;

	if (!text_next(rest, '\n', &line) || line.len == 0)
		return false;
	value = line;
	if (rest->at == line.at + line.len || !text_next(&value, '=', &key) ||
	    key.len == line.len || !is_key(key)) {
		*ret_error = -EBADMSG;
		return false;
	}
	ret->key = key;
	ret->raw = value;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -EBADMSG;
}

/* The next byte of a value, or -EBADMSG. */
static int unescape(struct span *rest)
{
	unsigned char c = (unsigned char)rest->at[0];
	int high, low;

	rest->at++;
	rest->len--;
	if (!is_escaped(c))
		return c;
	if (c != '\\' || rest->len < 3 || rest->at[0] != 'x')
		return -EBADMSG;
	high = hex_digit(rest->at[1]);
	low = hex_digit(rest->at[2]);
	rest->at += 3;
	rest->len -= 3;
	if (high < 0 || low < 0 || high + low == 0)
		return -EBADMSG;
	return high << 4 | low;
}

int record_text(const struct record_line *line, char *to, size_t size)
{
	struct span rest = line->raw;
	size_t len = 0;

	for (; rest.len > 0; len++) {
		int c = unescape(&rest);

		if (c < 0)
			return c;
	}
	if (len >= size)
		return -ENAMETOOLONG;
	rest = line->raw;
	for (size_t i = 0; i < len; i++)
		to[i] = (char)unescape(&rest);
	to[len] = '\0';
	return 0;
}

int record_u64(const struct record_line *line, uint64_t *ret)
{
	return num_u64(line->raw.at, line->raw.len, ret);
}

int record_i64(const struct record_line *line, int64_t *ret)
{
	return num_i64(line->raw.at, line->raw.len, ret);
}
