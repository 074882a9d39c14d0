/* The summary as a page: one file, no script, nothing that is fetched. */
#include "view/report.h"

static void add_escaped(struct buf *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '<':
			buf_adds(to, "&lt;");
			break;
		case '>':
			buf_adds(to, "&gt;");
			break;
		case '&':
			buf_adds(to, "&amp;");
			break;
		case '"':
			buf_adds(to, "&quot;");
			break;
		default:
			buf_addc(to, text[i]);
		}
	}
}

int report_html(const struct report *report, struct buf *to)
{
	AUTO_BUF struct buf summary;

	buf_init(&summary, 4U << 20);
	report_summary(report, &summary);
	buf_adds(to, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
		     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		     "'none'\"><title>");
	add_escaped(to, report->manifest->id, strlen(report->manifest->id));
	buf_adds(to, "</title>\n<pre>");
	add_escaped(to, summary.data, summary.len);
	buf_adds(to, "</pre>\n</html>\n");
	return buf_error(&summary) ? buf_error(&summary) : buf_error(to);
}
