/* leakdog show [ID]: one incident: what grew, where the memory is, facts, captures,
 * verdict, and the line that shows it in pprof. stdout: text, or as JSON the manifest
 * with the report in it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/reader.h"
#include "commands/reporting.h"
#include "edge/fs.h"
#include "view/incident.h"

static const char usage_text[] = "usage: leakdog show [--archive DIR] [--json] [ID]\n"
				 "ID: an id, the beginning of one, or the four digits at "
				 "its end; default: the newest\n";

/* What the profiles say is made in the jail, and even what comes out of it is shown as
 * foreign bytes. */
static void add_findings(const struct buf *findings, struct buf *to)
{
	struct span rest = {findings->data, findings->len}, line;

	while (text_next(&rest, '\n', &line)) {
		text_show(to, line.at, line.len, line.len);
		buf_addc(to, '\n');
	}
}

static void text(const struct reader_held *shown, const struct reporting_result *result,
		 bool failed, struct buf *to)
{
	incident_head(&shown->manifest, to);
	buf_addc(to, '\n');
	if (failed)
		buf_addf(to, "What grew cannot be said: %s\n", result->why);
	else
		add_findings(&result->text[REPORTING_FINDINGS], to);
	buf_addc(to, '\n');
	incident_facts(&(struct incident_shown){&shown->manifest,
						pair_of_incident(&shown->manifest),
						shown->path, reader_size(shown->dirfd)},
		       to);
}

static int json(const struct reader_held *shown, const struct reporting_result *result,
		bool failed, struct buf *to)
{
	const struct buf *report = &result->text[REPORTING_JSON];

	if (failed)
		return manifest_to_json(&shown->manifest, to);
	return manifest_with_report(&shown->manifest,
				    (struct span){report->data, report->len}, to);
}

static int print(const struct reader_held *shown, bool as_json)
{
	const struct reporting reporting = {
		.manifest = &shown->manifest,
		.dirfd = shown->dirfd,
		.path = shown->path,
		.timeline_fd = -1,
		.wanted = 1U << (as_json ? REPORTING_JSON : REPORTING_FINDINGS)};
	AUTO_REPORTING struct reporting_result result;
	AUTO_BUF struct buf out;
	bool failed = reporting_run(&reporting, &result) < 0;
	int r = 0;

	buf_init(&out, MANIFEST_JSON_MAX + 2 * REPORTING_TEXT_MAX);
	if (as_json)
		r = json(shown, &result, failed, &out);
	else
		text(shown, &result, failed, &out);
	if (failed || r < 0)
		fprintf(stderr, "leakdog show: no report: %s\n",
			failed ? result.why : strerror(-r));
	if (r < 0)
		return EXIT_FAILED;
	r = reader_print("show", &out);
	return r == EXIT_OK && failed ? EXIT_PARTIAL : r;
}

static int show(const struct reader *reader, const char *meant, bool json)
{
	AUTO_READER_HELD struct reader_held held;
	int r = reader_read("show", reader, meant, &held);

	return r ? r : print(&held, json);
}

int cmd_show(int argc, char **argv)
{
	static const struct option table[] = {{"archive", 1, NULL, 'a'},
					      {"json", 0, NULL, 'j'},
					      {"help", 0, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "h", usage_text};
	struct reader reader;
	const char *dir = NULL;
	bool json = false;
	int option, r;

	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		dir = option == 'a' ? optarg : dir;
		json |= option == 'j';
	}
	if (r != OPTIONS_GO)
		return r;
	if (argc - optind > 1)
		return options_wrong(&known);
	r = reader_open("show", dir, &reader);
	if (r != EXIT_OK)
		return r;
	r = show(&reader, argv[optind], json);
	archive_close(&reader.archive);
	return r;
}
