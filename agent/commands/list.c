/* leakdog list: the incidents of an archive, newest first. stdout: a table, or JSON. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/held.h"
#include "commands/options.h"
#include "commands/programs.h"
#include "commands/reader.h"
#include "edge/fs.h"
#include "view/list.h"
#include "view/status_blind.h"

#define STATUS_MAX (16U << 20)

static const char usage_text[] =
	"usage: leakdog list [--archive DIR] [--service NAME] [--json]\n";

/* One line with all that it borrows. */
struct listed {
	struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	char *path; /* owned */
	struct report_head report;
};

/* What the newest report says first. It may not be made yet, or be damaged. */
static bool read_report(int dirfd, struct report_head *ret)
{
	AUTO_FREE char *text = malloc(REPORT_HEAD_MAX);
	AUTO_CLOSE int fd = fs_open_at(dirfd, STORE_REPORT);
	ssize_t n = text && fd >= 0 ? fs_pread(fd, text, REPORT_HEAD_MAX) : -ENOENT;

	if (n == -EFBIG) /* its beginning is enough */
		n = REPORT_HEAD_MAX - 1;
	return n >= 0 && report_head_read((struct span){text, (size_t)n}, ret) == 0;
}

static void read_one(const struct reader *reader, const struct reader_incident *incident,
		     struct listed *listed, struct list_row *row)
{
	AUTO_CLOSE int fd = reader_dir(reader, incident);
	int r = fd;

	*row = (struct list_row){
		.service = incident->service, .id = incident->id, .why = listed->why};
	listed->path = reader_path(reader, incident);
	row->path = listed->path ? listed->path : "";
	if (fd >= 0)
		r = store_read(fd, STORE_MANIFEST, &listed->manifest, listed->why);
	else
		(void)text_copy(listed->why, sizeof(listed->why), strerror(-fd));
	if (r >= 0)
		row->manifest = &listed->manifest;
	if (fd < 0)
		return;
	row->bytes = reader_size(fd);
	if (read_report(fd, &listed->report))
		row->report = &listed->report;
}

static int print(const struct list_row *rows, size_t n, bool json)
{
	AUTO_BUF struct buf text;
	int r = 0;

	buf_init(&text, 64U << 20);
	if (json)
		r = list_json(rows, n, &text);
	else if (n > 0)
		list_text(rows, n, &text);
	else
		fputs("no incidents\n", stderr);
	if (r < 0) {
		fprintf(stderr, "leakdog list: %s\n", strerror(-r));
		return EXIT_FAILED;
	}
	return reader_print("list", &text);
}

static int read_all(const struct reader *reader, const struct reader_list *list,
		    bool json)
{
	struct listed *listed = calloc(list->n + 1, sizeof(*listed));
	AUTO_FREE struct list_row *rows = calloc(list->n + 1, sizeof(*rows));
	size_t unread = 0;
	int r = EXIT_FAILED;

	for (size_t i = 0; listed && rows && i < list->n; i++) {
		read_one(reader, &list->list[i], &listed[i], &rows[i]);
		if (!rows[i].manifest) {
			unread++;
			fprintf(stderr, "leakdog list: %s/%s: %s\n", rows[i].service,
				rows[i].id, rows[i].why);
		}
	}
	if (listed && rows)
		r = print(rows, list->n, json);
	else
		fprintf(stderr, "leakdog list: %s\n", strerror(ENOMEM));
	for (size_t i = 0; listed && i < list->n; i++) {
		manifest_fini(&listed[i].manifest);
		free(listed[i].path);
	}
	free(listed);
	return r == EXIT_OK && unread ? EXIT_PARTIAL : r;
}

/* Where an agent runs on this archive: why it may be that nothing was seen. */
static void tell_blind(const char *archive)
{
	AUTO_BUF struct buf status, text;
	char run_dir[RUN_DIR_MAX];
	AUTO_CLOSE int fd = -1;

	buf_init(&status, STATUS_MAX);
	buf_init(&text, STATUS_MAX);
	programs_agent_dir(run_dir);
	fd = open(run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fs_read_buf_at(fd, "status.json", &status) < 0)
		return; /* no agent, or not ours to ask */
	status_blind(status.data, status.len, archive, &text);
	fputs(text.data, stderr);
}

static int list(const char *dir, const char *service, bool json)
{
	AUTO_READER_LIST struct reader_list incidents = {0};
	struct reader reader;
	int r = reader_open("list", dir, &reader);

	if (r != EXIT_OK)
		return r;
	r = reader_incidents(&reader, service, &incidents);
	if (r < 0) {
		fprintf(stderr, "leakdog list: %s: %s\n", reader.dir, strerror(-r));
		r = EXIT_FAILED;
	} else {
		r = read_all(&reader, &incidents, json);
		tell_blind(reader.dir);
		held_tell(&reader.archive);
	}
	archive_close(&reader.archive);
	return r;
}

int cmd_list(int argc, char **argv)
{
	static const struct option table[] = {{"archive", 1, NULL, 'a'},
					      {"service", 1, NULL, 's'},
					      {"json", 0, NULL, 'j'},
					      {"help", 0, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	static const struct options_known known = {table, "h", usage_text};
	const char *dir = NULL, *service = NULL;
	bool json = false;
	int option, r;

	optind = 0; /* whoever dispatched to us may have used getopt before */
	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		dir = option == 'a' ? optarg : dir;
		service = option == 's' ? optarg : service;
		json |= option == 'j';
	}
	if (r != OPTIONS_GO)
		return r;
	if (optind < argc || (service && !store_is_service(service)))
		return options_wrong(&known);
	return list(dir, service, json);
}
