/* strtoull accepts blanks, signs, octal and half a text ("5G" is 5, "-1" is 2^64 - 1), so
 * none of it is used. A text is first known to be digits, then asked whether it fits:
 * "99999999999999999999x" is no number rather than a large one. */
#include "lib/num.h"

#include <errno.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_digit(text[n]))
		n++;
	return n;
}

int num_u64(const char *text, size_t len, uint64_t *ret)
{
	uint64_t value = 0;

	if (len == 0 || count_digits(text, len) != len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}

int num_u64s(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value;
	int r = num_u64(text, strlen(text), &value);

	if (r < 0)
		return r;
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int num_i64(const char *text, size_t len, int64_t *ret)
{
	bool negative = len > 0 && text[0] == '-';
	uint64_t size;
	int r = num_u64(text + negative, len - negative, &size);

	if (r < 0)
		return r;
	if (size > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*ret = (int64_t)(negative ? 0 - size : size);
	return 0;
}

int num_i64s(const char *text, int64_t *ret)
{
	return num_i64(text, strlen(text), ret);
}

/* Thousandths of a fraction's digits, the fourth digit rounding. */
static uint64_t fraction_milli(const char *digits, size_t len)
{
	uint64_t milli = 0;

	for (size_t i = 0; i < 3; i++)
		milli = 10 * milli + (i < len ? (uint64_t)(digits[i] - '0') : 0);
	return milli + (len > 3 && digits[3] >= '5');
}

int num_milli(const char *text, size_t len, uint64_t *ret)
{
	size_t whole_len = count_digits(text, len);
	uint64_t whole, milli = 0;
	int r;

	if (whole_len < len) {
		const char *fraction = text + whole_len + 1;
		size_t fraction_len = len - whole_len - 1;

		if (text[whole_len] != '.' || fraction_len == 0 ||
		    count_digits(fraction, fraction_len) != fraction_len)
			return -EINVAL;
		milli = fraction_milli(fraction, fraction_len);
	}
	r = num_u64(text, whole_len, &whole);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, (uint64_t)1000, &whole) ||
	    __builtin_add_overflow(whole, milli, &whole))
		return -ERANGE;
	*ret = whole;
	return 0;
}

uint64_t num_add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

uint64_t num_mul(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

uint64_t num_scale(uint64_t a, uint64_t b, uint64_t c)
{
	unsigned __int128 scaled = (unsigned __int128)a * b / c;

	return scaled > UINT64_MAX ? UINT64_MAX : (uint64_t)scaled;
}

int num_order_int(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int num_order_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

uint64_t num_sub(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}
