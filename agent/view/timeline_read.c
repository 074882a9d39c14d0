/* timeline.csv back into points. Columns are found by their names: a file of an older
 * leakdog has fewer signals, one of a newer has some that are skipped. */
#include <errno.h>
#include <math.h>

#include "lib/num.h"
#include "lib/stamp.h"
#include "view/timeline_read.h"

#define COLUMNS_MAX 64
#define POINTS_MAX 100000 /* the rings have 408 slots */

struct columns {
	enum signal signal[COLUMNS_MAX]; /* SIGNAL_N: not for us */
	size_t n;
};

static enum signal signal_of(struct span name)
{
	for (int s = 0; s < SIGNAL_N; s++)
		if (span_is(name, signal_table[s].name))
			return (enum signal)s;
	return SIGNAL_N;
}

static int read_header(struct span line, struct columns *ret)
{
	struct columns columns = {.n = 0};
	struct span name;

	if (!text_next(&line, ',', &name) || !span_is(name, "at"))
		return -EBADMSG;
	while (text_next(&line, ',', &name)) {
		if (columns.n == COLUMNS_MAX)
			return -EBADMSG;
		columns.signal[columns.n++] = signal_of(name);
	}
	*ret = columns;
	return 0;
}

static int read_row(struct span line, const struct columns *columns,
		    struct report_point *ret)
{
	char stamp[STAMP_MAX];
	struct report_point point;
	struct span cell;
	uint64_t value;
	size_t i = 0;

	if (!text_next(&line, ',', &cell) || cell.len >= sizeof(stamp))
		return -EBADMSG;
	for (size_t at = 0; at < cell.len; at++)
		stamp[at] = cell.at[at];
	stamp[cell.len] = '\0';
	if (stamp_parse(stamp, &point.at_ms) < 0)
		return -EBADMSG;
	for (int s = 0; s < SIGNAL_N; s++)
		point.value[s] = NAN;
	for (; i < columns->n && text_next(&line, ',', &cell); i++) {
		if (columns->signal[i] == SIGNAL_N || cell.len == 0)
			continue;
		if (num_u64(cell.at, cell.len, &value) < 0)
			return -EBADMSG;
		point.value[columns->signal[i]] = (double)value;
	}
	*ret = point;
	return 0;
}

int timeline_read(struct span text, struct report_point **ret, size_t *ret_n)
{
	AUTO_FREE struct report_point *points = NULL;
	size_t lines = text_lines(text), n = 0;
	struct columns columns;
	struct span line;
	int r;

	if (!text_next(&text, '\n', &line) || read_header(line, &columns) < 0 ||
	    lines > POINTS_MAX)
		return -EBADMSG;
	points = calloc(lines, sizeof(*points));
	if (!points)
		return -ENOMEM;
	while (text_next(&text, '\n', &line)) {
		r = read_row(line, &columns, &points[n++]);
		if (r < 0)
			return r;
	}
	*ret = TAKE(points);
	*ret_n = n;
	return 0;
}
