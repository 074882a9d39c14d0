/* leakdog report [ID]: report.html, summary.txt and report.json of an incident, written
 * beside its captures, or the page alone to a file. The agent runs it by itself after
 * each capture and after the seal: then (--locked) what went wrong is said on stdout, for
 * its log, and the timeline so far comes on stdin. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/filing.h"
#include "commands/options.h"
#include "commands/reader.h"
#include "commands/reporting.h"
#include "edge/fs.h"

static const char usage_text[] =
	"usage: leakdog report [--archive DIR] [-o FILE | --json] [--open] [ID]\n"
	"Writes report.html, summary.txt and report.json into the incident's directory.\n"
	"  -o FILE  writes the page alone, elsewhere; - is stdout\n"
	"  --json   prints report.json and writes nothing\n"
	"  --open   shows the page in a browser\n"
	"ID: an id, the beginning of one, or the four digits at its end, or SERVICE/ID;\n"
	"    default: the newest\n";

struct order {
	struct filing_place place;
	const char *file; /* -o */
	bool json, open, timeline;
	struct reader reader;
	struct reader_incident incident;
	char *path; /* owned; of the incident */
};

/* The agent reads what it logs from stdout; stderr is a person's. */
static void tell(const struct order *order, const char *why)
{
	if (order->place.locked)
		printf("%s\n", why);
	else
		fprintf(stderr, "leakdog report: %s/%s: %s\n", order->incident.service,
			order->incident.id, why);
}

static int exit_of(int r)
{
	return r == -EPERM || r == -EACCES || r == -EROFS ? EXIT_NOT_PERMITTED
							  : EXIT_FAILED;
}

/* ------------------------------------------------------------------ where to */

static int open_page(const char *path)
{
	char *argv[] = {(char *)(uintptr_t) "xdg-open", (char *)(uintptr_t)path, NULL};

	(void)execvp(argv[0], argv);
	fprintf(stderr, "leakdog report: xdg-open: %s; the page is %s\n", strerror(errno),
		path);
	return EXIT_FAILED;
}

static int write_file(const struct order *order, const struct buf *text)
{
	bool stdout_it = text_equal(order->file, "-");
	AUTO_CLOSE int fd =
		stdout_it ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
			  : open(order->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
				 0640);
	int r = fd < 0 ? -errno : fs_write_all(fd, text->data, text->len);

	if (r < 0) {
		fprintf(stderr, "leakdog report: %s: %s\n",
			stdout_it ? "stdout" : order->file, strerror(-r));
		return exit_of(r);
	}
	return order->open && !stdout_it ? open_page(order->file) : EXIT_OK;
}

static void tell_refused(const struct order *order, const char *why)
{
	fprintf(stderr,
		"leakdog report: cannot write into the archive %s: %s\n"
		"  as its owner it can be written there; leakdog report -o FILE %s\n"
		"  writes the page anywhere else\n",
		order->reader.dir, why, order->incident.id);
}

/* A signal between two files would leave a report that salvage must settle. */
static int file_whole(struct filing *filing, const struct order *order,
		      const struct filing_report *report)
{
	sigset_t ends, before;
	int r;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ends, &before);
	r = filing_report(filing, order->incident.service, order->incident.id, report);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

static int file_report(struct order *order, const struct filing_report *report)
{
	struct filing_place place = order->place;
	struct filing filing;
	const char *why = NULL;
	int r;

	place.dir = order->reader.dir;
	place.locked = true; /* the incident's own lock is enough for its report */
	r = filing_open(&place, &filing, &why);
	if (r == 0) {
		r = file_whole(&filing, order, report);
		filing_close(&filing);
	}
	if (r == FILING_GONE) {
		tell(order, "the incident was dropped meanwhile");
		return EXIT_NO_MATCH;
	}
	if (r == FILING_FULL)
		tell(order, "the disk has less than keep_free left");
	else if (exit_of(r) == EXIT_NOT_PERMITTED && r < 0 && !order->place.locked)
		tell_refused(order, why ? why : strerror(-r));
	else if (r < 0)
		tell(order, why ? why : strerror(-r));
	return r == 0 ? EXIT_OK : r < 0 ? exit_of(r) : EXIT_FAILED;
}

static int file_texts(struct order *order, const struct reporting_result *result)
{
	const struct buf *text = result->text;
	const struct filing_report report = {
		.html = {text[REPORTING_PAGE].data, text[REPORTING_PAGE].len},
		.summary = {text[REPORTING_SUMMARY].data, text[REPORTING_SUMMARY].len},
		.json = {text[REPORTING_JSON].data, text[REPORTING_JSON].len},
	};
	AUTO_FREE char *page = NULL;
	int r = file_report(order, &report);

	if (r != EXIT_OK || order->place.locked)
		return r;
	if (asprintf(&page, "%s/" STORE_PAGE, order->path) < 0)
		return EXIT_FAILED;
	puts(page);
	(void)fflush(stdout);
	return order->open ? open_page(page) : EXIT_OK;
}

/* ------------------------------------------------------------------ the walk */

static int fail(struct order *order, const char *why)
{
	const struct filing_report failed = {.failed = why};

	tell(order, why);
	if (!order->file && !order->json)
		(void)file_report(order, &failed); /* the capture stands either way */
	return EXIT_FAILED;
}

static int make(struct order *order, int dirfd, const struct manifest *manifest)
{
	AUTO_REPORTING struct reporting_result result;
	struct reporting reporting = {.manifest = manifest,
				      .dirfd = dirfd,
				      .path = order->path,
				      .timeline_fd = order->timeline ? STDIN_FILENO : -1};
	int r;

	if (order->file)
		reporting.wanted = 1U << REPORTING_PAGE;
	else if (order->json)
		reporting.wanted = 1U << REPORTING_JSON;
	else
		reporting.wanted = 1U << REPORTING_PAGE | 1U << REPORTING_SUMMARY |
				   1U << REPORTING_JSON;
	r = reporting_run(&reporting, &result);
	if (r < 0)
		return fail(order, result.why);
	if (order->file)
		return write_file(order, &result.text[REPORTING_PAGE]);
	if (order->json)
		return reader_print("report", &result.text[REPORTING_JSON]);
	return file_texts(order, &result);
}

static int report(struct order *order)
{
	AUTO_CLOSE int fd = reader_dir(&order->reader, &order->incident);
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	int r = fd;

	manifest_init(&manifest);
	order->path = reader_path(&order->reader, &order->incident);
	if (!order->path)
		return EXIT_FAILED;
	if (fd >= 0)
		r = store_read(fd, STORE_MANIFEST, &manifest, why);
	if (r >= 0)
		return make(order, fd, &manifest);
	if (r == -ENOENT) {
		tell(order, "the incident was dropped meanwhile");
		return EXIT_NO_MATCH;
	}
	tell(order, fd < 0 ? strerror(-fd) : why);
	return EXIT_FAILED;
}

static int find(struct order *order, const char *meant)
{
	struct store_name name;
	AUTO_BUF struct buf exact;

	buf_init(&exact, SERVICE_MAX + INCIDENT_MAX);
	if (!meant || !strchr(meant, '/'))
		return reader_find("report", &order->reader, meant, &order->incident);
	/* SERVICE/ID, as the agent says it: both are names that are checked. */
	buf_addf(&exact, "%s%c-", meant, STORE_SEPARATOR);
	if (buf_error(&exact))
		return EXIT_NO_MATCH;
	*strchr(exact.data, '/') = STORE_SEPARATOR;
	if (!store_split(exact.data, &name)) {
		fprintf(stderr, "leakdog report: no incident is called so\n");
		return EXIT_NO_MATCH;
	}
	memcpy(order->incident.service, name.service, sizeof(name.service));
	memcpy(order->incident.id, name.name, sizeof(name.name));
	return EXIT_OK;
}

/* OPTIONS_GO, or the exit code. */
static int parse(int argc, char **argv, struct order *order)
{
	static const struct option table[] = {
		FILING_OPTIONS,         {"json", 0, NULL, 'j'},
		{"open", 0, NULL, 'O'}, {"timeline", 0, NULL, 't'},
		{"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "o:h", usage_text};
	int option, r;

	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		if (option == 'o')
			order->file = optarg;
		else if (option == 'j')
			order->json = true;
		else if (option == 'O')
			order->open = true;
		else if (option == 't')
			order->timeline = true;
		else if (filing_place_option(&order->place, option, optarg) < 0)
			return options_wrong(&known);
	}
	if (r == OPTIONS_GO && (argc - optind > 1 || (order->file && order->json)))
		return options_wrong(&known);
	return r;
}

int cmd_report(int argc, char **argv)
{
	struct order order = {0};
	int r = parse(argc, argv, &order);

	if (r != OPTIONS_GO)
		return r;
	r = reader_open("report", order.place.dir, &order.reader);
	if (r != EXIT_OK)
		return r;
	r = find(&order, argv[optind]);
	if (r == EXIT_OK)
		r = report(&order);
	free(order.path);
	archive_close(&order.reader.archive);
	return r;
}
