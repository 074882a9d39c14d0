/* One table serves both ways. Units stand from large to small and none twice: "30m1h" and
 * "1h1h" are more likely slips than wishes. */
#include "lib/duration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"

static const struct unit {
	const char *name;
	uint64_t ms;
} units[] = {
	{"d", 24ULL * 3600 * 1000},
	{"h", 3600 * 1000},
	{"m", 60 * 1000},
	{"s", 1000},
	{"ms", 1},
};

/* Ten years: above them stands a slip of the pen. */
static const uint64_t ms_max = 3653ULL * 24 * 3600 * 1000;

static size_t run(const char *text, size_t len, char from, char to)
{
	size_t n = 0;

	while (n < len && text[n] >= from && text[n] <= to)
		n++;
	return n;
}

/* Index of the unit, or the number of units where there is none. */
static size_t unit_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) == len && !memcmp(units[i].name, name, len))
			break;
	}
	return i;
}

int duration_parse(const char *text, size_t len, uint64_t *ret_ms)
{
	uint64_t sum = 0;
	size_t next_unit = 0;

	if (len == 0)
		return -EINVAL;
	while (len > 0) {
		size_t digits = run(text, len, '0', '9');
		size_t letters = run(text + digits, len - digits, 'a', 'z');
		size_t unit = unit_find(text + digits, letters);
		uint64_t value = UINT64_MAX; /* stays where the number is too large */

		if (num_u64(text, digits, &value) == -EINVAL)
			return -EINVAL;
		if (unit < next_unit || unit == ARRAY_SIZE(units))
			return -EINVAL;
		sum = num_add(sum, num_mul(value, units[unit].ms));
		next_unit = unit + 1;
		text += digits + letters;
		len -= digits + letters;
	}
	if (sum > ms_max)
		return -ERANGE;
	*ret_ms = sum;
	return 0;
}

char *duration_format(uint64_t ms, char text[static DURATION_MAX])
{
	size_t i = 0;
	int len;

	if (ms == 0)
		return memcpy(text, "0s", sizeof("0s"));
	while (ms < units[i].ms)
		i++;
	len = snprintf(text, DURATION_MAX, "%llu%s",
		       (unsigned long long)(ms / units[i].ms), units[i].name);
	ms %= units[i].ms;
	i++;
	if (i < ARRAY_SIZE(units) && ms >= units[i].ms)
		(void)snprintf(text + len, DURATION_MAX - (size_t)len, "%u%s",
			       (unsigned)(ms / units[i].ms), units[i].name);
	return text;
}
