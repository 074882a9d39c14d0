/* Days and dates by the arithmetic of the proleptic Gregorian calendar: a year is counted
 * from March, so that the leap day is its last, and 400 years have 146097 days. */
#include "lib/stamp.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#define DAY_MS (24LL * 3600 * 1000)
#define DAYS_PER_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

struct date {
	int64_t year;
	unsigned month, day, hour, minute, second, ms;
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static void date_from_days(struct date *d, int64_t days)
{
	int64_t from_march = days + DAYS_TO_1970;
	int64_t era = floor_div(from_march, DAYS_PER_400_YEARS);
	unsigned day = (unsigned)(from_march - era * DAYS_PER_400_YEARS);
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned day_of_year = day - (365 * year + year / 4 - year / 100);
	unsigned month =
		(5 * day_of_year + 2) / 153; /* 0 is March; 153 days in 5 months */

	d->day = day_of_year - (153 * month + 2) / 5 + 1;
	d->month = month < 10 ? month + 3 : month - 9;
	d->year = era * 400 + year + (d->month <= 2);
}

static int64_t days_from_date(const struct date *d)
{
	int64_t year = d->year - (d->month <= 2);
	int64_t era = floor_div(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t month = d->month > 2 ? d->month - 3 : d->month + 9;
	int64_t day_of_year = (153 * month + 2) / 5 + d->day - 1;
	int64_t day =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_400_YEARS + day - DAYS_TO_1970;
}

static void date_from_ms(struct date *d, int64_t unix_ms)
{
	int64_t days = floor_div(unix_ms, DAY_MS);
	unsigned rest = (unsigned)(unix_ms - days * DAY_MS);

	date_from_days(d, days);
	d->ms = rest % 1000;
	d->second = rest / 1000 % 60;
	d->minute = rest / 60000 % 60;
	d->hour = rest / 3600000;
}

char *stamp_format(int64_t unix_ms, char text[static STAMP_MAX])
{
	struct date d;

	date_from_ms(&d, unix_ms);
	(void)snprintf(text, STAMP_MAX, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ",
		       (int)d.year, d.month, d.day, d.hour, d.minute, d.second, d.ms);
	return text;
}

char *stamp_name(int64_t unix_ms, char text[static STAMP_MAX])
{
	struct date d;

	date_from_ms(&d, unix_ms);
	(void)snprintf(text, STAMP_MAX, "%04d%02u%02uT%02u%02u%02uZ", (int)d.year,
		       d.month, d.day, d.hour, d.minute, d.second);
	return text;
}

static unsigned days_in_month(const struct date *d)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30,
					     31, 31, 30, 31, 30, 31};
	bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);

	return days[d->month - 1] + (d->month == 2 && leap);
}

static bool date_exists(const struct date *d)
{
	return d->month >= 1 && d->month <= 12 && d->day >= 1 &&
	       d->day <= days_in_month(d) && d->hour < 24 && d->minute < 60 &&
	       d->second < 60;
}

/* A '0' of the shape is any digit, everything else stands for itself. */
static bool has_shape(const char *text, const char *shape)
{
	for (; *shape; shape++, text++) {
		bool digit = *text >= '0' && *text <= '9';

		if (*shape == '0' ? !digit : *text != *shape)
			return false;
	}
	return !*text;
}

/* The next count digits as a number, passing over what stands before them. */
static unsigned digits(const char **text, unsigned count)
{
	unsigned value = 0;

	while (**text < '0' || **text > '9')
		++*text;
	while (count-- > 0)
		value = value * 10 + (unsigned)(*(*text)++ - '0');
	return value;
}

int stamp_parse(const char *text, int64_t *ret_unix_ms)
{
	bool full = has_shape(text, "0000-00-00T00:00:00.000Z");
	struct date d;

	if (!full && !has_shape(text, "00000000T000000Z"))
		return -EINVAL;
	d.year = digits(&text, 4);
	d.month = digits(&text, 2);
	d.day = digits(&text, 2);
	d.hour = digits(&text, 2);
	d.minute = digits(&text, 2);
	d.second = digits(&text, 2);
	d.ms = full ? digits(&text, 3) : 0;
	if (!date_exists(&d))
		return -EINVAL;
	*ret_unix_ms = days_from_date(&d) * DAY_MS +
		       ((d.hour * 60LL + d.minute) * 60 + d.second) * 1000 + d.ms;
	return 0;
}
