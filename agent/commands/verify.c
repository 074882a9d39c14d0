/* leakdog verify [ID|DIR...]: every promise of the archive, checked. Without an argument
 * the whole archive; an argument with a slash in it is the directory of one incident,
 * wherever it was copied to. stdout: one line per finding. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/inspect.h"
#include "commands/options.h"
#include "commands/reader.h"
#include "edge/fs.h"

static const char usage_text[] =
	"usage: leakdog verify [--archive DIR] [--json] [ID|DIR...]\n";

/* The id is the name of the directory: what it is called elsewhere does not matter only
 * where the path does not tell ("." or with a slash at its end). */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] && slash[1] != '.' ? slash + 1 : NULL;
}

static int verify_directory(const char *path, struct findings *findings)
{
	AUTO_CLOSE int fd = fs_open_dir_at(AT_FDCWD, path);

	if (fd < 0) {
		fprintf(stderr, "leakdog verify: %s: %s\n", path, strerror(-fd));
		return fd == -ENOENT ? EXIT_NO_MATCH : EXIT_FAILED;
	}
	inspect_incident(&(struct inspect){findings, path, fd}, name_of(path), NULL);
	return EXIT_OK;
}

static int verify_id(const struct reader *reader, const char *id,
		     struct findings *findings)
{
	struct reader_incident incident;
	char where[SERVICE_MAX + INCIDENT_MAX + 2];
	AUTO_CLOSE int fd = -1;
	int r = reader_find("verify", reader, id, &incident);

	if (r != EXIT_OK)
		return r;
	(void)snprintf(where, sizeof(where), "%s/%s", incident.service, incident.id);
	fd = reader_dir(reader, &incident);
	if (fd < 0) {
		fprintf(stderr, "leakdog verify: %s: %s\n", where, strerror(-fd));
		return EXIT_FAILED;
	}
	inspect_incident(&(struct inspect){findings, where, fd}, incident.id,
			 incident.service);
	return EXIT_OK;
}

static int verify_all(const struct reader *reader, struct findings *findings)
{
	int r = inspect_archive(reader->archive.fd, findings);

	if (r < 0)
		fprintf(stderr, "leakdog verify: %s: %s\n", reader->dir, strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static bool needs_archive(char **names, int n)
{
	for (int i = 0; i < n; i++) {
		if (!strchr(names[i], '/'))
			return true;
	}
	return n == 0;
}

static int verify(const char *dir, char **names, int n, struct findings *findings)
{
	struct reader reader = {.archive = {-1, -1}};
	int r = needs_archive(names, n) ? reader_open("verify", dir, &reader) : EXIT_OK;

	if (r == EXIT_OK && n == 0)
		r = verify_all(&reader, findings);
	for (int i = 0; r == EXIT_OK && i < n; i++)
		r = strchr(names[i], '/') ? verify_directory(names[i], findings)
					  : verify_id(&reader, names[i], findings);
	archive_close(&reader.archive);
	return r;
}

static int tell(const struct findings *findings, bool json)
{
	AUTO_BUF struct buf text;
	int r = findings->error;

	buf_init(&text, 32U << 20);
	if (r == 0 && json)
		r = findings_json(findings, &text);
	else if (r == 0)
		findings_text(findings, &text);
	if (r < 0) {
		fprintf(stderr, "leakdog verify: %s\n", strerror(-r));
		return EXIT_FAILED;
	}
	r = reader_print("verify", &text);
	fprintf(stderr, "%zu %s, %zu files: %zu %s\n", findings->incidents,
		findings->incidents == 1 ? "incident" : "incidents", findings->files,
		findings->n, findings->n == 1 ? "finding" : "findings");
	return r != EXIT_OK ? r : findings->n ? EXIT_FAILED : EXIT_OK;
}

int cmd_verify(int argc, char **argv)
{
	static const struct option table[] = {{"archive", 1, NULL, 'a'},
					      {"json", 0, NULL, 'j'},
					      {"help", 0, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "h", usage_text};
	struct findings findings = {0};
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
	r = verify(dir, argv + optind, argc - optind, &findings);
	if (r == EXIT_OK)
		r = tell(&findings, json);
	findings_fini(&findings);
	return r;
}
