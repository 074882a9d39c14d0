/* report-page CASE DIR: DIR/report.html and DIR/report.json of a report made by hand, as
 * `leakdog report` would write them; without arguments the names of the cases. */
#include <stdio.h>

#include "view/report_cases.h"

static int write_file(const char *dir, const char *name, const struct buf *text)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file)
		return -errno;
	(void)fwrite(text->data, 1, text->len, file);
	return fclose(file) == 0 ? 0 : -errno;
}

static int write_case(struct report_case *c, const char *dir)
{
	AUTO_BUF struct buf page, json;
	int r;

	buf_init(&page, 16 << 20);
	buf_init(&json, 16 << 20);
	r = report_html(&c->report, &page);
	if (r == 0)
		r = report_json(&c->report, &json);
	if (r == 0)
		r = write_file(dir, "report.html", &page);
	if (r == 0)
		r = write_file(dir, "report.json", &json);
	return r;
}

int main(int argc, char **argv)
{
	static struct report_case c;
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(report_cases); i++) {
		if (argc < 3) {
			puts(report_cases[i].name);
			continue;
		}
		if (!text_equal(argv[1], report_cases[i].name))
			continue;
		report_cases[i].make(&c);
		r = write_case(&c, argv[2]);
		case_fini(&c);
	}
	if (argc < 3)
		return 0;
	if (r < 0)
		fprintf(stderr, "report-page: %s: %s\n", argv[1], strerror(-r));
	return r < 0;
}
