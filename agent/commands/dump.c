#include "commands/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "edge/fs.h"
#include "prof/gzip.h"
#include "prof/profile.h"

#define WHY_MAX 256
#define PIECE_MAX (256u << 10)     /* stays in a cache; larger ones are slower */
#define FILE_MAX (256u << 20)      /* of what is not plain text */
#define TEXT_MAX ((size_t)4 << 30) /* what a gzipped text may inflate to */
#define HEAD_MAX 512u

/* Fills the piece as far as the file goes. Bytes, or -errno. */
static ssize_t read_piece(int fd, char *piece)
{
	size_t len = 0;

	while (len < PIECE_MAX) {
		ssize_t n = read(fd, piece + len, PIECE_MAX - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* No text of Go's has control bytes near its beginning; a profile that is not gzipped
 * has. */
static bool is_plain_text(struct span head)
{
	if (head.len >= 2 && !memcmp(head.at, "\x1f\x8b", 2))
		return false;
	for (size_t i = 0; i < MIN(head.len, HEAD_MAX); i++)
		if ((uint8_t)head.at[i] < '\t')
			return false;
	return true;
}

static int read_text(int fd, char *piece, ssize_t n, struct goroutine_reader *reader,
		     char why[GOROUTINES_WHY_MAX])
{
	int r = 0;

	while (r == 0 && n > 0) {
		r = goroutine_reader_add(reader, (struct span){piece, (size_t)n});
		n = r == 0 ? read_piece(fd, piece) : 0;
	}
	if (r == 0 && n < 0)
		r = (int)n;
	return r < 0 ? r : goroutine_reader_end(reader, why);
}

static int read_plain(int fd, char *piece, ssize_t n, enum side side,
		      struct goroutines *to, char why[WHY_MAX])
{
	char said[GOROUTINES_WHY_MAX] = "";
	struct goroutine_reader *reader;
	int r = goroutine_reader_new(to, side, &reader);

	if (r == 0) {
		r = read_text(fd, piece, n, reader, said);
		goroutine_reader_free(reader);
	}
	if (r == -EBADMSG)
		(void)snprintf(why, WHY_MAX,
			       "%s: it is not what /debug/pprof/goroutine answers, and "
			       "no log of a crash",
			       said);
	return r;
}

static bool is_goroutines(const struct stacks *stacks)
{
	struct span name = {"", 0};

	if (stacks->n_types == 1)
		name = symbols_text(stacks->symbols, stacks->types[0].name);
	return span_is(name, "goroutine") || span_is(name, "goroutineleak");
}

static int read_profile(struct span bytes, enum side side, struct goroutines *to,
			char why[WHY_MAX])
{
	AUTO_STACKS struct stacks stacks;
	char said[PROFILE_WHY_MAX] = "";
	int r;

	stacks_init(&stacks, to->symbols);
	r = profile_read(bytes, &PROFILE_LIMITS, side, &stacks, said);
	if (r < 0) {
		(void)snprintf(why, WHY_MAX, "%s", said);
		return r;
	}
	if (!is_goroutines(&stacks)) {
		(void)snprintf(why, WHY_MAX,
			       "it is a profile of something else: see leakdog diff");
		return -EBADMSG;
	}
	return goroutines_binary(&stacks, side, to);
}

/* Gzipped text or profile: whatever has goroutines in it. */
static int read_packed(struct span bytes, enum side side, struct goroutines *to,
		       char why[WHY_MAX])
{
	char said[GOROUTINES_WHY_MAX] = "";
	int r = goroutines_text(bytes, TEXT_MAX, side, to, said);

	if (r == -EBADMSG)
		return read_profile(bytes, side, to, why);
	if (r < 0)
		(void)snprintf(why, WHY_MAX, "%s", said);
	return r;
}

static int dump_read(int fd, enum side side, struct goroutines *to, char why[WHY_MAX])
{
	AUTO_FREE char *piece = malloc(PIECE_MAX);
	AUTO_BUF struct buf all;
	ssize_t n;
	int r = 0;

	buf_init(&all, FILE_MAX);
	why[0] = '\0';
	if (!piece)
		return -ENOMEM;
	n = read_piece(fd, piece);
	if (n == 0)
		(void)snprintf(why, WHY_MAX, "it is empty");
	if (n <= 0)
		return n < 0 ? (int)n : -EBADMSG;
	if (is_plain_text((struct span){piece, (size_t)n}))
		return read_plain(fd, piece, n, side, to, why);
	buf_add(&all, piece, (size_t)n);
	if (buf_error(&all) == 0 && (size_t)n == PIECE_MAX)
		r = fs_read_buf(fd, &all);
	if (r == -EFBIG)
		(void)snprintf(why, WHY_MAX, "it is larger than 256M");
	return r < 0 ? r : read_packed((struct span){all.data, all.len}, side, to, why);
}

/* --- Files ------------------------------------------------------------------------ */

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "leakdog goroutines: %s: %s\n", what, why);
	return EXIT_FAILED;
}

static int read_fd(int fd, const char *name, enum side side, struct goroutines *to)
{
	char why[WHY_MAX];
	int r = dump_read(fd, side, to, why);

	if (r < 0)
		return fail(name, why[0] ? why : strerror(-r));
	return EXIT_OK;
}

int dump_file(const char *name, enum side side, struct goroutines *to)
{
	AUTO_CLOSE int fd = -1;

	if (!strcmp(name, "-"))
		return read_fd(STDIN_FILENO, "stdin", side, to);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY); /* a pipe is fine */
	if (fd < 0)
		return fail(name, strerror(errno));
	return read_fd(fd, name, side, to);
}

/* --- An incident -------------------------------------------------------------------- */

/* A text says more than a binary profile. */
static const struct artifact_record *best(const struct artifact_record *list, size_t n)
{
	const struct artifact_record *text =
		artifact_find(list, n, ARTIFACT_GOROUTINE_TEXT, KEPT_PARTIAL);

	return text ? text : artifact_find(list, n, ARTIFACT_GOROUTINE, KEPT_PARTIAL);
}

/* Of what the program was built: a help to tell own code, never a reason to fail. */
static void read_build(int dirfd, const char *directory,
		       const struct artifact_record *artifact, struct build *ret)
{
	AUTO_CLOSE int sub = fs_open_dir_at(dirfd, directory);
	AUTO_BUF struct buf text;

	buf_init(&text, BUILD_TEXT_MAX);
	if (sub < 0 || fs_read_buf_at(sub, artifact->name, &text) < 0)
		return;
	if (build_read((struct span){text.data, text.len}, ret) < 0)
		fprintf(stderr, "%s/%s: cannot be read\n", directory, artifact->name);
}

static void find_build(int dirfd, const struct manifest *m, struct build *ret)
{
	const struct artifact_record *found = artifact_find(
		m->base.artifacts, m->base.n_artifacts, ARTIFACT_BUILD, KEPT_PARTIAL);
	const char *directory = STORE_BASE;

	for (size_t i = 0; !found && i < m->n_captures; i++) {
		found = artifact_find(m->captures[i].artifacts,
				      m->captures[i].n_artifacts, ARTIFACT_BUILD,
				      KEPT_PARTIAL);
		directory = m->captures[i].dir;
	}
	if (found)
		read_build(dirfd, directory, found, ret);
}

static int read_artifact(int dirfd, const char *directory,
			 const struct artifact_record *artifact, enum side side,
			 struct goroutines *to)
{
	AUTO_CLOSE int sub = fs_open_dir_at(dirfd, directory), fd = -1;
	char name[2 * ARTIFACT_NAME_MAX];

	(void)snprintf(name, sizeof(name), "%s/%s", directory, artifact->name);
	fprintf(stderr, "%s: %s\n", side == SIDE_NOW ? "now" : "base", name);
	if (sub >= 0)
		fd = fs_open_at(sub, artifact->name);
	if (fd < 0)
		return fail(name, strerror(sub < 0 ? -sub : -fd));
	return read_fd(fd, name, side, to);
}

static int read_manifest(int dirfd, const struct manifest *m, bool with_base,
			 struct goroutines *to)
{
	const struct artifact_record *now = NULL;
	const struct artifact_record *base = best(m->base.artifacts, m->base.n_artifacts);
	size_t i = m->n_captures;
	int r;

	while (i > 0 && !now) {
		i--;
		now = best(m->captures[i].artifacts, m->captures[i].n_artifacts);
	}
	if (!now)
		return fail(m->id, "no capture of it has goroutines");
	r = read_artifact(dirfd, m->captures[i].dir, now, SIDE_NOW, to);
	if (r != EXIT_OK || !with_base)
		return r;
	if (!base) {
		fprintf(stderr, "base: none\n");
		return EXIT_OK;
	}
	return read_artifact(dirfd, STORE_BASE, base, SIDE_BASE, to);
}

int dump_incident(const struct reader *reader, const char *meant, bool with_base,
		  struct goroutines *to, struct build *ret_build)
{
	AUTO_READER_HELD struct reader_held held;
	int r = reader_read("goroutines", reader, meant, &held);

	if (r != EXIT_OK)
		return r;
	find_build(held.dirfd, &held.manifest, ret_build);
	return read_manifest(held.dirfd, &held.manifest, with_base, to);
}
