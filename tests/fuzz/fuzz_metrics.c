/* A page of metrics in pieces of every length, and the selectors that pick from it. The
 * first byte says how long the pieces are; the first line is a selector. */
#include "fuzz.h"

#include "core/metrics_page.h"

static struct metrics_page page;
static struct metric_selector selectors[2];

static void read_page(const uint8_t *bytes, size_t len, size_t piece, size_t n)
{
	metrics_page_begin(&page, selectors, n);
	for (size_t at = 0; at < len; at += piece)
		metrics_page_add(&page, bytes + at, MIN(piece, len - at));
	metrics_page_end(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct span known = {"up{job=\"a\"}", 11};
	struct span rest = {(const char *)bytes + 1, len ? len - 1 : 0}, line;
	const char *fault = NULL;
	size_t at = 0, n = 1;
	struct reading one;
	uint64_t samples;

	promise(metric_selector_parse(known, &selectors[0], &fault, &at) == 0);
	if (!len || !text_next(&rest, '\n', &line))
		return 0;
	if (metric_selector_parse(line, &selectors[1], &fault, &at) == 0)
		n = 2;
	else
		promise(fault && at <= METRIC_SELECTOR_MAX);
	read_page((const uint8_t *)rest.at, rest.len, (size_t)bytes[0] + 1, n);
	samples = page.samples;
	one = metrics_page_value(&page, 0);
	promise(one.have != HAVE_VALUE || one.value <= UINT64_MAX - METRIC_SCALE);
	read_page((const uint8_t *)rest.at, rest.len, rest.len + 1, n);
	promise(page.samples == samples); /* how it arrives makes no difference */
	promise(metrics_page_value(&page, 0).value == one.value);
	return 0;
}
