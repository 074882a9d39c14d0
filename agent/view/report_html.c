/* One file that opens from a disk: the page of agent/view/web with the report in it. The
 * report stands in an element that is data to a browser and never runs, the summary in
 * one that is shown where scripts are off. Neither can end its element: in the one there
 * is no "<" (view/emit), in the other it is escaped. */
#include "view/report.h"

/* page.S */
extern const char page_head[], page_head_end[];
extern const char page_middle[], page_middle_end[];
extern const char page_tail[], page_tail_end[];

#define SUMMARY_MAX (4U << 20)

static void add_part(struct buf *to, const char *begin, const char *end)
{
	buf_add(to, begin, (size_t)(end - begin));
}

static void add_escaped(struct buf *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '<')
			buf_adds(to, "&lt;");
		else if (text[i] == '&')
			buf_adds(to, "&amp;");
		else
			buf_addc(to, text[i]);
	}
}

int report_html(const struct report *report, struct buf *to)
{
	AUTO_BUF struct buf summary;
	int r;

	buf_init(&summary, SUMMARY_MAX);
	report_summary(report, &summary);
	add_part(to, page_head, page_head_end);
	add_escaped(to, summary.data, summary.len);
	add_part(to, page_middle, page_middle_end);
	r = report_json(report, to);
	add_part(to, page_tail, page_tail_end);
	if (r == 0)
		r = buf_error(&summary);
	return r < 0 ? r : buf_error(to);
}
