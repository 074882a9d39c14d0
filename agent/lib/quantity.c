/* A number, then a unit out of a table; nothing before, between or after. "1.5G" is
 * exact: the fraction is scaled in 128 bits. */
#include "lib/quantity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"

/* 1e-9 of a terabyte is a kilobyte: nobody writes more digits and means them. */
#define FRACTION_DIGITS_MAX 9

static const struct unit {
	const char *name;
	uint64_t bytes;
} units[] = {
	{"", 1},
	{"K", 1ULL << 10},
	{"M", 1ULL << 20},
	{"G", 1ULL << 30},
	{"T", 1ULL << 40},
	{"Ki", 1ULL << 10},
	{"Mi", 1ULL << 20},
	{"Gi", 1ULL << 30},
	{"Ti", 1ULL << 40},
	{"kB", 1000ULL},
	{"MB", 1000ULL * 1000},
	{"GB", 1000ULL * 1000 * 1000},
	{"TB", 1000ULL * 1000 * 1000 * 1000},
};

static const struct unit *unit_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) == len && !memcmp(units[i].name, name, len))
			return &units[i];
	}
	return NULL;
}

/* ".25" of a unit in bytes, rounded. Parts of a byte do not exist. */
static int fraction_parse(const char *digits, size_t len, uint64_t unit, uint64_t *ret)
{
	uint64_t value, whole = 1;
	int r = num_u64(digits, len, &value);

	if (r < 0)
		return r;
	if (unit == 1 || len > FRACTION_DIGITS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		whole *= 10;
	*ret = num_scale(value, unit, whole);
	return 0;
}

/* The length of what stands before the unit. */
static size_t number_len(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && ((text[n] >= '0' && text[n] <= '9') || text[n] == '.'))
		n++;
	return n;
}

int quantity_parse(const char *text, size_t len, uint64_t *ret_bytes)
{
	size_t number = number_len(text, len);
	const struct unit *unit;
	uint64_t whole, part = 0;
	const char *dot;
	int r;

	if (number == 0)
		return -EINVAL;
	unit = unit_find(text + number, len - number);
	if (!unit)
		return -EINVAL;
	dot = memchr(text, '.', number);
	if (dot) {
		size_t whole_len = (size_t)(dot - text);

		r = fraction_parse(dot + 1, number - whole_len - 1, unit->bytes, &part);
		if (r < 0)
			return r;
		number = whole_len;
	}
	r = num_u64(text, number, &whole);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, unit->bytes, &whole) ||
	    __builtin_add_overflow(whole, part, &whole))
		return -ERANGE;
	*ret_bytes = whole;
	return 0;
}

/* bytes / unit in parts of a unit, rounded half up. */
static uint64_t rounded(uint64_t bytes, uint64_t unit, unsigned parts)
{
	return (num_scale(bytes, 2 * parts, unit) + 1) / 2;
}

char *quantity_format(uint64_t bytes, char text[static QUANTITY_MAX])
{
	static const char letters[] = "KMGT";
	uint64_t unit = 1024, tenths;
	size_t i = 0;

	if (bytes < unit) {
		(void)snprintf(text, QUANTITY_MAX, "%u", (unsigned)bytes);
		return text;
	}
	while (letters[i + 1] && rounded(bytes, unit, 1) >= 1024) {
		unit *= 1024; /* 1023.6K is 1.0M, not 1024K */
		i++;
	}
	tenths = rounded(bytes, unit, 10);
	if (tenths < 1000)
		(void)snprintf(text, QUANTITY_MAX, "%u.%u%c", (unsigned)(tenths / 10),
			       (unsigned)(tenths % 10), letters[i]);
	else
		(void)snprintf(text, QUANTITY_MAX, "%llu%c",
			       (unsigned long long)rounded(bytes, unit, 1), letters[i]);
	return text;
}

char *quantity_thousandths(uint64_t value, char text[static QUANTITY_MAX])
{
	int len = snprintf(text, QUANTITY_MAX, "%llu.%03u",
			   (unsigned long long)(value / 1000), (unsigned)(value % 1000));

	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[len - 1] = '\0';
	return text;
}
