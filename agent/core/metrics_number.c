#include "core/metrics_number.h"

#define DIGITS_MAX 19    /* that a uint64_t holds whatever they are */
#define EXPONENT_MAX 400 /* beyond what a double has */

struct decimal {
	uint64_t digits;
	unsigned n; /* of them that count: without zeros in front */
	int exponent;
	bool any;
};

static bool is_digit(struct span rest, size_t at)
{
	return at < rest.len && rest.at[at] >= '0' && rest.at[at] <= '9';
}

static void add_digit(struct decimal *d, char c, bool fraction)
{
	d->any = true;
	if (d->n < DIGITS_MAX) {
		d->digits = d->digits * 10 + (unsigned)(c - '0');
		d->n += d->digits != 0;
		d->exponent -= fraction;
	} else if (d->exponent < EXPONENT_MAX) {
		d->exponent += !fraction;
	}
}

static size_t read_digits(struct span rest, size_t at, bool fraction, struct decimal *d)
{
	for (; is_digit(rest, at); at++) {
		if (d->exponent > -EXPONENT_MAX)
			add_digit(d, rest.at[at], fraction);
	}
	return at;
}

/* "e-12" behind the digits; without digits of its own it is none, and what stands there
 * ends the number. */
static size_t read_exponent(struct span rest, size_t at, struct decimal *d)
{
	size_t begin = at;
	bool minus;
	int e = 0;

	if (at >= rest.len || (rest.at[at] != 'e' && rest.at[at] != 'E'))
		return at;
	at++;
	minus = at < rest.len && rest.at[at] == '-';
	if (at < rest.len && (minus || rest.at[at] == '+'))
		at++;
	if (!is_digit(rest, at))
		return begin;
	for (; is_digit(rest, at); at++)
		e = MIN(e * 10 + (rest.at[at] - '0'), 2 * EXPONENT_MAX);
	d->exponent += minus ? -e : e;
	return at;
}

static double scale(uint64_t digits, int exponent)
{
	double value = (double)digits, factor = 10;
	unsigned left = (unsigned)(exponent < 0 ? -exponent : exponent);

	if (digits == 0)
		return 0;
	/* In two steps where one alone would be no number: 10^-310 is not, 1e15 * it is.
	 */
	for (left = MIN(left, 640U); left > 300; left--)
		value = exponent < 0 ? value / 10 : value * 10;
	for (; left; left >>= 1, factor *= factor) {
		if (left & 1)
			value = exponent < 0 ? value / factor : value * factor;
	}
	return value;
}

/* A word of letters, however they are written. */
static size_t word_len(struct span rest, size_t at, const char *word)
{
	size_t len = 0;

	while (word[len] && at + len < rest.len && (rest.at[at + len] | 32) == word[len])
		len++;
	return word[len] ? 0 : len;
}

static size_t read_word(struct span rest, size_t at, double *ret)
{
	static const struct {
		const char *word;
		double value;
	} words[] = {{"nan", __builtin_nan("")},
		     {"infinity", __builtin_inf()},
		     {"inf", __builtin_inf()}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = word_len(rest, at, words[i].word);

		if (len) {
			*ret = words[i].value;
			return at + len;
		}
	}
	return at;
}

bool metrics_number_take(struct span *rest, double *ret)
{
	struct decimal d = {0};
	bool minus = rest->len && rest->at[0] == '-';
	size_t begin = minus || (rest->len && rest->at[0] == '+'), at;
	double value = 0;

	at = read_digits(*rest, begin, false, &d);
	if (at < rest->len && rest->at[at] == '.')
		at = read_digits(*rest, at + 1, true, &d);
	if (d.any) {
		at = read_exponent(*rest, at, &d);
		value = scale(d.digits, d.exponent);
	} else {
		at = read_word(*rest, begin, &value);
		if (at == begin)
			return false;
	}
	if (at < rest->len && rest->at[at] != ' ' && rest->at[at] != '\t')
		return false;
	rest->at += at;
	rest->len -= at;
	*ret = minus ? -value : value;
	return true;
}
