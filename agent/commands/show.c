/* leakdog show [ID]: one incident: facts, captures, verdict, and the line that shows what
 * grew. stdout: text, or the manifest as JSON. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/reader.h"
#include "edge/fs.h"
#include "view/incident.h"

static const char usage_text[] = "usage: leakdog show [--archive DIR] [--json] [ID]\n"
				 "ID: an id, the beginning of one, or the four digits at "
				 "its end; default: the newest\n";

static int print(const struct reader *reader, const struct reader_incident *incident,
		 const struct manifest *manifest, bool json)
{
	AUTO_CLOSE int fd = reader_dir(reader, incident);
	AUTO_FREE char *path = reader_path(reader, incident);
	AUTO_BUF struct buf text;
	int r = 0;

	buf_init(&text, MANIFEST_JSON_MAX);
	if (json)
		r = manifest_to_json(manifest, &text);
	else if (path)
		incident_text(manifest, path, fd < 0 ? 0 : reader_size(fd), &text);
	else
		r = -ENOMEM;
	if (r < 0) {
		fprintf(stderr, "leakdog show: %s\n", strerror(-r));
		return EXIT_FAILED;
	}
	return reader_print("show", &text);
}

static int show(const struct reader *reader, const char *meant, bool json)
{
	struct reader_incident incident;
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	AUTO_CLOSE int fd = -1;
	int r;

	manifest_init(&manifest);
	r = reader_find("show", reader, meant, &incident);
	if (r != EXIT_OK)
		return r;
	fd = reader_dir(reader, &incident);
	if (fd >= 0)
		r = store_read(fd, STORE_MANIFEST, &manifest, why);
	if (fd < 0 || r < 0) {
		fprintf(stderr, "leakdog show: %s/%s: %s\n", incident.service,
			incident.id, fd < 0 ? strerror(-fd) : why);
		return EXIT_FAILED;
	}
	return print(reader, &incident, &manifest, json);
}

int cmd_show(int argc, char **argv)
{
	static const struct option options[] = {{"archive", 1, NULL, 'a'},
						{"json", 0, NULL, 'j'},
						{"help", 0, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct reader reader;
	const char *dir = NULL;
	bool json = false;
	int option, r;

	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage_text, stdout);
			return EXIT_OK;
		}
		if (option == '?') {
			fputs(usage_text, stderr);
			return EXIT_USAGE;
		}
		dir = option == 'a' ? optarg : dir;
		json |= option == 'j';
	}
	if (argc - optind > 1) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	r = reader_open("show", dir, &reader);
	if (r != EXIT_OK)
		return r;
	r = show(&reader, argv[optind], json);
	archive_close(&reader.archive);
	return r;
}
