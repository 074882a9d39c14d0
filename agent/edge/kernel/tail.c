#include "edge/kernel/tail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/fs.h"
#include "edge/kernel/tail-parts.h"
#include "lib/num.h"
#include "lib/text.h"

int tail_open(const char *path, char why[static TAIL_WHY_MAX])
{
	return tail_open_as(path, 0, why);
}

/* From here on to the end, or as far as max goes. */
static int read_from(int fd, off_t at, size_t max, struct buf *to)
{
	char chunk[16384];
	size_t left = max;
	ssize_t n;

	while (left > 0) {
		n = pread(fd, chunk, MIN(sizeof(chunk), left), at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		buf_add(to, chunk, (size_t)n);
		at += n;
		left -= (size_t)n;
	}
	return buf_error(to);
}

/* A file that was emptied between the look at its size and the read (copytruncate) has
 * its newest words at its beginning now: it is looked at once more. */
int tail_fd(int fd, size_t max, struct buf *to)
{
	size_t before = to->len;
	int r = 0;

	for (int i = 0; i < 2 && r == 0 && to->len == before; i++) {
		struct stat st;

		if (fstat(fd, &st) < 0)
			return -errno;
		r = read_from(fd, st.st_size > (off_t)max ? st.st_size - (off_t)max : 0,
			      max, to);
	}
	return r;
}

static int say_read(const char *path, int r, char why[static TAIL_WHY_MAX])
{
	(void)snprintf(why, TAIL_WHY_MAX, "%.64s: %s", path, strerror(-r));
	return r;
}

static int tail_file(const char *path, size_t max, struct buf *to,
		     char why[static TAIL_WHY_MAX])
{
	AUTO_CLOSE int fd = tail_open(path, why);
	int r;

	if (fd < 0)
		return fd;
	r = tail_fd(fd, max, to);
	return r < 0 ? say_read(path, r, why) : 0;
}

/* ------------------------------------------------------------------ of a container */

#define NO_LIFE UINT64_MAX

/* "12.log" is 12; what was rotated away ("0.log.20261121-200000", ".gz") is none. */
static uint64_t life_of(const char *name)
{
	const char *dot = strchr(name, '.');
	uint64_t life;

	if (!dot || !text_equal(dot, ".log") ||
	    num_u64(name, (size_t)(dot - name), &life) < 0)
		return NO_LIFE;
	return life;
}

/* The two highest, the highest first. */
static void find_lives(DIR *dir, uint64_t ret[static 2])
{
	const struct dirent *entry;

	ret[0] = ret[1] = NO_LIFE;
	while ((entry = readdir(dir)) != NULL) {
		uint64_t life = life_of(entry->d_name);

		if (life == NO_LIFE)
			continue;
		if (ret[0] == NO_LIFE || life > ret[0]) {
			ret[1] = ret[0];
			ret[0] = life;
		} else if (ret[1] == NO_LIFE || life > ret[1]) {
			ret[1] = life;
		}
	}
}

static int list_lives(const char *path, uint64_t ret[static 2],
		      char why[static TAIL_WHY_MAX])
{
	AUTO_CLOSE int fd = tail_open_as(path, O_DIRECTORY, why);
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir)
		return say_read(path, -errno, why);
	(void)TAKE_FD(fd); /* the stream's now */
	find_lives(dir, ret);
	(void)closedir(dir);
	if (ret[0] != NO_LIFE)
		return 0;
	(void)snprintf(why, TAIL_WHY_MAX, "%.64s: the container has no log there yet",
		       path);
	return -ENOENT;
}

static int tail_life(const char *dir, uint64_t life, size_t max, struct buf *to,
		     char why[static TAIL_WHY_MAX])
{
	char path[sizeof(((struct log_source *)0)->at) + 32];

	(void)snprintf(path, sizeof(path), "%s/%llu.log", dir, (unsigned long long)life);
	return tail_file(path, max, to, why);
}

static int tail_container(const char *dir, unsigned lives, size_t max, struct buf *to,
			  char why[static TAIL_WHY_MAX])
{
	uint64_t life[2] = {NO_LIFE, NO_LIFE};
	int r = list_lives(dir, life, why);

	if (r < 0)
		return r;
	if (lives < 2 || life[1] == NO_LIFE)
		return tail_life(dir, life[0], max, to, why);
	r = tail_life(dir, life[1], max / 2, to, why);
	/* One of the two is better than none: it may be rotated away at any moment. */
	return tail_life(dir, life[0], max / 2, to, why) < 0 ? r : 0;
}

int tail_read(const struct log_source *source, unsigned lives, size_t max, struct buf *to,
	      char why[static TAIL_WHY_MAX])
{
	switch (source->kind) {
	case LOG_FILE:
		return tail_file(source->at, max, to, why);
	case LOG_CONTAINER:
		return tail_container(source->at, lives, max, to, why);
	case LOG_JOURNAL:
	case LOG_USER_JOURNAL:
		return tail_journal(source, max, to, why);
	case LOG_NONE:
	case LOG_UNKNOWN:
	case LOG_N:
		break;
	}
	(void)text_copy(why, TAIL_WHY_MAX, source->at); /* it fits, or a part will do */
	return -ENOENT;
}
