#pragma once
/* A page of metrics in the text format of Prometheus (0.0.4) or OpenMetrics, read as it
 * arrives: a page may have any size, a line has a bound, and nothing is kept but the sums
 * that were asked for. Every byte of it is the target's.
 *
 *	http_requests_total{path="/a \"b\"",code="200"} 1.5e3 1795291924123
 *
 * A selector picks series by name and by labels, all of which must be equal; its value is
 * the sum over all series that it picks, as sum() of Prometheus gives it: a metric that
 *is split by peer or by state is one number here, and stays one when a label is added. */

#include "core/sample.h"
#include "lib/text.h"

#define METRIC_SELECTOR_MAX 96
#define METRIC_LABELS_MAX 8
/* A line is a few hundred bytes long; what is longer is not read and counted. */
#define METRICS_LINE_MAX 8192
#define METRICS_WANTED_MAX 16

struct metric_label {
	struct span name, value; /* into the selector's text; the value is unescaped */
};

/* Not to be copied: it points into itself. */
struct metric_selector {
	char text[METRIC_SELECTOR_MAX];
	struct span name;
	struct metric_label label[METRIC_LABELS_MAX];
	size_t n_labels;
};

/* NAME or NAME{label="value",...}, without blanks outside of quotes. 0, or -EINVAL with
 * what is wrong in *ret_fault (a literal) and where in *ret_at (bytes from the begin). */
int metric_selector_parse(struct span text, struct metric_selector *ret,
			  const char **ret_fault, size_t *ret_at) must_check;

/* A number of a metric as readings, series and manifests keep it: in thousandths, because
 * some are shares and all that is watched is a whole number. */
#define METRIC_SCALE 1000
/* Beyond this (1.8e16) and below zero there is no such number. */
#define METRIC_MOST (UINT64_MAX / METRIC_SCALE)

struct metric_sum {
	double value;
	unsigned n;   /* series that were picked and have a number */
	unsigned nan; /* and those that have none */
};

struct metrics_page {
	const struct metric_selector *wanted; /* borrowed */
	size_t n;
	struct metric_sum sum[METRICS_WANTED_MAX];
	uint64_t samples; /* lines that were understood */
	uint64_t spoilt;  /* and those that were not, or are too long */
	size_t len;
	bool overlong;
	char line[METRICS_LINE_MAX];
};

/* n: at most METRICS_WANTED_MAX. */
void metrics_page_begin(struct metrics_page *page, const struct metric_selector *wanted,
			size_t n);
void metrics_page_add(struct metrics_page *page, const void *bytes, size_t len);
void metrics_page_end(struct metrics_page *page); /* a last line without its newline */
/* Is it a page of metrics at all? */
bool metrics_page_is_one(const struct metrics_page *page);
/* What one of the wanted is, in thousandths. Absent: no series is picked. An error: NaN
 * (ENODATA), or not between 0 and METRIC_MOST (ERANGE). */
struct reading metrics_page_value(const struct metrics_page *page, size_t i);
