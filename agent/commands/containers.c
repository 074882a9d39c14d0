/* leakdog-fetch containers: names of containers whose ids come on stdin, one a line, as
 * records (names_answer of core/names reads them). First a Docker-compatible API is
 * asked, if there is one; who is not known there, or where it is silent, is looked up
 * where docker and podman keep their containers. A child of the agent, as a daemon may
 * hang and a list may lie on a slow disk. */
#include "commands/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/options.h"
#include "core/container.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "edge/net/http.h"
#include "lib/record.h"
#include "view/runtime_read.h"

#define IDS_MAX (64 << 10) /* bytes of stdin */
#define JSON_MAX (4u << 20)
#define TIMEOUT_MS 2000
/* Where podman keeps those that end with the machine (--rm). */
#define PODMAN_RUN "/run/containers/storage"

struct asking {
	const char *socket, *docker, *podman;
	struct http *http; /* NULL: the API is not asked (any more) */
	bool denied;       /* something that may tell names could not be read */
	size_t answers;
	const char *id;    /* of whom */
	struct buf json;   /* of one answer or file */
	struct buf record; /* of one container */
	struct runtime_told told;
};

static const char usage_text[] =
	"usage: leakdog-fetch containers [--socket PATH] [--docker DIR] [--podman DIR]\n"
	"\nNames of the containers whose ids come on stdin, one a line.\n\n"
	"  --socket PATH  of a Docker-compatible API\n"
	"  --docker DIR   where docker keeps its containers\n"
	"  --podman DIR   where podman keeps its containers\n";

/* ---- what is told ---- */

static struct span json_of(const struct asking *a)
{
	return (struct span){a->json.data, a->json.len};
}

static void add_label(void *arg, const char *key, const char *value)
{
	struct asking *a = arg;
	AUTO_BUF struct buf label;

	buf_init(&label, 1 << 20);
	buf_addf(&label, "%s=%s", key, value);
	if (buf_error(&label) == 0)
		record_add(&a->record, "label", label.data);
}

/* told: by the API, which tells all. */
static int answer(struct asking *a, bool told)
{
	record_add(&a->record, "id", a->id);
	record_add(&a->record, "name", a->told.name);
	record_add(&a->record, "image", a->told.image);
	record_add_u64(&a->record, "told", told);
	record_end(&a->record);
	if (buf_error(&a->record) < 0)
		return buf_error(&a->record);
	a->answers++;
	return fs_write_all(STDOUT_FILENO, a->record.data, a->record.len);
}

/* ---- the API ---- */

static int on_body(void *arg, const void *bytes, size_t len)
{
	struct buf *json = arg;

	buf_add(json, bytes, len);
	return buf_error(json);
}

/* 0, or that it does not know. One that hangs is not asked for the others. */
static int ask_api(struct asking *a)
{
	static const struct endpoint nobody = {.url = ""};
	char url[128];
	struct http_request request = {.url = url,
				       .socket = a->socket,
				       .endpoint = &nobody,
				       .timeout_ms = TIMEOUT_MS,
				       .max_bytes = JSON_MAX,
				       .body = on_body,
				       .arg = &a->json};
	struct http_reply reply;

	(void)snprintf(url, sizeof(url), "http://localhost/containers/%s/json", a->id);
	buf_clear(&a->json);
	http_get(a->http, &request, -1, &reply);
	if (reply.answer != ANSWER_OK) {
		fprintf(stderr, "leakdog-fetch: %s: %s\n", a->socket, reply.why);
		http_free(a->http);
		a->http = NULL;
		a->denied = true;
		return -EIO;
	}
	if (reply.status != 200)
		return -ENOENT;
	return runtime_read(json_of(a), a->id, &a->told, add_label, a);
}

/* ---- files ---- */

static int read_file(struct asking *a, int dirfd, const char *name)
{
	int r;

	buf_clear(&a->json);
	r = dirfd < 0 ? dirfd : fs_read_buf_at(dirfd, name, &a->json);
	a->denied |= r == -EACCES;
	return r;
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int look_in_docker(struct asking *a)
{
	char path[512];
	AUTO_CLOSE int dir = -1;
	int r;

	(void)snprintf(path, sizeof(path), "%s/containers/%s", a->docker, a->id);
	dir = open_dir(path);
	r = read_file(a, dir, "config.v2.json");
	return r < 0 ? r : runtime_read(json_of(a), a->id, &a->told, NULL, NULL);
}

struct storage {
	struct asking *asking;
	int fd;
	bool found;
};

/* "overlay-containers", "vfs-containers": one list for each driver. */
static int look_in_driver(void *context, const char *name)
{
	struct storage *storage = context;
	struct asking *a = storage->asking;
	static const char *const lists[] = {"containers.json",
					    "volatile-containers.json"};
	AUTO_CLOSE int dir = text_ends(name, "-containers")
				     ? fs_open_dir_at(storage->fd, name)
				     : -ENOENT;

	for (size_t i = 0; dir >= 0 && !storage->found && i < ARRAY_SIZE(lists); i++)
		storage->found = read_file(a, dir, lists[i]) == 0 &&
				 runtime_read_list(json_of(a), a->id, &a->told) == 0;
	return 0;
}

static int look_in_storage(struct asking *a, const char *path)
{
	AUTO_CLOSE int fd = open_dir(path);
	struct storage storage = {.asking = a, .fd = fd};
	int r = fd < 0 ? fd : folder_names(fd, look_in_driver, &storage);

	a->denied |= r == -EACCES;
	return r < 0 ? r : storage.found ? 0 : -ENOENT;
}

/* ---- questions ---- */

static int ask(struct asking *a)
{
	bool told = false;
	int r = -ENOENT;

	buf_clear(&a->record);
	a->told = (struct runtime_told){.name = ""};
	if (a->http) {
		r = ask_api(a);
		told = r == 0;
	}
	if (r < 0 && a->docker)
		r = look_in_docker(a);
	if (r < 0 && a->podman)
		r = look_in_storage(a, a->podman);
	if (r < 0 && a->podman)
		r = look_in_storage(a, PODMAN_RUN);
	return r < 0 ? 0 : answer(a, told);
}

static int ask_all(struct asking *a)
{
	AUTO_BUF struct buf ids;
	struct span rest, line;
	char id[CONTAINER_ID_MAX];
	int r;

	buf_init(&ids, IDS_MAX);
	r = fs_read_buf(STDIN_FILENO, &ids);
	rest = (struct span){ids.data, ids.len};
	while (r == 0 && text_next(&rest, '\n', &line)) {
		if (line.len >= sizeof(id))
			continue;
		memcpy(id, line.at, line.len);
		id[line.len] = '\0';
		a->id = id;
		/* It becomes part of a path: nothing but an id may. */
		if (container_is_id(id))
			r = ask(a);
	}
	return r;
}

/* OPTIONS_GO, or the exit code. */
static int parse(int argc, char **argv, struct asking *a)
{
	static const struct option table[] = {
		{"socket", required_argument, NULL, 's'},
		{"docker", required_argument, NULL, 'd'},
		{"podman", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	static const struct options_known known = {table, "h", usage_text};
	int option, r;

	while ((option = option_next(argc, argv, &known, &r)) > 0) {
		a->socket = option == 's' ? optarg : a->socket;
		a->docker = option == 'd' ? optarg : a->docker;
		a->podman = option == 'p' ? optarg : a->podman;
	}
	return r == OPTIONS_GO && optind < argc ? options_wrong(&known) : r;
}

int cmd_containers(int argc, char **argv)
{
	struct asking a = {.socket = NULL};
	int r = parse(argc, argv, &a);

	if (r >= 0)
		return r;
	buf_init(&a.json, JSON_MAX);
	buf_init(&a.record, JSON_MAX * 4);
	r = a.socket ? http_new(1, 16 << 10, &a.http) : 0;
	if (r == 0)
		r = ask_all(&a);
	http_free(a.http);
	buf_fini(&a.json);
	buf_fini(&a.record);
	if (r < 0)
		fprintf(stderr, "leakdog-fetch: containers: %s\n", strerror(-r));
	if (r == 0 && a.denied && !a.answers)
		return EXIT_NOT_PERMITTED;
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
